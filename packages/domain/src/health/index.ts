export { configuredWeights } from "./calculate.ts";
export { continueInJob } from "./calculate-all.ts";
export { dailyScoring, runDaily } from "./daily.ts";
export { EQUAL_WEIGHTS, riskOf, type Weights } from "./formula.ts";
export * as HealthScores from "./health-scores.ts";
export { type Plan, plan } from "./plan.ts";
export { summaryOf } from "./shown.ts";
export { unpacked } from "./trail.ts";
