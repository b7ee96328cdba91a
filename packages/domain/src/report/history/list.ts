import type { ReportHistoryFilter } from "@success-manager/contract/reports";
import {
  EVER_AFTER,
  EVER_BEFORE,
  having,
  type Known,
  knownIn,
  lookThrough,
  pageOfRun,
  partsAre,
  type Run,
  sortedPage,
} from "../../listing/index.ts";
import { ALL_DAYS, countersBetween, countersGet, dayOf } from "../../rollup/index.ts";
import { batchGet } from "../../table/index.ts";
import { SHOWN, type ShownRow, shown } from "./shown.ts";

type Days = Pick<ReportHistoryFilter, "date_from" | "date_to">;

const time = ({ created_at }: ShownRow) => created_at;

/** Reports among their like, newest first. */
const runOf = (query: ReportHistoryFilter): Run<ShownRow> => {
  const { date_from = EVER_BEFORE, date_to, report_type, status, scheduled_report_id } = query;
  return {
    index: "byType",
    partition: "report",
    from: date_from,
    // Behind every instant of that day, and whatever id follows it.
    to: date_to === undefined ? EVER_AFTER : `${date_to}${EVER_AFTER}`,
    order: "desc",
    filter: having({ report_type, status, scheduled_report_id }),
    columns: SHOWN,
  };
};

/** The counters of these days, or of all time; one request. */
async function countersOf({ date_from, date_to }: Days) {
  if ((date_from ?? date_to) === undefined) return batchGet(countersGet("report", ALL_DAYS));
  const days = await countersBetween("report", dayOf(date_from ?? "0000"), dayOf(date_to ?? "9999"));
  return [...days.values()];
}

/** What counters `<report_type>|<status>` know of what is asked for. */
const knownOf = async ({ report_type, status, ...days }: ReportHistoryFilter): Promise<Known> =>
  knownIn(await countersOf(days), partsAre(report_type, status));

/**
 * Reports, newest first. Nobody counts those of one schedule: they are looked for among the newest of the days.
 */
export async function list(query: ReportHistoryFilter) {
  const run = runOf(query);
  const { rows, ...page } =
    query.scheduled_report_id === undefined
      ? await pageOfRun(run, knownOf(query), query, time)
      : sortedPage(await lookThrough(run), time, "desc", query);
  return { history: rows.map(shown), ...page };
}
