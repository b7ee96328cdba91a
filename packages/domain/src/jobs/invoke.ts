import type { JobId } from "@success-manager/contract/jobs";
import { conflict, Problem } from "@success-manager/contract/problem";
import { type BackgroundRun, toBackgroundRun } from "@success-manager/contract/runs";
import { config } from "../config.ts";
import {
  commitAll,
  commitOne,
  find,
  getRequest,
  JobLockEntity,
  updateItem,
  type Write,
} from "../table/index.ts";
import type { LambdaClient } from "./lambda-client.ts";
import { acquireWrite } from "./lock.ts";

/** What a job's function is invoked with. */
export interface JobEvent {
  readonly job: string;
  /** ISO instant; the job's "now", and the id of the run. */
  readonly scheduled_time: string;
  /** Whether a person asked for this run, so that nobody needs it a second time. */
  readonly manual?: boolean | undefined;
  /** The one subject that is to be done instead of a run, for jobs that have `runOne`. */
  readonly subject_id?: string | undefined;
  /** What a new run is told beside its time, for jobs that take `options`. */
  readonly options?: JobOptions | undefined;
}

export type JobOptions = Readonly<Record<string, boolean>>;

/** A request does not wait long for a service that does not answer. */
const CONNECTION_TIMEOUT_MS = 1_000;
const REQUEST_TIMEOUT_MS = 5_000;

let client: LambdaClient | undefined;

/**
 * Starts a job's function in the background. The client is loaded when it is first needed: most requests never do.
 *
 * @throws ServiceUnavailable when the function can't be started; most likely nothing has run then
 */
export async function invokeJob(event: JobEvent & { readonly job: JobId }): Promise<void> {
  const FunctionName = config().jobFunctions.get(event.job);
  if (!FunctionName) throw new Error(`The function of ${event.job} is not configured`);
  const { InvokeCommand, LambdaClient } = await import("./lambda-client.ts");
  client ??= new LambdaClient({
    requestHandler: {
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      throwOnRequestTimeout: true,
    },
  });
  const Payload = Buffer.from(JSON.stringify(event));
  try {
    await client.send(new InvokeCommand({ FunctionName, InvocationType: "Event", Payload }));
  } catch (cause) {
    throw Object.assign(new Error(`${event.job} was not started`, { cause }), { name: "ServiceUnavailable" });
  }
}

/** Takes a job's lock for a run whose invocation is yet to come, or nothing. Answers whether it was free. */
async function reserve(job: JobId, now: Date, beside: readonly Write[]): Promise<boolean> {
  const at = now.toISOString();
  const lock = acquireWrite({ job, run_id: at, started_at: at, counts: {}, holder: undefined }, now);
  return (await commitAll([lock, ...beside])).length === 0;
}

/** Gives back the lock of a run that could not be started. */
const cancel = (job: JobId, run_id: string) =>
  commitOne(
    updateItem(
      JobLockEntity.patch({ job })
        .set({
          state: "failed",
          finished_at: new Date().toISOString(),
          error: "It could not be started. Try again in a moment.",
        })
        .remove(["leased_until"])
        .where((lock, { eq, notExists }) => `${eq(lock.run_id, run_id)} AND ${notExists(lock.holder)}`),
    ),
  );

/**
 * Starts a run of a job for a person, in the job's own function, and answers the run's id: its time. Of many who do so
 * at once, one succeeds.
 *
 * @param busy what they are told who come while a run is running
 * @param given `beside`: what is written with the lock, or keeps it from being taken; `options`: what the run is told;
 * `invoke`: where it works, when not in the job's function
 * @throws 409 while a run is running; ServiceUnavailable when the function can't be started
 */
export async function startManualRun(
  job: JobId,
  busy: string,
  {
    now = new Date(),
    beside = [],
    invoke = invokeJob,
    options,
  }: {
    readonly now?: Date;
    readonly options?: JobOptions;
    readonly beside?: readonly Write[];
    readonly invoke?: typeof invokeJob;
  } = {},
): Promise<string> {
  const scheduled_time = now.toISOString();
  if (!(await reserve(job, now, beside))) throw conflict(busy);
  try {
    await invoke({ job, scheduled_time, manual: true, options });
  } catch (error) {
    // If this fails as well, the lock becomes free when its lease ends.
    await cancel(job, scheduled_time).catch(() => undefined);
    throw error;
  }
  return scheduled_time;
}

/**
 * Leaves to a job what a request has no time for. A run that is at work already does it anyway, and is named then.
 *
 * @throws ServiceUnavailable when the function can't be started
 */
export async function runInBackground(job: JobId): Promise<BackgroundRun> {
  try {
    return toBackgroundRun(job, await startManualRun(job, "It is running right now."));
  } catch (error) {
    const lock =
      error instanceof Problem && error.status === 409
        ? await find(getRequest(JobLockEntity, job))
        : undefined;
    if (!lock) throw error;
    return toBackgroundRun(job, lock.run_id);
  }
}
