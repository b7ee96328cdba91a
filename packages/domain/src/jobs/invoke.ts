import { type JobId, jobFunctionVariable, jobs } from "@success-manager/contract/jobs";
import type { LambdaClient } from "./lambda-client.ts";

/** What a job's function is told. */
export interface JobEvent {
  readonly job: string;
  /** ISO instant; the job's "now", and the name of the run. */
  readonly scheduled_time: string;
  /** Whether a person asked for this run, and so nobody needs it a second time. */
  readonly manual?: boolean | undefined;
  /** The id of one thing that is to be done instead of a run, for jobs that do single things. */
  readonly item?: string | undefined;
}

/** Nothing waits long for a part that does not answer. */
const CONNECT_MS = 1_000;
const ANSWER_MS = 5_000;

let client: LambdaClient | undefined;

/** Which variable names the function of a job. */
const variables: ReadonlyMap<string, string> = new Map(
  jobs.map(({ id, runs }) => [id, jobFunctionVariable(runs)]),
);

/**
 * Starts a job's Lambda in the background. The client is loaded when it is first needed: most requests never do.
 *
 * @throws ServiceUnavailable when the function can't be started; most likely nothing has run then
 */
export async function invokeJob(event: JobEvent & { readonly job: JobId }): Promise<void> {
  const variable = variables.get(event.job) ?? "";
  const FunctionName = process.env[variable];
  if (!FunctionName) throw new Error(`${variable} is not set`);
  const { InvokeCommand, LambdaClient } = await import("./lambda-client.ts");
  client ??= new LambdaClient({
    requestHandler: { connectionTimeout: CONNECT_MS, requestTimeout: ANSWER_MS, throwOnRequestTimeout: true },
  });
  const Payload = Buffer.from(JSON.stringify(event));
  try {
    await client.send(new InvokeCommand({ FunctionName, InvocationType: "Event", Payload }));
  } catch (cause) {
    throw Object.assign(new Error(`${event.job} was not started`, { cause }), { name: "ServiceUnavailable" });
  }
}
