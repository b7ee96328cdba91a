import { conflict } from "@success-manager/contract/problem";
import { JobRuns } from "../job/index.ts";
import { type Progress, STARTED, scoreAll } from "./batch.ts";

export const DAILY_HEALTH_SCORES = "daily_health_scores";

/** How a run lives in its surroundings. */
export interface Surroundings {
  /** Milliseconds until this invocation is cut off. */
  remaining(): number;
  /** Starts a fresh invocation that goes on with the run. */
  handOver(scheduled_time: string): Promise<void>;
  /** Takes note of a customer that could not be scored. */
  log(customer_id: string, error: unknown): void;
}

/** What became of this invocation; `duplicate` when the run is at work elsewhere or done. */
export type Outcome =
  | { readonly result: "completed" | "handed over"; readonly progress: Progress }
  | { readonly result: "duplicate" };

/** Progress is worth a write when it is this old; it also keeps the claim. */
const SAVE_EVERY_MS = 5_000;

/**
 * Runs the daily scoring of a scheduled time, or goes on with it: claimed once, continued in a fresh
 * invocation when the time is up, taken up again after a crash.
 *
 * @throws 409 while another run is at work; what stopped the run, after releasing it for a retry
 */
export async function runDaily(scheduled_time: string, surroundings: Surroundings): Promise<Outcome> {
  const claimed = await JobRuns.claim(DAILY_HEALTH_SCORES, scheduled_time);
  if (claimed.result === "duplicate") return { result: "duplicate" };
  if (claimed.result === "busy")
    throw conflict("All customers are being scored right now. Try again when that has finished.");
  const { claim } = claimed;
  let progress: Progress = { ...STARTED, ...claim.progress };
  let saved = Date.now();
  const save = async (reached: Progress) => {
    progress = reached;
    if (Date.now() - saved < SAVE_EVERY_MS) return;
    saved = Date.now();
    await JobRuns.save(claim, reached);
  };
  try {
    const { remaining, log } = surroundings;
    progress = await scoreAll(new Date(scheduled_time), progress, remaining, save, log);
  } catch (error) {
    await JobRuns.release(claim, "failed", progress);
    throw error;
  }
  await JobRuns.release(claim, progress.finished ? "completed" : "running", progress);
  if (progress.finished) return { result: "completed", progress };
  await surroundings.handOver(scheduled_time);
  return { result: "handed over", progress };
}
