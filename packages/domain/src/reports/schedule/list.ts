import type { ReportScheduleFilter } from "@success-manager/contract/report-schedules";
import { ALL_DAYS, countersRequest } from "../../counters/index.ts";
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

type Column = (row: ShownRow) => string | undefined;

const COLUMNS: Readonly<Record<Exclude<ReportScheduleFilter["sort_by"], "created_at">, Column>> = {
  updated_at: ({ updated_at }) => updated_at,
  report_name: ({ report_name }) => report_name.toLowerCase(),
  report_type: ({ report_type }) => report_type,
  frequency: ({ frequency }) => frequency,
  next_scheduled_at: ({ next_scheduled_at }) => next_scheduled_at,
  last_generated_at: ({ last_generated_at }) => last_generated_at,
};

/** Schedules among their like, by creation. */
const runOf = ({
  report_type,
  frequency,
  is_active,
  sort_order,
}: ReportScheduleFilter): IndexRange<ShownRow> => ({
  partition: partitions.type("report_schedule"),
  from: MIN_KEY,
  to: MAX_KEY,
  order: sort_order,
  filter: equals({ report_type, frequency, is_active }),
  fields: SHOWN,
});

/** What counters `<report_type>|<frequency>|<1 or 0>` know of what is asked for. */
const knownOf = async ({ report_type, frequency, is_active }: ReportScheduleFilter): Promise<Counts> =>
  countsFrom(
    await batchGet(countersRequest("report_schedule", ALL_DAYS)),
    partsMatch(report_type, frequency, is_active),
  );

/** Schedules by filter and order. Other orders than by creation look through the newest 5 000. */
export async function list(query: ReportScheduleFilter) {
  const { sort_by, sort_order } = query;
  const run = runOf(query);
  const { rows, ...page } =
    sort_by === "created_at"
      ? await readPage(run, knownOf(query), query, ({ created_at }) => created_at)
      : sortedPage(await scanRecent(run), COLUMNS[sort_by], sort_order, query);
  return { reports: rows.map(shown), ...page };
}
