import { findJob, type Job, type JobId, jobs } from "@success-manager/contract/jobs";
import { notFound } from "@success-manager/contract/problem";
import type { LastRun, Run, RunQuery, ScheduledJob, StartedRun } from "@success-manager/contract/scheduler";
import { Cron } from "croner";
import { config } from "../config.ts";
import {
  batchGet,
  getRequest,
  type JobLock,
  JobLockEntity,
  type JobRun,
  jobRunRequest,
} from "../table/index.ts";
import { startManualRun } from "./invoke.ts";

/** What the endpoints of the scheduler do. */

/** A job that does not run again comes last. */
const sortKey = ({ next_run_time, id }: ScheduledJob) => `${next_run_time ?? "never"} ${id}`;

/** All jobs with their last run, the next one to run first. */
export async function list(): Promise<ScheduledJob[]> {
  const locks = await batchGet(...jobs.map(({ id }) => getRequest(JobLockEntity, id)));
  const timezone = config().SCHEDULE_TIMEZONE;
  const now = new Date();
  return jobs
    .map((job, index) => toScheduledJob(job, locks[index], timezone, now))
    .sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
}

/**
 * Starts a job now, in the background.
 * @throws 404 for an unknown one; 409 while it is running; ServiceUnavailable when it can't be started
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

/**
 * When a job runs next after a moment, as the schedules of AWS do: a time that the clock leaves out in spring is left
 * out (EventBridge Scheduler User Guide, "Daylight savings time").
 *
 * @param cron five fields: minutes, hours, day, month, weekday
 */
export function nextRun(cron: string, timezone: string, after: Date): Date | undefined {
  const times = new Cron(cron, { timezone, paused: true });
  // Croner moves such a time into the following hour; the clock changes twice a year.
  return times.nextRuns(2, after).find((time) => times.match(time));
}

/** A lease that ended by itself: whoever held it died. */
const LOST = "It stopped without finishing. If it does not go on within a few minutes, start it again.";

function toLastRun(lock: JobLock, is_running: boolean): LastRun {
  const { run_id, state, started_at, finished_at = null, counts, error = null } = lock;
  const run = { run_id, started_at, finished_at, counts };
  if (state === "running" && !is_running) return { ...run, state: "failed", error: LOST };
  return { ...run, state, error };
}

/** Whether somebody holds a lock. */
const isHeld = (lock: JobLock | undefined, now: Date) => (lock?.leased_until ?? 0) > now.getTime();

/** A run that is no longer its job's latest one. */
function toFormerRun(stored: JobRun): LastRun {
  const { scheduled_time: run_id, state, started_at, finished_at = null, counts = {}, error = null } = stored;
  const run = { run_id, started_at, finished_at, counts };
  return state === "running" ? { ...run, state: "failed", error: LOST } : { ...run, state, error };
}

/**
 * A run, by its time: whether it is at work, and what came of it.
 *
 * @param job of which job; that of the newest run when several have one of this time
 * @throws 404
 */
export async function getRun(run_id: string, { job }: RunQuery): Promise<Run> {
  const asked = jobs.filter(({ id }) => job === undefined || id === job);
  const [locks, runs] = await Promise.all([
    batchGet(...asked.map(({ id }) => getRequest(JobLockEntity, id))),
    batchGet(...asked.map(({ id }) => jobRunRequest(id, run_id))),
  ]);
  const now = new Date();
  const found = asked.flatMap(({ id }, n): Run[] => {
    const [lock, run] = [locks[n], runs[n]];
    if (lock?.run_id === run_id) return [{ job: id, ...toLastRun(lock, isHeld(lock, now)) }];
    return run ? [{ job: id, ...toFormerRun(run) }] : [];
  });
  const [newest] = found.sort((a, b) => (a.started_at < b.started_at ? 1 : -1));
  if (!newest) throw notFound("Run");
  return newest;
}

/**
 * A job as the API answers it.
 *
 * @param lock what is stored of its latest run; undefined when it never ran
 * @param timezone of its cron expression (IANA)
 */
export function toScheduledJob(
  job: Job,
  lock: JobLock | undefined,
  timezone: string,
  now: Date,
): ScheduledJob {
  const is_running = isHeld(lock, now);
  return {
    id: job.id,
    name: job.name,
    description: job.description,
    trigger: job.cron,
    timezone,
    next_run_time: nextRun(job.cron, timezone, now)?.toISOString() ?? null,
    is_running,
    last_run: lock ? toLastRun(lock, is_running) : null,
  };
}

/** A run as its job keeps it, for who follows it. */
export interface RunState<P> extends Pick<LastRun, "state" | "counts" | "error"> {
  /** Where it stands; undefined before its first word. */
  readonly progress: P | undefined;
  /** Whether an invocation is at work on it, or is to come. */
  readonly held: boolean;
}

/** How a run goes. @typeParam P the job's own progress */
export async function runState<P>(job: JobId, run_id: string): Promise<RunState<P>> {
  const [lock, run] = await batchGet(getRequest(JobLockEntity, job), jobRunRequest(job, run_id));
  const mine = lock?.run_id === run_id ? lock : undefined;
  const { state, counts = {}, error = null } = run ?? mine ?? { state: "running" as const };
  return {
    state: mine?.state === "failed" ? "failed" : state,
    counts,
    error: error ?? mine?.error ?? null,
    progress: run?.progress as P | undefined,
    held: isHeld(mine, new Date()),
  };
}
