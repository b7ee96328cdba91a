import type { ReportSchedule, ReportScheduleFilter } from "@success-manager/contract/report-schedules";
import { ALL_DAYS, countersRequest } from "../counters/index.ts";
import { getDirectory } from "../directory/index.ts";
import {
  byField,
  byText,
  type Counts,
  countsFrom,
  type IndexRange,
  partsMatch,
  readCheapPage,
  readCopyPage,
  type SortColumn,
} from "../lists/index.ts";
import {
  batchGet,
  emailKey,
  equals,
  isScoped,
  MAX_KEY,
  MIN_KEY,
  partitions,
  type StoredReportSchedule,
} from "../table/index.ts";
import { timingOf } from "./schedule-times.ts";

/** What answers are made of: lists read no more than this, and nobody reads the secret. */
export const SCHEDULE_FIELDS = [
  "id",
  "report_name",
  "report_type",
  "frequency",
  "recipients",
  "filters",
  "anchor",
  "next_scheduled_at",
  "is_active",
  "skip_unchanged",
  "attach_csv",
  "language",
  "last_generated_at",
  "created_by",
  "created_by_id",
  "created_at",
  "updated_at",
  "revision",
] as const satisfies readonly (keyof StoredReportSchedule)[];

export type ScheduleProjection = Pick<StoredReportSchedule, (typeof SCHEDULE_FIELDS)[number]>;

/** Addresses of users who were deactivated, as keys: from the directory, which follows them. */
async function deactivatedUsers(): Promise<ReadonlySet<string>> {
  const { team } = await getDirectory();
  return new Set(
    [...team.values()].filter(({ is_active }) => !is_active).map(({ email }) => emailKey(email)),
  );
}

/** Said where nobody gets a report. It is made all the same: it stands in the history, and people may come back. */
const ALL_DEACTIVATED =
  "All recipients are users who were deactivated, so this report is made but mailed to nobody. Add a recipient, or reactivate one.";
/** Such a schedule is paused. */
export const ALL_LEFT = "All recipients have left this report. Add one before it goes on.";

function noticeOf(recipients: readonly string[], deactivated: readonly string[]): string | null {
  if (recipients.length === 0) return ALL_LEFT;
  return deactivated.length === recipients.length ? ALL_DEACTIVATED : null;
}

function toReportSchedule(row: ScheduleProjection, deactivated: ReadonlySet<string>): ReportSchedule {
  const deactivated_recipients = row.recipients.filter((address) => deactivated.has(emailKey(address)));
  return {
    ...fieldsOf(row),
    deactivated_recipients,
    notice: noticeOf(row.recipients, deactivated_recipients),
  };
}

/** Schedules as the API shows them, with who of their recipients was deactivated. */
export async function toReportSchedules(rows: readonly ScheduleProjection[]): Promise<ReportSchedule[]> {
  const deactivated = await deactivatedUsers();
  return rows.map((row) => toReportSchedule(row, deactivated));
}

const fieldsOf = (row: ScheduleProjection): Omit<ReportSchedule, "deactivated_recipients" | "notice"> => ({
  id: row.id,
  report_name: row.report_name,
  report_type: row.report_type,
  frequency: row.frequency,
  recipients: row.recipients,
  filters: row.filters ?? null,
  next_scheduled_at: row.next_scheduled_at,
  is_active: row.is_active,
  skip_unchanged: row.skip_unchanged ?? false,
  attach_csv: row.attach_csv ?? false,
  language: row.language ?? null,
  last_generated_at: row.last_generated_at ?? null,
  ...timingOf(row.frequency, row.anchor),
  customer_id: row.filters?.customer_id ?? null,
  created_by: row.created_by,
  created_by_id: row.created_by_id,
  created_at: row.created_at,
  updated_at: row.updated_at,
  name: row.report_name,
  last_generated: row.last_generated_at ?? null,
  next_scheduled: row.next_scheduled_at,
  revision: row.revision,
});

const COLUMNS: Readonly<Record<Exclude<ReportScheduleFilter["sort_by"], "created_at">, SortColumn<unknown>>> =
  {
    updated_at: byField("updated_at"),
    report_name: byText("report_name"),
    report_type: byField("report_type"),
    frequency: byField("frequency"),
    next_scheduled_at: byField("next_scheduled_at"),
    last_generated_at: byField("last_generated_at"),
  };

/** Schedules among their like, by creation. */
const toRange = ({
  report_type,
  frequency,
  is_active,
  sort_order,
}: ReportScheduleFilter): IndexRange<ScheduleProjection> => ({
  partition: partitions.type("report_schedule"),
  from: MIN_KEY,
  to: MAX_KEY,
  order: sort_order,
  filter: equals({ report_type, frequency, is_active }),
  fields: SCHEDULE_FIELDS,
});

/** What counters `<report_type>|<frequency>|<1 or 0>` know of what is asked for. */
const countsOf = async ({ report_type, frequency, is_active }: ReportScheduleFilter): Promise<Counts> =>
  countsFrom(
    await batchGet(countersRequest("report_schedule", ALL_DAYS)),
    partsMatch(report_type, frequency, is_active),
  );

/** Schedules by filter and order: all of them by creation from the index, all else from the copy in memory. */
export async function list(query: ReportScheduleFilter) {
  const { sort_by, sort_order: order, report_type, frequency, is_active } = query;
  const isWhole = sort_by === "created_at" && (report_type ?? frequency ?? is_active) === undefined;
  const page =
    isWhole && !isScoped()
      ? await readCheapPage(toRange(query), countsOf(query), query, ({ created_at }) => created_at)
      : undefined;
  const { rows, ...rest } =
    page ??
    (await readCopyPage<ScheduleProjection, undefined>("report_schedule", {
      filter: equals({ report_type, frequency, is_active }),
      column: sort_by === "created_at" ? undefined : COLUMNS[sort_by],
      ...{ order, context: undefined, paging: query },
    }));
  return { reports: await toReportSchedules(rows), ...rest };
}
