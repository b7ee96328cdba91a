import { Customer, FoundCustomer, type NewCustomer } from "@success-manager/contract/customers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { type Api, type TestCloud, testCloud } from "../support/cloud.ts";
import { strictSchema } from "../support/strict-schema.ts";

let cloud: TestCloud;
let api: Api;
beforeAll(async () => {
  cloud = await testCloud();
  api = cloud.manager.api;
});
afterAll(() => cloud?.stop());

const DAY_MS = 24 * 60 * 60 * 1000;
const inDays = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10);

const create = async (body: z.input<typeof NewCustomer>) => (await api.customers.create({ body })).body();
const namesOf = (customers: readonly { company_name: string }[]) =>
  customers.map(({ company_name }) => company_name);

const refused = async (path: string) => {
  const answer = await fetch(`${cloud.apiUrl}/api/v1/customers/${path}`, {
    headers: { authorization: `Bearer ${cloud.viewer.token}` },
  });
  const { errors = [] } = (await answer.json()) as { errors?: { loc: (string | number)[] }[] };
  return [answer.status, ...errors.map(({ loc }) => loc.join("."))].join(" ");
};

describe("a search for customers", () => {
  const search = async (q: string, limit?: number) =>
    (await api.customers.search({ query: { q, limit } })).body().customers;

  beforeAll(async () => {
    for (const company_name of ["Nord Bank", "Banknord", "Sparkasse Nord", "Nord", "Nordlicht 100%"])
      await create({ company_name });
    const gone = { company_name: "Gone Nord", status: "churned", contact_email: "ada@example.com" } as const;
    await create({ ...gone, account_manager_id: cloud.manager.id, contract_value: 1234.5 });
  });

  it("finds a part of the name in any case, best match first, customers who left too", async () => {
    expect(namesOf(await search(" nORD "))).toEqual([
      "Nord",
      "Nord Bank",
      "Nordlicht 100%",
      "Gone Nord",
      "Sparkasse Nord",
      "Banknord",
    ]);
  });

  it("takes signs as they are, and finds nothing where there is nothing", async () => {
    expect(namesOf(await search("0%"))).toEqual(["Nordlicht 100%"]);
    expect(await search("%")).toHaveLength(1);
    for (const q of ["_", ".*", "\\", "nordnord"]) expect(await search(q)).toEqual([]);
  });

  it("shows a customer as elsewhere, and under the names that the search box reads", async () => {
    const [found] = await search("gone");
    const { customer } = (await api.customers.get({ params: { id: found?.id ?? "" } })).body();
    expect(found).toEqual({
      ...customer,
      name: "Gone Nord",
      email: "ada@example.com",
      ...{ health_score: null, band: null },
    });
    expect(found?.account_manager_info?.id).toBe(cloud.manager.id);
  });

  it("shows the newest score, and follows a new name", async () => {
    const { id } = await create({ company_name: "Early Name" });
    const scored = (await api.healthScores.calculate({ params: { customer_id: id }, body: {} })).body();
    expect(await search("early")).toMatchObject([{ health_score: scored.overall_score, band: scored.band }]);
    await api.customers.update({ params: { id }, body: { company_name: "Late Name" } });
    expect(await search("early")).toEqual([]);
    expect(namesOf(await search("late"))).toEqual(["Late Name"]);
  });

  it("answers ten unless told otherwise", async () => {
    for (let n = 10; n < 23; n++) await create({ company_name: `Many ${n}` });
    expect(namesOf(await search("many"))).toEqual(Array.from({ length: 10 }, (_, n) => `Many ${n + 10}`));
    expect(namesOf(await search("many", 2))).toEqual(["Many 10", "Many 11"]);
    expect(await search("many", 50)).toHaveLength(13);
  });
});

describe("customers at risk", () => {
  const atRisk = async (limit?: number) => (await api.customers.atRisk({ query: { limit } })).body();
  const scored = async (body: z.input<typeof NewCustomer>) => {
    const { id } = await create(body);
    const { overall_score } = (
      await api.healthScores.calculate({ params: { customer_id: id }, body: {} })
    ).body();
    return overall_score;
  };

  it("are those by status and those by newest score, lowest score first, then those without one", async () => {
    await create({ company_name: "By Status", status: "at_risk" });
    await create({ company_name: "Well", status: "active" });
    const long = { contract_start_date: inDays(-300), contract_end_date: inDays(400) };
    const low = await scored({ company_name: "Low", status: "active", ...long });
    const lowest = await scored({ company_name: "Lowest", status: "active", contract_end_date: inDays(-1) });
    await scored({ company_name: "Left", status: "churned" });
    expect(lowest).toBeLessThan(low);
    const mine = (await atRisk()).filter(({ company_name }) => company_name !== "Late Name");
    expect(namesOf(mine)).toEqual(["Lowest", "Low", "By Status"]);
    expect(namesOf(await atRisk(1))).toEqual(["Lowest"]);
  });

  it("are no longer when a person says so and the score has risen", async () => {
    const [found] = (await atRisk()).filter(({ company_name }) => company_name === "By Status");
    await api.customers.update({ params: { id: found?.id ?? "" }, body: { status: "active" } });
    expect(namesOf(await atRisk())).not.toContain("By Status");
  });
});

describe("contracts that end soon", () => {
  it("are those of customers who stay, from today to the last day, soonest first", async () => {
    for (const days of [-1, 0, 90, 91, 7])
      await create({ company_name: `Ends in ${days}`, contract_end_date: inDays(days) });
    await create({ company_name: "Ends, left", contract_end_date: inDays(5), status: "churned" });
    const soon = async (query: { days?: number; limit?: number }) =>
      namesOf((await api.customers.expiringSoon({ query })).body());
    expect(await soon({})).toEqual(["Ends in 0", "Ends in 7", "Ends in 90"]);
    expect(await soon({ days: 91 })).toHaveLength(4);
    expect(await soon({ days: 6 })).toEqual(["Ends in 0"]);
    expect(await soon({ limit: 2 })).toEqual(["Ends in 0", "Ends in 7"]);
  });
});

describe("what is answered", () => {
  it("is what the contract says, to the letter", async () => {
    const { viewer } = cloud;
    const found = (await viewer.api.customers.search({ query: { q: "n" } })).raw;
    const wrapped = strictSchema(z.object({ customers: z.array(FoundCustomer).min(5) }));
    expect(wrapped.safeParse(found).error?.issues.slice(0, 3)).toBeUndefined();
    const list = strictSchema(z.array(Customer).min(1));
    for (const { raw } of [
      await viewer.api.customers.atRisk({}),
      await viewer.api.customers.expiringSoon({}),
    ])
      expect(list.safeParse(raw).error?.issues.slice(0, 3)).toBeUndefined();
  });
});

describe("what is asked", () => {
  it.each([
    ["search", "query.q"],
    ["search?q=%20", "query.q"],
    ["search?q=a%00b", "query.q"],
    [`search?q=${"x".repeat(256)}`, "query.q"],
    ["search?q=a&limit=0", "query.limit"],
    ["at-risk?limit=0", "query.limit"],
    ["expiring-soon?days=0", "query.days"],
    ["expiring-soon?days=366", "query.days"],
    ["expiring-soon?limit=-1", "query.limit"],
  ])("refuses %s", async (path, field) => {
    expect(await refused(path)).toBe(`422 ${field}`);
  });
});
