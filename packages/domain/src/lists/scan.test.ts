import { DynamoDBClient, QueryCommand } from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";
import { SCAN_LIMIT } from "@success-manager/contract/paging";
import { mockClient } from "aws-sdk-client-mock";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { partitions } from "../table/index.ts";
import { scanRecentUntil } from "./page.ts";
import type { IndexRange } from "./range.ts";

interface Row {
  readonly id: string;
  readonly score: number;
}

const range: IndexRange<Row> = {
  partition: partitions.type("survey"),
  from: "0",
  to: "~",
  order: "asc",
  filter: [],
};

/** Pages of a thousand entries without an end; the real database has no time for that. */
const database = mockClient(DynamoDBClient);
afterAll(() => database.restore());
let page = 0;
beforeEach(() => {
  database.reset();
  page = 0;
  database.on(QueryCommand).callsFake(() => {
    page += 1;
    return {
      Items: [marshall({ id: `survey-${page}`, score: 1 + (page % 5) })],
      Count: 1,
      ScannedCount: 1_000,
      LastEvaluatedKey: marshall({ pk: page }),
    };
  });
});

const asked = () => database.commandCalls(QueryCommand).map(({ args: [{ input }] }) => input);

describe("looking through a range", () => {
  it("ends after a fixed number of entries, however many there are", async () => {
    const { rows, whole } = await scanRecentUntil(range);
    expect([rows.length, whole]).toEqual([SCAN_LIMIT / 1_000, false]);
    expect(asked()).toHaveLength(SCAN_LIMIT / 1_000);
    expect(asked().every(({ Limit }) => (Limit ?? 0) <= 1_000)).toBe(true);
  });

  it("begins with the newest, whichever way they are sorted", async () => {
    await scanRecentUntil(range);
    expect(asked().map(({ ScanIndexForward }) => ScanIndexForward)).toEqual(Array(5).fill(false));
  });

  it("ends where enough is found, and says whether that was everything", async () => {
    const enough = (rows: readonly Row[]) => rows.some(({ score }) => score === 3);
    expect(await scanRecentUntil(range, undefined, enough)).toMatchObject({
      rows: [{}, { score: 3 }],
      whole: false,
    });
    expect(asked()).toHaveLength(2);
    database.on(QueryCommand).resolves({ Items: [], Count: 0, ScannedCount: 7 });
    expect(await scanRecentUntil(range)).toEqual({ rows: [], whole: true });
  });

  it("keeps what the database can't look at", async () => {
    expect((await scanRecentUntil(range, ({ score }) => score > 3)).rows).toHaveLength(2);
  });
});
