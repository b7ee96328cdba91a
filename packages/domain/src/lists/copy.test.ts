import { randomUUID } from "node:crypto";
import {
  BatchGetItemCommand,
  DynamoDBClient,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
} from "@aws-sdk/client-dynamodb";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import { MAX_KEPT_CHARACTERS } from "@success-manager/contract/paging";
import { searchForm } from "@success-manager/contract/text";
import { mockClient } from "aws-sdk-client-mock";
import fc from "fast-check";
import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";
import { commitAll, commitOne, contains, tableName, testsOf } from "../table/index.ts";
import { createCopy, type ListCopy } from "./copy.ts";
import { changeLines } from "./stream/index.ts";

type Item = Readonly<Record<string, unknown>>;

const MINUTE_MS = 60_000;
const NOW = Date.parse("2026-05-01T12:00:00.000Z");
const instant = (ms: number) => new Date(ms).toISOString();

afterAll(() => mockClient(DynamoDBClient).restore());

/** Writes down what has changed, as the stream's function does beside its counters. */
const note = (changes: Parameters<typeof changeLines>[0], at: Date) => commitAll(changeLines(changes, at));

/** A table as the database keeps it: items, the index by time, and what the stream has to tell. */
function fakeTable() {
  const items = new Map<string, Item>();
  const lines: Item[] = [];
  const stream: { before: Item | undefined; after: Item | undefined }[] = [];
  const database = mockClient(DynamoDBClient);
  const between = (sk: unknown, input: QueryCommandInput) => {
    const { ":from": from = "", ":to": to = "~" } = unmarshall(input.ExpressionAttributeValues ?? {});
    return String(sk) >= from && String(sk) <= to;
  };
  database.on(QueryCommand).callsFake((input: QueryCommandInput) => {
    if (input.IndexName === undefined)
      return { Items: lines.filter(({ sk }) => between(sk, input)).map((line) => marshall(line)) };
    const found = [...items.values()]
      .filter((item) => between(`${item.interaction_date}#${item.id}`, input))
      .sort((a, b) => (String(a.interaction_date) < String(b.interaction_date) ? 1 : -1));
    return { Items: found.map((item) => marshall(item)), ScannedCount: found.length };
  });
  database.on(BatchGetItemCommand).callsFake(({ RequestItems }) => ({
    Responses: {
      [tableName]: RequestItems[tableName].Keys.flatMap(({ pk }: { pk: { S: string } }) => {
        const item = items.get(pk.S);
        return item ? [marshall(item)] : [];
      }),
    },
  }));
  database.on(PutItemCommand).callsFake(({ Item: attributes }) => {
    const Item = unmarshall(attributes);
    if (String(Item.pk).startsWith("list_changes#")) lines.push(Item);
    return {};
  });
  const set = (id: string, after: Item | undefined) => {
    const before = items.get(`interaction#${id}`);
    if (!before && !after) return;
    if (after) items.set(`interaction#${id}`, after);
    else items.delete(`interaction#${id}`);
    stream.push({ before, after });
  };
  return { database, items, lines, stream, set };
}

const toItem = (id: string, at: number, text: string): Item => ({
  pk: `interaction#${id}`,
  sk: "interaction",
  __edb_e__: "interaction",
  id,
  customer_id: "c1",
  interaction_date: instant(at),
  interaction_type: "call",
  sentiment: "neutral",
  follow_up_required: false,
  performer_key: "ada",
  search_key: searchForm(text),
});

beforeEach(() => {
  vi.useFakeTimers({ now: NOW, toFake: ["Date"] });
  return () => {
    vi.useRealTimers();
  };
});

const everything = { order: "desc", skip: 0, limit: 1_000 } as const;
const idsOf = (copy: ListCopy, text = "") =>
  copy.columns.pageByTime({ tests: text ? testsOf([contains("search_key", text)]) : [] }, everything).ids;

const write = fc.record({
  id: fc.integer({ min: 0, max: 8 }).map((n) => `i${n}`),
  /** Of just now, of long ago, or lying ahead. */
  age: fc.constantFrom(0, 0, 30, 60 * 24 * 90, -60 * 24),
  text: fc.constantFrom("Ärger", "renewal", "請求書 42", "Łódź", "🙂"),
  ends: fc.boolean(),
});

