export type { JobRun } from "./entity.ts";
export { startJob } from "./invoke.ts";
export * as JobRuns from "./runs.ts";
