import type { Job } from "@success-manager/contract/jobs";
import type { LastRun, ScheduledJob } from "@success-manager/contract/scheduler";
import type { JobLock } from "../table/index.ts";
import { nextRun } from "./schedule.ts";

/** A lease that ended by itself: whoever held it died. */
const LOST = "It stopped without finishing. If it does not go on within a few minutes, start it again.";

/** The latest run of a job as people see it. */
function lastRun(lock: JobLock, is_running: boolean): LastRun {
  const { run_id, state, started_at, finished_at = null, counts, error = null } = lock;
  const run = { run_id, started_at, finished_at, counts };
  if (state === "running" && !is_running) return { ...run, state: "failed", error: LOST };
  return { ...run, state, error };
}

/**
 * A job as people see it.
 *
 * @param lock what is stored of its latest run; undefined when it never ran
 * @param timezone in which its cron is meant
 */
export function shown(job: Job, lock: JobLock | undefined, timezone: string, now: Date): ScheduledJob {
  const is_running = (lock?.leased_until ?? 0) > now.getTime();
  return {
    id: job.id,
    name: job.name,
    description: job.description,
    trigger: job.cron,
    timezone,
    next_run_time: nextRun(job.cron, timezone, now)?.toISOString() ?? null,
    is_running,
    last_run: lock ? lastRun(lock, is_running) : null,
  };
}
