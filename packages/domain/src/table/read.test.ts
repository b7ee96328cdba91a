import {
  BatchGetItemCommand,
  DynamoDBClient,
  ProvisionedThroughputExceededException,
} from "@aws-sdk/client-dynamodb";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import { mockClient } from "aws-sdk-client-mock";
import fc from "fast-check";
import { afterAll, beforeEach, expect, test } from "vitest";
import { tableName } from "./client.ts";
import { ReportEntity, UserEntity } from "./entities/index.ts";
import { batchGet, getRequest, toItem } from "./read.ts";

/** The real stand-in of the database always processes all keys; only this part is played. */
const database = mockClient(DynamoDBClient);
afterAll(() => database.restore());
beforeEach(() => database.reset());

const key = (pk: string) => ({ pk, sk: "thing" });
const thing = (pk: string) => ({
  key: key(pk),
  parse: ({ Item }: { Item: Record<string, unknown> }) => ({ data: String(Item.name) }),
});
const answer = (found: string[], unprocessed: string[] = []) => ({
  Responses: { [tableName]: found.map((pk) => marshall({ ...key(pk), name: `thing ${pk}` })) },
  ...(unprocessed.length > 0 && {
    UnprocessedKeys: { [tableName]: { Keys: unprocessed.map((pk) => marshall(key(pk))) } },
  }),
});
const asked = () =>
  database
    .commandCalls(BatchGetItemCommand)
    .map(({ args: [{ input }] }) => input.RequestItems?.[tableName]?.Keys?.map(({ pk }) => pk?.S));

test("items come in the order they were asked for, undefined where there is none", async () => {
  database.on(BatchGetItemCommand).resolves(answer(["c", "a"]));
  expect(await batchGet(thing("a"), thing("b"), thing("c"))).toEqual(["thing a", undefined, "thing c"]);
});

test("reads are strongly consistent", async () => {
  database.on(BatchGetItemCommand).resolves(answer(["a"]));
  await batchGet(thing("a"));
  const [call] = database.commandCalls(BatchGetItemCommand);
  expect(call?.args[0].input.RequestItems?.[tableName]?.ConsistentRead).toBe(true);
});

test("keys that the database left for later are asked for again, and only those", async () => {
  database
    .on(BatchGetItemCommand)
    .resolvesOnce(answer(["a"], ["b", "c"]))
    .resolvesOnce(answer(["c"], ["b"]))
    .resolves(answer(["b"]));
  expect(await batchGet(thing("a"), thing("b"), thing("c"))).toEqual(["thing a", "thing b", "thing c"]);
  expect(asked()).toEqual([["a", "b", "c"], ["b", "c"], ["b"]]);
});

test("keys that stay unprocessed are throttling, never missing items", async () => {
  database.on(BatchGetItemCommand).resolves(answer([], ["a"]));
  await expect(batchGet(thing("a"))).rejects.toMatchObject({ name: "ThrottlingException" });
});

test("an error of the database is passed on", async () => {
  const error = new ProvisionedThroughputExceededException({ message: "slow down", $metadata: {} });
  database.on(BatchGetItemCommand).rejects(error);
  await expect(batchGet(thing("a"))).rejects.toBe(error);
});

test("attribute values are read as the SDK reads them", () => {
  const number = fc.oneof(fc.maxSafeInteger(), fc.double({ min: -1e15, max: 1e15, noNaN: true }));
  const leaf = fc.oneof(
    fc.string(),
    number,
    fc.boolean(),
    fc.constant(null),
    fc.uint8Array({ minLength: 1 }),
  );
  const set = fc.oneof(
    fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1 }),
    fc.uniqueArray(fc.integer(), { minLength: 1 }),
  );
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: "small" },
      leaf,
      set.map((values: unknown[]) => new Set(values)),
      fc.array(tie("value")),
      fc.dictionary(fc.string(), tie("value"), { noNullPrototype: true }),
    ),
  }));
  const items = fc.dictionary(fc.string(), value as fc.Arbitrary<unknown>, { noNullPrototype: true });
  fc.assert(
    fc.property(items, (item) => {
      const attributes = marshall(item);
      const before = structuredClone(attributes);
      expect(toItem(attributes)).toEqual(unmarshall(attributes));
      expect(attributes).toEqual(before);
    }),
  );
});

type Read = { data: unknown };
test.each<[string, (item: Record<string, unknown>) => [Read, Read], object]>([
  [
    "user",
    (Item) => [getRequest(UserEntity, "u").parse({ Item }), UserEntity.parse({ Item })],
    {
      ...getRequest(UserEntity, "u").key,
      __edb_e__: "user",
      id: "u",
      role: "admin",
      is_active: true,
      unknown: 1,
    },
  ],
  [
    "report, which hides an attribute",
    (Item) => [getRequest(ReportEntity, "r").parse({ Item }), ReportEntity.parse({ Item })],
    { ...getRequest(ReportEntity, "r").key, __edb_e__: "report", id: "r", due_key: "x", deliveries: [] },
  ],
])("an item of a %s is read as ElectroDB reads it", (_, read, item) => {
  const [ours, theirs] = read({ ...item, gsi2pk: "x", gsi2sk: "y", __edb_v__: "1" });
  expect(ours).toEqual(theirs);
  expect(ours.data).not.toBeNull();
});
