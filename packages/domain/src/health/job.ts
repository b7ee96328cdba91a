import type { BatchResult } from "@success-manager/contract/health-scores";
import { conflict } from "@success-manager/contract/problem";
import {
  defineJob,
  invokeJob,
  type JobInvocation,
  type Outcome,
  type RunInvocation,
  run,
  startManualRun,
} from "../jobs/index.ts";
import { type BatchProgress, NOTHING_YET, scoreAll } from "./batch.ts";

/** Scores every customer that is not churned, at the run's time; those with a score at or after it are left out. */
export const dailyScoring = defineJob<BatchProgress>({
  id: "daily_health_scores",
  start: NOTHING_YET,
  run: (now, from, { remaining, save, log }) => scoreAll(now, from, remaining, save, log),
  counts: ({ calculated, failed }) => ({ calculated, failed }),
  busy: "All customers are being scored right now. Try again when that has finished.",
});

/** Continues a run in the job's own function. */
export const continueInBackground = (scheduled_time: string) =>
  invokeJob({ job: dailyScoring.id, scheduled_time });

/**
 * Runs the daily scoring of a time, or continues that run.
 *
 * @throws 409 while another run is running; what stopped the run, after releasing it for a retry
 */
export async function runDailyScoring(
  scheduled_time: string,
  invocation: RunInvocation,
): Promise<Exclude<Outcome<BatchProgress>, { result: "busy" }>> {
  const outcome = await run(dailyScoring, scheduled_time, invocation);
  if (outcome.result === "busy") throw conflict(dailyScoring.busy);
  return outcome;
}

const NO_RESULT = { total_customers: 0, calculated: 0, failed: 0, errors: [] };

/**
 * Scores all customers that are not churned, now. What does not fit into the request, or everything with
 * `run_async`, is scored in the background.
 *
 * @throws 409 while another run is running
 */
export async function calculateAll(
  { run_async }: { run_async: boolean },
  invocation: JobInvocation,
): Promise<BatchResult> {
  if (run_async) {
    const run_id = await startManualRun(dailyScoring.id, dailyScoring.busy);
    return { ...NO_RESULT, run_id, state: "running", message: "Scoring has started in the background." };
  }
  const run_id = new Date().toISOString();
  const outcome = await runDailyScoring(run_id, { ...invocation, continueInBackground });
  if (outcome.result === "duplicate")
    return { ...NO_RESULT, run_id, state: "running", message: "This run has been started already." };
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
