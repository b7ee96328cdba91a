import {
  type AttributeValue,
  BatchGetItemCommand,
  DynamoDBClient,
  QueryCommand,
} from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";
import { mockClient } from "aws-sdk-client-mock";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { createDirectory } from "../directory/directory.ts";
import { customerItem } from "../directory/fixture/items.ts";
import { table } from "../directory/fixture/table.ts";
import { equals, tableName } from "../table/index.ts";
import { partsMatch } from "./counts.ts";
import { defineList } from "./define-list.ts";
import { byCustomerName, byField } from "./search.ts";

interface Row {
  readonly id: string;
  readonly customer_id: string;
  readonly score: number;
  readonly submitted_at: string;
}

const responses = defineList({
  entity: "survey",
  time: ({ submitted_at }: Row) => submitted_at,
  fields: ["id", "customer_id", "score", "submitted_at"],
  search: ["search_key"],
  sort: { score: byField("score"), customer_name: byCustomerName },
  where: ({ survey_type }: { readonly survey_type?: string }) => equals({ survey_type }),
  countedBy: ({ survey_type }) => partsMatch(survey_type),
  toItem: ({ id, score }, customer_name) => ({ id, score, customer_name }),
});

const row = (n: number, score: number): Row => ({
  id: `s${n}`,
  customer_id: "c1",
  score,
  submitted_at: `2026-03-0${n}T10:00:00.000Z`,
});
/** Newest first, as the index hands them out. */
const ROWS = [row(3, 7), row(2, 9), row(1, 8)];

/** As the table holds them. */
const stored = (one: Row) => ({
  ...one,
  pk: `survey#${one.id}`,
  sk: "survey",
  survey_type: one.id === "s1" ? "rare" : "nps",
  search_key: one.id === "s2" ? "too slow" : "fine",
});
const STORED = new Map<string, object>();

const database = mockClient(DynamoDBClient);
afterAll(() => database.restore());
beforeEach(() => {
  STORED.clear();
  for (const one of ROWS) STORED.set(`survey#${one.id}`, stored(one));
  database.reset();
  database
    .on(QueryCommand)
    .resolves({ Items: ROWS.map((one) => marshall(stored(one))), ScannedCount: ROWS.length });
  database
    .on(QueryCommand, { KeyConditionExpression: "pk = :partition AND sk BETWEEN :from AND :to" })
    .resolves({ Items: [] });
  database.on(BatchGetItemCommand).callsFake(({ RequestItems }) => {
    const [[name, { Keys }] = ["", { Keys: [] }]] = Object.entries<{
      Keys: Record<string, AttributeValue>[];
    }>(RequestItems);
    const rows = Keys.flatMap(({ pk }) => STORED.get(pk?.S ?? "") ?? []);
    if (!Keys[0]?.pk?.S?.startsWith("customer#"))
      return { Responses: { [name]: rows.map((one) => marshall(one)) } };
    const [customer, counters] = Keys;
    return {
      Responses: {
        [name]: [
          { ...customer, ...marshall({ company_name: "Nordlicht" }) },
          { ...counters, ...marshall({ "c:survey|nps|7": 2, "c:survey|nps|8": 1 }) },
        ],
      },
    };
  });
});

const queries = () => database.commandCalls(QueryCommand).map(({ args: [{ input }] }) => input);

async function directory() {
  const { feed, write } = table();
  write(customerItem("c1", 1, { company_name: "Nordlicht" }));
  write({
    __edb_e__: "totals",
    series: "survey",
    changed_at: "2026-03-01T00:00:00.000Z",
    revision: 1,
    ...{ "c:nps|7": 40, "c:csat|9": 60, "c:rare|8": 1 },
  });
  const all = createDirectory(feed);
  await all.refresh();
  return all;
}

const paging = { skip: 0, limit: 2, sort_order: "desc" } as const;

