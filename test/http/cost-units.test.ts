import {
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  type PutItemCommandInput,
  TransactWriteItemsCommand,
} from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type IndexKeys, type Item, itemBytes, readUnits, writeUnits } from "../bench/cost/units.ts";
import { type TestCloud, testCloud } from "../support/cloud.ts";

let cloud: TestCloud;
let client: DynamoDBClient;
let TableName: string;
beforeAll(async () => {
  cloud = await testCloud();
  TableName = cloud.environment.TABLE_NAME ?? "";
  client = new DynamoDBClient({
    endpoint: cloud.environment.AWS_ENDPOINT_URL_DYNAMODB ?? "",
    region: "us-east-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  });
});
afterAll(async () => {
  client?.destroy();
  await cloud?.stop();
});

const indexes: IndexKeys[] = [1, 2, 3].map((n) => ({ partition: `gsi${n}pk`, sort: `gsi${n}sk` }));
const key = { pk: { S: "cost#1" }, sk: { S: "cost" } };
const item = (texts: Record<string, string> = {}): Item => ({
  ...key,
  ...Object.fromEntries(Object.entries(texts).map(([name, S]) => [name, { S }])),
});
const one = { gsi1pk: "cost", gsi1sk: "1" };
const three = { ...one, gsi2pk: "cost", gsi2sk: "1", gsi3pk: "cost", gsi3sk: "1" };
const text = (bytes: number) => "z".repeat(bytes);

/** What the item was, and what it becomes. */
const WRITES: readonly [string, Item | undefined, Item | undefined][] = [
  ["new, in no index", undefined, item()],
  ["new, in one", undefined, item(one)],
  ["new, in three", undefined, item(three)],
  ["new, 3 KB in three", undefined, item({ ...three, text: text(2_500) })],
  ["as it was", item(three), item(three)],
  ["another attribute", item(three), item({ ...three, text: "new" })],
  ["grown", item(three), item({ ...three, text: text(1_500) })],
  ["shrunk", item({ ...three, text: text(1_500) }), item(three)],
  ["another key of an index", item(three), item({ ...three, gsi2sk: "2" })],
  ["out of an index", item(three), item(one)],
  ["into an index", item(one), item(three)],
  ["deleted", item(three), undefined],
  ["3 KB deleted", item({ ...three, text: text(2_500) }), undefined],
];

const put = (Item: Item): PutItemCommandInput => ({ TableName, Item: Item as PutItemCommandInput["Item"] });

test.each(
  WRITES.flatMap(([name, ...images]) => [false, true].map((transaction) => ({ name, images, transaction }))),
)(
  "the database counts a write as the rules do: $name, in a transaction: $transaction",
  async ({ images: [before, after], transaction }) => {
    await client.send(new DeleteItemCommand({ TableName, Key: key }));
    if (before) await client.send(new PutItemCommand(put(before)));
    const counted = { ReturnConsumedCapacity: "TOTAL" } as const;
    const write = async () => {
      if (transaction) {
        const part = after ? { Put: put(after) } : { Delete: { TableName, Key: key } };
        const command = new TransactWriteItemsCommand({ TransactItems: [part as object], ...counted });
        return (await client.send(command)).ConsumedCapacity?.[0];
      }
      const { ConsumedCapacity } = after
        ? await client.send(new PutItemCommand({ ...put(after), ...counted }))
        : await client.send(new DeleteItemCommand({ TableName, Key: key, ...counted }));
      return ConsumedCapacity;
    };
    expect((await write())?.CapacityUnits).toBe(writeUnits(before, after, { indexes, transaction }));
  },
);

test.each([10, 4_000, 4_100, 9_000])("and a read of an item of %d bytes and its names", async (bytes) => {
  const stored = item({ text: text(bytes) });
  await client.send(new PutItemCommand(put(stored)));
  for (const ConsistentRead of [true, false]) {
    const command = new GetItemCommand({
      TableName,
      Key: key,
      ConsistentRead,
      ReturnConsumedCapacity: "TOTAL",
    });
    const { ConsumedCapacity } = await client.send(command);
    expect(ConsumedCapacity?.CapacityUnits).toBe(
      readUnits(itemBytes(stored), ConsistentRead ? "strong" : "eventual"),
    );
  }
});
