export { riskOf } from "../figures.ts";
export * as HealthScores from "./api.ts";
export { scoreChanges, scoreChangesReads } from "./changes.ts";
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
  type ScoreFigures,
  scoresBetween,
} from "./history.ts";
export { validateInputs } from "./inputs.ts";
export { continueInBackground, dailyScoring, runDailyScoring } from "./job.ts";
export { labelledScore, toScoreComponents, toScoreSummary } from "./serialize.ts";
export { decodePoints, scoreChange, trendBaselineInstant } from "./trend.ts";
export { configuredWeights } from "./weights.ts";
