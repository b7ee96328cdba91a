export type { Cloud, CloudOptions, Invoked, PlannedRun } from "./cloud.ts";
export type { Endpoints } from "./environment.ts";
export { startCloud } from "./start-cloud.ts";
