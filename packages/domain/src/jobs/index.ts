export * as Scheduler from "./api.ts";
export { type RunState, runState } from "./api.ts";
export {
  defineDueJob,
  defineJob,
  type Ending,
  type JobContext,
  type JobDefinition,
  type JobInvocation,
  type Progress,
  withinTime,
} from "./define.ts";
export { invokeJob, type JobEvent, type JobOptions, runInBackground, startManualRun } from "./invoke.ts";
export * as JobRuns from "./lock.ts";
export { countersRebuild, lastCorrection, type RebuildProgress } from "./rebuild-job.ts";
export { type EventOutcome, type Outcome, type RunInvocation, run, runEvent } from "./run.ts";
export { directorySnapshot } from "./snapshot-job.ts";
export { measureStreamLag, systemHealth } from "./system-health.ts";
export { systemWatch, type Watched } from "./watch-job.ts";
