export { toTokenRecord } from "../link-token.ts";
export * as Surveys from "./api.ts";
export * as SurveyLinks from "./links.ts";
export { toStoredLink } from "./links.ts";
export { SURVEY_LIST } from "./list.ts";
export {
  addLinks,
  averageScore,
  CSAT_TYPES,
  countLinks,
  countResponses,
  csatFigure,
  isNps,
  type LinkCounts,
  MIN_NPS_ANSWERS,
  meanFigure,
  meanOfSum,
  meanScore,
  type NpsGroups,
  netPromoterScore,
  npsFigure,
  npsGroups,
  npsInterval,
  npsOf,
  parseMonth,
  parseProduct,
  parseScoreCounts,
  responseRate,
  type ScoreCount,
  type ScoreSum,
  satisfactionFigures,
  shownNps,
  sumScores,
} from "./nps.ts";
export type { FormAnswer, Recipient, Subscription } from "./public.ts";
export * as PublicSurvey from "./public.ts";
export {
  commentQuestions,
  messageLines,
  scaleEnds,
  scoreGroup,
  scoresOf,
  surveyQuestion,
} from "./question.ts";
export { surveyReminders } from "./reminders.ts";
export * as SurveyRequests from "./requests.ts";
export { type SurveyProjection, toStoredSurvey } from "./serialize.ts";
export { detectLowScore, lowScoreSeverity } from "./write.ts";
