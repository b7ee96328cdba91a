import {
  CUSTOMER_SORTS,
  type CustomerFilter,
  type CustomerRow,
  type NewCustomer,
} from "@success-manager/contract/customers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type * as z from "zod";
import { type Api, type TestCloud, testCloud } from "../support/cloud.ts";

let cloud: TestCloud;
let api: Api;
beforeAll(async () => {
  cloud = await testCloud();
  api = cloud.manager.api;
});
afterAll(() => cloud?.stop());

const DAY_MS = 24 * 60 * 60 * 1000;
const inDays = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10);

type Body = z.input<typeof NewCustomer>;
const create = async (body: Body) => (await api.customers.create({ body })).body();

/** Status and refused fields of a call. */
const refusal = ({ status, raw }: { status: number; raw: unknown }) => {
  const { errors = [] } = raw as { errors?: { loc: (string | number)[] }[] };
  return [status, ...new Set(errors.map(({ loc }) => loc.join(".")))].join(" ");
};

describe("the list", () => {
  const MARK = "Listed";
  const list = async (query: z.input<typeof CustomerFilter> = {}) =>
    (await api.customers.list({ query: { search: MARK, ...query } })).body();
  const namesOf = ({ customers }: { customers: CustomerRow[] }) =>
    customers.map(({ company_name }) => company_name.replace(`${MARK} `, "")).sort();
  let ids: Record<string, string>;

  beforeAll(async () => {
    const bodies: Record<string, Partial<Body>> = {
      "100% Pure": { industry: "Food", status: "active", contract_value: 100 },
      snake_case: { industry: "food", status: "active", contract_value: 100 },
      "ÄÖÜ Zürich": { status: "at_risk", contract_end_date: inDays(400), contract_start_date: inDays(-5) },
      plain: { account_manager: "Grace", status: "onboarding", contract_value: 20 },
      managed: { account_manager_id: cloud.manager.id, industry: "Food" },
      gone: { status: "churned", industry: "Food" },
    };
    ids = {};
    for (const [name, body] of Object.entries(bodies))
      ids[name] = (await create({ company_name: `${MARK} ${name}`, ...body })).id;
    const deployed = async (name: string, product_name: "MonetX" | "GreenX", is_active: boolean) =>
      api.deployments.create({
        body: {
          customer_id: ids[name] ?? "",
          product_name,
          deployment_date: "2026-01-01",
          version: "1",
          environment: "cloud",
          license_type: "Enterprise",
          license_expiry: "2027-01-01",
          is_active,
        },
      });
    await deployed("plain", "MonetX", true);
    await deployed("plain", "GreenX", false);
    await deployed("managed", "GreenX", true);
    for (const name of ["plain", "ÄÖÜ Zürich"])
      await api.healthScores.calculate({ params: { customer_id: ids[name] ?? "" }, body: {} });
  });

  it.each([
    ["100%", ["100% Pure"]],
    ["%", ["100% Pure"]],
    ["_", ["snake_case"]],
    ["äöü ZÜRICH", ["ÄÖÜ Zürich"]],
    ["LISTED PLAIN", ["plain"]],
    [".*", []],
    ["\\", []],
  ])("finds the plain text %j, any case", async (search, expected) => {
    expect(namesOf((await api.customers.list({ query: { search } })).body())).toEqual(expected);
  });

  it("hides customers who left unless asked for them", async () => {
    expect((await list()).total).toBe(5);
    expect(namesOf(await list({ status: "churned" }))).toEqual(["gone"]);
    expect(namesOf(await list({ status: "active" }))).toEqual(["100% Pure", "snake_case"]);
  });

  it("filters by industry, product and manager", async () => {
    // One of them is entered as "food".
    for (const industry of ["Food", " FOOD "])
      expect(namesOf(await list({ industry }))).toEqual(["100% Pure", "managed", "snake_case"]);
    expect(namesOf(await list({ product: "GreenX" }))).toEqual(["managed"]);
    expect(namesOf(await list({ account_manager: "Grace" }))).toEqual(["plain"]);
    expect(namesOf(await list({ account_manager_id: cloud.manager.id.toUpperCase() }))).toEqual(["managed"]);
    expect(namesOf(await list({ industry: "Food", product: "MonetX" }))).toEqual([]);
    expect((await list({ product: "MonetX" })).customers[0]?.products).toEqual(["MonetX"]);
  });

  it("filters by the newest score; who has none passes an upper bound and a lower one of 0", async () => {
    const scores = new Map(
      (await list({ sort_by: "health_score" })).customers.map((row) => [
        row.company_name.replace(`${MARK} `, ""),
        row.latest_health_score?.overall_score,
      ]),
    );
    const plain = scores.get("plain") ?? -1;
    const zurich = scores.get("ÄÖÜ Zürich") ?? -1;
    expect([plain, zurich]).toEqual([48, 53]);
    expect(namesOf(await list({ min_health_score: 1 }))).toEqual(["plain", "ÄÖÜ Zürich"]);
    expect(namesOf(await list({ min_health_score: 53 }))).toEqual(["ÄÖÜ Zürich"]);
    expect((await list({ min_health_score: 0 })).total).toBe(5);
    expect(namesOf(await list({ max_health_score: 48 }))).toEqual([
      "100% Pure",
      "managed",
      "plain",
      "snake_case",
    ]);
    expect(namesOf(await list({ min_health_score: 1, max_health_score: 48 }))).toEqual(["plain"]);
  });

  /** What a column shows, in the form that it is sorted by. */
  const shown = (row: CustomerRow, column: (typeof CUSTOMER_SORTS)[number]) => {
    if (column === "health_score") return row.latest_health_score?.overall_score ?? null;
    const value = row[column];
    if (column === "contract_value") return value === null ? null : Number(value);
    return String(value ?? "") || null;
  };
  const collator = new Intl.Collator("en", { numeric: true });
  const order = (x: string | number, y: string | number) =>
    (typeof x === "string" && collator.compare(x, String(y))) || (x < y ? -1 : x > y ? 1 : 0);

  it.each(CUSTOMER_SORTS)("is sorted by %s in both orders, ties by id, nulls last", async (sort_by) => {
    for (const sort_order of ["asc", "desc"] as const) {
      const { customers } = await list({ sort_by, sort_order });
      const sign = sort_order === "asc" ? 1 : -1;
      const expected = customers.toSorted((a, b) => {
        const [x, y] = [shown(a, sort_by), shown(b, sort_by)];
        if (x === null || y === null)
          return Number(x === null) - Number(y === null) || (a.id < b.id ? -1 : 1);
        return sign * (order(x, y) || (a.id < b.id ? -1 : 1));
      });
      expect(customers.map(({ id }) => id)).toEqual(expected.map(({ id }) => id));
      expect(customers).toHaveLength(5);
    }
  });

  it("pages by skip and by cursor, every customer once", async () => {
    const everybody = (await list({ sort_by: "contract_value" })).customers.map(({ id }) => id);
    for (const sort_order of ["desc", "asc"] as const) {
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await list({ sort_by: "contract_value", sort_order, limit: 2, cursor });
        expect([page.total, page.limit, page.skip]).toEqual([5, 2, 0]);
        seen.push(...page.customers.map(({ id }) => id));
        cursor = page.next_cursor ?? undefined;
      } while (cursor);
      expect(seen).toHaveLength(5);
      expect(new Set(seen)).toEqual(new Set(everybody));
    }
    const skipped = await list({ sort_by: "contract_value", skip: 3, limit: 2 });
    expect(skipped.customers.map(({ id }) => id)).toEqual(everybody.slice(3));
    expect(skipped).toMatchObject({ total: 5, skip: 3, limit: 2, next_cursor: null });
    expect(await list({ skip: 1_000_000 })).toMatchObject({ customers: [], total: 5, next_cursor: null });
  });

  it.each([
    ["sort_by=unknown", "query.sort_by"],
    ["sort_by=__proto__", "query.sort_by"],
    ["sort_order=DESC", "query.sort_order"],
    ["limit=0", "query.limit"],
    ["limit=ten", "query.limit"],
    ["skip=-1", "query.skip"],
    ["skip=1e30", "query.skip"],
    ["search=", "query.search"],
    ["search=a%00b", "query.search"],
    [`search=${"x".repeat(256)}`, "query.search"],
    ["status=happy", "query.status"],
    ["product=Other", "query.product"],
    ["account_manager_id=ada", "query.account_manager_id"],
    ["min_health_score=101", "query.min_health_score"],
    ["max_health_score=-1", "query.max_health_score"],
    ["cursor=x", "query.cursor"],
  ])("refuses ?%s", async (query, field) => {
    const answer = await fetch(`${cloud.apiUrl}/api/v1/customers?${query}`, {
      headers: { authorization: `Bearer ${cloud.viewer.token}` },
    });
    expect(refusal({ status: answer.status, raw: await answer.json() })).toBe(`422 ${field}`);
  });

  it("follows renames of the account manager", async () => {
    const boss = await cloud.person("manager");
    const { id } = await create({ company_name: "Follows", account_manager_id: boss.id });
    await cloud.admin.api.users.update({ params: { user_id: boss.id }, body: { full_name: "New Name" } });
    const row = (await api.customers.list({ query: { account_manager: "New Name" } })).body().customers;
    expect(row.map((customer) => customer.id)).toEqual([id]);
  });

  it("names industries once, and the people who can manage", async () => {
    const industries = (await api.customers.industries({})).body();
    expect(industries).toEqual(industries.toSorted((a, b) => a.localeCompare(b)));
    expect(industries.filter((industry) => industry.toLowerCase() === "food")).toEqual(["Food"]);
    const managers = (await api.customers.accountManagers({})).body();
    expect(managers.map(({ id }) => id)).toEqual(expect.arrayContaining([cloud.admin.id, cloud.manager.id]));
    expect(managers.map(({ role }) => role)).not.toContain("viewer");
  });
});
