export { applyChanges, type Change, type FailedRecord } from "./apply.ts";
export { keepRecentFeedback } from "./feedback.ts";
export { echoProbes } from "./probe.ts";
