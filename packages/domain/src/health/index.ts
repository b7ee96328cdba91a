export { continueInJob } from "./calculate-all.ts";
export { dailyScoring, runDaily } from "./daily.ts";
export { HealthScoreEntity, type LatestScore, LatestScoreEntity, type StoredScore } from "./entity.ts";
export * as HealthScores from "./health-scores.ts";
export { plan } from "./plan.ts";
