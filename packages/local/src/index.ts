export type { Cloud, CloudOptions, Invocation, PlannedRun } from "./cloud.ts";
export { synthesize } from "./commands/synthesis.ts";
export type { Endpoints } from "./environment.ts";
export { requireDynoxide } from "./processes/dynoxide-binary.ts";
export { startCloud } from "./start-cloud.ts";
