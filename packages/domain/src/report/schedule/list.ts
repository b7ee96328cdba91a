import type { ReportScheduleFilter } from "@success-manager/contract/report-schedules";
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
import { ALL_DAYS, countersGet } from "../../rollup/index.ts";
import { batchGet } from "../../table/index.ts";
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
const runOf = ({ report_type, frequency, is_active, sort_order }: ReportScheduleFilter): Run<ShownRow> => ({
  index: "byType",
  partition: "report_schedule",
  from: EVER_BEFORE,
  to: EVER_AFTER,
  order: sort_order,
  filter: having({ report_type, frequency, is_active }),
  columns: SHOWN,
});

/** What counters `<report_type>|<frequency>|<1 or 0>` know of what is asked for. */
const knownOf = async ({ report_type, frequency, is_active }: ReportScheduleFilter): Promise<Known> =>
  knownIn(
    await batchGet(countersGet("report_schedule", ALL_DAYS)),
    partsAre(report_type, frequency, is_active),
  );

/** Schedules by filter and order. Other orders than by creation look through the newest 5 000. */
export async function list(query: ReportScheduleFilter) {
  const { sort_by, sort_order } = query;
  const run = runOf(query);
  const { rows, ...page } =
    sort_by === "created_at"
      ? await pageOfRun(run, knownOf(query), query, ({ created_at }) => created_at)
      : sortedPage(await lookThrough(run), COLUMNS[sort_by], sort_order, query);
  return { reports: rows.map(shown), ...page };
}
