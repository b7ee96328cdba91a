export * as Surveys from "./api.ts";
export * as SurveyLinks from "./links.ts";
export { SURVEY_LIST } from "./list.ts";
export { surveyQuestion } from "./mail.ts";
export {
  averageScore,
  countResponses,
  isNps,
  meanScore,
  netPromoterScore,
  npsGroups,
  parseScoreCounts,
  responseRate,
  type ScoreCount,
} from "./nps.ts";
export * as PublicSurvey from "./public.ts";
export { type SurveyProjection, toStoredSurvey } from "./serialize.ts";
export { toTokenRecord } from "./token.ts";
export { detectLowScore, lowScoreSeverity, toFeedback } from "./write.ts";
