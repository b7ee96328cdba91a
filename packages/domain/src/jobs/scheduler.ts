import { findJob, jobs } from "@success-manager/contract/jobs";
import { notFound } from "@success-manager/contract/problem";
import type { ScheduledJob, StartedRun } from "@success-manager/contract/scheduler";
import { batchGet, getRequest, JobLockEntity } from "../table/index.ts";
import { shown } from "./shown.ts";
import { startManualRun } from "./start.ts";

/** A job that does not run again comes last. */
const sortKey = ({ next_run_time, id }: ScheduledJob) => `${next_run_time ?? "never"} ${id}`;

/** All jobs with their last run, the next one to run first. */
export async function list(): Promise<ScheduledJob[]> {
  const locks = await batchGet(...jobs.map(({ id }) => getRequest(JobLockEntity, id)));
  const timezone = process.env.SCHEDULE_TIMEZONE ?? "UTC";
  const now = new Date();
  return jobs
    .map((job, index) => shown(job, locks[index], timezone, now))
    .sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
}

/**
 * Starts a job now, in the background.
 * @throws 404 for an unknown one; 409 while it is at work; ServiceUnavailable when it can't be started
 */
export async function run(id: string): Promise<StartedRun> {
  const job = findJob(id);
  if (!job) throw notFound("Job");
  const run_id = await startManualRun(
    job.id,
    "This job is running right now. Try again when it has finished.",
  );
  return { message: `“${job.name}” has been started.`, run_id };
}
