import { isDeepStrictEqual } from "node:util";
import { findJob } from "@success-manager/contract/jobs";
import { conflict, Problem } from "@success-manager/contract/problem";
import type { Counts } from "../table/index.ts";
import { invokeJob, type JobEvent } from "./invoke.ts";
import { keep } from "./keep.ts";
import { claim, type Ending, type Refused, refusal, release, save } from "./runs.ts";
import type { JobDefinition, JobInvocation, Progress } from "./work.ts";

/** How a run lives in its surroundings. */
export interface Surroundings extends JobInvocation {
  /** Starts a fresh invocation that goes on with the run. */
  handOver(scheduled_time: string): Promise<void>;
}

/** What became of an invocation. */
export type Outcome<P> = { readonly result: "completed" | "handed over"; readonly progress: P } | Refused;

/** What a person may read about a run that broke off. */
const sentence = (error: unknown) =>
  error instanceof Problem
    ? error.message
    : "It broke off for an unexpected reason; the details are in the log.";

function completed(failed: number, subject: string): Ending {
  if (failed === 0) return { state: "completed" };
  const who = failed === 1 ? `1 ${subject}` : `${failed} ${subject}s`;
  return { state: "completed", error: `It did not work for ${who}; the details are in the log.` };
}

/**
 * Runs a job for a scheduled time, or goes on with it: claimed once, continued in a fresh invocation when the time
 * is up, taken up again after a crash.
 *
 * @throws what stopped the run, after releasing it for a retry
 */
export async function run<P extends Progress>(
  work: JobDefinition<P>,
  scheduled_time: string,
  { remaining, log, handOver }: Surroundings,
): Promise<Outcome<P>> {
  const claimed = await claim(work.job, scheduled_time);
  if (claimed.result !== "claimed") return claimed;
  const held = claimed.claim;
  const from: P = { ...work.start, ...held.progress };
  let progress = from;
  const keeper = keep(() => save(held, progress, work.counts(progress)));
  const end = (ending: Ending) => release(held, ending, progress, work.counts(progress));
  try {
    progress = await work.run(new Date(scheduled_time), from, {
      remaining: () => (keeper.lost() ? 0 : remaining()),
      save: (reached) => {
        progress = reached;
      },
      log,
    });
    if (!progress.finished && !keeper.lost() && isDeepStrictEqual(progress, from))
      throw new Error(`${work.job} of ${scheduled_time} gets no further`);
  } catch (error) {
    await keeper.stop();
    // What stopped the run matters more than that this could not be stored; its lease ends by itself.
    await end({ state: "failed", error: sentence(error) }).catch(() => false);
    throw error;
  }
  await keeper.stop();
  const stillHeld = await end(
    progress.finished
      ? completed(work.counts(progress).failed, work.subject ?? "customer")
      : { state: "running" },
  );
  if (progress.finished) return { result: "completed", progress };
  if (!stillHeld) return refusal(work.job, scheduled_time);
  await handOver(scheduled_time);
  return { result: "handed over", progress };
}

/** What became of an event. */
export type Handled<P> = Outcome<P> | { readonly result: "completed"; readonly counts: Counts };

/**
 * Does what an event asks a job for: one thing, or a run, which goes on in fresh invocations of its function.
 *
 * @throws 409 while another run is at work, so that the event is delivered again later; not for a run that a person
 * asked for: they can ask again. And as `run`
 */
export async function runEvent<P extends Progress>(
  work: JobDefinition<P>,
  { job, scheduled_time, manual, item }: JobEvent,
  invocation: JobInvocation,
): Promise<Handled<P>> {
  if (job !== work.job) throw new Error(`${findJob(job)?.name ?? "An unknown job"} is not done here`);
  if (item !== undefined) {
    if (!work.runOne) throw new Error(`${work.job} does no single things`);
    return { result: "completed", counts: await work.runOne(item, invocation) };
  }
  const outcome = await run(work, scheduled_time, {
    ...invocation,
    handOver: () => invokeJob({ job: work.job, scheduled_time }),
  });
  if (outcome.result === "busy" && !manual) throw conflict(work.busy);
  return outcome;
}
