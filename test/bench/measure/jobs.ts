import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { functionVariable, type JobId, jobOf, jobs } from "@success-manager/contract/jobs";
import * as z from "zod";
import type { Running } from "../cloud.ts";
import type { Row } from "./timed.ts";

const Answer = z.object({ progress: z.record(z.string(), z.unknown()) });
const Scored = z.object({ calculated: z.number(), failed: z.number() });
const Checked = z.object({
  opened: z.number(),
  updated: z.number(),
  resolved: z.number(),
  failed: z.number(),
  finished: z.literal(true),
});

/** Runs a job in its function, as of now, and answers what it came to and the seconds that it took. */
async function runOf({ environment }: Running, id: JobId) {
  const job = jobOf(id);
  if (!job) throw new Error(`There is no job ${id}`);
  const client = new LambdaClient({
    endpoint: environment.AWS_ENDPOINT_URL_LAMBDA ?? "",
    region: "us-east-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
    requestHandler: { requestTimeout: 900_000 },
    maxAttempts: 1,
  });
  const event = { job: id, scheduled_time: new Date().toISOString() };
  const from = performance.now();
  const { Payload } = await client.send(
    new InvokeCommand({
      FunctionName: environment[functionVariable(job.runs)],
      Payload: Buffer.from(JSON.stringify(event)),
    }),
  );
  const seconds = (performance.now() - from) / 1000;
  client.destroy();
  const { progress } = Answer.parse(JSON.parse(Buffer.from(Payload ?? []).toString()));
  return { progress, seconds };
}

/** The daily scoring of the whole portfolio, in one process. */
export async function scoring(running: Running): Promise<Row> {
  const { progress, seconds } = await runOf(running, "daily_health_scores");
  const { calculated, failed } = Scored.parse(progress);
  return { customers: running.size, scored: calculated, failed, seconds };
}

const CHECKS = jobs.map(({ id }) => id).filter((id) => id !== "daily_health_scores");

/** What a check did, and how long it took. */
interface Done {
  readonly seconds: number;
  readonly opened: number;
  readonly changed: number;
  readonly failed: number;
}

async function check(running: Running, id: JobId): Promise<Done> {
  const { progress, seconds } = await runOf(running, id);
  const { opened, updated, resolved, failed } = Checked.parse(progress);
  return { seconds, opened, changed: updated + resolved, failed };
}

const sum = (figures: Readonly<Record<string, number>>) =>
  Object.values(figures).reduce((total, figure) => total + figure, 0);

/** All checks in one request. */
async function checkAll({ api }: Running): Promise<Done> {
  const from = performance.now();
  const { alerts_created, alerts_updated, alerts_resolved } = (await api.alerts.runChecks({})).body();
  const seconds = (performance.now() - from) / 1000;
  const changed = sum(alerts_updated) + sum(alerts_resolved);
  return { seconds, opened: sum(alerts_created), changed, failed: 0 };
}

/**
 * Each check of the whole portfolio twice: a first run, in which a function that has to load directory and alerts opens
 * all that is due, and a rerun of the same function, which has nothing to do. Then all of them in a request of the
 * API, twice as well; for these nothing is left to do.
 */
export async function checks(running: Running): Promise<Row[]> {
  const rows: Row[] = [];
  const measure = async (name: string, run: () => Promise<Done>) => {
    const first = await run();
    const rerun = await run();
    rows.push({
      customers: running.size,
      check: name,
      opened: first.opened,
      failed: first.failed,
      "first run s": first.seconds,
      "rerun s": rerun.seconds,
      "written by the rerun": rerun.opened + rerun.changed,
    });
  };
  for (const id of CHECKS) await measure(id, () => check(running, id));
  await measure("POST /alerts/run-checks", () => checkAll(running));
  return rows;
}
