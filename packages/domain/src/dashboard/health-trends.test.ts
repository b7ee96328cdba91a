import type { PeriodType } from "@success-manager/contract/dashboard";
import { Product } from "@success-manager/contract/vocabulary";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dateOf, isoWeek, periodsBetween } from "../calendar.ts";
import { contributions, type Item } from "../counters/contributions.ts";
import { addTo, toContributions } from "../counters/counters.ts";
import { score } from "../counters/fixture/items.ts";
import { type Counters, periodKey } from "../counters/index.ts";
import { healthTrendsOf, type PeriodCounters } from "./trends.ts";

/** What would be read of these periods when these items have been counted. */
function countedOf(items: readonly Item[], type: PeriodType, periods: readonly string[]): PeriodCounters[] {
  const tally = addTo(new Map(), items.flatMap(contributions));
  const all = toContributions(tally).filter(({ series }) => series === "score");
  return periods.map((period) => {
    const here = all.filter((one) => one.period === periodKey(type, period));
    const counters: Counters = Object.fromEntries(here.map(({ counter, amount }) => [counter, amount]));
    return { period, counters: here.length > 0 ? counters : undefined };
  });
}

interface Scored {
  readonly customer: number;
  readonly at: string;
  readonly overall: number;
  readonly products: readonly Product[];
}

/** Scores as they are stored: each knows the one of its customer before it. */
const stored = (scores: readonly Scored[]): Item[] =>
  scores.map(({ customer, at, overall, products }) => {
    const before = scores.filter((other) => other.customer === customer && other.at < at);
    const previous_calculated_at = before
      .map((other) => other.at)
      .sort()
      .at(-1);
    return score({
      customer_id: `c${customer}`,
      calculated_at: at,
      overall_score: overall,
      factors: JSON.stringify({ adoption: { details: { products } } }),
      ...(previous_calculated_at && { previous_calculated_at }),
    });
  });

const FIRST = Date.parse("2025-12-15T00:00:00Z");
const HOUR_MS = 60 * 60 * 1000;
const HOURS = 24 * 60;

/** Each customer's products stay the same: who gets one is counted a period later, see below. */
const portfolio = fc
  .record({
    products: fc.array(fc.subarray([...Product.options]), { minLength: 4, maxLength: 4 }),
    scores: fc.uniqueArray(
      fc.record({
        customer: fc.nat({ max: 3 }),
        hour: fc.nat({ max: HOURS }),
        overall: fc.integer({ min: 0, max: 100 }),
      }),
      { maxLength: 60, selector: ({ customer, hour }) => `${customer} ${hour}` },
    ),
  })
  .map(({ products, scores }) =>
    scores.map(
      ({ customer, hour, overall }): Scored => ({
        customer,
        overall,
        at: new Date(FIRST + hour * HOUR_MS).toISOString(),
        products: products[customer] ?? [],
      }),
    ),
  );

const nameOf: Readonly<Record<PeriodType, (date: string) => string>> = {
  daily: (date) => date,
  weekly: isoWeek,
  monthly: (date) => date.slice(0, 7),
};

/** Empty periods before the first score are left out. */
function fromFirst<Point extends { readonly customer_count: number }>(
  periods: readonly string[],
  pointOf: (period: string) => Point,
) {
  const points = periods.map(pointOf);
  return points.filter((_, n) => points.slice(0, n + 1).some(({ customer_count }) => customer_count > 0));
}

describe("a trend of scores", () => {
  it("is what a recount of all scores comes to, by day, week and month", () => {
    const last = dateOf(new Date(FIRST + HOURS * HOUR_MS));
    fc.assert(
      fc.property(portfolio, fc.constantFrom<PeriodType>("daily", "weekly", "monthly"), (scores, type) => {
        const periods = periodsBetween(type, "2025-12-15", last);
        const points = (of: readonly Scored[]) =>
          fromFirst(periods, (period) => {
            const here = of.filter(({ at }) => nameOf[type](at.slice(0, 10)) === period);
            const sum = here.reduce((total, { overall }) => total + overall, 0);
            return {
              period,
              avg_score: here.length === 0 ? null : Number((sum / here.length + 1e-9).toFixed(1)),
              customer_count: new Set(here.map(({ customer }) => customer)).size,
            };
          });
        const found = healthTrendsOf(countedOf(stored(scores), type, periods));
        expect(found.overall).toEqual(points(scores));
        const having = Product.options.filter((product) => scores.some((s) => s.products.includes(product)));
        expect(found.by_product).toEqual(
          having.map((product) => ({
            product,
            trends: points(scores.filter(({ products }) => products.includes(product))),
          })),
        );
      }),
    );
  });

  it("begins with the first period that has scores, shows later ones without, and no product without any", () => {
    const [february] = stored([
      { customer: 1, at: "2026-02-10T02:00:00.000Z", overall: 55, products: ["GreenX"] },
    ]);
    const trends = [
      { period: "2026-02", avg_score: 55, customer_count: 1 },
      { period: "2026-03", avg_score: null, customer_count: 0 },
    ];
    const months = ["2025-12", "2026-01", "2026-02", "2026-03"];
    expect(healthTrendsOf(countedOf([february ?? {}], "monthly", months))).toEqual({
      overall: trends,
      by_product: [{ product: "GreenX", trends }],
    });
    expect(healthTrendsOf(countedOf([], "monthly", ["2026-01"]))).toEqual({
      overall: [],
      by_product: [],
    });
    expect(healthTrendsOf([])).toEqual({ overall: [], by_product: [] });
  });

  it("tells a score of zero from none", () => {
    const [worst] = stored([{ customer: 1, at: "2026-02-10T02:00:00.000Z", overall: 0, products: [] }]);
    const { overall } = healthTrendsOf(countedOf([worst ?? {}], "daily", ["2026-02-10"]));
    expect(overall).toEqual([{ period: "2026-02-10", avg_score: 0, customer_count: 1 }]);
  });

  it("counts who got a product within a period among its customers from the next one on, but never nobody", () => {
    const at = (date: string, customer: number, products: readonly Product[]): Scored => ({
      customer,
      at: `${date}T02:00:00.000Z`,
      overall: 70,
      products,
    });
    const scores = [
      at("2026-01-05", 1, []),
      at("2026-01-05", 2, []),
      at("2026-01-20", 1, ["MonetX"]),
      at("2026-01-20", 2, ["MonetX"]),
      at("2026-02-01", 1, ["MonetX"]),
      at("2026-02-01", 2, ["MonetX"]),
    ];
    const { by_product } = healthTrendsOf(countedOf(stored(scores), "monthly", ["2026-01", "2026-02"]));
    expect(by_product).toEqual([
      {
        product: "MonetX",
        trends: [
          { period: "2026-01", avg_score: 70, customer_count: 1 },
          { period: "2026-02", avg_score: 70, customer_count: 2 },
        ],
      },
    ]);
  });
});
