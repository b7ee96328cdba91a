import type { ReportDashboard } from "@success-manager/contract/reports";
import type { ReportStatus } from "@success-manager/contract/vocabulary";
import { calendarMonth, dateOf } from "../../calendar.ts";
import {
  ALL_DAYS,
  type Counters,
  countersBetween,
  countersRequest,
  dayOf,
  sumCounters,
} from "../../counters/index.ts";
import { type CounterFilter, partsMatch } from "../../lists/index.ts";
import { batchGet } from "../../table/index.ts";

/** How many are counted as this; what was deleted a moment ago may count as less than none. */
const countOf = (counters: Counters | undefined, takes: CounterFilter) =>
  Math.max(
    0,
    sumCounters(counters, (name) => takes(name.split("|"))),
  );

/** Figures of schedules and of the reports that were asked for this UTC month: from counters, in two requests. */
export async function dashboard(now = new Date()): Promise<ReportDashboard> {
  const today = dateOf(now);
  const [[schedules], days] = await Promise.all([
    batchGet(countersRequest("report_schedule", ALL_DAYS)),
    countersBetween("report", dayOf(`${calendarMonth(today)}-01`), dayOf(today)),
  ]);
  const thisMonth = (status: ReportStatus) =>
    [...days.values()].reduce((sum, day) => sum + countOf(day, partsMatch(undefined, status)), 0);
  return {
    total_scheduled: countOf(schedules, partsMatch()),
    active_scheduled: countOf(schedules, partsMatch(undefined, undefined, true)),
    generated_this_month: thisMonth("completed"),
    failed_this_month: thisMonth("failed"),
    by_type: {
      health_summary: countOf(schedules, partsMatch("health_summary")),
      csat_analysis: countOf(schedules, partsMatch("csat_analysis")),
      customer_overview: countOf(schedules, partsMatch("customer_overview")),
      executive_summary: countOf(schedules, partsMatch("executive_summary")),
    },
  };
}
