import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { amountOf, meanOf } from "../figures.ts";
import { centsOf, customer, portfolioOf, portfolios, scoresOf, staying, sum } from "./fixture/rows.ts";
import { accountManagerPerformance } from "./performance.ts";

const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();

describe("account managers", () => {
  it("come with their customers, and how many have left", () => {
    const rows = [
      customer("a", { manager: "Ada", score: 50, cents: 1_000, status: "at_risk" }),
      customer("b", { manager: "Grace", score: 90, cents: 2_000 }),
      customer("c", { manager: "Ada", score: 0, cents: 4_000, status: "churned" }),
      customer("d"),
    ];
    const open = new Map([
      ["a", 2],
      ["c", 1],
      ["d", 9],
    ]);
    expect(accountManagerPerformance(portfolioOf(rows), open).managers).toEqual([
      {
        account_manager: "Ada",
        account_manager_id: null,
        email: null,
        customer_count: 1,
        avg_health_score: 50,
        at_risk_customers: 1,
        total_contract_value: 10,
        churned_customers: 1,
        active_alerts: 2,
      },
      {
        account_manager: "Grace",
        account_manager_id: null,
        email: null,
        customer_count: 1,
        avg_health_score: 90,
        at_risk_customers: 0,
        total_contract_value: 20,
        churned_customers: 0,
        active_alerts: 0,
      },
    ]);
  });

  it("are people: users of one name are several, spellings of a name without a user are one", () => {
    const rows = [
      customer("a", { user: "Ada 1" }),
      customer("b", { user: "Ada 2" }),
      customer("c", { user: "Ada 2" }),
      customer("d", { manager: "grace" }),
      customer("e", { manager: "Grace" }),
      customer("f", { manager: "Grace" }),
    ];
    const found = accountManagerPerformance(portfolioOf(rows), new Map()).managers;
    expect(
      found.map(({ account_manager, email, customer_count }) => [account_manager, email, customer_count]),
    ).toEqual([
      ["Grace", null, 3],
      ["Ada", "Ada2@example.com", 2],
      ["Ada", "Ada1@example.com", 1],
    ]);
  });

  it("come by name where they have as many customers", () => {
    const rows = ["Grace", "Ada", "Zoe", "Zoe"].map((manager, n) => customer(`c${n}`, { manager }));
    const names = accountManagerPerformance(portfolioOf(rows), new Map()).managers.map(
      ({ account_manager }) => account_manager,
    );
    expect(names).toEqual(["Zoe", "Ada", "Grace"]);
  });

  it("are those of a count by hand", () => {
    fc.assert(
      fc.property(portfolios, fc.array(fc.nat(39)), (rows, alerts) => {
        const open = new Map<string, number>();
        for (const n of alerts) open.set(`c${n}`, (open.get(`c${n}`) ?? 0) + 1);
        const { managers } = accountManagerPerformance(portfolioOf(rows), open);
        const keys = new Set(rows.flatMap(({ manager_key }) => manager_key || []));
        expect(managers).toHaveLength(keys.size);
        for (const figures of managers) {
          const everybody = rows.filter((row) =>
            figures.account_manager_id === null
              ? row.manager === undefined && same(row.account_manager_name, figures.account_manager)
              : row.manager?.id === figures.account_manager_id,
          );
          const managed = staying(everybody);
          expect(figures).toEqual({
            account_manager: figures.account_manager,
            account_manager_id: everybody[0]?.manager?.id ?? null,
            email: everybody[0]?.manager?.email ?? null,
            customer_count: managed.length,
            avg_health_score: meanOf(sum(scoresOf(managed)), scoresOf(managed).length),
            at_risk_customers: managed.filter(({ customer: { status } }) => status === "at_risk").length,
            total_contract_value: amountOf(centsOf(managed)),
            churned_customers: everybody.length - managed.length,
            active_alerts: alerts.filter((n) => managed.some(({ customer: { id } }) => id === `c${n}`))
              .length,
          });
        }
      }),
    );
  });
});
