import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { amountOf, meanOf } from "../figures.ts";
import { centsOf, customer, portfolios, scoresOf, staying, sum } from "./fixture/rows.ts";
import { accountManagerPerformance } from "./performance.ts";

describe("account managers", () => {
  it("come with all their customers, worth what those who stay are worth", () => {
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
    expect(accountManagerPerformance(rows, open).managers).toEqual([
      {
        account_manager: "Ada",
        customer_count: 2,
        avg_health_score: 25,
        at_risk_customers: 1,
        total_contract_value: 10,
        churned_customers: 1,
        active_alerts: 3,
      },
      {
        account_manager: "Grace",
        customer_count: 1,
        avg_health_score: 90,
        at_risk_customers: 0,
        total_contract_value: 20,
        churned_customers: 0,
        active_alerts: 0,
      },
    ]);
  });

  it("come by name where they have as many customers", () => {
    const rows = ["Grace", "Ada", "Zoe", "Zoe"].map((manager, n) => customer(`c${n}`, { manager }));
    const names = accountManagerPerformance(rows, new Map()).managers.map(
      ({ account_manager }) => account_manager,
    );
    expect(names).toEqual(["Zoe", "Ada", "Grace"]);
  });

  it("are those of a count by hand", () => {
    fc.assert(
      fc.property(portfolios, fc.array(fc.nat(39)), (rows, alerts) => {
        const open = new Map<string, number>();
        for (const n of alerts) open.set(`c${n}`, (open.get(`c${n}`) ?? 0) + 1);
        const { managers } = accountManagerPerformance(rows, open);
        const names = new Set(rows.flatMap(({ account_manager_name }) => account_manager_name || []));
        expect(new Set(managers.map(({ account_manager }) => account_manager))).toEqual(names);
        for (const figures of managers) {
          const managed = rows.filter((row) => row.account_manager_name === figures.account_manager);
          const having = (status: string) => managed.filter((row) => row.customer.status === status).length;
          expect(figures).toEqual({
            account_manager: figures.account_manager,
            customer_count: managed.length,
            avg_health_score: meanOf(sum(scoresOf(managed)), scoresOf(managed).length),
            at_risk_customers: having("at_risk"),
            total_contract_value: amountOf(centsOf(staying(managed))),
            churned_customers: having("churned"),
            active_alerts: alerts.filter((n) => managed.some(({ customer: { id } }) => id === `c${n}`))
              .length,
          });
        }
      }),
    );
  });
});
