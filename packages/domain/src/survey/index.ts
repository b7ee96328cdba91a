export { countSurveyCall } from "../throttle/index.ts";
export {
  FeedbackEntity,
  type StoredSurvey,
  type StoredSurveyLink,
  SurveyEntity,
  SurveyLinkEntity,
} from "./entity.ts";
/** For those who hold a link. */
export * as Invitations from "./invitations.ts";
/** For those who give links out. */
export * as SurveyLinks from "./links.ts";
export { questionOf } from "./question.ts";
export { averageScore, netPromoterScore } from "./satisfaction.ts";
export { storedSurvey } from "./stored.ts";
export * as Surveys from "./surveys.ts";
export { feedbackOf } from "./write.ts";
