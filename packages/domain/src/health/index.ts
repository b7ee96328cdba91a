export { riskOf } from "../figures.ts";
export * as HealthScores from "./api.ts";
export {
  changeSince,
  changeThrough,
  movementBetween,
  scoreChanges,
  scoreChangesReads,
  toLatestChange,
} from "./changes.ts";
export { decideScore, type ScoreDecision, writeDecisions } from "./decision.ts";
export { type Definition, definitionOne, evaluate, type Inputs, RECOMMENDED } from "./definition.ts";
export * as ScoreDefinitions from "./definitions.ts";
export { EQUAL_WEIGHTS, type Weights } from "./formula.ts";
export {
  customerHistory,
  customerHistoryReads,
  deploymentScores,
  FIGURES as SCORE_FIGURES,
  type ScoreFigures,
  scoresBetween,
} from "./history.ts";
export { configuredWeights } from "./inputs.ts";
export { continueInBackground, dailyScoring, runDailyScoring } from "./job.ts";
export type { Movement, Part } from "./movement.ts";
export { portfolioLine, reasons, sentence } from "./sentence.ts";
export { bandOfScore, decodeChange, labelledScore, toScoreComponents, toScoreSummary } from "./serialize.ts";
export { decodePoints, scoreChange, trendBaselineInstant } from "./trend.ts";
