import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { findJob, type JobId, jobFunctionVariable } from "@success-manager/contract/jobs";
import * as z from "zod";
import type { Running } from "../cloud.ts";

/** As long as a function may take. */
const LIMIT_MS = 900_000;

const Answer = z.object({
  result: z.enum(["completed", "handed over"]),
  progress: z.record(z.string(), z.unknown()),
});

/** An invocation of a job's function. */
interface Invoked extends z.infer<typeof Answer> {
  /** The run's time, by which it is known. */
  readonly run_id: string;
  readonly seconds: number;
}

/**
 * Runs a job in its function, as of now. Answers what the first invocation came to, and the seconds that it took.
 *
 * @throws when the run was refused or has failed
 */
export async function invoked({ environment }: Pick<Running, "environment">, id: JobId): Promise<Invoked> {
  const job = findJob(id);
  if (!job) throw new Error(`There is no job ${id}`);
  const client = new LambdaClient({
    endpoint: environment.AWS_ENDPOINT_URL_LAMBDA ?? "",
    region: "us-east-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
    requestHandler: { requestTimeout: LIMIT_MS },
    maxAttempts: 1,
  });
  const run_id = new Date().toISOString();
  const from = performance.now();
  const { Payload, FunctionError } = await client.send(
    new InvokeCommand({
      FunctionName: environment[jobFunctionVariable(job.runs)],
      Payload: Buffer.from(JSON.stringify({ job: id, scheduled_time: run_id })),
    }),
  );
  const seconds = (performance.now() - from) / 1000;
  client.destroy();
  const answer = Buffer.from(Payload ?? []).toString();
  if (FunctionError) throw new Error(`${id} has failed: ${answer}`);
  return { ...Answer.parse(JSON.parse(answer)), run_id, seconds };
}
