export { alertCheckJob } from "./checking.ts";
export { invokeJob, type JobEvent } from "./invoke.ts";
export { type Handled, type Outcome, run, runEvent, type Surroundings } from "./run.ts";
export * as JobRuns from "./runs.ts";
export * as Scheduler from "./scheduler.ts";
export { startManualRun } from "./start.ts";
export type { JobContext, JobDefinition, JobInvocation, Progress } from "./work.ts";
