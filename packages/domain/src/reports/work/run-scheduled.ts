import type { Actor } from "@success-manager/contract/dsl/endpoint";
import { Problem } from "@success-manager/contract/problem";
import type { ScheduledReportsRun } from "@success-manager/contract/reports";
import { startManualRun } from "../../jobs/index.ts";
import { SCHEDULED_REPORTS } from "./job.ts";
import type { Means } from "./means.ts";
import { runDue } from "./run-due.ts";
import type { Result } from "./tally.ts";

/**
 * Leaves what the request had no time for to the job. One that is at work already does it anyway; where it can't be
 * started, it comes by itself within the hour.
 */
async function leaveToJob(means: Means): Promise<void> {
  try {
    await startManualRun(SCHEDULED_REPORTS, "Reports are being generated right now.");
  } catch (error) {
    if (!(error instanceof Problem && error.status === 409)) means.log(SCHEDULED_REPORTS, error);
  }
}

const reports = (count: number) => (count === 1 ? "1 report" : `${count} reports`);
const mails = (count: number) => (count === 1 ? "1 mail" : `${count} mails`);

function sentences({ due, generated, mailed, failed, finished }: Result): string {
  const parts = [
    due === 0 && finished
      ? "No report is due."
      : `${reports(generated)} generated and ${mails(mailed)} sent.`,
    failed > 0 && `${reports(failed)} failed.`,
    !finished && "The rest is done in the background.",
  ];
  return parts.filter((part) => part !== false).join(" ");
}

/** Generates and mails what is due, now. What does not fit into the request is done in the background. */
export async function runScheduled(
  { id, full_name }: Pick<Actor, "id" | "full_name">,
  means: Means,
): Promise<ScheduledReportsRun> {
  const result = await runDue({ triggered_by: full_name, triggered_by_id: id }, means);
  const { due, generated, failed, errors, finished } = result;
  if (!finished) await leaveToJob(means);
  return { message: sentences(result), results: { total_due: due, generated, failed, errors } };
}
