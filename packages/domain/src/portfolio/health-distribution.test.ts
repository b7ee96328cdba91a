import { HEALTH_BANDS } from "@success-manager/contract/dashboard-figures";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { meanOf, sharesOf } from "../figures.ts";
import { customerSegments } from "./customer-segments.ts";
import { customer, portfolioOf, portfolios, scoresOf, staying, sum } from "./fixture/rows.ts";
import { healthBand, healthDistribution } from "./health-distribution.ts";
import { distributionOf, trendsOf } from "./health-scores.ts";
import { needsAttention, topPerformers } from "./ranking.ts";
import { portfolioOverview, portfolioStats } from "./stats.ts";

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
      bands: { low: 1, medium: 0, high: 0, critical: 1, unknown: 0 },
      total_scored: 2,
      churned_customers: 1,
    });
  });

  it("counts bands as definitions give them, whatever the number is", () => {
    const rows = [
      customer("a", { score: 90, scored: { band: "unknown" } }),
      customer("b", { score: 70, scored: { band: "low" } }),
      customer("c", { score: 70 }),
    ];
    const portfolio = portfolioOf(rows);
    const bands = { low: 1, medium: 1, high: 0, critical: 0, unknown: 1 };
    expect(healthDistribution(portfolio)).toMatchObject({ excellent: { count: 1 }, bands });
    expect(trendsOf(portfolio)).toMatchObject({ risk_distribution: { low: 1 }, bands });
    expect(distributionOf(portfolio)).toMatchObject({ bands });
    expect(portfolioStats(portfolio, "2026-06-15").unknown_customers).toBe(1);
    expect(portfolioOverview(portfolio, "2026-06-15").unknown_customers).toBe(1);
    const counts = customerSegments(portfolio).by_band.map(({ name, count }) => `${name} ${count}`);
    expect(counts.join()).toBe("Low risk 1,Medium risk 1,High risk 0,Critical risk 0,Unknown 1,Not Scored 0");
    // Who is unknown is neither among the healthiest, nor said to be at risk by a number.
    expect(topPerformers(portfolio).map((one) => one.customer.id)).toEqual(["b", "c"]);
    const reasons = needsAttention(portfolio, "2026-06-15").find((one) => one.customer.id === "a");
    expect(reasons?.attention_reasons[0]).toBe("Too little is known to say how healthy they are");
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
          bands: {
            ...{ low: count(80, 100), medium: count(60, 79), high: count(40, 59), critical: count(0, 39) },
            unknown: 0,
          },
          total_scored: scores.length,
          churned_customers: rows.length - staying(rows).length,
        });
      }),
    );
  });
});
