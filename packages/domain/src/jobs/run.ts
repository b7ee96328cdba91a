import { isDeepStrictEqual } from "node:util";
import { findJob } from "@success-manager/contract/jobs";
import { conflict, Problem } from "@success-manager/contract/problem";
import { type Counts, currentWriter, runAs } from "../table/index.ts";
import { type JobDefinition, type JobInvocation, type Progress, withinTime } from "./define.ts";
import { invokeJob, type JobEvent } from "./invoke.ts";
import {
  type Claim,
  claim,
  type Ending,
  type Rejected,
  rejection,
  release,
  save,
  startHeartbeat,
} from "./lock.ts";

/** The invocation that a run begins in, and how it gets another one. */
export interface RunInvocation extends JobInvocation {
  /** Starts a fresh invocation that continues the run. */
  continueInBackground(scheduled_time: string): Promise<void>;
  /** Of a request: the next invocation is the job's own, so this one need not get anywhere. */
  readonly nextHasMoreTime?: boolean;
  /** What a new run is told; one that goes on has it in its progress. */
  readonly options?: JobEvent["options"];
}

/** What an invocation came to. */
export type Outcome<P> = { readonly result: "completed" | "continued"; readonly progress: P } | Rejected;

/** What a person may read about a run that failed. */
const errorMessage = (error: unknown) =>
  error instanceof Problem
    ? error.message
    : "It broke off for an unexpected reason; the details are in the log.";

function completed(failed: number, subject: string): Ending {
  if (failed === 0) return { state: "completed" };
  const who = failed === 1 ? `1 ${subject}` : `${failed} ${subject}s`;
  return { state: "completed", error: `It did not work for ${who}; the details are in the log.` };
}

/**
 * Runs a job for a scheduled time, or continues that run: claimed once, continued in a fresh invocation when the time
 * is up, taken over after a crash.
 *
 * @throws what stopped the run, after releasing it for a retry
 */
export async function run<P extends Progress>(
  job: JobDefinition<P>,
  scheduled_time: string,
  invocation: RunInvocation,
): Promise<Outcome<P>> {
  const claimed = await claim(job.id, scheduled_time);
  if (claimed.result !== "claimed") return claimed;
  // What it writes is the job's, also when a person waits for it: the lock says who has begun it.
  return runAs({ kind: "job", id: job.id, request_id: currentWriter()?.request_id }, () =>
    work(job, claimed.claim, invocation),
  );
}

async function work<P extends Progress>(
  job: JobDefinition<P>,
  held: Claim,
  { remaining, log, continueInBackground, nextHasMoreTime = false, options = {} }: RunInvocation,
): Promise<Outcome<P>> {
  const { scheduled_time } = held;
  const from: P = { ...(job.withOptions?.(options) ?? job.start), ...held.progress };
  let progress = from;
  const heartbeat = startHeartbeat(() => save(held, progress, job.counts(progress)));
  const end = (ending: Ending) => release(held, ending, progress, job.counts(progress));
  let handedOver = false;
  try {
    const running = job.run(new Date(scheduled_time), from, {
      remaining: () => (handedOver || heartbeat.lost() ? 0 : remaining()),
      run_id: scheduled_time,
      save: (reached) => {
        if (!handedOver) progress = reached;
      },
      checkpoint: async (reached) => {
        if (handedOver) return;
        progress = reached;
        await heartbeat.beat();
      },
      log,
    });
    // A step that outlasts a request is left behind. Whoever goes on does it once more, which does no harm.
    progress = (await (nextHasMoreTime ? withinTime(running, remaining) : running)) ?? progress;
    handedOver = true;
    const standsStill = !progress.finished && isDeepStrictEqual(progress, from);
    if (standsStill && !nextHasMoreTime && !heartbeat.lost())
      throw new Error(`${job.id} of ${scheduled_time} gets no further`);
  } catch (error) {
    await heartbeat.stop();
    // What stopped the run matters more than that this could not be stored; its lease ends by itself.
    await end({ state: "failed", error: errorMessage(error) }).catch(() => false);
    throw error;
  }
  await heartbeat.stop();
  const stillHeld = await end(
    progress.finished ? completed(job.counts(progress).failed, job.subject) : { state: "running" },
  );
  if (progress.finished) return { result: "completed", progress };
  if (!stillHeld) return rejection(job.id, scheduled_time);
  await continueInBackground(scheduled_time);
  return { result: "continued", progress };
}

/** What an event came to. */
export type EventOutcome<P> = Outcome<P> | { readonly result: "completed"; readonly counts: Counts };

/**
 * Does what a job's function was invoked for: one subject, or a run, which continues in fresh invocations of the same
 * function.
 *
 * @throws 409 while another run is running, so that the event is delivered again later; not for a run that a person
 * asked for: they can ask again. And as `run`
 */
export async function runEvent<P extends Progress>(
  job: JobDefinition<P>,
  { job: id, scheduled_time, manual, subject_id, options }: JobEvent,
  invocation: JobInvocation,
): Promise<EventOutcome<P>> {
  if (id !== job.id) throw new Error(`${findJob(id)?.name ?? "An unknown job"} is not done here`);
  if (subject_id !== undefined) {
    if (!job.runOne) throw new Error(`${job.id} can't do a single ${job.subject}`);
    const writer = { kind: "job", id: job.id } as const;
    const counts = await runAs(writer, async () => job.runOne?.(subject_id, invocation));
    return { result: "completed", counts: counts ?? {} };
  }
  const outcome = await run(job, scheduled_time, {
    ...invocation,
    options,
    continueInBackground: () => invokeJob({ job: job.id, scheduled_time }),
  });
  if (outcome.result === "busy" && !manual) throw conflict(job.busy);
  return outcome;
}
