import type { FileLink } from "@success-manager/contract/dsl/endpoint";
import { Problem } from "@success-manager/contract/problem";
import type { Report, ReportDashboard, ReportHistoryFilter } from "@success-manager/contract/reports";
import type { ReportStatus } from "@success-manager/contract/vocabulary";
import { calendarMonth, dateOf } from "../calendar.ts";
import {
  ALL_DAYS,
  type Counters,
  countersBetween,
  countersRequest,
  dayOf,
  sumCounters,
} from "../counters/index.ts";
import {
  type CounterFilter,
  type Counts,
  countsFrom,
  type IndexRange,
  partsMatch,
  readCheapPage,
  readCopyPage,
} from "../lists/index.ts";
import {
  batchGet,
  equals,
  getOrThrow,
  getRequest,
  isScoped,
  MAX_KEY,
  MIN_KEY,
  partitions,
  ReportEntity,
  type StoredReport,
} from "../table/index.ts";
import { type ReportFile, reportFileUrl } from "./storage.ts";

const load = (id: string): Promise<StoredReport> => getOrThrow(getRequest(ReportEntity, id), "Report");

/** A report. @throws 404 */
export const get = async (id: string): Promise<Report> => toReport(await load(id));

const NO_FILE: Readonly<Record<StoredReport["status"], string>> = {
  pending: "This report is not generated yet. Try again in a moment.",
  generating: "This report is being generated. Try again in a moment.",
  failed: "This report has no file: generating it failed. Its history entry says why.",
  completed: "The file of this report is not there.",
};

const NO_TABLES =
  "The tables of this report were not kept as CSV: its schedule did not attach them (`attach_csv`), or there were none.";

/**
 * Where a report's PDF can be loaded, or its tables, for five minutes (decision 20).
 * @throws 404 with a sentence: unknown, not generated, failed, or no longer kept; without tables
 */
export async function download(id: string, file: ReportFile, now = new Date()): Promise<FileLink> {
  const report = await load(id);
  const { file_path, status, expires_at_epoch } = report;
  if (file_path === undefined) throw new Problem(404, NO_FILE[status]);
  // The bucket and the table forget it within some days of this moment, each in its own time.
  if (expires_at_epoch * 1000 <= now.getTime())
    throw new Problem(404, "The file of this report is no longer kept. Generate the report again.");
  const link = await reportFileUrl(report, file, now);
  if (!link) throw new Problem(404, NO_TABLES);
  return link;
}

/** What answers are made of: lists read no more than this, and nobody reads the secret. */
export const REPORT_FIELDS = [
  "id",
  "scheduled_report_id",
  "report_name",
  "report_type",
  "filters",
  "language",
  "date_from",
  "date_to",
  "status",
  "file_path",
  "file_size",
  "has_tables",
  "error_message",
  "generated_at",
  "created_at",
  "triggered_by",
  "triggered_by_id",
  "attempts",
  "deliveries",
  "due_at",
] as const satisfies readonly (keyof StoredReport)[];

export type ReportProjection = Pick<StoredReport, (typeof REPORT_FIELDS)[number]>;

/**
 * When it is tried again, as far as something waits for that. `due_at` of a report that somebody is at is no promise:
 * it only says when others would step in.
 */
function nextAttempt({ status, deliveries, due_at }: ReportProjection): string | null {
  const outcomes = new Set(deliveries.map((delivery) => delivery.status));
  const isMailedAgain = status === "completed" && outcomes.has("failed") && !outcomes.has("pending");
  return status === "failed" || isMailedAgain ? (due_at ?? null) : null;
}

/** A report as the API shows it. */
export const toReport = (report: ReportProjection): Report => ({
  id: report.id,
  scheduled_report_id: report.scheduled_report_id ?? null,
  report_name: report.report_name,
  report_type: report.report_type,
  filters: report.filters ?? null,
  language: report.language ?? "en",
  date_from: report.date_from,
  date_to: report.date_to,
  status: report.status,
  file_path: report.file_path ?? null,
  file_size: report.file_size,
  has_tables: report.has_tables ?? false,
  error_message: report.error_message ?? null,
  generated_at: report.generated_at ?? null,
  created_at: report.created_at,
  triggered_by: report.triggered_by,
  triggered_by_id: report.triggered_by_id ?? null,
  attempts: report.attempts,
  next_attempt_at: nextAttempt(report),
  deliveries: report.deliveries.map(({ message_id: _, mail_id: __, ...one }) => one),
});

type Days = Pick<ReportHistoryFilter, "date_from" | "date_to">;

const time = ({ created_at }: ReportProjection) => created_at;

/** Reports among their like, newest first. */
const toRange = (query: ReportHistoryFilter): IndexRange<ReportProjection> => {
  const { date_from = MIN_KEY, date_to, report_type, status, scheduled_report_id } = query;
  return {
    partition: partitions.type("report"),
    from: date_from,
    // Behind every instant of that day, and whatever id follows it.
    to: date_to === undefined ? MAX_KEY : `${date_to}${MAX_KEY}`,
    order: "desc",
    filter: equals({ report_type, status, scheduled_report_id }),
    fields: REPORT_FIELDS,
  };
};

/** The counters of these days, or of all time; one request. */
async function countersOf({ date_from, date_to }: Days) {
  if ((date_from ?? date_to) === undefined) return batchGet(countersRequest("report", ALL_DAYS));
  const days = await countersBetween("report", dayOf(date_from ?? "0000"), dayOf(date_to ?? "9999"));
  return [...days.values()];
}

/** What counters `<report_type>|<status>` know of what is asked for. */
const countsOf = async ({ report_type, status, ...days }: ReportHistoryFilter): Promise<Counts> =>
  countsFrom(await countersOf(days), partsMatch(report_type, status));

/** Reports, newest first. Nobody counts those of one schedule: the copy in memory finds them, and what is rare. */
export async function list(query: ReportHistoryFilter) {
  const { date_from: start_date, date_to: end_date, report_type, status, scheduled_report_id } = query;
  const page =
    scheduled_report_id === undefined && !isScoped()
      ? await readCheapPage(toRange(query), countsOf(query), query, time)
      : undefined;
  const { rows, ...rest } =
    page ??
    (await readCopyPage<ReportProjection, undefined>("report", {
      filter: equals({ report_type, status, scheduled_report_id }),
      ...{ start_date, end_date, order: "desc", context: undefined, paging: query },
    }));
  return { history: rows.map(toReport), ...rest };
}

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
      score_backtest: countOf(schedules, partsMatch("score_backtest")),
    },
  };
}
