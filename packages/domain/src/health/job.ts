import type { BatchResult } from "@success-manager/contract/health-scores";
import { conflict, unavailable } from "@success-manager/contract/problem";
import { toBackgroundRun } from "@success-manager/contract/runs";
import {
  defineJob,
  invokeJob,
  type JobInvocation,
  type Outcome,
  type RunInvocation,
  run,
  startManualRun,
} from "../jobs/index.ts";
import { isScoped } from "../table/index.ts";
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

/** What is said of a run that goes on without the request. */
const running = (
  run_id: string,
  message: string,
): Pick<BatchResult, "run_id" | "state" | "message" | "runs"> => ({
  ...{ run_id, state: "running", message },
  runs: [toBackgroundRun(dailyScoring.id, run_id)],
});

/**
 * Scores the customers whom the caller sees, who does not see all, within the request: the job is about everybody.
 *
 * @throws 503 when they are too many for it
 */
async function calculateSeen({ remaining, log }: JobInvocation): Promise<BatchResult> {
  const now = new Date();
  const { total, calculated, failed, errors, finished } = await scoreAll(
    now,
    NOTHING_YET,
    remaining,
    () => undefined,
    log,
  );
  if (!finished)
    throw unavailable(5, `${calculated} of your customers are scored; there was no time for the others.`);
  return {
    ...{ total_customers: total, calculated, failed, errors: [...errors] },
    ...{ run_id: now.toISOString(), state: "completed", message: "All of your customers are scored." },
  };
}

/**
 * Scores all customers that are not churned, now. What does not fit into the request, or everything with
 * `run_async`, is scored in the background. Who sees some customers scores these.
 *
 * @throws 409 while another run is running
 */
export async function calculateAll(
  { run_async }: { run_async: boolean },
  invocation: JobInvocation,
): Promise<BatchResult> {
  if (isScoped()) return calculateSeen(invocation);
  if (run_async) {
    const run_id = await startManualRun(dailyScoring.id, dailyScoring.busy);
    return { ...NO_RESULT, ...running(run_id, "Scoring has started in the background.") };
  }
  const run_id = new Date().toISOString();
  const outcome = await runDailyScoring(run_id, {
    ...invocation,
    continueInBackground,
    nextHasMoreTime: true,
  });
  if (outcome.result === "duplicate")
    return { ...NO_RESULT, ...running(run_id, "This run has been started already.") };
  const { total, calculated, failed, errors } = outcome.progress;
  return {
    total_customers: total,
    calculated,
    failed,
    errors: [...errors],
    ...(outcome.result === "completed"
      ? { run_id, state: "completed", message: "All customers are scored." }
      : running(run_id, "The rest is scored in the background.")),
  };
}
