import type { JobId } from "@success-manager/contract/jobs";
import { conflict } from "@success-manager/contract/problem";
import { conditionFailed, JobLockEntity } from "../table/index.ts";
import { invokeJob } from "./invoke.ts";
import { taking } from "./lock.ts";

/** Takes a job's lock for a run that somebody will come for. Answers whether it was free. */
async function reserve(job: JobId, now: Date): Promise<boolean> {
  const at = now.toISOString();
  const run = { job, run_id: at, started_at: at, counts: {}, holder: undefined };
  try {
    await taking(run, now).go();
    return true;
  } catch (error) {
    if (conditionFailed(error)) return false;
    throw error;
  }
}

/** Gives a lock back for which nobody will come. */
const cancel = (job: JobId, run_id: string) =>
  JobLockEntity.patch({ job })
    .set({
      state: "failed",
      finished_at: new Date().toISOString(),
      error: "It could not be started. Try again in a moment.",
    })
    .remove(["leased_until"])
    .where((held, { eq, notExists }) => `${eq(held.run_id, run_id)} AND ${notExists(held.holder)}`)
    .go();

/**
 * Starts a run of a job for a person, in the job's own Lambda, and answers the run's id: its time. Of many who do
 * so at once, one succeeds.
 *
 * @param busy what they are told who come while a run is at work
 * @throws 409 while a run is at work; ServiceUnavailable when the Lambda can't be started
 */
export async function startManualRun(job: JobId, busy: string): Promise<string> {
  const now = new Date();
  const scheduled_time = now.toISOString();
  if (!(await reserve(job, now))) throw conflict(busy);
  try {
    await invokeJob({ job, scheduled_time, manual: true });
  } catch (error) {
    // If this fails as well, the lock becomes free when its lease ends.
    await cancel(job, scheduled_time).catch(() => undefined);
    throw error;
  }
  return scheduled_time;
}
