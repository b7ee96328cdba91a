import { type JobLock, JobLockEntity } from "../table/index.ts";

/** Longer than two saves of progress are apart, shorter than Lambda's first retry (one minute). */
const LEASE_MS = 45_000;

/** When a lease ends that is given now; milliseconds since 1970. */
export const lease = (now: Date) => now.getTime() + LEASE_MS;

/**
 * Puts a job's lock into the hands of a run, if nobody else holds it. One that waits for its next invocation is
 * free for the same run.
 */
export const taking = (
  run: Pick<JobLock, "job" | "run_id" | "started_at" | "counts" | "holder">,
  now: Date,
) =>
  JobLockEntity.put({ ...run, state: "running", leased_until: lease(now) }).where(
    ({ leased_until, holder, run_id }, { lt, eq, notExists }) =>
      `${notExists(leased_until)} OR ${lt(leased_until, now.getTime())}` +
      ` OR (${notExists(holder)} AND ${eq(run_id, run.run_id)})`,
  );
