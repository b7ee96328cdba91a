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
export { decideScore, definitionFor, type ScoreDecision, writeDecisions } from "./decision.ts";
export {
  appliesTo,
  type Definition,
  definitionOne,
  type Evaluation,
  type Evidence,
  evaluate,
  type Inputs,
  lookBackDays,
  RECOMMENDED,
} from "./definition.ts";
export * as ScoreDefinitions from "./definitions.ts";
export { EQUAL_WEIGHTS, type ScoredInteraction, type ScoredResponse, type Weights } from "./formula.ts";
export {
  customerHistory,
  customerHistoryReads,
  deploymentScores,
  FIGURES as SCORE_FIGURES,
  newestMeasures,
  type ScoreFigures,
  scoresBetween,
} from "./history.ts";
export { configuredWeights, validateInputs } from "./inputs.ts";
export { continueInBackground, dailyScoring, runDailyScoring } from "./job.ts";
export type { Movement, Part } from "./movement.ts";
export { portfolioLine, reasons, sentence } from "./sentence.ts";
export { bandOfScore, decodeChange, labelledScore, toScoreComponents, toScoreSummary } from "./serialize.ts";
export { decodePoints, scoreChange, trendBaselineInstant } from "./trend.ts";
