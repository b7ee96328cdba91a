import { randomBytes, randomUUID } from "node:crypto";
import type { Actor } from "@success-manager/contract/dsl/endpoint";
import { conflict } from "@success-manager/contract/problem";
import type { NewReport, Report } from "@success-manager/contract/reports";
import { completedBacktest, latestCompleted } from "../backtests/index.ts";
import { config } from "../config.ts";
import { invokeJob, withinTime } from "../jobs/index.ts";
import { countMails } from "../rate-limit/index.ts";
import {
  commit,
  find,
  getOrThrow,
  getRequest,
  isScoped,
  putItem,
  RETRY,
  ReportEntity,
  type StoredReport,
  withOptimisticRetry,
} from "../table/index.ts";
import { currentTime, GENERATION_MS, type ReportContext } from "./context.ts";
import { toReport } from "./history.ts";
import { SCHEDULED_REPORTS } from "./job.ts";
import { periodOf, reportTitle } from "./period.ts";
import { processClaimed } from "./process.ts";
import { claim, isHeld, isSendableAgain, release, sendAgain as reopened, save } from "./report-state.ts";
import { checkCustomer } from "./schedules.ts";

const SECRET_BYTES = 32;

const DAY_S = 24 * 60 * 60;

/** What is known of a report that is asked for; the rest is how all begin. */
type NewStoredReport = Pick<
  StoredReport,
  | "report_name"
  | "report_type"
  | "filters"
  | "language"
  | "date_from"
  | "date_to"
  | "triggered_by"
  | "triggered_by_id"
  | "status"
  | "attempts"
  | "due_at"
> &
  Partial<Pick<StoredReport, "scheduled_report_id" | "attach_csv" | "owner_id" | "is_narrowed">>;

/**
 * A report that was asked for just now. It is kept as long as the bucket keeps the file.
 *
 * @param recipients to whom it will be mailed
 */
export const newReport = (
  details: NewStoredReport,
  recipients: readonly string[],
  now: Date,
): StoredReport => ({
  ...details,
  id: randomUUID(),
  file_size: 0,
  created_at: now.toISOString(),
  mail_attempts: 0,
  deliveries: recipients.map((recipient) => ({ recipient, status: "pending", sent_at: null, error: null })),
  secret: randomBytes(SECRET_BYTES).toString("base64url"),
  revision: 1,
  expires_at_epoch: Math.floor(now.getTime() / 1000) + config().REPORT_RETENTION_DAYS * DAY_S,
});

const toStoredReport = (
  { report_type, filters, language = config().DEFAULT_LANGUAGE }: NewReport,
  { id, full_name }: Pick<Actor, "id" | "full_name">,
  now: Date,
): StoredReport =>
  newReport(
    {
      report_name: reportTitle(report_type),
      report_type,
      ...(Object.keys(filters).length > 0 && { filters }),
      language,
      ...periodOf(filters, now),
      triggered_by: full_name,
      triggered_by_id: id,
      owner_id: id,
      ...(isScoped() && { is_narrowed: true }),
      status: "generating",
      attempts: 0,
      due_at: now.toISOString(),
    },
    [],
    now,
  );

/**
 * Mails a report again to those whom it has not reached, as far as anybody knows. A person decides that: who is
 * `unknown` and did get it gets it twice.
 *
 * @throws 404; 409 when there is nobody like that, or the report is being mailed
 */
export async function sendAgain(
  id: string,
  actor: Pick<Actor, "id">,
  context: ReportContext,
): Promise<Report> {
  const { before, report } = await withOptimisticRetry(async () => {
    const stored = await getOrThrow(getRequest(ReportEntity, id), "Report");
    const now = currentTime(context);
    if (isHeld(stored, now))
      throw conflict("This report is being mailed right now. Try again in a few minutes.");
    if (!stored.deliveries.some(isSendableAgain))
      throw conflict("This report has reached all of its recipients, or is still on its way to them.");
    const saved = await save(stored, claim(reopened(stored, now), now));
    return saved ? { before: stored, report: saved } : RETRY;
  });
  const mails = before.deliveries.filter(isSendableAgain).length;
  // The press of the button itself has counted as one.
  await countMails(actor.id, mails - 1);
  return finishInTime(report, context);
}

/** Leaves a report to the job's function. Where that can't be started, the hourly job finds the report. */
async function continueInBackground(report: StoredReport, context: ReportContext): Promise<void> {
  try {
    await invokeJob({ job: SCHEDULED_REPORTS, scheduled_time: report.created_at, subject_id: report.id });
  } catch (error) {
    context.log(report.id, error);
  }
}

/**
 * The filters with the back-test that a report is about: whoever makes it again means the same one.
 *
 * @throws 403 for who does not see all; 404; 409 where none is completed
 */
async function withBacktest({ report_type, filters }: NewReport): Promise<NewReport["filters"]> {
  if (report_type !== "score_backtest") return filters;
  const backtest_id = filters.backtest_id ?? (await latestCompleted());
  await completedBacktest(backtest_id);
  return { ...filters, backtest_id };
}

/**
 * Generates a report for a person. It is stored before it is begun, so whatever happens, somebody goes on with it: one
 * that fails says why and when it is tried again.
 *
 * @param background answer at once; so it is done, too, when less time is left than it may take
 * @throws 404 for an unknown customer or back-test; 403 and 409 as `withBacktest`
 */
export async function generate(
  input: NewReport,
  { async: background }: { readonly async: boolean },
  actor: Pick<Actor, "id" | "full_name">,
  context: ReportContext,
): Promise<Report> {
  await checkCustomer(input.filters.customer_id);
  const now = currentTime(context);
  const waiting = toStoredReport({ ...input, filters: await withBacktest(input) }, actor, now);
  const inBackground = background || context.remaining() < GENERATION_MS;
  const report = inBackground ? waiting : claim(waiting, now);
  // A transaction, because the database knows one that comes again after a lost answer: the job may be at it by then.
  await commit([putItem(ReportEntity.create(report))]);
  if (inBackground) {
    await continueInBackground(report, context);
    return toReport(report);
  }
  return finishInTime(report, context, true);
}

/** Goes on with a report that the caller holds. What the request has no time for is done in the background. */
async function finishInTime(report: StoredReport, context: ReportContext, byOwner = false): Promise<Report> {
  const done = await withinTime(processClaimed(report, context, { byOwner }), context.remaining);
  if (done?.report) return toReport(done.report);
  const stored = (await find(getRequest(ReportEntity, report.id))) ?? report;
  // It takes longer than the request may: the job's function begins anew, unless it has been done just now.
  const isLeft = done === undefined && stored.due_at !== undefined;
  const left = isLeft ? await save(stored, release(stored, currentTime(context))) : undefined;
  if (left) await continueInBackground(left, context);
  return toReport(left ?? stored);
}
