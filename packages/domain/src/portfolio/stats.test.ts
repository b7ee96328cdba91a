import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { daysAfter } from "../calendar.ts";
import { amountOf, meanOf, percentOf } from "../figures.ts";
import { centsOf, customer, portfolioOf, portfolios, scoresOf, staying, sum, TODAY } from "./fixture/rows.ts";
import { upcomingRenewals } from "./renewals.ts";
import { portfolioOverview, portfolioStats } from "./stats.ts";

describe("figures of the portfolio", () => {
  it("count customers by status, and all deployments by product; who has left is counted beside", () => {
    const rows = [
      customer("a", { status: "active", cents: 100_050, score: 80, deployments: "MonetX (GreenX)" }),
      customer("b", { status: "at_risk", cents: 10, score: 41 }),
      customer("c", { status: "churned", cents: 99_999, score: 0, deployments: "(MonetX)" }),
      customer("d", { status: "onboarding" }),
    ];
    expect(portfolioStats(portfolioOf(rows), TODAY)).toEqual({
      total_customers: 3,
      active_customers: 1,
      at_risk_customers: 1,
      churned_customers: 1,
      onboarding_customers: 1,
      customer_change_percentage: 0,
      total_deployments: 2,
      deployments_by_product: { MonetX: 1, SupportX: 0, GreenX: 1 },
      total_contract_value: 1000.6,
      avg_health_score: 60.5,
      unknown_customers: 0,
    });
  });

  it("of an empty portfolio are zero, and what has no value is null", () => {
    expect(portfolioStats(portfolioOf([]), TODAY)).toMatchObject({
      total_customers: 0,
      customer_change_percentage: null,
      total_contract_value: 0,
      avg_health_score: null,
    });
  });

  it("tell a mean of 0 from none", () => {
    expect(portfolioStats(portfolioOf([customer("a", { score: 0 })]), TODAY).avg_health_score).toBe(0);
  });

  it.each([
    [[100, 30], 100],
    [[100, 31], 0],
    [[100, 100, 100, 1], 33.3],
    [[100, 1, 2, 3], 300],
    [[3], null],
  ])("of customers who came %j days ago, changed by %d percent in 30 days", (ages, expected) => {
    const rows = ages.map((age, n) => customer(`c${n}`, { age }));
    expect(portfolioStats(portfolioOf(rows), TODAY).customer_change_percentage).toBe(expected);
  });

  it("are those of a count by hand", () => {
    fc.assert(
      fc.property(portfolios, (everybody) => {
        const rows = staying(everybody);
        const having = (status: string) => everybody.filter((row) => row.customer.status === status).length;
        const products = rows.flatMap(({ deployments }) => deployments.map((one) => one.product_name));
        const of = (name: string) => products.filter((product) => product === name).length;
        const old = rows.filter((row) => row.customer.created_at.slice(0, 10) < daysAfter(TODAY, -30)).length;
        expect(portfolioStats(portfolioOf(everybody), TODAY)).toEqual({
          total_customers: rows.length,
          active_customers: having("active"),
          at_risk_customers: having("at_risk"),
          churned_customers: having("churned"),
          onboarding_customers: having("onboarding"),
          customer_change_percentage: old ? percentOf(rows.length - old, old) : null,
          total_deployments: products.length,
          deployments_by_product: { MonetX: of("MonetX"), SupportX: of("SupportX"), GreenX: of("GreenX") },
          total_contract_value: amountOf(centsOf(rows)),
          avg_health_score: meanOf(sum(scoresOf(rows)), scoresOf(rows).length),
          unknown_customers: rows.filter(({ score }) => score?.band === "unknown").length,
        });
      }),
    );
  });
});

describe("the overview", () => {
  it("is about all who stay", () => {
    const rows = [
      customer("a", { cents: 150, ends: 0, score: 71 }),
      customer("b", { cents: 900, ends: 30, status: "at_risk", score: 70 }),
      customer("c", { cents: 900, ends: 90, status: "onboarding" }),
      customer("d", { cents: 900, ends: 5, status: "churned" }),
      customer("e", { cents: 25, ends: -1 }),
      customer("f", { ends: 91 }),
    ];
    expect(portfolioOverview(portfolioOf(rows), TODAY)).toEqual({
      total_customers: 5,
      active_customers: 3,
      at_risk_customers: 1,
      churned_customers: 1,
      onboarding_customers: 1,
      average_health_score: 70.5,
      unknown_customers: 0,
      total_contract_value: 19.75,
      contracts_expiring_30_days: 2,
      contracts_expiring_90_days: 3,
    });
  });

  it("of an empty portfolio is zero, never null", () => {
    expect(new Set(Object.values(portfolioOverview(portfolioOf([]), TODAY)))).toEqual(new Set([0]));
  });

  it("says the same as the figures and the renewals", () => {
    fc.assert(
      fc.property(portfolios, (rows) => {
        const overview = portfolioOverview(portfolioOf(rows), TODAY);
        const stats = portfolioStats(portfolioOf(rows), TODAY);
        const renewals = upcomingRenewals(portfolioOf(rows), TODAY, 1_000);
        expect(overview).toEqual({
          total_customers: stats.total_customers,
          active_customers: stats.active_customers,
          at_risk_customers: stats.at_risk_customers,
          churned_customers: stats.churned_customers,
          onboarding_customers: stats.onboarding_customers,
          average_health_score: stats.avg_health_score ?? 0,
          unknown_customers: stats.unknown_customers,
          total_contract_value: stats.total_contract_value,
          contracts_expiring_30_days: renewals.renewals_30_days.length,
          contracts_expiring_90_days: renewals.renewals_90_days.length,
        });
      }),
    );
  });
});
