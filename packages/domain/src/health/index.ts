export { riskOf } from "../figures.ts";
export * as HealthScores from "./api.ts";
export { decideScore, type ScoreDecision, writeDecisions } from "./decision.ts";
export { EQUAL_WEIGHTS, type Weights } from "./formula.ts";
export {
  customerHistory,
  customerHistoryReads,
  deploymentScores,
  type ScoreFigures,
  scoresBetween,
} from "./history.ts";
export { continueInBackground, dailyScoring, runDailyScoring } from "./job.ts";
export { configuredWeights } from "./score.ts";
export { toScoreComponents, toScoreSummary } from "./serialize.ts";
export { decodePoints, scoreChange, trendBaselineInstant } from "./trend.ts";
