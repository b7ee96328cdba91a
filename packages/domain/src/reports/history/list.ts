import type { ReportHistoryFilter } from "@success-manager/contract/reports";
import { ALL_DAYS, countersBetween, countersRequest, dayOf } from "../../counters/index.ts";
import {
  type Counts,
  countsFrom,
  type IndexRange,
  partsMatch,
  readPage,
  scanRecent,
  sortedPage,
} from "../../lists/index.ts";
import { batchGet, equals, MAX_KEY, MIN_KEY, partitions } from "../../table/index.ts";
import { SHOWN, type ShownRow, shown } from "./shown.ts";

type Days = Pick<ReportHistoryFilter, "date_from" | "date_to">;

const time = ({ created_at }: ShownRow) => created_at;

/** Reports among their like, newest first. */
const runOf = (query: ReportHistoryFilter): IndexRange<ShownRow> => {
  const { date_from = MIN_KEY, date_to, report_type, status, scheduled_report_id } = query;
  return {
    partition: partitions.type("report"),
    from: date_from,
    // Behind every instant of that day, and whatever id follows it.
    to: date_to === undefined ? MAX_KEY : `${date_to}${MAX_KEY}`,
    order: "desc",
    filter: equals({ report_type, status, scheduled_report_id }),
    fields: SHOWN,
  };
};

/** The counters of these days, or of all time; one request. */
async function countersOf({ date_from, date_to }: Days) {
  if ((date_from ?? date_to) === undefined) return batchGet(countersRequest("report", ALL_DAYS));
  const days = await countersBetween("report", dayOf(date_from ?? "0000"), dayOf(date_to ?? "9999"));
  return [...days.values()];
}

/** What counters `<report_type>|<status>` know of what is asked for. */
const knownOf = async ({ report_type, status, ...days }: ReportHistoryFilter): Promise<Counts> =>
  countsFrom(await countersOf(days), partsMatch(report_type, status));

/**
 * Reports, newest first. Nobody counts those of one schedule: they are looked for among the newest of the days.
 */
export async function list(query: ReportHistoryFilter) {
  const run = runOf(query);
  const { rows, ...page } =
    query.scheduled_report_id === undefined
      ? await readPage(run, knownOf(query), query, time)
      : sortedPage(await scanRecent(run), time, "desc", query);
  return { history: rows.map(shown), ...page };
}
