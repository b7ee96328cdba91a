/** What the endpoints of health scores do. */
export { movement } from "./changes.ts";
export { history, historyReads, latest } from "./history.ts";
export { calculateAll } from "./job.ts";
export { calculate, endOverride, getOverride, setOverride } from "./score.ts";
