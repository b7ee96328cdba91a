import type { Actor } from "@success-manager/contract/dsl/endpoint";
import type { ScheduledReportsRun } from "@success-manager/contract/reports";
import type { BackgroundRun } from "@success-manager/contract/runs";
import { defineJob, type Progress, runInBackground, withinTime } from "../jobs/index.ts";
import { countMails } from "../rate-limit/index.ts";
import { find, getRequest, ReportEntity } from "../table/index.ts";
import { BY_SCHEDULE, currentTime, type ReportContext } from "./context.ts";
import { processDue, type RunSummary, runSummary } from "./due.ts";
import { processReport } from "./process.ts";

export const SCHEDULED_REPORTS = "scheduled_reports";

type Figures = Pick<RunSummary, "due" | "generated" | "mailed" | "failed" | "given_up">;

const figuresOf = ({ due, generated, mailed, failed, given_up }: Figures): Figures => ({
  due,
  generated,
  mailed,
  failed,
  given_up,
});

/** Goes on with one report, unless somebody else does or it is not due. */
async function one(id: string, context: ReportContext): Promise<Figures> {
  const { count, result } = runSummary();
  const report = await find(getRequest(ReportEntity, id));
  if (report?.due_at !== undefined && report.due_at <= currentTime(context).toISOString()) {
    const done = await processReport(report, context);
    if (done) count(done);
  }
  return figuresOf(result());
}

/**
 * The hourly job: generates and mails what is due. That a report is done once does not hang on this job's lock, but
 * on the report's own claim: people do the same in their requests.
 *
 * @param onAbandoned told of each report that nobody will try again
 */
export const scheduledReports = (onAbandoned: ReportContext["onAbandoned"]) =>
  defineJob<Progress & Figures>({
    id: SCHEDULED_REPORTS,
    subject: "report",
    start: { due: 0, generated: 0, mailed: 0, failed: 0, given_up: 0, finished: false },
    run: async (now, from, { remaining, log }) => {
      const { finished, ...did } = await processDue(BY_SCHEDULE, { remaining, log, onAbandoned }, now);
      return {
        due: from.due + did.due,
        generated: from.generated + did.generated,
        mailed: from.mailed + did.mailed,
        failed: from.failed + did.failed,
        given_up: from.given_up + did.given_up,
        finished,
      };
    },
    runOne: (id, { remaining, log }) => one(id, { remaining, log, onAbandoned }),
    counts: figuresOf,
    busy: "Reports are being generated right now. Try again when that has finished.",
  });

/**
 * Leaves what the request had no time for to the job. Where it can't be started, it comes by itself within the hour.
 */
async function continueInBackground(context: ReportContext): Promise<BackgroundRun[]> {
  try {
    return [await runInBackground(SCHEDULED_REPORTS)];
  } catch (error) {
    context.log(SCHEDULED_REPORTS, error);
    return [];
  }
}

const reports = (count: number) => (count === 1 ? "1 report" : `${count} reports`);
const mails = (count: number) => (count === 1 ? "1 mail" : `${count} mails`);

function sentences({ due, generated, mailed, unknown, failed, finished }: RunSummary): string {
  const parts = [
    due === 0 && finished
      ? "No report is due."
      : `${reports(generated)} generated and ${mails(mailed)} sent.`,
    unknown > 0 && `${mails(unknown)} may have gone out: the mail service did not say.`,
    failed > 0 && `${reports(failed)} failed.`,
    !finished && "The rest is done in the background.",
  ];
  return parts.filter((part) => part !== false).join(" ");
}

/** Generates and mails what is due, now. What does not fit into the request is done in the background. */
export async function runScheduled(
  { id, full_name }: Pick<Actor, "id" | "full_name">,
  context: ReportContext,
): Promise<ScheduledReportsRun> {
  const by = { triggered_by: full_name, triggered_by_id: id };
  const summary = runSummary();
  const work = processDue(by, context, currentTime(context), summary);
  if ((await withinTime(work, context.remaining)) === undefined) summary.stop();
  const result = summary.result();
  const { due, generated, mailed, unknown, failed, errors, finished } = result;
  // The press of the button itself has counted as one.
  await countMails(id, mailed + unknown - 1);
  return {
    message: sentences(result),
    results: { total_due: due, generated, failed, errors },
    ...(!finished && { runs: await continueInBackground(context) }),
  };
}
