import { randomUUID } from "node:crypto";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { marshall } from "@aws-sdk/util-dynamodb";
import { jobs } from "@success-manager/contract/jobs";
import { InteractionEntity } from "@success-manager/domain/table";
import { calibrate } from "../calibration.ts";
import type { Calls, Sent } from "../calls/index.ts";
import { during, type Portfolio, type Running, type Served } from "../cloud.ts";
import { itemBytes } from "../cost/units.ts";
import { databaseOf } from "../database.ts";
import { company } from "../portfolio/company.ts";
import { contactsOf } from "../portfolio/contacts.ts";
import { HISTORIES } from "../portfolio/history.ts";
import { itemOf, itemsOf } from "../portfolio/items.ts";
import { timeAt } from "../portfolio/time.ts";
import { continued } from "./continued.ts";
import { costOf, requestsOf } from "./cpu.ts";
import { invoked } from "./invoked.ts";
import { answered, type Row } from "./timed.ts";

/** Calls that are told apart by their answers alone: so many of each are counted, to level out what is shared. */
const COUNTED = 5;
/** Code that runs often is compiled once more. */
const WARM_UP = 30;

const WRITES = new Set(["PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"]);

/** What was asked of the database, on average of so many calls. */
function unitsOf(asked: Awaited<ReturnType<Served["asked"]>>, of: number) {
  const units = (written: boolean) =>
    asked.reduce((sum, one) => (WRITES.has(one.operation) === written ? sum + one.units : sum), 0) / of;
  return { requests: asked.length / of, read: units(false), write: units(true) };
}

/** Units of what was done since the last time, and of what the functions behind the stream did because of it. */
async function asked(running: Served, of: number): Promise<Row> {
  const own = unitsOf(await running.asked(), of);
  const followed = unitsOf(await running.followed(), of);
  return {
    requests: own.requests,
    "read units": own.read,
    "write units": own.write,
    "counting requests": followed.requests,
    "counting read units": followed.read,
    "counting write units": followed.write,
  };
}

async function forget(running: Served): Promise<void> {
  await running.settled();
  await running.asked();
  await running.followed();
  await running.worked();
}

/**
 * What each call costs in a warm function: requests and units, those of counting apart, bytes of the answer, and
 * processor time. Of calls that write each is counted before the next, as it is where few write.
 */
export async function costsOfCalls(calls: Calls, running: Running, rounds: number): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [call, { prepare, most }] of Object.entries(calls)) {
    await calibrate([running]);
    const send = async (all: readonly Sent[]) => {
      let bytes = 0;
      for (const sent of all) {
        bytes += (await answered(running, sent)).bytes;
        await running.settled();
      }
      return bytes / all.length;
    };
    const of = (wanted: number) => requestsOf(running, { prepare, most: most && Math.min(most, 8) }, wanted);
    await send(await of(Math.min(WARM_UP, rounds)));
    const counted = await of(COUNTED);
    await forget(running);
    const bytes = await send(counted);
    const units = await asked(running, counted.length);
    const timed = await of(rounds);
    await forget(running);
    await send(timed);
    const { "function CPU ms": cpu, "stream CPU ms": stream } = costOf(await running.worked(), timed.length);
    rows.push({ call, ...units, "CPU ms": cpu, "counting CPU ms": stream, "KB answered": bytes / 1024 });
  }
  return rows;
}

/**
 * What a run of each job costs, the whole portfolio: the first of a new function, which loads what it needs and does all
 * that is due, and another right after it.
 */
export async function costsOfJobs(running: Running): Promise<Row[]> {
  const database = databaseOf(running.environment);
  const rows: Row[] = [];
  for (const { id } of jobs)
    for (const run of ["first", "again"]) {
      await forget(running);
      const { result, run_id } = await invoked(running, id);
      if (result !== "completed") await continued(() => database.lockOf(id), run_id);
      await running.settled();
      const units = await asked(running, 1);
      const { "function CPU ms": cpu, "stream CPU ms": stream } = costOf(await running.worked(), 1);
      rows.push({
        job: id,
        run,
        customers: running.size,
        ...units,
        "CPU ms": cpu,
        "counting CPU ms": stream,
      });
    }
  database.close();
  return rows;
}

