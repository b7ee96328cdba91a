import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { RetentionFigure } from "@success-manager/contract/outcomes";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type TestCloud, testCloud } from "../support/cloud.ts";

type Query = NonNullable<Parameters<TestCloud["viewer"]["api"]["outcomes"]["retention"]>[0]["query"]>;

let cloud: TestCloud;
const start = async () => {
  // The domain connects to one database: a second cloud needs a domain of its own.
  vi.resetModules();
  cloud = await testCloud();
};
const retention = async (query: Query) => (await cloud.viewer.api.outcomes.retention({ query })).body();
const behind = async (figure: RetentionFigure, query: Query & { group?: string }) =>
  (await cloud.viewer.api.outcomes.retentionCustomers({ query: { figure, ...query } })).body();

const SHARES = ["start", "churned", "contracted", "expanded", "end", "new", "reactivated"] as const;
const cents = (amount: string) => Math.round(Number(amount) * 100);

describe("retention of a year", () => {
  beforeAll(start);
  afterAll(() => cloud?.stop());

  it("is counted by customer, with the customers behind each figure, by group, and as it was known", async () => {
    const { api } = cloud.manager;
    const customer = async (company_name: string, contract_value: string, more: object = {}) =>
      (
        await api.customers.create({
          body: {
            company_name,
            contract_value,
            contract_start_date: "2024-01-01",
            status: "active",
            ...more,
          },
        })
      ).body().id;
    const stays = await customer("Stays", "1000", { industry: "Water" });
    const grows = await customer("Grows", "700", { industry: "water" });
    const shrinks = await customer("Shrinks", "100", { industry: "Rail" });
    const leaves = await customer("Leaves", "400", { industry: "Rail", account_manager: "Ada" });
    const returns = await customer("Returns", "600");
    const comes = await customer("Comes", "5000", { contract_start_date: "2025-05-05" });
    const returned = await customer("Returned", "50");
    const { contract_start_date: _, ...unvalued } = { contract_start_date: "", company_name: "Unvalued" };
    await api.customers.create({
      body: { ...unvalued, contract_start_date: "2024-06-01", status: "active" },
    });
    const imported = await api.outcomes.import({
      body: {
        outcomes: [
          {
            customer_id: grows,
            kind: "expanded",
            effective_on: "2025-02-01",
            amount_before: "500",
            amount_after: "900",
          },
          { customer_id: grows, kind: "contracted", effective_on: "2025-12-31", amount_after: "700" },
          {
            customer_id: shrinks,
            kind: "contracted",
            effective_on: "2025-07-01",
            amount_before: "300",
            amount_after: "100",
          },
          { customer_id: leaves, kind: "churned", effective_on: "2025-01-01", reason: "price_budget" },
          { customer_id: returns, kind: "churned", effective_on: "2025-03-01", amount_before: "600" },
          { customer_id: returns, kind: "reactivated", effective_on: "2025-06-01", amount_after: "600" },
          { customer_id: returned, kind: "churned", effective_on: "2024-06-01" },
          { customer_id: returned, kind: "reactivated", effective_on: "2025-06-01", amount_after: "60" },
          // Of a later year.
          { customer_id: stays, kind: "expanded", effective_on: "2026-01-01", amount_after: "9000" },
        ],
      },
    });
    expect(imported.body()).toEqual({ recorded: 9, unchanged: 0, failed: [] });

    const year = await retention({ period: "2025" });
    expect(year).toMatchObject({
      ...{ period: "2025", first_day: "2025-01-01", last_day: "2025-12-31", until: "2025-12-31", groups: [] },
      start: { customers: 6, amount: "2800.00" },
      churned: { customers: 2, amount: "1000.00" },
      contracted: { customers: 1, amount: "200.00" },
      expanded: { customers: 1, amount: "200.00" },
      end: { customers: 4, amount: "1800.00" },
      new: { customers: 1, amount: "5000.00" },
      reactivated: { customers: 2, amount: "660.00" },
      ...{ grr: 57.1, nrr: 64.3, logo_retention: 66.7, without_amount: 1, undated: 0 },
    });
    for (const figure of SHARES) {
      const { customers, total } = await behind(figure, { period: "2025" });
      expect([figure, total, customers.reduce((sum, { amount }) => sum + cents(amount), 0)]).toEqual([
        figure,
        year[figure].customers,
        cents(year[figure].amount),
      ]);
    }
    expect((await behind("churned", { period: "2025" })).customers).toEqual([
      {
        ...{ customer_id: returns, company_name: "Returns", amount_before: "600.00", amount_after: "600.00" },
        ...{ amount: "600.00", left_on: "2025-03-01", reason: "unspecified" },
      },
      {
        ...{ customer_id: leaves, company_name: "Leaves", amount_before: "400.00", amount_after: null },
        ...{ amount: "400.00", left_on: "2025-01-01", reason: "price_budget" },
      },
    ]);
    // Who came back is behind both: with what they pay at the end.
    const back = (await behind("reactivated", { period: "2025" })).customers;
    expect(back.map(({ amount_before, amount_after }) => [amount_before, amount_after])).toEqual([
      ["600.00", "600.00"],
      [null, "60.00"],
    ]);
    const first = await behind("start", { period: "2025", limit: 4 } as Query);
    const rest = await behind("start", { period: "2025", cursor: first.next_cursor } as Query);
    expect([...first.customers, ...rest.customers].map(({ amount }) => amount)).toEqual([
      "1000.00",
      "600.00",
      "500.00",
      "400.00",
      "300.00",
      "0.00",
    ]);

    for (const by of ["industry", "account_manager", "products", "size"] as const) {
      const { groups } = await retention({ period: "2025", by });
      for (const figure of SHARES) {
        const sum = groups.reduce((all, group) => all + cents(group[figure].amount), 0);
        expect([by, figure, sum]).toEqual([by, figure, cents(year[figure].amount)]);
      }
      const [group] = groups;
      const own = await behind("start", { period: "2025", by, group: group?.group ?? "" });
      expect(own.total).toBe(group?.start.customers);
    }
    const { groups } = await retention({ period: "2025", by: "industry" });
    expect(groups.map(({ label, start }) => `${label} ${start.amount}`)).toEqual([
      "Water 1500.00",
      "Rail 700.00",
      "No industry 600.00",
    ]);

    // Nobody knew any of it then: no customer was recorded.
    expect(await retention({ period: "2025", known_on: "2026-01-01" })).toMatchObject({
      start: { customers: 0, amount: "0.00" },
      ...{ grr: null, nrr: null, logo_retention: null },
    });
    const today = new Date().toISOString().slice(0, 10);
    expect((await retention({ period: "2025", known_on: today })).end).toEqual(year.end);

    // A period that lasts counts until today; what is announced for later does not count yet.
    const running = await retention({ period: today.slice(0, 4) });
    expect(running.until).toBe(today);
    const tomorrow = new Date(Date.now() + 24 * 60 * 60 * 1000).toISOString().slice(0, 10);
    (
      await api.customers.recordOutcome({
        params: { id: comes },
        body: { kind: "churned", effective_on: tomorrow },
      })
    ).body();
    expect(await retention({ period: today.slice(0, 4) })).toEqual(running);
    // Who leaves counts with the next call.
    (await api.customers.remove({ params: { id: stays } })).body();
    expect((await retention({ period: today.slice(0, 4) })).churned.customers).toBe(
      running.churned.customers + 1,
    );
  });

  it("keeps a departure that was recorded when a return is announced", async () => {
    const { api } = cloud.manager;
    const inDays = (days: number) =>
      new Date(Date.now() + days * 24 * 60 * 60 * 1000).toISOString().slice(0, 10);
    const body = { company_name: "Comes again", contract_value: "10", contract_start_date: "2024-01-01" };
    const { id } = (await api.customers.create({ body: { ...body, status: "active" } })).body();
    const record = async (kind: "churned" | "reactivated", days: number) =>
      (
        await api.customers.recordOutcome({ params: { id }, body: { kind, effective_on: inDays(days) } })
      ).body();
    await record("churned", -40);
    const period = inDays(-40).slice(0, 7);
    const [figures, left] = [await retention({ period }), await behind("churned", { period })];
    expect(left.customers.map(({ customer_id }) => customer_id)).toContain(id);
    await record("reactivated", 10);
    expect([await retention({ period }), await behind("churned", { period })]).toEqual([figures, left]);
    expect(figures.undated).toBe(0);
    // Who left without a word counts as of now, whatever was known then.
    const { CustomerEntity } = await import("@success-manager/domain/table");
    const { id: gone } = (
      await api.customers.create({ body: { ...body, company_name: "Gone", status: "active" } })
    ).body();
    await CustomerEntity.patch({ id: gone })
      .set({ status: "churned", changed_at: new Date().toISOString() })
      .go();
    expect(
      await Promise.all(
        [undefined, inDays(-1), inDays(0)].map(async (known_on) => {
          const asked = { period, ...(known_on && { known_on }) };
          const { customers } = await behind("undated", asked);
          return [(await retention(asked)).undated, ...customers.map(({ customer_id }) => customer_id)];
        }),
      ),
    ).toEqual(Array(3).fill([1, gone]));
  });

  it.each([
    [{ period: "2999" }],
    [{ period: "2026-13" }],
    [{ period: "2026-Q5" }],
    [{ period: "week" }],
    [{ by: "weather" }],
    [{ known_on: "yesterday" }],
  ])("is refused for %j", async (query) => {
    expect((await cloud.viewer.api.outcomes.retention({ query: query as Query })).status).toBe(422);
  });

  it("asks for what the group is one of", async () => {
    const query = { figure: "start", group: "water" } as const;
    expect((await cloud.viewer.api.outcomes.retentionCustomers({ query })).status).toBe(422);
  });
});

