export { checking } from "./checking.ts";
export { type JobEvent, startJob } from "./invoke.ts";
export { type Handled, type Outcome, run, runEvent, type Surroundings } from "./run.ts";
export * as JobRuns from "./runs.ts";
export * as Scheduler from "./scheduler.ts";
export { start } from "./start.ts";
export type { Invocation, Means, Progress, Work } from "./work.ts";
