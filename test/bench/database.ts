import { DescribeTableCommand, DynamoDBClient, type TableDescription } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, GetCommand, PutCommand, TransactWriteCommand } from "@aws-sdk/lib-dynamodb";
import { ALL_DAYS, sumCounters } from "@success-manager/domain/counters";
import { MAX_TRANSACTION_ITEMS, primaryKey } from "@success-manager/domain/table";
import * as z from "zod";
import type { Item } from "../../packages/domain/src/counters/contributions.ts";
import { counterKey, parseCounters } from "../../packages/domain/src/counters/counters.ts";

/** The local database writes a transaction as one, the 25 items of a batch one by one. */
const PACK = MAX_TRANSACTION_ITEMS;
const PACKS_AT_ONCE = 4;

/** A job's lock: its latest run, and the invocation that works on it. */
const Lock = z.object({
  run_id: z.string(),
  state: z.string(),
  holder: z.string().optional(),
  counts: z.record(z.string(), z.number()),
});
export type Lock = z.infer<typeof Lock>;

/** The table of a cloud, past the API. */
export interface Database {
  put(item: Item): Promise<void>;
  /** Writes any number of different items, while they are still being made. */
  putAll(items: Iterable<Item>): Promise<void>;
  /** What the table is. */
  described(): Promise<TableDescription>;
  /** How many contacts have been counted, of all time. */
  contactsCounted(): Promise<number>;
  /** @throws when the job has never run */
  lockOf(job: string): Promise<Lock>;
  close(): void;
}

function* packsOf(items: Iterable<Item>): Generator<Item[]> {
  let pack: Item[] = [];
  for (const item of items) {
    pack.push(item);
    if (pack.length < PACK) continue;
    yield pack;
    pack = [];
  }
  if (pack.length > 0) yield pack;
}

/** @param environment of a cloud, or of a process that was started for one */
export function databaseOf(environment: Readonly<Record<string, string | undefined>>): Database {
  const { TABLE_NAME: TableName = "", AWS_ENDPOINT_URL_DYNAMODB: endpoint = "" } = environment;
  const bare = new DynamoDBClient({
    endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  });
  const client = DynamoDBDocumentClient.from(bare, { marshallOptions: { removeUndefinedValues: true } });

  const write = async (items: readonly Item[]) => {
    const TransactItems = items.map((item) => ({ Put: { TableName, Item: { ...item } } }));
    await client.send(new TransactWriteCommand({ TransactItems }));
  };
  const get = async (Key: { readonly pk: string; readonly sk: string }) =>
    (await client.send(new GetCommand({ TableName, Key, ConsistentRead: true }))).Item;
  return {
    async put(item) {
      await client.send(new PutCommand({ TableName, Item: { ...item } }));
    },
    async putAll(items) {
      const underWay = new Set<Promise<void>>();
      for (const pack of packsOf(items)) {
        const writing = write(pack).finally(() => underWay.delete(writing));
        underWay.add(writing);
        if (underWay.size >= PACKS_AT_ONCE) await Promise.race(underWay);
      }
      await Promise.all(underWay);
    },
    async described() {
      const { Table = {} } = await client.send(new DescribeTableCommand({ TableName }));
      return Table;
    },
    contactsCounted: async () =>
      sumCounters(parseCounters((await get(counterKey("interaction", ALL_DAYS))) ?? {})),
    lockOf: async (job) => Lock.parse(await get(primaryKey("job_lock", job))),
    close: () => bare.destroy(),
  };
}
