import { randomUUID } from "node:crypto";
import {
  type Counts,
  commit,
  JobLockEntity,
  type JobRun,
  JobRunEntity,
  putItem,
  updateItem,
} from "../table/index.ts";
import { lease, taking } from "./lock.ts";

const KEPT_DAYS = 90;

/** A run that somebody may work on now. */
export interface Claim {
  readonly job: string;
  readonly scheduled_time: string;
  /** This invocation; another one that takes the run over is another holder. */
  readonly holder: string;
  /** What an earlier invocation of the same run left, if any. */
  readonly progress: object | undefined;
}

/** Why a run is not this invocation's to work on. */
export type Refused =
  /** The same run is at work elsewhere or was completed: nothing to do. */
  | { readonly result: "duplicate" }
  /** Another run of the job is at work. */
  | { readonly result: "busy" };

export type Claimed = { readonly result: "claimed"; readonly claim: Claim } | Refused;

async function stored(job: string, scheduled_time: string): Promise<JobRun | undefined> {
  const { data } = await JobRunEntity.get({ job, scheduled_time }).go({ consistent: true });
  return data ?? undefined;
}

/** Why a run could not be claimed, or was lost. */
export async function refusal(job: string, scheduled_time: string): Promise<Refused> {
  const { data: held } = await JobLockEntity.get({ job }).go({ consistent: true });
  if (held?.run_id === scheduled_time) return { result: "duplicate" };
  const run = await stored(job, scheduled_time);
  return { result: run?.state === "completed" ? "duplicate" : "busy" };
}

/**
 * Claims a run of a job: of N deliveries at once exactly one gets it. A run whose worker died is taken up
 * where it stood once its lease has ended.
 */
export async function claim(job: string, scheduled_time: string): Promise<Claimed> {
  const known = await stored(job, scheduled_time);
  if (known?.state === "completed") return { result: "duplicate" };
  const now = new Date();
  const { started_at = now.toISOString(), counts = {}, progress } = known ?? {};
  const holder = randomUUID();
  const expires_at_epoch = Math.floor(now.getTime() / 1000) + KEPT_DAYS * 24 * 60 * 60;
  const run = JobRunEntity.upsert({ job, scheduled_time, state: "running", started_at, expires_at_epoch });
  const failed = await commit([
    putItem(taking({ job, run_id: scheduled_time, started_at, counts, holder }, now)),
    updateItem(
      run.where(({ state }, { ne, notExists }) => `${notExists(state)} OR ${ne(state, "completed")}`),
    ),
  ]);
  if (failed.length === 0) return { result: "claimed", claim: { job, scheduled_time, holder, progress } };
  return refusal(job, scheduled_time);
}

/** The name of the error that says that a claim is lost. */
export const CLAIM_LOST = "ClaimLost";

/**
 * Saves how far a run got and keeps it claimed.
 * @throws ClaimLost when another invocation has taken over because the lease had ended
 */
export async function save(claim: Claim, progress: object, counts: Counts): Promise<void> {
  const { job, scheduled_time, holder } = claim;
  const lock = JobLockEntity.patch({ job }).set({ counts, leased_until: lease(new Date()) });
  const failed = await commit([
    updateItem(JobRunEntity.patch({ job, scheduled_time }).set({ progress, counts })),
    updateItem(lock.where((held, { eq }) => eq(held.holder, holder))),
  ]);
  if (failed.length === 0) return;
  const message = `${job} of ${scheduled_time} has lost its claim to another invocation`;
  throw Object.assign(new Error(message), { name: CLAIM_LOST });
}

/** How an invocation leaves its run. */
export type Ending =
  /** The next invocation goes on; until its lease ends, the run keeps others out. */
  | { readonly state: "running" }
  /** `error`, a sentence for people, says what did not work out all the same. */
  | { readonly state: "completed"; readonly error?: string | undefined }
  | { readonly state: "failed"; readonly error: string };

/** Ends a claim. Answers whether it was still held; if not, the run belongs to somebody else and stays as it is. */
export async function release(
  { job, scheduled_time, holder }: Claim,
  ending: Ending,
  progress: object,
  counts: Counts,
): Promise<boolean> {
  const now = new Date();
  const { state } = ending;
  const goesOn = state === "running";
  const left = { state, counts, ...(!goesOn && { finished_at: now.toISOString() }) };
  const lock = JobLockEntity.patch({ job })
    .set({ ...left, ...(goesOn ? { leased_until: lease(now) } : { error: ending.error }) })
    .remove(goesOn ? ["holder"] : ["holder", "leased_until"]);
  const failed = await commit([
    updateItem(JobRunEntity.patch({ job, scheduled_time }).set({ ...left, progress })),
    updateItem(lock.where((held, { eq }) => eq(held.holder, holder))),
  ]);
  return failed.length === 0;
}
