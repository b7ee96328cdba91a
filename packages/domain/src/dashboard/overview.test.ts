import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { amountOf } from "../figures.ts";
import { centsOf, customer, portfolios, TODAY } from "./fixture/rows.ts";
import { overviewOf } from "./overview.ts";
import { statsOf } from "./stats.ts";
import { renewalsOf } from "./upcoming-renewals.ts";

describe("the overview", () => {
  it("is worth what active customers are worth, and counts the contracts of all who stay", () => {
    const rows = [
      customer("a", { cents: 150, ends: 0, score: 71 }),
      customer("b", { cents: 900, ends: 30, status: "at_risk", score: 70 }),
      customer("c", { cents: 900, ends: 90, status: "onboarding" }),
      customer("d", { cents: 900, ends: 5, status: "churned" }),
      customer("e", { cents: 25, ends: -1 }),
      customer("f", { ends: 91 }),
    ];
    expect(overviewOf(rows, TODAY)).toEqual({
      total_customers: 6,
      active_customers: 3,
      at_risk_customers: 1,
      churned_customers: 1,
      onboarding_customers: 1,
      average_health_score: 70.5,
      total_contract_value: 1.75,
      contracts_expiring_30_days: 2,
      contracts_expiring_90_days: 3,
    });
  });

  it("of an empty portfolio is zero, never null", () => {
    expect(new Set(Object.values(overviewOf([], TODAY)))).toEqual(new Set([0]));
  });

  it("says the same as the figures and the renewals", () => {
    fc.assert(
      fc.property(portfolios, (rows) => {
        const overview = overviewOf(rows, TODAY);
        const stats = statsOf(rows, TODAY);
        const renewals = renewalsOf(rows, TODAY, 1_000);
        const active = rows.filter((row) => row.customer.status === "active");
        expect(overview).toEqual({
          total_customers: stats.total_customers,
          active_customers: stats.active_customers,
          at_risk_customers: stats.at_risk_customers,
          churned_customers: stats.churned_customers,
          onboarding_customers: stats.onboarding_customers,
          average_health_score: stats.avg_health_score ?? 0,
          total_contract_value: amountOf(centsOf(active)),
          contracts_expiring_30_days: renewals.renewals_30_days.length,
          contracts_expiring_90_days: renewals.renewals_90_days.length,
        });
      }),
    );
  });
});
