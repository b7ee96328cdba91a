export { countSurveyCall } from "../rate-limit/index.ts";
export { answersIn } from "./counted.ts";
/** For those who hold a link. */
export * as Invitations from "./invitations.ts";
export { stateOf } from "./link-state.ts";
/** For those who give links out. */
export * as SurveyLinks from "./links.ts";
export { lowScoreOf } from "./low-score.ts";
export { questionOf } from "./question.ts";
export { type Answers, averageScore, countOf, meanOf, netPromoterScore } from "./satisfaction.ts";
export { toStoredSurvey } from "./stored.ts";
export * as Surveys from "./surveys.ts";
export { keptOfHash } from "./token.ts";
export { feedbackOf } from "./write.ts";
