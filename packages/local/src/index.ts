export type { Cloud, CloudOptions, Invocation, PlannedRun } from "./cloud.ts";
export type { Endpoints } from "./environment.ts";
export { startCloud } from "./start-cloud.ts";