describe("a declared list", () => {
  it("reads its page from the index by time, and its total from counters", async () => {
    const page = await responses.page({ ...paging, survey_type: "nps" }, directory());
    expect(page).toMatchObject({
      rows: [
        { id: "s3", score: 7, customer_name: "Nordlicht" },
        { id: "s2", score: 9, customer_name: "Nordlicht" },
      ],
      total: 3,
      next_cursor: expect.any(String),
    });
    expect(queries()).toMatchObject([
      { IndexName: "byType", FilterExpression: "#survey_type = :survey_type" },
    ]);
  });

  it("goes on where the cursor of the page before says", async () => {
    const { next_cursor } = await responses.page(paging, directory());
    await responses.page({ ...paging, cursor: next_cursor ?? "" }, directory());
    expect(queries().at(-1)?.ExpressionAttributeValues?.[":to"]?.S).toMatch(/^2026-03-02T10:00:00.000Z#s1~/);
  });

  it("of one customer asks for nobody else: the customer's name and counters come in one request", async () => {
    const page = await responses.page({ ...paging, customer_id: "c1" });
    expect(page.rows.map(({ customer_name }) => customer_name)).toEqual(["Nordlicht", "Nordlicht"]);
    expect(page.total).toBe(3);
    expect(queries()).toMatchObject([{ IndexName: "byCustomer" }]);
  });

  it("sorted by something else comes from memory, its rows from the table", async () => {
    const { rows, total, next_cursor } = await responses.page({ ...paging, sort_by: "score" }, directory());
    expect([rows.map(({ score }) => score), total]).toEqual([[9, 8], 3]);
    expect(rows.map(({ customer_name }) => customer_name)).toEqual(["Nordlicht", "Nordlicht"]);
    const rest = { ...paging, sort_by: "score", cursor: next_cursor ?? "" };
    expect((await responses.page(rest, directory())).rows.map(({ score }) => score)).toEqual([7]);
    expect(database.commandCalls(BatchGetItemCommand).at(-1)?.args[0].input).toMatchObject({
      RequestItems: {
        [tableName]: { Keys: [marshall({ pk: "survey#s3", sk: "survey" })], ConsistentRead: false },
      },
    });
  });

  it("searches its fields and the names of customers", async () => {
    const found = async (search: string) =>
      (await responses.page({ ...paging, limit: 9, search }, directory())).rows.map(({ id }) => id);
    expect(await found("slow")).toEqual(["s2"]);
    expect(await found("nord")).toEqual(["s3", "s2", "s1"]);
    expect(await found("süd")).toEqual([]);
  });

  it("leaves out what is gone or no longer fits by the time it is read", async () => {
    STORED.delete("survey#s3");
    STORED.set("survey#s2", { ...stored(row(2, 4)), search_key: "quick" });
    const { rows, total } = await responses.page({ ...paging, limit: 9, search: "slow" }, directory());
    expect([rows, total]).toEqual([[], 0]);
    const all = await responses.page({ ...paging, limit: 9, sort_by: "score" }, directory());
    expect(all.rows.map(({ id }) => id)).toEqual(["s2", "s1"]);
  });

  it("reads no further than a few times what it shows, where few rows of many fit", async () => {
    database.on(QueryCommand, { IndexName: "byType" }).callsFake(({ Limit }) => {
      if (Limit !== undefined) throw new Error("read from the index by time");
      return { Items: [...STORED.values()].map((one) => marshall(one)) };
    });
    const { rows, total } = await responses.page({ ...paging, survey_type: "rare" }, directory());
    expect([rows.map(({ id }) => id), total]).toEqual([["s1"], 1]);
  });

  it("of one customer finds what nobody counts among all that happened with them, in one query", async () => {
    const ask = async (asked: object) => {
      database.resetHistory();
      const { rows, total, next_cursor } = await responses.page(
        { ...paging, customer_id: "c1", ...asked },
        directory(),
      );
      expect(queries()).toMatchObject([{ IndexName: "byCustomer", Limit: 200 }]);
      expect(database.commandCalls(BatchGetItemCommand)).toEqual([]);
      return { ids: rows.map(({ id }) => id), total, next_cursor };
    };
    const first = await ask({ sort_by: "score" });
    expect(first).toMatchObject({ ids: ["s2", "s1"], total: 3 });
    const rest = await ask({ sort_by: "score", cursor: first.next_cursor ?? "" });
    expect(rest).toEqual({ ids: ["s3"], total: 3, next_cursor: null });
    expect(await ask({ search: "slow" })).toMatchObject({ ids: ["s2"], total: 1 });
    expect(await ask({ sort_by: "customer_name", sort_order: "asc" })).toMatchObject({ ids: ["s1", "s2"] });
    expect(await ask({ start_date: "2026-03-02", end_date: "2026-03-03" })).toMatchObject({
      ids: ["s3", "s2"],
    });
    expect(queries()[0]?.ExpressionAttributeValues).toMatchObject({
      ":from": { S: "2026-03-02" },
      ":to": { S: expect.stringContaining("2026-03-03") },
    });
    const wrong = ask({ search: "slow", cursor: "nonsense" });
    await expect(wrong).rejects.toMatchObject({ status: 422 });
  });

  it("of a customer with whom too much happened asks the copy", async () => {
    database.on(QueryCommand, { IndexName: "byCustomer" }).resolves({
      Items: [],
      LastEvaluatedKey: marshall({ pk: "more" }),
    });
    const { rows, total } = await responses.page(
      { ...paging, customer_id: "c1", sort_by: "score" },
      directory(),
    );
    expect([rows.map(({ id }) => id), total]).toEqual([["s2", "s1"], 3]);
  });

  it("tells the newest rows of a customer whose counters are at hand", async () => {
    const counters = { "survey|nps|7": 2, "survey|nps|8": 1, "alert|low_csat|high|0": 1 };
    const { rows, total } = await responses.rowsOfCustomer("c1", { skip: 0, limit: 2 }, counters);
    expect([rows.map(({ id }) => id), total]).toEqual([["s3", "s2"], 3]);
  });
});
