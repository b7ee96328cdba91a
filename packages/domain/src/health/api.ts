/** What the endpoints of health scores do. */
export { history, historyReads, latest } from "./history.ts";
export { calculateAll } from "./job.ts";
export { calculate } from "./score.ts";
