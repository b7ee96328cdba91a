import type { JobId } from "@success-manager/contract/jobs";
import { type Counts, partitions, queryAll } from "../table/index.ts";

/** Where a run stands; each job adds what it needs to go on. Stored, so that a fresh invocation can read it. */
export interface Progress {
  readonly finished: boolean;
}

/** The invocation that a job runs in. */
export interface JobInvocation {
  /** Milliseconds until it is cut off. Nothing is left when another invocation has taken over the run. */
  remaining(): number;
  /** Logs an error about one subject: a customer, or whatever the job goes through. */
  log(subject_id: string, error: unknown): void;
}

/** What a request keeps of its time: to store where its work stands, and to have others go on with it. */
const HANDOVER_MS = 3_000;

/**
 * What some work of a request comes to; undefined when its time is nearly up before. Then nobody waits for it any more: where it goes on
 * all the same, that must do no harm.
 *
 * @throws what the work throws in time
 */
export async function withinTime<T>(
  work: Promise<T>,
  remaining: JobInvocation["remaining"],
): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const timeUp = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, Math.max(0, remaining() - HANDOVER_MS), undefined);
  });
  // What it fails with later is nobody's error.
  work.catch(() => undefined);
  return Promise.race([work, timeUp]).finally(() => clearTimeout(timer));
}

/** What a job's run is given. */
export interface JobContext<P> extends JobInvocation {
  /** The run's id: its scheduled time, as it was asked for. */
  readonly run_id: string;
  /** Reports how far the run got; stored every few seconds. */
  save(progress: P): void;
  /**
   * Stores at once how far the run got: for what must not be done again, or by two.
   * @throws ClaimLost when another invocation has taken over, and what the database fails with
   */
  checkpoint(progress: P): Promise<void>;
}

/** What a job does. How it is claimed, saved and continued is the same for all (`run.ts`). */
export interface JobDefinition<P extends Progress> {
  readonly id: JobId;
  /** What it goes through one by one. */
  readonly subject: "customer" | "report" | "survey_link" | "counter" | "item" | "job";
  /** The progress that a new run starts with. */
  readonly start: P;
  /** The same for a run that is told something. */
  withOptions?(options: Readonly<Record<string, boolean>>): P;
  /**
   * Goes on until all is done or the time is up. A part may be done twice; that must do no harm.
   *
   * @param now the run's scheduled time
   */
  run(now: Date, from: P, context: JobContext<P>): Promise<P>;
  /**
   * Does one subject that somebody waits for, beside any run and without the job's lock. Doing it again must do no harm.
   */
  runOne?(subject_id: string, invocation: JobInvocation): Promise<Counts>;
  /** What people see of a run: how many of what. `failed` counts the subjects that failed. */
  counts(progress: P): Counts & { readonly failed: number };
  /** What the answer is to who starts a run while another one is running. */
  readonly busy: string;
}

/**
 * Defines a job of the table in `@success-manager/contract/jobs`. It goes through customers unless it says otherwise.
 *
 * ```ts
 * export const dailyScoring = defineJob<Progress>({
 *   id: "daily_health_scores",
 *   start: { calculated: 0, failed: 0, finished: false },
 *   run: (now, from, { remaining, save, log }) => scoreAll(now, from, remaining, save, log),
 *   counts: ({ calculated, failed }) => ({ calculated, failed }),
 *   busy: "All customers are being scored right now. Try again when that has finished.",
 * });
 * ```
 */
export const defineJob = <P extends Progress>({
  subject = "customer",
  ...job
}: Omit<JobDefinition<P>, "subject"> & Partial<Pick<JobDefinition<P>, "subject">>): JobDefinition<P> => ({
  subject,
  ...job,
});

/** How one item of many went; `gone`: there was nothing to do any more; `later`: there was no time for it. */
export type Ending = "done" | "failed" | "gone" | "later";

interface DueProgress extends Progress {
  readonly done: number;
  readonly failed: number;
}

/**
 * Defines a job that works through all items of a kind that are due (index `byDueDate`), the oldest first, also those
 * that come meanwhile; each once in an invocation.
 *
 * @param kind of which items are due
 * @param workOn `isFirst` of the invocation: then there is no more time than it has. Whoever throws has failed
 */
export const defineDueJob = ({
  kind,
  workOn,
  ...job
}: Pick<JobDefinition<DueProgress>, "id" | "busy"> & {
  readonly kind: string;
  workOn(id: string, isFirst: boolean, invocation: JobInvocation): Promise<Ending>;
}): JobDefinition<DueProgress> =>
  defineJob<DueProgress>({
    ...job,
    subject: "item",
    start: { done: 0, failed: 0, finished: false },
    run: async (_, from, { remaining, log, save }) => {
      let progress = from;
      const tried = new Set<string>();
      for (;;) {
        const due = await queryAll<{ readonly id: string }>({
          ...{ partition: partitions.dueDate(kind), fields: ["id"] },
        });
        const next = due.find(({ id }) => !tried.has(id));
        if (!next) return { ...progress, finished: true };
        const isFirst = tried.size === 0;
        tried.add(next.id);
        const ending = await workOn(next.id, isFirst, { remaining, log }).catch((error: unknown): Ending => {
          log(next.id, error);
          return "failed";
        });
        if (ending === "later") return progress;
        if (ending !== "gone") progress = { ...progress, [ending]: progress[ending] + 1 };
        save(progress);
      }
    },
    counts: ({ done, failed }) => ({ done, failed }),
  });