describe("a copy of a list", () => {
  it("comes to what the table holds, when the stream tells twice, in pieces and in any order", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.array(write, { maxLength: 6 }), fc.integer({ min: 1, max: 90 })), {
          maxLength: 6,
        }),
        fc.infiniteStream(fc.nat(1_000)),
        async (rounds, random) => {
          vi.setSystemTime(NOW);
          const { set, stream, items } = fakeTable();
          const next = () => Number(random.next().value);
          /** An id is never used again. */
          const gone = new Set<string>();
          set("first", toItem("first", NOW - 90 * MINUTE_MS, "first"));
          const copy = createCopy("interaction");
          await copy.refresh();
          for (const [writes, seconds] of rounds) {
            for (const { id, age, text, ends } of writes) {
              if (!gone.has(id)) set(id, ends ? undefined : toItem(id, Date.now() - age * MINUTE_MS, text));
              if (ends) gone.add(id);
            }
            // The stream is a fifth of a second behind, and what fails comes again.
            vi.advanceTimersByTime(200);
            const told = stream.splice(0);
            const mixed = [...told, ...told.filter(() => next() % 2 === 0)]
              .map((change) => ({ change, at: next() }))
              .sort((a, b) => a.at - b.at)
              .map(({ change }) => change);
            for (let rest = mixed; rest.length > 0; ) {
              const size = 1 + (next() % 3);
              await note(rest.slice(0, size), new Date());
              rest = rest.slice(size);
            }
            if (next() % 2 === 0) await copy.refresh();
            vi.setSystemTime(Date.now() + seconds * 1_000);
            await copy.refresh();
            const wanted = [...items.values()]
              .sort((a, b) => (`${a.interaction_date}#${a.id}` < `${b.interaction_date}#${b.id}` ? 1 : -1))
              .map(({ id }) => id);
            expect(idsOf(copy)).toEqual(wanted);
            const found = [...items.values()].filter(({ search_key }) => String(search_key).includes("lodz"));
            expect(idsOf(copy, "lodz").toSorted()).toEqual(found.map(({ id }) => id).sort());
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it("knows what its own function has written before the stream tells", async () => {
    const { set } = fakeTable();
    set("old", toItem("old", NOW - 90 * MINUTE_MS, "renewal"));
    const copy = createCopy("interaction");
    await copy.refresh();
    const changed = toItem("old", NOW - 90 * MINUTE_MS, "okapi");
    set("old", changed);
    await copy.refresh();
    expect(idsOf(copy, "okapi")).toEqual([]);
    await commitOne({ Put: { TableName: tableName, Item: changed } });
    await copy.refresh();
    expect(idsOf(copy, "okapi")).toEqual(["old"]);
  });
});

it("a copy holds the newest rows, no more than a function has room for", async () => {
  const { keptPages } = await import("./copy.ts");
  const { database } = fakeTable();
  const long = marshall({ ...toItem("a", NOW, ""), search_key: "x".repeat(MAX_KEPT_CHARACTERS / 1_000) });
  database.on(QueryCommand).callsFake(() => ({
    Items: Array(500).fill(long),
    ScannedCount: 500,
    LastEvaluatedKey: marshall({ pk: "more" }),
  }));
  let rows = 0;
  for await (const { items } of keptPages("interaction")) rows += items.length;
  expect(rows).toBe(1_000);
  const asked = database.commandCalls(QueryCommand).map(({ args: [{ input }] }) => input.ScanIndexForward);
  expect(asked).toEqual([false, false]);
});

describe("what the stream tells of", () => {
  const NOTHING = undefined;
  const at = new Date(NOW);
  const told = async (...changes: Parameters<typeof note>[0]) => {
    const { lines } = fakeTable();
    await note(changes, at);
    return lines.map(({ pk, ids }) => [pk, ids]);
  };
  const line = (id: string) => [["list_changes#interaction", [id]]];

  it("is nothing where a row is new and of just now: ordinary writes cost nothing", async () => {
    expect(await told({ before: NOTHING, after: toItem("a", NOW - 300, "x") })).toEqual([]);
    expect(await told({ before: NOTHING, after: { __edb_e__: "customer", id: "c1" } })).toEqual([]);
    expect(await told({ before: NOTHING, after: { pk: "rollup#alert" } })).toEqual([]);
  });

  it("is what was written for another day, changed, moved or deleted; a line for each entity", async () => {
    const row = toItem("a", NOW - 300, "x");
    expect(await told({ before: NOTHING, after: toItem("a", NOW - MINUTE_MS, "x") })).toEqual(line("a"));
    expect(await told({ before: NOTHING, after: toItem("a", NOW + MINUTE_MS, "x") })).toEqual(line("a"));
    expect(await told({ before: row, after: { ...row, sentiment: "negative" } })).toEqual(line("a"));
    expect(await told({ before: row, after: { ...row, interaction_date: instant(NOW) } })).toEqual(line("a"));
    expect(await told({ before: row, after: NOTHING })).toEqual(line("a"));
    const both = await told(
      { before: row, after: NOTHING },
      { before: { ...row, id: "b" }, after: NOTHING },
      { before: row, after: NOTHING },
    );
    expect(both).toEqual([["list_changes#interaction", ["a", "b"]]]);
  });

  it("is nothing where only what no list looks at has changed", async () => {
    const row = toItem("a", NOW - MINUTE_MS, "x");
    expect(await told({ before: row, after: { ...row, revision: 2, updated_at: instant(NOW) } })).toEqual([]);
  });

  it("fits into an item, however much Lambda hands over at once", async () => {
    const changes = Array.from({ length: 10_000 }, () => ({
      before: toItem(randomUUID(), NOW - MINUTE_MS, "x"),
      after: NOTHING,
    }));
    const lines = await told(...changes);
    expect(lines).toHaveLength(1);
    expect(JSON.stringify(lines).length).toBeLessThan(400_000);
  });

  it("ends with the table's TTL, after every snapshot has", async () => {
    const { lines } = fakeTable();
    await note([{ before: toItem("a", NOW - MINUTE_MS, "x"), after: NOTHING }], at);
    expect(lines[0]?.expires_at_epoch).toBeGreaterThan(NOW / 1000 + 48 * 60 * 60);
  });

  it("is told again where the database fails", async () => {
    fakeTable().database.on(PutItemCommand).rejects(new Error("down"));
    await expect(note([{ before: toItem("a", NOW, "x"), after: NOTHING }], at)).rejects.toThrow("down");
    await expect(commitOne({ Put: { TableName: tableName, Item: {} } })).rejects.toThrow("down");
  });
});
