export { applyChanges, type Change, type FailedRecord } from "./apply.ts";
export { echoProbes } from "./probe.ts";
