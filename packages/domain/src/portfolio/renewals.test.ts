import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { daysAfter, daysBetween } from "../calendar.ts";
import { amountOf } from "../figures.ts";
import { centsOf, customer, portfolioOf, portfolios, staying, TODAY } from "./fixture/rows.ts";
import { upcomingRenewals } from "./renewals.ts";

describe("renewals", () => {
  it("are contracts that end from today on; each list holds the one before", () => {
    const rows = [-1, 0, 30, 31, 60, 61, 90, 91].map((ends) => customer(`in ${ends}`, { ends, cents: 10 }));
    const found = upcomingRenewals(portfolioOf([...rows, customer("open end")]), TODAY, 1_000);
    const days = (renewals: readonly { days_until_renewal: number }[]) =>
      renewals.map(({ days_until_renewal }) => days_until_renewal);
    expect(days(found.renewals_30_days)).toEqual([0, 30]);
    expect(days(found.renewals_60_days)).toEqual([0, 30, 31, 60]);
    expect(days(found.renewals_90_days)).toEqual([0, 30, 31, 60, 61, 90]);
    expect([found.total_value_30_days, found.total_value_60_days, found.total_value_90_days]).toEqual([
      0.2, 0.4, 0.6,
    ]);
  });

  it("are counted and added up, however few are shown", () => {
    const rows = [1, 2, 40].map((ends) => customer(`in ${ends}`, { ends, cents: 10_000 }));
    expect(upcomingRenewals(portfolioOf(rows), TODAY, 1)).toMatchObject({
      renewals_90_days: [{ days_until_renewal: 1 }],
      count_30_days: 2,
      count_90_days: 3,
      total_value_30_days: 200,
      total_value_90_days: 300,
    });
  });

  it("leave out customers who left", () => {
    expect(
      upcomingRenewals(portfolioOf([customer("a", { ends: 3, status: "churned" })]), TODAY, 1_000)
        .renewals_90_days,
    ).toEqual([]);
  });

  it("show 0 for an unknown value and null for what is not there", () => {
    expect(
      upcomingRenewals(portfolioOf([customer("a", { ends: 3 })]), TODAY, 1_000).renewals_30_days,
    ).toEqual([
      {
        customer_id: "a",
        company_name: "Company a",
        contract_value: 0,
        health_score: null,
        ...{ health_status: null, band: null },
        contract_end_date: daysAfter(TODAY, 3),
        days_until_renewal: 3,
        account_manager: null,
      },
    ]);
    const known = customer("b", { ends: 3, cents: 123_450, score: 0, manager: "Ada" });
    expect(upcomingRenewals(portfolioOf([known]), TODAY, 1_000).renewals_30_days).toMatchObject([
      {
        contract_value: 1234.5,
        health_score: 0,
        health_status: "critical",
        band: "critical",
        account_manager: "Ada",
      },
    ]);
  });

  it("come soonest first, then by name, then by id", () => {
    const rows = [
      customer("1", { ends: 5, company_name: "beta" }),
      customer("3", { ends: 4, company_name: "Zeta" }),
      customer("4", { ends: 5, company_name: "Alpha" }),
      customer("2", { ends: 5, company_name: "Alpha" }),
    ];
    const ids = upcomingRenewals(portfolioOf(rows), TODAY, 1_000).renewals_30_days.map(
      ({ customer_id }) => customer_id,
    );
    expect(ids).toEqual(["3", "2", "4", "1"]);
  });

  it("are those of a count by hand", () => {
    fc.assert(
      fc.property(portfolios, (rows) => {
        const found = upcomingRenewals(portfolioOf(rows), TODAY, 1_000);
        for (const days of [30, 60, 90] as const) {
          const due = staying(rows).filter(({ customer: { contract_end_date: end } }) => {
            const left = end === undefined ? -1 : daysBetween(TODAY, end);
            return left >= 0 && left <= days;
          });
          const renewals = found[`renewals_${days}_days`];
          expect(renewals.map(({ customer_id }) => customer_id).sort()).toEqual(
            due.map((row) => row.customer.id).sort(),
          );
          expect(found[`total_value_${days}_days`]).toBe(amountOf(centsOf(due)));
          for (const { contract_end_date, days_until_renewal } of renewals)
            expect(days_until_renewal).toBe(daysBetween(TODAY, contract_end_date));
          const dates = renewals.map(({ contract_end_date }) => contract_end_date);
          expect(dates).toEqual(dates.toSorted());
        }
      }),
    );
  });
});
