import { randomUUID } from "node:crypto";
import {
  type Counts,
  commit,
  find,
  getRequest,
  type JobLock,
  JobLockEntity,
  JobRunEntity,
  jobRunRequest,
  putItem,
  updateItem,
  type Write,
} from "../table/index.ts";

/** One run of a job at a time: who works on it holds the job's lock, and renews its lease. */

/** Longer than two heartbeats are apart, shorter than Lambda's first retry (one minute). */
const LEASE_MS = 45_000;

/** When a lease ends that is given now; milliseconds since 1970. */
const leaseEnd = (now: Date) => now.getTime() + LEASE_MS;

/** Takes a job's lock for a run, unless another run holds it. One that waits for its next invocation is free for it. */
export const acquireWrite = (
  run: Pick<JobLock, "job" | "run_id" | "started_at" | "counts" | "holder">,
  now: Date,
): Write =>
  putItem(
    JobLockEntity.put({ ...run, state: "running", leased_until: leaseEnd(now) }).where(
      ({ leased_until, holder, run_id }, { lt, eq, notExists }) =>
        `${notExists(leased_until)} OR ${lt(leased_until, now.getTime())}` +
        ` OR (${notExists(holder)} AND ${eq(run_id, run.run_id)})`,
    ),
  );

/** A run that this invocation may work on. */
export interface Claim {
  readonly job: string;
  readonly scheduled_time: string;
  /** This invocation; another one that takes over the run is another holder. */
  readonly holder: string;
  /** What an earlier invocation of the same run saved, if any. */
  readonly progress: object | undefined;
}

/** Why an invocation may not work on a run. */
export type Rejected =
  /** The same run is running elsewhere or was completed: there is nothing to do. */
  | { readonly result: "duplicate" }
  /** Another run of the job is running. */
  | { readonly result: "busy" };

export type Claimed = { readonly result: "claimed"; readonly claim: Claim } | Rejected;

/** Why a run could not be claimed, or was lost. */
export async function rejection(job: string, scheduled_time: string): Promise<Rejected> {
  const lock = await find(getRequest(JobLockEntity, job));
  if (lock?.run_id === scheduled_time) return { result: "duplicate" };
  const run = await find(jobRunRequest(job, scheduled_time));
  return { result: run?.state === "completed" ? "duplicate" : "busy" };
}

const KEPT_DAYS = 90;

/**
 * Claims a run of a job: of many deliveries at once exactly one gets it. A run whose worker died is continued from
 * its saved progress once its lease has ended.
 */
export async function claim(job: string, scheduled_time: string): Promise<Claimed> {
  const stored = await find(jobRunRequest(job, scheduled_time));
  if (stored?.state === "completed") return { result: "duplicate" };
  const now = new Date();
  const { started_at = now.toISOString(), counts = {}, progress } = stored ?? {};
  const holder = randomUUID();
  const expires_at_epoch = Math.floor(now.getTime() / 1000) + KEPT_DAYS * 24 * 60 * 60;
  const run = JobRunEntity.upsert({ job, scheduled_time, state: "running", started_at, expires_at_epoch });
  const failed = await commit([
    acquireWrite({ job, run_id: scheduled_time, started_at, counts, holder }, now),
    updateItem(
      run.where(({ state }, { ne, notExists }) => `${notExists(state)} OR ${ne(state, "completed")}`),
    ),
  ]);
  if (failed.length === 0) return { result: "claimed", claim: { job, scheduled_time, holder, progress } };
  return rejection(job, scheduled_time);
}

const CLAIM_LOST = "ClaimLost";

/**
 * Saves how far a run got and renews its lease.
 * @throws ClaimLost when another invocation has taken over because the lease had ended
 */
export async function save(claim: Claim, progress: object, counts: Counts): Promise<void> {
  const { job, scheduled_time, holder } = claim;
  const lock = JobLockEntity.patch({ job }).set({ counts, leased_until: leaseEnd(new Date()) });
  const failed = await commit([
    updateItem(JobRunEntity.patch({ job, scheduled_time }).set({ progress, counts })),
    updateItem(lock.where((stored, { eq }) => eq(stored.holder, holder))),
  ]);
  if (failed.length === 0) return;
  const message = `${job} of ${scheduled_time} has lost its claim to another invocation`;
  throw Object.assign(new Error(message), { name: CLAIM_LOST });
}

/** How an invocation leaves its run. */
export type Ending =
  /** The next invocation goes on; until its lease ends, the run keeps others out. */
  | { readonly state: "running" }
  /** `error`, a sentence for people, says what failed all the same. */
  | { readonly state: "completed"; readonly error?: string | undefined }
  | { readonly state: "failed"; readonly error: string };

/** Ends a claim. Answers whether it was still held; if not, the run belongs to another invocation and stays as it is. */
export async function release(
  { job, scheduled_time, holder }: Claim,
  ending: Ending,
  progress: object,
  counts: Counts,
): Promise<boolean> {
  const now = new Date();
  const { state } = ending;
  const continues = state === "running";
  const changes = {
    ...{ state, counts },
    ...(!continues && { finished_at: now.toISOString(), error: ending.error }),
  };
  const lock = JobLockEntity.patch({ job })
    .set({ ...changes, ...(continues && { leased_until: leaseEnd(now) }) })
    .remove(continues ? ["holder"] : ["holder", "leased_until"]);
  const failed = await commit([
    updateItem(JobRunEntity.patch({ job, scheduled_time }).set({ ...changes, progress })),
    updateItem(lock.where((stored, { eq }) => eq(stored.holder, holder))),
  ]);
  return failed.length === 0;
}

/** Progress is worth a write when it is this old; the write also renews the lease. */
const HEARTBEAT_MS = 5_000;

/** What a write may take that was sent while the lease still held: nothing of it arrives after somebody else began. */
const GRACE_MS = 10_000;

export interface Heartbeat {
  /** Whether another invocation has taken over, or may have: a process that was frozen learns it from the clock. */
  lost(): boolean;
  /** Saves now. @throws ClaimLost, and what the database fails with */
  beat(): Promise<void>;
  /** Ends the heartbeat; resolves when no save is pending. */
  stop(): Promise<void>;
}

/**
 * Saves regularly while a run is running, however long its steps are. A save that fails because the database does is
 * repeated with the next one; the lease outlasts some of them.
 */
export function startHeartbeat(saveProgress: () => Promise<void>): Heartbeat {
  let lost = false;
  let renewed = performance.now();
  let saving: Promise<void> | undefined;
  const save = () => {
    const began = performance.now();
    saving = saveProgress()
      .then(() => {
        renewed = began;
      })
      .catch((error: unknown) => {
        lost ||= error instanceof Error && error.name === CLAIM_LOST;
        throw error;
      })
      .finally(() => {
        saving = undefined;
      });
    return saving;
  };
  const timer = setInterval(() => {
    if (!saving) save().catch(() => undefined);
  }, HEARTBEAT_MS);
  return {
    lost: () => lost || performance.now() - renewed > LEASE_MS - GRACE_MS,
    beat: async () => {
      while (saving) await saving.catch(() => undefined);
      await save();
    },
    stop: async () => {
      clearInterval(timer);
      await saving?.catch(() => undefined);
    },
  };
}
