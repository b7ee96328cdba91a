import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CustomerRow } from "../directory/index.ts";
import { amountOf } from "../figures.ts";
import { customerSegments } from "./customer-segments.ts";
import { centsOf, customer, portfolioOf, portfolios, staying, sum } from "./fixture/rows.ts";

const namesOf = (segments: readonly { name: string; count: number }[]) =>
  segments.map(({ name, count }) => `${name}: ${count}`);

describe("segments", () => {
  it("by industry have the largest first, then by name; a label is one however it is spelled", () => {
    const rows = [" Food", "food", undefined, "Energy", "Food ", "", "Art", "FOOD", "Fo\u200bod", "unknown"];
    const { by_industry } = customerSegments(
      portfolioOf(rows.map((industry, n) => customer(`c${n}`, { industry, cents: 150 }))),
    );
    expect(namesOf(by_industry)).toEqual(["Food: 5", "Unknown: 3", "Art: 1", "Energy: 1"]);
    expect(by_industry[0]).toEqual({ name: "Food", count: 5, percentage: 50, total_value: 7.5 });
  });

  it("go by the spelling used most, whatever the order of customers", () => {
    const industries = [
      "public  sector",
      "Public Sector",
      "PUBLIC SECTOR",
      "Public\u00a0Sector",
      "Public Sector",
    ];
    fc.assert(
      fc.property(fc.shuffledSubarray(industries, { minLength: industries.length }), (order) => {
        const rows = order.map((industry, n) => customer(`c${n}`, { industry }));
        expect(namesOf(customerSegments(portfolioOf(rows)).by_industry)).toEqual(["Public Sector: 5"]);
      }),
    );
  });

  it.each([
    [50_000_000, "Enterprise ($500K+)"],
    [49_999_999, "Mid-Market ($100K-$500K)"],
    [10_000_000, "Mid-Market ($100K-$500K)"],
    [9_999_999, "SMB ($25K-$100K)"],
    [2_500_000, "SMB ($25K-$100K)"],
    [2_499_999, "Starter (<$25K)"],
    [0, "Starter (<$25K)"],
    [undefined, "Starter (<$25K)"],
  ])("by value put %s cents into %s", (cents, expected) => {
    const { by_contract_value_range: ranges } = customerSegments(portfolioOf([customer("a", { cents })]));
    expect(ranges.filter(({ count }) => count > 0).map(({ name }) => name)).toEqual([expected]);
  });

  it("by health have all bands in their order, with and without a score", () => {
    const rows = [{ score: 80 }, { score: 0 }, {}].map((given, n) => customer(`c${n}`, given));
    expect(namesOf(customerSegments(portfolioOf(rows)).by_health_status)).toEqual([
      "Excellent (80-100): 1",
      "Good (60-79): 0",
      "At Risk (40-59): 0",
      "Critical (<40): 1",
      "Not Scored: 1",
    ]);
  });

  it("by products name each active product once, in order", () => {
    const rows = ["SupportX MonetX SupportX", "MonetX SupportX (GreenX)", "(GreenX)", ""].map(
      (deployments, n) => customer(`c${n}`, { deployments }),
    );
    expect(namesOf(customerSegments(portfolioOf(rows)).by_product_mix)).toEqual([
      "MonetX, SupportX: 2",
      "No Products: 2",
    ]);
  });

  it("of nobody are empty, or zeros where the groups are fixed", () => {
    const segments = customerSegments(
      portfolioOf([customer("gone", { status: "churned", industry: "Food", cents: 1 })]),
    );
    expect(segments.by_industry).toEqual([]);
    expect(segments.by_product_mix).toEqual([]);
    const nothing = { count: 0, percentage: 0, total_value: 0 };
    expect(segments.by_contract_value_range.map(({ name: _, ...figures }) => figures)).toEqual(
      Array.from({ length: 4 }, () => nothing),
    );
    expect(segments.by_health_status).toHaveLength(5);
  });

  it("are those of a count by hand", () => {
    const groupOf = {
      by_industry: ({ customer: { industry = "" } }: CustomerRow) =>
        industry.replace("\u200b", "").trim().toLowerCase() || "unknown",
      by_product_mix: ({ deployments }: CustomerRow) =>
        ["GreenX", "MonetX", "SupportX"]
          .filter((name) => deployments.some((one) => one.is_active && one.product_name === name))
          .join(", ") || "No Products",
    };
    fc.assert(
      fc.property(portfolios, (rows) => {
        const people = staying(rows);
        const segments = customerSegments(portfolioOf(rows));
        for (const group of ["by_industry", "by_product_mix"] as const) {
          const expected = [...Map.groupBy(people, groupOf[group])]
            .map(([name, members]) => ({
              name,
              count: members.length,
              percentage: expect.closeTo((100 * members.length) / people.length, 0),
              total_value: amountOf(centsOf(members)),
            }))
            .sort((a, b) => b.count - a.count || a.name.localeCompare(b.name, "en", { numeric: true }));
          const isIndustry = group === "by_industry";
          const found = segments[group].map(({ name, ...figures }) => ({
            name: isIndustry ? name.toLowerCase() : name,
            ...figures,
          }));
          expect(found).toEqual(expected);
        }
        const small = people.filter(({ customer: { contract_value: cents } }) => (cents ?? 0) < 2_500_000);
        expect(segments.by_contract_value_range.at(-1)).toMatchObject({
          count: small.length,
          total_value: amountOf(centsOf(small)),
        });
        const { churned_customers, ...groups } = segments;
        expect(churned_customers).toBe(rows.length - people.length);
        for (const group of Object.values(groups)) {
          expect(sum(group.map(({ count }) => count))).toBe(people.length);
          const tenths = group.map(({ percentage }) => Math.round(percentage * 10));
          expect(sum(tenths)).toBe(people.length === 0 ? 0 : 1000);
        }
      }),
    );
  });
});
