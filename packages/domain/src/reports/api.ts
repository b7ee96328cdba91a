/** Use cases behind the report endpoints, apart from schedules. */
export { generate, sendAgain } from "./generate.ts";
export { dashboard, download, get, list } from "./history.ts";
export { runScheduled } from "./job.ts";
