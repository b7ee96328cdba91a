import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, paginateScan } from "@aws-sdk/lib-dynamodb";
import { type Cloud, startCloud } from "@success-manager/local";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Item } from "../../../packages/domain/src/counters/contributions.ts";
import { assembly } from "../../support/synthesize.ts";
import { type Database, databaseOf } from "../database.ts";
import { customerId } from "../portfolio/ids.ts";
import { fill } from "./fill.ts";

const CUSTOMERS = 7;
const INDEXES = [undefined, "byCustomer", "byType", "byDueDate"] as const;

const folder = mkdtempSync(join(tmpdir(), "fill-"));
const start = (data?: string) =>
  startCloud({ assembly, schedules: false, streams: false, ...(data && { data }) });
let filled: Cloud;
let written: Cloud;
let database: Record<"filled" | "written", Database>;

/** Maps have their attributes in any order. */
const inOrder = (_name: string, value: unknown) =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort())
    : value;

/** All items of the table or an index, as comparable texts, and the read units that they took. */
async function read({ environment, endpoints }: Cloud, IndexName?: string) {
  const client = DynamoDBDocumentClient.from(
    new DynamoDBClient({
      endpoint: endpoints.dynamodb,
      region: "us-east-1",
      credentials: { accessKeyId: "local", secretAccessKey: "local" },
    }),
  );
  const pages = paginateScan(
    { client },
    { TableName: environment.TABLE_NAME ?? "", IndexName, ReturnConsumedCapacity: "TOTAL" },
  );
  const items: Item[] = [];
  let units = 0;
  for await (const { Items = [], ConsumedCapacity } of pages) {
    items.push(...Items);
    units += ConsumedCapacity?.CapacityUnits ?? 0;
  }
  client.destroy();
  const texts = items.map((item) => JSON.stringify(item, inOrder)).sort();
  return { items, texts, units };
}

/** The table and its indexes in both clouds. */
async function expectTheSame() {
  for (const index of INDEXES) {
    const [theirs, ours] = [await read(written, index), await read(filled, index)];
    expect(ours.texts, index).toEqual(theirs.texts);
    expect(ours.units, index).toBe(theirs.units);
  }
}

beforeAll(async () => {
  const empty = await start(folder);
  const table = await databaseOf(empty.environment).described();
  await empty.stop();
  await fill(folder, { customers: CUSTOMERS, history: "full", now: new Date(), table, share: 3 });
  [filled, written] = [await start(folder), await start()];
  database = { filled: databaseOf(filled.environment), written: databaseOf(written.environment) };
  await database.written.putAll((await read(filled)).items);
});

afterAll(async () => {
  for (const one of Object.values(database)) one.close();
  await Promise.all([filled.stop(), written.stop()]);
  rmSync(folder, { recursive: true });
});

test("a filled table has what each customer has, and counters", async () => {
  const { items } = await read(filled);
  const kinds = Map.groupBy(items, ({ sk }) => sk);
  for (const [kind, each] of Object.entries({
    customer: 1,
    deployment: 2,
    interaction: 10,
    survey: 4,
    alert: 2,
  }))
    expect(kinds.get(kind), kind).toHaveLength(each * CUSTOMERS);
  expect(items.filter(({ pk }) => String(pk).startsWith("scores#"))).toHaveLength(6 * CUSTOMERS);
  expect(await database.filled.contactsCounted()).toBe(10 * CUSTOMERS);
});

test("a filled table and its indexes hold the same as when the items are written one by one", expectTheSame);

test("what is filled can be changed like anything else", async () => {
  const id = customerId(2);
  const [customer] = (await read(filled)).items.filter(({ pk }) => pk === `customer#${id}`);
  const changed = { ...customer, notes: "new", gsi2sk: `2030-01-01T00:00:00.000Z#${id}` };
  for (const one of Object.values(database)) await one.put(changed);
  await expectTheSame();
  expect((await read(filled, "byType")).items.filter((item) => item.id === id)).toEqual([changed]);
});