const BATCHES = [1, 10, 100];
/** Records of each size that are measured, after a tenth of them to warm up. */
const RECORDS = 1_000;
const RECORDS_A_SECOND = 200;

let sequence = 0;
/** A new interaction as the stream hands it over; each with another customer. */
function record(customers: number) {
  const time = timeAt(new Date());
  const [contact] = contactsOf(company(sequence % customers, time, HISTORIES.light), time);
  if (!contact) throw new Error("no contact");
  const interaction_date = time.now.toISOString();
  const item = itemOf(InteractionEntity.put({ ...contact, id: randomUUID(), interaction_date }));
  const image = marshall(item, { removeUndefinedValues: true });
  sequence += 1;
  return {
    eventID: randomUUID().replaceAll("-", ""),
    eventName: "INSERT",
    dynamodb: {
      ApproximateCreationDateTime: Math.floor(time.now.getTime() / 1000 + sequence / RECORDS_A_SECOND),
      Keys: { pk: image.pk, sk: image.sk },
      NewImage: image,
      SequenceNumber: `${sequence}`.padStart(21, "0"),
      SizeBytes: 500,
      StreamViewType: "NEW_AND_OLD_IMAGES",
    },
  };
}

/** What it costs to count a new interaction, by how many come in a batch: the more, the less. */
export async function costsOfRecords(portfolio: Portfolio): Promise<Row[]> {
  const rows: Row[] = [];
  await during(portfolio, ["record", "uncounted"], async (running) => {
    const client = new LambdaClient({
      endpoint: running.environment.AWS_ENDPOINT_URL_LAMBDA ?? "",
      region: "us-east-1",
      credentials: { accessKeyId: "local", secretAccessKey: "local" },
      maxAttempts: 1,
    });
    const count = async (batch: number, records: number) => {
      for (let done = 0; done < records; done += batch) {
        const Records = Array.from({ length: batch }, () => record(running.size));
        const { FunctionError, Payload } = await client.send(
          new InvokeCommand({
            FunctionName: "success-manager-local-streams-rollups",
            Payload: Buffer.from(JSON.stringify({ Records })),
          }),
        );
        const answer = Buffer.from(Payload ?? []).toString();
        if (FunctionError || JSON.parse(answer).batchItemFailures.length > 0)
          throw new Error(`A record could not be counted: ${answer}`);
      }
    };
    for (const batch of BATCHES) {
      const records = Math.min(RECORDS, batch * 200);
      await count(batch, records / 10);
      await running.asked();
      await running.followed();
      await running.worked();
      await count(batch, records);
      const all = [...(await running.followed()), ...(await running.asked())];
      const { requests, read, write } = unitsOf(all, records);
      const { "stream CPU ms": cpu } = costOf(await running.worked(), records);
      rows.push({
        "records in a batch": batch,
        requests,
        "read units": read,
        "write units": write,
        "CPU ms": cpu,
      });
    }
    client.destroy();
  });
  return rows;
}

const SAMPLED = 100;
const INDEX_KEY = /^gsi\dpk$/;

/** How large items are, by what their partition keys begin with, and how many indexes hold a copy. */
export function items(customers: number): Row[] {
  const time = timeAt(new Date());
  const found = new Map<string, { items: number; bytes: number; copies: number }>();
  for (let n = 0; n < SAMPLED; n++)
    for (const item of itemsOf(Math.floor((n * customers) / SAMPLED), time, HISTORIES.full)) {
      const stored = marshall(item, { removeUndefinedValues: true });
      const kind = String(stored.pk?.S).split("#")[0] ?? "";
      const sums = found.get(kind) ?? { items: 0, bytes: 0, copies: 0 };
      sums.items += 1;
      sums.bytes += itemBytes(stored as never);
      sums.copies += Object.keys(stored).filter((name) => INDEX_KEY.test(name)).length;
      found.set(kind, sums);
    }
  return [...found].map(([kind, sums]) => ({
    kind,
    "items of a customer": sums.items / SAMPLED,
    bytes: sums.bytes / sums.items,
    "index copies": sums.copies / sums.items,
  }));
}
