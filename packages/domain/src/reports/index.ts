import * as history from "./history/history.ts";
import * as schedules from "./schedule/schedules.ts";
import { generate } from "./work/generate.ts";
import { runScheduled } from "./work/run-scheduled.ts";

/** What was asked for, by people and by schedules. */
export const Reports = { ...history, generate, runScheduled };
/** What asks again and again. */
export const Schedules = { ...schedules };
export { firstRun } from "./schedule/first-run.ts";
export { scheduledReports } from "./work/job.ts";
