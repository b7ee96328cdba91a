import { HEALTH_BANDS } from "@success-manager/contract/dashboard-figures";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { meanOf, sharesOf } from "../figures.ts";
import { customer, portfolioOf, portfolios, scoresOf, staying, sum } from "./fixture/rows.ts";
import { healthBand, healthDistribution } from "./health-distribution.ts";

describe("a band", () => {
  it.each([
    [100, "excellent"],
    [80, "excellent"],
    [79, "good"],
    [60, "good"],
    [59, "at_risk"],
    [40, "at_risk"],
    [39, "critical"],
    [0, "critical"],
  ])("of %i is %s", (score, expected) => {
    expect(healthBand(score)).toBe(expected);
  });

  it("is the one that the contract names, for every score", () => {
    for (let score = 0; score <= 100; score++) {
      const { min, max } = HEALTH_BANDS[healthBand(score)];
      expect(score >= min && score <= max).toBe(true);
    }
  });
});

describe("the distribution of health", () => {
  it("counts everybody who has a score, and says how many have left", () => {
    const rows = [
      customer("a", { score: 90 }),
      customer("b", { score: 80, status: "churned" }),
      customer("c", { score: 0 }),
      customer("d"),
    ];
    expect(healthDistribution(portfolioOf(rows))).toEqual({
      average_score: 45,
      excellent: { min: 80, max: 100, count: 1, percentage: 50 },
      good: { min: 60, max: 79, count: 0, percentage: 0 },
      at_risk: { min: 40, max: 59, count: 0, percentage: 0 },
      critical: { min: 0, max: 39, count: 1, percentage: 50 },
      total_scored: 2,
      churned_customers: 1,
    });
  });

  it("of nobody is all zeros", () => {
    expect(healthDistribution(portfolioOf([customer("a")]))).toMatchObject({
      average_score: 0,
      excellent: { count: 0, percentage: 0 },
      total_scored: 0,
    });
  });

  it("is that of a count by hand", () => {
    fc.assert(
      fc.property(portfolios, (rows) => {
        const scores = scoresOf(staying(rows));
        const count = (min: number, max: number) =>
          scores.filter((score) => score >= min && score <= max).length;
        const shares = sharesOf([count(80, 100), count(60, 79), count(40, 59), count(0, 39)]);
        const band = (min: number, max: number, n: number) => {
          return { min, max, count: count(min, max), percentage: shares[n] };
        };
        expect(healthDistribution(portfolioOf(rows))).toEqual({
          average_score: meanOf(sum(scores), scores.length) ?? 0,
          excellent: band(80, 100, 0),
          good: band(60, 79, 1),
          at_risk: band(40, 59, 2),
          critical: band(0, 39, 3),
          total_scored: scores.length,
          churned_customers: rows.length - staying(rows).length,
        });
      }),
    );
  });
});
