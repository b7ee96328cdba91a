import { jobs } from "@success-manager/contract/jobs";
import { config } from "../config.ts";
import {
  batchGet,
  getRequest,
  JobLockEntity,
  type JobRun,
  jobRuns,
  partitions,
  query,
} from "../table/index.ts";
import { nextRun } from "./api.ts";
import { defineJob, type Progress } from "./define.ts";
import { runInBackground } from "./invoke.ts";
import { jobHealth, LATE_MS, measureStreamLag } from "./system-health.ts";

/** What the watch has seen. */
export interface Watched {
  /** Whether each job is late: an hour after it should have run again. */
  readonly late: ReadonlyMap<string, boolean>;
  /** How many milliseconds counters are behind. */
  readonly lag_ms: number;
}

/** How long a probe may be under way before it is reported as such. */
const PATIENCE_MS = 20_000;

/** When the watch ran for the first time that is still known: a job that has never run should have since then. */
async function watchedSince(): Promise<string | undefined> {
  for await (const { items } of query<JobRun>({ partition: jobRuns("system_watch") }, { pageSize: 1 }))
    return items[0]?.scheduled_time;
  return undefined;
}

/** Which jobs are late, by id. */
export async function lateJobs(now: Date): Promise<Map<string, boolean>> {
  const locks = await batchGet(...jobs.map(({ id }) => getRequest(JobLockEntity, id)));
  const timezone = config().SCHEDULE_TIMEZONE;
  const since = locks.some((lock) => lock === undefined) ? await watchedSince() : undefined;
  return new Map(
    jobs.map((job, n): [string, boolean] => {
      if (locks[n]) return [job.id, jobHealth(job, locks[n], timezone, now).is_late];
      const due = since && nextRun(job.cron, timezone, new Date(since));
      return [job.id, !!due && due.getTime() + LATE_MS < now.getTime()];
    }),
  );
}

interface WatchProgress extends Progress {
  readonly late: number;
}

/** What people wait for, by the key of its deadlines, and the job that does it. */
const RESUMED = [
  ["personal_data", "personal_data"],
  ["score_backtest", "score_backtests"],
] as const;

/** Has exports, erasures and back-tests that are pending tried again, should nobody work on them. */
async function resumePending(): Promise<void> {
  for (const [kind, job] of RESUMED) {
    const due = query<{ readonly id: string }>({ partition: partitions.dueDate(kind) }, { pageSize: 1 });
    if (((await due.next()).value?.items.length ?? 0) > 0) await runInBackground(job);
  }
}

/**
 * Tells what CloudWatch can't see by itself: a job that runs once a week or a month (an alarm looks back seven days at
 * most), and a stream that nobody reads any more, which makes no errors. And has work gone on with that broke off.
 */
export const systemWatch = (onWatched: (seen: Watched) => void) =>
  defineJob<WatchProgress>({
    id: "system_watch",
    subject: "job",
    start: { late: 0, finished: false },
    run: async () => {
      const [late, lag_ms] = await Promise.all([lateJobs(new Date()), measureStreamLag(PATIENCE_MS)]);
      onWatched({ late, lag_ms });
      await resumePending();
      return { late: [...late.values()].filter(Boolean).length, finished: true };
    },
    counts: ({ late }) => ({ late, failed: 0 }),
    busy: "The watch is at work right now.",
  });
