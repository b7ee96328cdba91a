export * as Surveys from "./api.ts";
export { parseScoreCounts } from "./from-counters.ts";
export * as SurveyLinks from "./links.ts";
export { SURVEY_LIST } from "./list.ts";
export { detectLowScore, lowScoreSeverity } from "./low-score.ts";
export { surveyQuestion } from "./mail.ts";
export {
  averageScore,
  countResponses,
  isNps,
  meanScore,
  netPromoterScore,
  npsGroups,
  type ScoreCount,
} from "./nps.ts";
export * as PublicSurvey from "./public.ts";
export { type SurveyProjection, toStoredSurvey } from "./serialize.ts";
export { toTokenRecord } from "./token.ts";
export { toFeedback } from "./write.ts";
