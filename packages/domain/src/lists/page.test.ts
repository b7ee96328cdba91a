import { DynamoDBClient, QueryCommand } from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";
import { mockClient } from "aws-sdk-client-mock";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { partitions } from "../table/index.ts";
import type { Counts } from "./counts.ts";
import { readCheapPage, readPage } from "./page.ts";
import type { IndexRange } from "./range.ts";

interface Row {
  readonly id: string;
  readonly at: string;
}

const range: IndexRange<Row> = {
  partition: partitions.type("survey"),
  from: "0",
  to: "~",
  order: "desc",
  filter: [["#score = :score", { ":score": 1 }]],
};

/** The database holds so many entries, of which every so manieth is a row. */
const database = mockClient(DynamoDBClient);
afterAll(() => database.restore());
let entries: number;
let every: number;
beforeEach(() => {
  [entries, every] = [100, 1];
  database.reset();
  database.on(QueryCommand).callsFake(({ Limit, ExclusiveStartKey }) => {
    const first = Number(ExclusiveStartKey?.n?.N ?? 0);
    const end = Math.min(first + Limit, entries);
    const looked = Array.from({ length: end - first }, (_, n) => first + n);
    return {
      Items: looked
        .filter((n) => n % every === 0)
        .map((n) => marshall({ id: `${n}`, at: "2026-01-01T00:00:00Z" })),
      LastEvaluatedKey: end < entries || Limit === end - first ? marshall({ n: end }) : undefined,
    };
  });
});

const limits = () => database.commandCalls(QueryCommand).map(({ args: [{ input }] }) => input.Limit ?? 0);
const pageOf = (counts: { total: number; entries: number }, paging: object = {}) =>
  readPage(range, counts, { skip: 0, limit: 10, ...paging }, ({ at }) => at);

describe("a page of a range", () => {
  it("takes one request where rows stand as the counters tell", async () => {
    [entries, every] = [10_000, 50];
    const { rows, total, next_cursor } = await pageOf({ total: 200, entries });
    expect([rows.length, total, next_cursor === null]).toEqual([10, 200, false]);
    expect(limits()).toEqual([Math.ceil(50 * (11 + 2 * Math.sqrt(11)))]);
  });

  it("looks at the newest entries for what counters don't know of yet", async () => {
    [entries, every] = [10_000, 10];
    const { rows, total } = await pageOf({ total: 0, entries });
    expect([rows.length, total, limits()]).toEqual([4, 4, [31]]);
  });

  it("shows more than counters know, and says that there is more", async () => {
    const page = await pageOf({ total: 3, entries: 3 });
    expect([page.rows.length, page.total, page.next_cursor === null]).toEqual([10, 11, false]);
  });

  it("goes on by skipping where counters still know no more than the page before", async () => {
    const { rows } = await pageOf({ total: 10, entries: 10 }, { skip: 10 });
    expect(rows.map(({ id }) => id)).toEqual(["10", "11", "12", "13", "14", "15", "16", "17", "18", "19"]);
  });

  it("is counted by its rows when it was read whole, whatever counters still know", async () => {
    entries = 4;
    const { rows, total, next_cursor } = await pageOf({ total: 6, entries: 6 });
    expect([rows.length, total, next_cursor]).toEqual([4, 4, null]);
  });

  it("is read where counters know of less than nothing", async () => {
    const { rows, total } = await pageOf({ total: -1, entries: 5 });
    expect([rows.length, total, limits()]).toEqual([10, 31, [31]]);
  });

  it("reads nothing far behind its end", async () => {
    const page = await pageOf({ total: 100, entries: 100 }, { skip: 1_000 });
    expect(page).toEqual({ rows: [], total: 100, skip: 1_000, limit: 10, next_cursor: null });
    expect(limits()).toEqual([]);
  });

  it("ends where its last row is the last of all", async () => {
    entries = 10;
    expect(await pageOf({ total: 10, entries: 10 })).toMatchObject({ total: 10, next_cursor: null });
  });
});

describe("a page of a range that is shown whole", () => {
  const whole: IndexRange<Row> = { ...range, filter: [false] };
  const shown = (counts: Counts | Promise<Counts>, paging: object = {}) =>
    readPage(whole, counts, { skip: 0, limit: 10, ...paging }, ({ at }) => at);

  it("is read while its number is still asked for", async () => {
    const { promise, resolve } = Promise.withResolvers<Counts>();
    const page = shown(promise);
    await expect.poll(limits).toEqual([11]);
    resolve({ total: 100, entries: 100 });
    expect(await page).toMatchObject({ total: 100, next_cursor: expect.any(String) });
    expect(limits()).toEqual([11]);
  });

  it("is not read far behind its end", async () => {
    const page = await shown({ total: 100, entries: 100 }, { skip: 1_000 });
    expect(page).toMatchObject({ rows: [], total: 100 });
    expect(limits()).toEqual([]);
  });

  it("fails when its number can't be told, and leaves no failure behind", async () => {
    database.on(QueryCommand).rejects(new Error("throttled"));
    await expect(shown(Promise.reject(new Error("nobody knows")))).rejects.toThrow("nobody knows");
  });
});

describe("a page that must be cheap", () => {
  const cheap = (counts: Counts, paging: object = {}, of = range) =>
    readCheapPage(of, counts, { skip: 0, limit: 10, ...paging }, ({ at }) => at);

  it("is the same page where rows are not rare", async () => {
    [entries, every] = [10_000, 2];
    const counts = { total: 5_000, entries };
    expect(await cheap(counts)).toEqual(await pageOf(counts));
    expect(limits()).toEqual([36, 36]);
  });

  it("is none where few of many entries are rows, and nothing is read for it", async () => {
    expect(await cheap({ total: 200, entries: 10_000 })).toBeUndefined();
    expect(limits()).toEqual([]);
  });

  it("is none where rows do not stand where they do on average, after one request", async () => {
    [entries, every] = [10_000, 1_000];
    expect(await cheap({ total: 5_000, entries })).toBeUndefined();
    expect(limits()).toHaveLength(1);
  });

  it("is none where much is skipped", async () => {
    expect(await cheap({ total: 5_000, entries: 5_000 }, { skip: 101 })).toBeUndefined();
    expect(limits()).toEqual([]);
  });

  it("of a customer reads past some hundreds of entries, and past no more", async () => {
    const customers = { ...range, partition: partitions.customer("c1") };
    [entries, every] = [300, 100];
    expect((await cheap({ total: 3, entries }, {}, customers))?.rows).toHaveLength(3);
    expect(limits()).toEqual([320]);
    expect(await cheap({ total: 3, entries: 1_000 }, {}, customers)).toBeUndefined();
  });

  it("refuses a cursor of another list", async () => {
    const cursor = Buffer.from(JSON.stringify([7, "x"])).toString("base64url");
    await expect(cheap({ total: 5, entries: 5 }, { cursor })).rejects.toMatchObject({ status: 422 });
  });
});
