export * as Backtests from "./api.ts";
export { type BacktestContent, completedBacktest, latestCompleted } from "./api.ts";
export { backtestsJob } from "./job.ts";
