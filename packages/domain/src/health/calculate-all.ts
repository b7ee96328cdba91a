import type { BatchResult } from "@success-manager/contract/health-scores";
import { invokeJob, type JobInvocation, startManualRun } from "../jobs/index.ts";
import { DAILY_HEALTH_SCORES, dailyScoring, runDaily } from "./daily.ts";

/** Continues a run in the job's own Lambda. */
export const continueInJob = (scheduled_time: string) =>
  invokeJob({ job: DAILY_HEALTH_SCORES, scheduled_time });

const NOTHING_YET = { total_customers: 0, calculated: 0, failed: 0, errors: [] };

/**
 * Scores all customers that are not churned, now. What does not fit into the request, or everything with
 * `run_async`, is scored in the background.
 *
 * @throws 409 while another run is at work
 */
export async function calculateAll(
  { run_async }: { run_async: boolean },
  invocation: JobInvocation,
): Promise<BatchResult> {
  if (run_async) {
    const run_id = await startManualRun(DAILY_HEALTH_SCORES, dailyScoring.busy);
    return { ...NOTHING_YET, run_id, state: "running", message: "Scoring has started in the background." };
  }
  const run_id = new Date().toISOString();
  const outcome = await runDaily(run_id, { ...invocation, handOver: continueInJob });
  if (outcome.result === "duplicate")
    return { ...NOTHING_YET, run_id, state: "running", message: "This run has been started already." };
  const { total, calculated, failed, errors } = outcome.progress;
  const done = outcome.result === "completed";
  return {
    total_customers: total,
    calculated,
    failed,
    errors: [...errors],
    run_id,
    state: done ? "completed" : "running",
    message: done ? "All customers are scored." : "The rest is scored in the background.",
  };
}
