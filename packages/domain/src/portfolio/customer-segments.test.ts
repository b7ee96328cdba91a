import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CustomerRow } from "../directory/index.ts";
import { amountOf, percentOf } from "../figures.ts";
import { customerSegments } from "./customer-segments.ts";
import { centsOf, customer, portfolios, staying } from "./fixture/rows.ts";

const namesOf = (segments: readonly { name: string; count: number }[]) =>
  segments.map(({ name, count }) => `${name}: ${count}`);

describe("segments", () => {
  it("by industry have the largest first, then by name; blanks around do not matter, letters do", () => {
    const rows = [" Food", "food", undefined, "Energy", "Food ", "", "Art"].map((industry, n) =>
      customer(`c${n}`, { industry, cents: 150 }),
    );
    const { by_industry } = customerSegments(rows);
    expect(namesOf(by_industry)).toEqual(["Food: 2", "Unknown: 2", "Art: 1", "Energy: 1", "food: 1"]);
    expect(by_industry[0]).toEqual({ name: "Food", count: 2, percentage: 28.6, total_value: 3 });
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
    const { by_contract_value_range: ranges } = customerSegments([customer("a", { cents })]);
    expect(ranges.filter(({ count }) => count > 0).map(({ name }) => name)).toEqual([expected]);
  });

  it("by health have all bands in their order, with and without a score", () => {
    const rows = [{ score: 80 }, { score: 0 }, {}].map((given, n) => customer(`c${n}`, given));
    expect(namesOf(customerSegments(rows).by_health_status)).toEqual([
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
    expect(namesOf(customerSegments(rows).by_product_mix)).toEqual(["MonetX, SupportX: 2", "No Products: 2"]);
  });

  it("of nobody are empty, or zeros where the groups are fixed", () => {
    const segments = customerSegments([customer("gone", { status: "churned", industry: "Food", cents: 1 })]);
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
      by_industry: ({ customer: { industry = "" } }: CustomerRow) => industry.trim() || "Unknown",
      by_product_mix: ({ deployments }: CustomerRow) =>
        ["GreenX", "MonetX", "SupportX"]
          .filter((name) => deployments.some((one) => one.is_active && one.product_name === name))
          .join(", ") || "No Products",
    };
    fc.assert(
      fc.property(portfolios, (rows) => {
        const people = staying(rows);
        const segments = customerSegments(rows);
        for (const group of ["by_industry", "by_product_mix"] as const) {
          const expected = [...Map.groupBy(people, groupOf[group])]
            .map(([name, members]) => ({
              name,
              count: members.length,
              percentage: percentOf(members.length, people.length),
              total_value: amountOf(centsOf(members)),
            }))
            .sort((a, b) => b.count - a.count || a.name.localeCompare(b.name, "en", { numeric: true }));
          expect(segments[group]).toEqual(expected);
        }
        const small = people.filter(({ customer: { contract_value: cents } }) => (cents ?? 0) < 2_500_000);
        expect(segments.by_contract_value_range.at(-1)).toMatchObject({
          count: small.length,
          total_value: amountOf(centsOf(small)),
        });
        for (const group of Object.values(segments))
          expect(group.reduce((count, segment) => count + segment.count, 0)).toBe(people.length);
      }),
    );
  });
});
