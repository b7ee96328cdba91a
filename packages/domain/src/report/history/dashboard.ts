import type { ReportDashboard } from "@success-manager/contract/reports";
import type { ReportStatus } from "@success-manager/contract/vocabulary";
import { calendarMonth, dateOf } from "../../calendar/index.ts";
import { partsAre, type Takes } from "../../listing/index.ts";
import { ALL_DAYS, type Counters, countersBetween, countersGet, dayOf, sumOf } from "../../rollup/index.ts";
import { batchGet } from "../../table/index.ts";

/** How many are counted as this; what was deleted a moment ago may count as less than none. */
const countOf = (counters: Counters | undefined, takes: Takes) =>
  Math.max(
    0,
    sumOf(counters, (name) => takes(name.split("|"))),
  );

/** Figures of schedules and of the reports that were asked for this UTC month: from counters, in two requests. */
export async function dashboard(now = new Date()): Promise<ReportDashboard> {
  const today = dateOf(now);
  const [[schedules], days] = await Promise.all([
    batchGet(countersGet("report_schedule", ALL_DAYS)),
    countersBetween("report", dayOf(`${calendarMonth(today)}-01`), dayOf(today)),
  ]);
  const thisMonth = (status: ReportStatus) =>
    [...days.values()].reduce((sum, day) => sum + countOf(day, partsAre(undefined, status)), 0);
  return {
    total_scheduled: countOf(schedules, partsAre()),
    active_scheduled: countOf(schedules, partsAre(undefined, undefined, true)),
    generated_this_month: thisMonth("completed"),
    failed_this_month: thisMonth("failed"),
    by_type: {
      health_summary: countOf(schedules, partsAre("health_summary")),
      csat_analysis: countOf(schedules, partsAre("csat_analysis")),
      customer_overview: countOf(schedules, partsAre("customer_overview")),
      executive_summary: countOf(schedules, partsAre("executive_summary")),
    },
  };
}