const FILE = fileURLToPath(new URL("../../../shared/data/saas-account_month_mrr.csv", import.meta.url));

/** What accounts paid in months: public data, which stays where it is. */
describe.skipIf(!existsSync(FILE))(
  `retention of ${FILE.replace(/.*\//, "")} (left out where the file is not there)`,
  () => {
    beforeAll(start);
    afterAll(() => cloud?.stop());

    /** By account, what it paid in each month in which it was a customer, in cents. */
    const accounts = () => {
      const byAccount = new Map<string, Map<string, number>>();
      for (const line of readFileSync(FILE, "utf8").trim().split(/\r?\n/).slice(1)) {
        const [account = "", month = "", mrr = ""] = line.split(",");
        byAccount.set(account, (byAccount.get(account) ?? new Map()).set(month.slice(0, 7), cents(mrr)));
      }
      return byAccount;
    };
    const months = (first: string, last: string) => {
      const all: string[] = [];
      for (let [year = 0, month = 0] = first.split("-").map(Number); ; ) {
        all.push(`${year}-${String(month).padStart(2, "0")}`);
        if (all.at(-1) === last) return all;
        [year, month] = month === 12 ? [year + 1, 1] : [year, month + 1];
      }
    };
    const ALL = months("2023-01", "2024-12");
    const amount = (value: number) => (value / 100).toFixed(2);

    it("is what the months say, for each month, quarter and year", async () => {
      const { api } = cloud.manager;
      const paid = accounts();
      const outcomes: {
        customer_id: string;
        kind: string;
        effective_on: string;
        amount_before: string;
        amount_after: string;
      }[] = [];
      await Promise.all(
        Array.from(paid, async ([company_name, own]) => {
          const [first = ""] = [...own.keys()].sort();
          const body = {
            company_name,
            contract_start_date: `${first}-01`,
            contract_value: amount(own.get(first) ?? 0),
            status: "active",
          } as const;
          const customer_id = (await api.customers.create({ body })).body().id;
          for (const [n, month] of ALL.entries()) {
            const [before, now] = [own.get(ALL[n - 1] ?? ""), own.get(month)];
            const kind =
              before === undefined
                ? now !== undefined && month > first && "reactivated"
                : now === undefined
                  ? "churned"
                  : now !== before && (now > before ? "expanded" : "contracted");
            if (kind)
              outcomes.push({
                customer_id,
                kind,
                effective_on: `${month}-01`,
                amount_before: amount(before ?? 0),
                amount_after: amount(now ?? 0),
              });
          }
        }),
      );
      // Of one customer in one call: they are recorded together.
      const byCustomer = [...Map.groupBy(outcomes, ({ customer_id }) => customer_id).values()];
      const packs: (typeof outcomes)[] = [[]];
      for (const own of byCustomer) {
        if ((packs.at(-1)?.length ?? 0) + own.length > 40) packs.push([]);
        packs.at(-1)?.push(...own);
      }
      for (const pack of packs) {
        const sent = { outcomes: pack as never };
        expect((await api.outcomes.import({ body: sent })).body()).toMatchObject({
          recorded: pack.length,
          failed: [],
        });
      }

      const periods = [
        ...ALL.slice(1).map((month) => [month, [month]] as const),
        ...["2023-Q2", "2023-Q3", "2023-Q4", "2024-Q1", "2024-Q2", "2024-Q3", "2024-Q4"].map((quarter) => {
          const last = String(3 * Number(quarter.at(-1))).padStart(2, "0");
          const end = ALL.indexOf(`${quarter.slice(0, 4)}-${last}`);
          return [quarter, ALL.slice(end - 2, end + 1)] as const;
        }),
        ["2024", ALL.slice(12)] as const,
      ];
      for (const [period, own] of periods) {
        // By the months alone: who paid in the month before, and in all of the period's.
        const eve = ALL[ALL.indexOf(own[0] ?? "") - 1] ?? "";
        let [start, kept, end, customers, stayed] = [0, 0, 0, 0, 0];
        for (const row of paid.values()) {
          const before = row.get(eve);
          if (before === undefined) continue;
          const after = own.every((month) => row.has(month)) ? row.get(own.at(-1) ?? "") : undefined;
          start += before;
          customers += 1;
          if (after === undefined) continue;
          stayed += 1;
          end += after;
          kept += Math.min(before, after);
        }
        const percent = (part: number, whole: number) =>
          whole === 0 ? null : Math.round((1000 * part) / whole) / 10;
        const found = await retention({ period });
        expect({
          ...{ period, start: found.start, end: found.end },
          ...{ grr: found.grr, nrr: found.nrr, logos: found.logo_retention },
        }).toEqual({
          period,
          start: { customers, amount: amount(start) },
          end: { customers: stayed, amount: amount(end) },
          ...{ grr: percent(kept, start), nrr: percent(end, start), logos: percent(stayed, customers) },
        });
      }
    });
  },
);
