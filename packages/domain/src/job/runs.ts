import { createWriteTransaction } from "electrodb";
import { transact } from "../table/index.ts";
import { JobLockEntity, type JobRun, JobRunEntity } from "./entity.ts";

const entities = { run: JobRunEntity, lock: JobLockEntity };

/** Longer than two saves of progress are apart, shorter than Lambda's first retry (one minute). */
const LEASE_MS = 45_000;
const KEPT_DAYS = 90;

/** A run that somebody may work on now. */
export interface Claim {
  readonly job: string;
  readonly scheduled_time: string;
  /** What an earlier invocation of the same run left, if any. */
  readonly progress: object | undefined;
}

export type Claimed =
  | { readonly result: "claimed"; readonly claim: Claim }
  /** The same run is at work elsewhere or was completed: nothing to do. */
  | { readonly result: "duplicate" }
  /** Another run of the job is at work. */
  | { readonly result: "busy" };

const lease = () => Date.now() + LEASE_MS;

async function stored(job: string, scheduled_time: string): Promise<JobRun | undefined> {
  const { data } = await JobRunEntity.get({ job, scheduled_time }).go({ consistent: true });
  return data ?? undefined;
}

/**
 * Claims a run of a job: of N deliveries at once exactly one gets it. A run whose worker died is taken up
 * where it stood once its lease has ended.
 */
export async function claim(job: string, scheduled_time: string): Promise<Claimed> {
  const known = await stored(job, scheduled_time);
  if (known?.state === "completed") return { result: "duplicate" };
  const now = new Date();
  const failed = await transact(() =>
    createWriteTransaction(entities, ({ run, lock }) => [
      lock
        .put({ job, scheduled_time, leased_until: lease() })
        .where(
          ({ leased_until }, { lt, notExists }) =>
            `${notExists(leased_until)} OR ${lt(leased_until, now.getTime())}`,
        )
        .commit(),
      run
        .upsert({
          job,
          scheduled_time,
          state: "running",
          started_at: known?.started_at ?? now.toISOString(),
          expires_at_epoch: Math.floor(now.getTime() / 1000) + KEPT_DAYS * 24 * 60 * 60,
        })
        .where(({ state }, { ne, notExists }) => `${notExists(state)} OR ${ne(state, "completed")}`)
        .commit(),
    ]),
  );
  if (failed.length === 0)
    return { result: "claimed", claim: { job, scheduled_time, progress: known?.progress } };
  if (!failed.includes(0)) return { result: "duplicate" };
  const { data: holder } = await JobLockEntity.get({ job }).go({ consistent: true });
  return { result: holder?.scheduled_time === scheduled_time ? "duplicate" : "busy" };
}

/**
 * Saves how far a run got and keeps it claimed.
 * @throws when another run has taken over because the lease had ended
 */
export async function save({ job, scheduled_time }: Claim, progress: object): Promise<void> {
  const failed = await transact(() =>
    createWriteTransaction(entities, ({ run, lock }) => [
      run.patch({ job, scheduled_time }).set({ progress }).commit(),
      lock
        .put({ job, scheduled_time, leased_until: lease() })
        .where((held, { eq }) => eq(held.scheduled_time, scheduled_time))
        .commit(),
    ]),
  );
  if (failed.length > 0) throw new Error(`${job} of ${scheduled_time} has lost its claim to another run`);
}

/** Ends a claim; a run that is still `running` can be taken up by the next invocation. */
export async function release(
  { job, scheduled_time }: Claim,
  state: JobRun["state"],
  progress: object,
): Promise<void> {
  const finished_at = new Date().toISOString();
  await transact(() =>
    createWriteTransaction(entities, ({ run, lock }) => [
      run
        .patch({ job, scheduled_time })
        .set({ state, progress, ...(state !== "running" && { finished_at }) })
        .commit(),
      lock
        .remove({ job })
        .where((held, { eq }) => eq(held.scheduled_time, scheduled_time))
        .commit(),
    ]),
  );
}
