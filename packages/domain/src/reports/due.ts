import type { ScheduledReportsRun } from "@success-manager/contract/reports";
import { config } from "../config.ts";
import {
  commit,
  find,
  getRequest,
  MAX_KEY,
  partitions,
  putItem,
  query,
  RETRY,
  ReportEntity,
  ReportScheduleEntity,
  type StoredReport,
  type StoredReportSchedule,
  withOptimisticRetry,
} from "../table/index.ts";
import { currentTime, errorMessage, GENERATION_MS, type ReportContext, type Trigger } from "./context.ts";
import { newReport } from "./generate.ts";
import { periodBefore } from "./period.ts";
import { failureMessage, type ProcessResult, processReport } from "./process.ts";
import { latestDueRun, nextRun } from "./schedule-times.ts";

/** How many entries of the index a request looks at: each becomes work for seconds. */
const PAGE_SIZE = 50;

type Item = Record<string, unknown>;

/** Items of a kind that are due, soonest first. The index may lag behind: what a write decides is true. */
async function* dueItems(kind: "report" | "report_schedule", until: Date): AsyncGenerator<Item> {
  const due = { partition: partitions.dueDate(kind), to: `${until.toISOString()}#${MAX_KEY}` };
  for await (const { items } of query<Item>(due, { pageSize: PAGE_SIZE })) yield* items;
}

const isDue = ({ is_active, next_scheduled_at }: StoredReportSchedule, now: Date) =>
  is_active && next_scheduled_at <= now.toISOString();

/** The report that a schedule asks for, and the schedule as it goes on. */
function reportOf(schedule: StoredReportSchedule, by: Trigger, now: Date, due_at: string): StoredReport {
  const { id, report_name, report_type, frequency, filters, recipients, attach_csv } = schedule;
  const { language = config().DEFAULT_LANGUAGE } = schedule;
  const period = periodBefore(frequency, filters ?? {}, new Date(latestDueRun(schedule, now)));
  const asked = { report_name, report_type, filters, ...period, ...by };
  const { created_by_id: owner_id, is_narrowed } = schedule;
  const owned = { owner_id, ...(is_narrowed && { is_narrowed }) };
  const wanted = { ...asked, language, scheduled_report_id: id, ...owned, ...(attach_csv && { attach_csv }) };
  return newReport({ ...wanted, status: "pending", attempts: 0, due_at }, recipients, new Date(due_at));
}

/**
 * Makes the report of a schedule that is due: the report and the schedule's next run are one transaction, so of many
 * who come at once one makes it. Undefined when somebody else has.
 *
 * @param now by which it is due
 * @throws 409 when others keep changing the schedule
 */
export function claimSchedule(
  known: StoredReportSchedule,
  by: Trigger,
  now: Date,
  at: Date,
): Promise<StoredReport | undefined> {
  let schedule: StoredReportSchedule | undefined = known;
  return withOptimisticRetry(async () => {
    schedule ??= await find(getRequest(ReportScheduleEntity, known.id));
    if (!schedule || !isDue(schedule, now)) return undefined;
    const { frequency, anchor, revision, next_scheduled_at: last_scheduled_at } = schedule;
    const report = reportOf(schedule, by, now, at.toISOString());
    const next_scheduled_at = nextRun(frequency, anchor, now);
    const next = ReportScheduleEntity.put({
      ...schedule,
      ...{ next_scheduled_at, last_scheduled_at, revision: revision + 1 },
    });
    const failed = await commit([
      putItem(ReportEntity.create(report)),
      putItem(next.where((stored, { eq }) => eq(stored.revision, revision))),
    ]);
    if (failed.length === 0) return report;
    // Somebody has taken it up, or changed something else about it: only the table itself knows.
    schedule = undefined;
    return RETRY;
  });
}

/** Something that is due; what it is about, and the report to go on with, unless somebody else has it meanwhile. */
export interface DueReport {
  readonly id: string;
  readonly report_name: string;
  take(): Promise<StoredReport | undefined>;
}

/**
 * What is to be worked on now: schedules that are due, whose reports are made when they are taken, then reports that
 * wait for another attempt, or whose worker died.
 *
 * @param until by when schedules are due
 */
export async function* dueReports(
  by: Trigger,
  until: Date,
  context: ReportContext,
): AsyncGenerator<DueReport> {
  for await (const Item of dueItems("report_schedule", until)) {
    const { data } = ReportScheduleEntity.parse({ Item });
    if (data) yield { ...data, take: () => claimSchedule(data, by, until, currentTime(context)) };
  }
  for await (const Item of dueItems("report", currentTime(context))) {
    const { data } = ReportEntity.parse({ Item });
    if (data) yield { ...data, take: async () => data };
  }
}

type Errors = ScheduledReportsRun["results"]["errors"];

/** What became of the reports that were due. */
export interface RunSummary {
  /** Reports that were taken on. */
  readonly due: number;
  readonly generated: number;
  /** Mails that were sent. */
  readonly mailed: number;
  /** Mails that may have gone out: the mail service did not say. */
  readonly unknown: number;
  /** Reports that could not be generated, or not be mailed to everybody. */
  readonly failed: number;
  /** Those of them that nobody will try again. */
  readonly given_up: number;
  /** The first hundred of those that failed. */
  readonly errors: Errors;
  /** False when the time was up. */
  readonly finished: boolean;
}

const ERRORS_KEPT = 100;

/** Keeps count of what is done for reports that are due. */
export function runSummary() {
  const sums = { due: 0, generated: 0, mailed: 0, unknown: 0, failed: 0, given_up: 0 };
  const errors: Errors = [];
  let finished = true;
  const fail = (report_id: string, report_name: string, error: string) => {
    sums.failed += 1;
    if (errors.length < ERRORS_KEPT) errors.push({ report_id, report_name, error });
  };
  return {
    /** One was worked on. */
    count({ report, generated, sent, unknown, finished: done }: ProcessResult) {
      sums.due += 1;
      sums.mailed += sent;
      sums.unknown += unknown;
      if (generated) sums.generated += 1;
      if (!done) finished = false;
      const fault = done && report && failureMessage(report);
      if (!fault) return;
      fail(report.id, report.report_name, fault);
      if (report.due_at === undefined) sums.given_up += 1;
    },
    /** One could not be worked on. */
    broke({ id, report_name }: { readonly id: string; readonly report_name: string }, error: unknown) {
      sums.due += 1;
      fail(id, report_name, errorMessage(error));
    },
    /** Something is left for the next time. */
    stop() {
      finished = false;
    },
    result: (): RunSummary => ({ ...sums, errors, finished }),
  };
}

/**
 * Generates and mails what is due, one report after the other, until the time is up. Doing it again, or twenty times
 * at once, does nothing twice: each report is taken on by one. A report that fails stops no other.
 *
 * @param until by when schedules are due; now when that is later
 * @param summary in which it is counted
 */
export async function processDue(
  by: Trigger,
  context: ReportContext,
  until = currentTime(context),
  { count, broke, stop, result } = runSummary(),
): Promise<RunSummary> {
  const now = currentTime(context);
  for await (const due of dueReports(by, until > now ? until : now, context)) {
    if (context.remaining() < GENERATION_MS) {
      stop();
      break;
    }
    try {
      const report = await due.take();
      const done = report && (await processReport(report, context));
      if (done) count(done);
    } catch (error) {
      context.log(due.id, error);
      broke(due, error);
    }
  }
  return result();
}
