import * as fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { daysAfter } from "../calendar.ts";
import { type BacktestBand, type BacktestRow, backtest, compareScores, outcomeAt } from "./backtest.ts";
import {
  aucDifference,
  aucError,
  aucInfluence,
  aucInterval,
  aucOf,
  clusteredError,
  clusteredShare,
  deviation,
  differenceOf,
  type Interval,
  meanInterval,
  quantile,
  rankRows,
  sampledShare,
  shareOf,
  wilson,
} from "./estimates.ts";
import { forecastRecord, renewalForecast } from "./forecast.ts";
import { fitLogistic, predict } from "./logistic.ts";
import { createRandom, permutation, type Random } from "./random.ts";

const contains = ({ low, high }: Interval, value: number) => low <= value && value <= high;

/** Share of so many simulations, each from its own numbers, of which something holds. */
function shareOfRuns(runs: number, holds: (run: number) => boolean): number {
  let count = 0;
  for (let run = 0; run < runs; run++) if (holds(run)) count++;
  return count / runs;
}

const aucOfRows = (risk: readonly number[], left: readonly number[], customer?: readonly number[]) =>
  aucOf(
    rankRows(
      Float64Array.from(risk),
      Uint8Array.from(left),
      Uint32Array.from(customer ?? left.map((_, row) => row)),
    ),
  );

describe("random numbers", () => {
  it("follow from the seed", () => {
    const drawn = (seed: number) => Array.from({ length: 5 }, createRandom(seed).normal);
    expect(drawn(1)).toEqual(drawn(1));
    expect(drawn(1)).not.toEqual(drawn(2));
  });

  it("have the distributions that they are named after", () => {
    const random = createRandom(5);
    const many = (draw: () => number) => Float64Array.from({ length: 20_000 }, draw).sort();
    const normal = many(random.normal);
    expect([0.025, 0.5, 0.975].map((share) => quantile(normal, share))).toEqual([
      expect.closeTo(-1.96, 1),
      expect.closeTo(0, 1),
      expect.closeTo(1.96, 1),
    ]);
    // Quantiles of R's qbeta.
    const beta = many(() => random.beta(2, 3));
    expect([0.1, 0.5, 0.9].map((share) => quantile(beta, share))).toEqual([
      expect.closeTo(0.1426, 1),
      expect.closeTo(0.3857, 1),
      expect.closeTo(0.6795, 1),
    ]);
    const jeffreys = many(() => random.beta(0.5, 0.5));
    expect(quantile(jeffreys, 0.1)).toBeCloseTo(0.0245, 2);
    expect(Array.from(permutation(100, random)).sort((a, b) => a - b)).toEqual(Array.from(Array(100).keys()));
  });
});

describe("shares", () => {
  // R. Newcombe: Two-sided confidence intervals for the single proportion, Statistics in Medicine 17 (1998), table I.
  it.each([
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ])("Wilson's interval of %i in %i is %d to %d", (successes, tries, low, high) => {
    const interval = wilson(successes, tries);
    expect(interval.low).toBeCloseTo(low, 4);
    expect(interval.high).toBeCloseTo(high, 4);
  });

  it("of nothing may be anything", () => {
    expect(shareOf(0, 0)).toEqual({ count: 0, of: 0, share: null, low: 0, high: 1 });
    expect(clusteredShare([])).toEqual(shareOf(0, 0));
    expect(differenceOf(shareOf(0, 0), shareOf(1, 2))).toBeNull();
  });

  // R. Newcombe: Interval estimation for the difference between independent proportions (1998), table II, method 10.
  it("differ by what their own intervals allow", () => {
    expect(differenceOf(shareOf(56, 70), shareOf(48, 80))).toEqual({
      difference: expect.closeTo(0.2, 10),
      low: expect.closeTo(0.0524, 4),
      high: expect.closeTo(0.3339, 4),
    });
  });

  test("of a sample are surer the more of the whole it is; of all of it nothing is left to estimate", () => {
    const widths = [100, 300, 900, 999].map((of) => {
      const { low, high } = sampledShare(of / 4, of, 1_000);
      return high - low;
    });
    expect(widths).toEqual(widths.toSorted((a, b) => b - a));
    expect(sampledShare(250, 1_000, 1_000)).toMatchObject({ share: 0.25, low: 0.25, high: 0.25 });
    expect(sampledShare(0, 0, 1_000)).toEqual(shareOf(0, 0));
  });

  test.each([0.02, 0.1, 0.4])("of a sample of a whole of which %d is so cover 95 percent", (rate) => {
    const [all, of] = [500, 240];
    const random = createRandom(13);
    const covered = shareOfRuns(1_500, () => {
      const sample = permutation(all, random).slice(0, of);
      return contains(sampledShare(sample.filter((n) => n < rate * all).length, of, all), rate);
    });
    expect(covered).toBeGreaterThan(0.93);
    expect(covered).toBeLessThan(0.99);
  });

  test("with one row for each customer are Wilson's", () => {
    const clusters = Array.from({ length: 50 }, (_, index) => ({ tries: 1, successes: index < 7 ? 1 : 0 }));
    expect(clusteredShare(clusters)).toEqual(shareOf(7, 50));
  });

  test("of customers whose rows are all alike are as wide as with one row each", () => {
    const alike = Array.from({ length: 50 }, (_, index) => ({ tries: 6, successes: index < 7 ? 6 : 0 }));
    const { low, high } = clusteredShare(alike);
    expect(low).toBeCloseTo(shareOf(7, 50).low, 2);
    expect(high).toBeCloseTo(shareOf(7, 50).high, 2);
  });

  test("are never surer than with as many independent tries, also where tries count in part", () => {
    const cluster = fc
      .record({
        rows: fc.integer({ min: 1, max: 5 }),
        left: fc.nat(5),
        part: fc.constantFrom(1, 1 / 2, 1 / 9),
      })
      .map(({ rows, left, part }) => ({ tries: part * rows, successes: part * Math.min(left, rows) }));
    fc.assert(
      fc.property(fc.array(cluster, { minLength: 1, maxLength: 60 }), (clusters) => {
        const { count, of, low, high } = clusteredShare(clusters);
        const independent = shareOf(count, of);
        expect(low).toBeLessThanOrEqual(independent.low + 1e-12);
        expect(high).toBeGreaterThanOrEqual(independent.high - 1e-12);
      }),
    );
  });

  test.each([0.03, 0.1, 0.3])("of %d cover 95 percent with several rows of a customer", (rate) => {
    const random = createRandom(11);
    const covered = shareOfRuns(1_500, () => {
      const clusters = Array.from({ length: 80 }, () => {
        const own = random.beta(rate, 1 - rate);
        return { tries: 4, successes: random.binomial(4, own) };
      });
      return contains(clusteredShare(clusters), rate);
    });
    expect(covered).toBeGreaterThan(0.91);
    expect(covered).toBeLessThan(0.985);
  });
});

describe("means of a scale from 1 to 5", () => {
  const CURVES = [
    [1, 1, 2, 4, 6],
    [0, 0, 1, 4, 5],
    [2, 1, 1, 2, 4],
  ];

  test.each([3, 5, 10, 40])("cover 95 percent with %i answers", (answers) => {
    const random = createRandom(answers);
    for (const curve of CURVES) {
      const total = curve.reduce((sum, weight) => sum + weight, 0);
      const truth = curve.reduce((sum, weight, index) => sum + weight * (index + 1), 0) / total;
      const bags = curve.flatMap((weight, index) => Array<number>(weight).fill(index + 1));
      const drawn = Array.from({ length: 1_500 }, () =>
        Array.from({ length: answers }, () => bags[random.below(total)] ?? 0),
      );
      const coverage = (isKnown: boolean) =>
        drawn.filter((scores) => {
          const sum = scores.reduce((all, score) => all + score, 0);
          const squares = scores.reduce((all, score) => all + score ** 2, 0);
          const given = { count: answers, sum, ...(isKnown ? { squares } : {}) };
          const interval = meanInterval(given, [1, 5]);
          return interval !== null && contains(interval, truth);
        }).length / drawn.length;
      expect(coverage(true)).toBeGreaterThan(0.9);
      // Never narrower without the spread.
      expect(coverage(false)).toBeGreaterThanOrEqual(coverage(true));
    }
  });

  it("never is without width, and none of no answers", () => {
    expect(meanInterval({ count: 3, sum: 15, squares: 75 }, [1, 5])).toEqual({
      low: expect.closeTo(3.2036, 4),
      high: 5,
    });
    expect(meanInterval({ count: 0, sum: 0 }, [1, 5])).toBeNull();
  });
});

describe("the AUC", () => {
  it("counts pairs, ties half", () => {
    expect(aucOfRows([1, 2, 3, 4], [0, 0, 1, 1])).toBe(1);
    expect(aucOfRows([4, 3, 2, 1], [0, 0, 1, 1])).toBe(0);
    expect(aucOfRows([5, 5, 5], [0, 1, 0])).toBe(0.5);
    expect(aucOfRows([1, 2, 2, 3], [0, 0, 1, 1])).toBe(0.875);
    expect(aucOfRows([1, Number.NaN, 3], [0, 1, 1])).toBe(1);
    expect(aucOfRows([1, 2], [1, 1])).toBeNaN();
  });

  it("is what counting every pair gives", () => {
    const rows = fc.array(fc.tuple(fc.nat(6), fc.nat(1)), { minLength: 2, maxLength: 40 });
    fc.assert(
      fc.property(rows, (given) => {
        const pairs = given
          .filter(([, left]) => left === 1)
          .flatMap(([risk]) =>
            given
              .filter(([, left]) => left === 0)
              .map(([other]): number => (risk > other ? 1 : risk === other ? 0.5 : 0)),
          );
        fc.pre(pairs.length > 0);
        const expected = pairs.reduce((sum, win) => sum + win, 0) / pairs.length;
        expect(
          aucOfRows(
            given.map(([risk]) => risk),
            given.map(([, left]) => left),
          ),
        ).toBeCloseTo(expected, 12);
      }),
    );
  });

  // J. Hanley, B. McNeil 1982: 51 abnormal and 58 normal images, area 0.893; by their formula 0.0325.
  it("has the error of Hanley and McNeil's example", () => {
    expect(aucError(0.893, 51, 58)).toBeCloseTo(0.0325, 4);
  });

  it("has an interval within 0 and 1 also when all pairs are right", () => {
    const { low, high } = aucInterval(1, 5, 20);
    expect(low).toBeCloseTo(0.523, 2);
    expect(low).toBeGreaterThan(aucInterval(0.85, 5, 20).low);
    expect(high).toBe(1);
  });

  /** Risks of who stayed, and of who left, by an AUC. */
  const SPREADS: Record<string, (random: Random, left: boolean, auc: 0.75 | 0.5) => number> = {
    "exponential, as Hanley and McNeil assume": (random, left, auc) =>
      -Math.log(1 - random.uniform()) * (left && auc > 0.5 ? 3 : 1),
    "normal, of who left wider": (random, left, auc) =>
      left ? 1.5 * random.normal() + (auc > 0.5 ? 0.67449 * Math.hypot(1, 1.5) : 0) : random.normal(),
    "normal, of both alike": (random, left, auc) => random.normal() + (left && auc > 0.5 ? 0.95387 : 0),
  };
  const STAYED = 200;

  /** In how many runs the interval has a property. */
  const shareWith = (
    departures: number,
    draw: (random: Random, left: boolean) => number,
    has: (interval: Interval) => boolean,
  ) => {
    const random = createRandom(departures);
    const left = Uint8Array.from({ length: departures + STAYED }, (_, row) => (row < departures ? 1 : 0));
    const customers = Uint32Array.from(left, (_, row) => row);
    return shareOfRuns(1_500, () => {
      const ranked = rankRows(
        Float64Array.from(left, (is) => draw(random, is === 1)),
        left,
        customers,
      );
      const clustered = clusteredError(aucInfluence(ranked, left.length));
      return has(aucInterval(aucOf(ranked), departures, STAYED, clustered));
    });
  };

  describe.each(Object.entries(SPREADS))("with risks that are %s", (name, draw) => {
    test.each([5, 10, 20, 40])("covers 93 to 97 percent with %i departures", (departures) => {
      const covered = shareWith(
        departures,
        (random, left) => draw(random, left, 0.75),
        (found) => contains(found, 0.75),
      );
      expect(covered).toBeGreaterThanOrEqual(0.93);
      // With five, where no verdict is given, that of normal ones is a little too wide.
      expect(covered).toBeLessThanOrEqual(departures === 5 && name.endsWith("alike") ? 0.98 : 0.97);
    });

    test.each([10, 20, 40])(
      "takes a coin for better than chance in 3.5 percent at most with %i departures",
      (departures) => {
        const wrong = shareWith(
          departures,
          (random, left) => draw(random, left, 0.5),
          ({ low }) => low > 0.5,
        );
        expect(wrong).toBeLessThanOrEqual(0.035);
      },
    );
  });

  it("has the same error by its influences as by drawing customers anew", () => {
    const random = createRandom(3);
    const CUSTOMERS = 150;
    const rows = Array.from({ length: CUSTOMERS }, (_, customer) => {
      const own = random.normal();
      const left = random.uniform() < 0.3 ? 1 : 0;
      return [0, 1, 2].map(() => ({ customer, left, risk: own + left + random.normal() }));
    }).flat();
    const ranked = rankRows(
      Float64Array.from(rows, ({ risk }) => risk),
      Uint8Array.from(rows, ({ left }) => left),
      Uint32Array.from(rows, ({ customer }) => customer),
    );
    const drawn = Float64Array.from({ length: 1_000 }, () => {
      const times = new Uint16Array(CUSTOMERS);
      for (let i = 0; i < CUSTOMERS; i++) {
        const one = random.below(CUSTOMERS);
        times[one] = (times[one] ?? 0) + 1;
      }
      return aucOf(ranked, times);
    });
    const clustered = clusteredError(aucInfluence(ranked, CUSTOMERS));
    expect(clustered / deviation(drawn)).toBeGreaterThan(0.9);
    expect(clustered / deviation(drawn)).toBeLessThan(1.1);
    // Rows that are taken for independent would say half of it less.
    const independent = aucError(aucOf(ranked), 135, 315);
    expect(clustered).toBeGreaterThan(1.2 * independent);
  });
});

describe("logistic regression", () => {
  // The example of en.wikipedia.org/wiki/Logistic_regression: hours of study and who passed.
  it("finds the known weights of one measure", () => {
    const hours = [
      0.5, 0.75, 1, 1.25, 1.5, 1.75, 1.75, 2, 2.25, 2.5, 2.75, 3, 3.25, 3.5, 4, 4.25, 4.5, 4.75, 5, 5.5,
    ];
    const passed = Uint8Array.from([0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 1, 1, 1, 1, 1]);
    const matrix = { values: Float64Array.from(hours), width: 1 };
    const model = fitLogistic(matrix, passed, { l2: 0 });
    expect(model).toMatchObject({ converged: true, intercept: expect.closeTo(-4.0777, 3) });
    expect(model.coefficients[0]).toBeCloseTo(1.5046, 4);
    expect(predict(model, { values: Float64Array.of(2), width: 1 }, 0)).toBeCloseTo(0.2556, 3);
  });

  // R: glm(am ~ hp + wt, data = mtcars, family = binomial) gives 18.86630, 0.03626 and -8.08348.
  it("finds the known weights of two measures", () => {
    const cars = [
      [110, 2.62, 1],
      [110, 2.875, 1],
      [93, 2.32, 1],
      [110, 3.215, 0],
      [175, 3.44, 0],
      [105, 3.46, 0],
      [245, 3.57, 0],
      [62, 3.19, 0],
      [95, 3.15, 0],
      [123, 3.44, 0],
      [123, 3.44, 0],
      [180, 4.07, 0],
      [180, 3.73, 0],
      [180, 3.78, 0],
      [205, 5.25, 0],
      [215, 5.424, 0],
      [230, 5.345, 0],
      [66, 2.2, 1],
      [52, 1.615, 1],
      [65, 1.835, 1],
      [97, 2.465, 0],
      [150, 3.52, 0],
      [150, 3.435, 0],
      [245, 3.84, 0],
      [175, 3.845, 0],
      [66, 1.935, 1],
      [91, 2.14, 1],
      [113, 1.513, 1],
      [264, 3.17, 1],
      [175, 2.77, 1],
      [335, 3.57, 1],
      [109, 2.78, 1],
    ] as const;
    const matrix = { values: Float64Array.from(cars.flatMap(([hp, wt, _]) => [hp, wt])), width: 2 };
    const model = fitLogistic(
      matrix,
      Uint8Array.from(cars, ([, , manual]) => manual),
      { l2: 0 },
    );
    expect(model.intercept).toBeCloseTo(18.8663, 3);
    expect(model.coefficients).toEqual([expect.closeTo(0.03626, 4), expect.closeTo(-8.08348, 3)]);
  });

  it("stays finite where a measure separates, is constant or missing", () => {
    const rows = [
      [0, 5, Number.NaN],
      [1, 5, Number.NaN],
      [10, 5, Number.NaN],
      [11, 5, Number.NaN],
    ];
    const matrix = { values: Float64Array.from(rows.flat()), width: 3 };
    const model = fitLogistic(matrix, Uint8Array.of(0, 0, 1, 1));
    expect(model.converged).toBe(true);
    expect(model.coefficients.slice(1)).toEqual([0, 0]);
    expect(predict(model, matrix, 0)).toBeLessThan(0.4);
    expect(predict(model, matrix, 3)).toBeGreaterThan(0.6);
    expect(predict(fitLogistic(matrix, Uint8Array.of(1, 1, 1, 1)), matrix, 0)).toBeGreaterThan(0.9);
  });
});

describe("a forecast of renewals", () => {
  const due = (count: number, band: string, amount = 100) =>
    Array.from({ length: count }, () => ({ band, amount }));

  test("of 80 % covers about 80 %, where rates as fixed numbers would not", () => {
    const random = createRandom(3);
    const [held, heldFixed] = [[], []] as [number[], number[]];
    for (let run = 0; run < 600; run++) {
      const renewed = random.binomial(100, 0.85);
      const actual = 100 * random.binomial(100, 0.85);
      const hold = (weight: number) => {
        const history = { a: { renewed: weight * renewed, lost: weight * (100 - renewed) } };
        const { p10, p90 } = renewalForecast(due(100, "a"), history, { seed: run, runs: 400 });
        return contains({ low: p10, high: p90 }, actual) ? 1 : 0;
      };
      held.push(hold(1));
      heldFixed.push(hold(1e6));
    }
    const shareHeld = (values: readonly number[]) => values.filter(Boolean).length / values.length;
    expect(shareHeld(held)).toBeGreaterThan(0.77);
    expect(shareHeld(held)).toBeLessThan(0.86);
    expect(shareHeld(heldFixed)).toBeLessThan(0.75);
  });

  it("follows from its seed, and knows no rate of a band without history", () => {
    const forecast = (seed: number) =>
      renewalForecast(
        [...due(10, "green"), ...due(10, "red")],
        { green: { renewed: 40, lost: 1 } },
        { seed },
      );
    expect(forecast(1)).toEqual(forecast(1));
    const { renewals, at_stake, p10, p50, p90, rates } = forecast(1);
    expect({ renewals, at_stake }).toEqual({ renewals: 20, at_stake: 2_000 });
    expect(p10).toBeLessThan(p50);
    expect(p50).toBeLessThan(p90);
    expect(p90).toBeLessThanOrEqual(at_stake);
    expect(rates).toMatchObject([
      { band: "green", renewed: 40, lost: 1, rate: expect.closeTo(40.5 / 42, 10) },
      { band: "red", renewed: 0, lost: 0, rate: 0.5 },
    ]);
    expect(rates[1]?.low).toBeLessThan(0.05);
    expect(rates[1]?.high).toBeGreaterThan(0.95);
  });

  it("of thousands is what it would be if each contract were drawn, within 1 % of what is at stake", () => {
    const bands = {
      low: { renewed: 950, lost: 12 },
      medium: { renewed: 300, lost: 40 },
      high: { renewed: 30, lost: 25 },
    };
    const names = [...Object.keys(bands), "critical"];
    const histories = [bands, { low: { renewed: 5, lost: 0 }, high: { renewed: 1, lost: 3 } }];
    const sizes = [41, 200, 1_000];
    const amounts: ((random: Random) => number)[] = [
      () => 100_000,
      (random) => Math.round(1_000_000 * random.uniform()),
      // A few contracts are most of it, as in most portfolios.
      (random) => Math.round(50_000 * Math.exp(1.5 * random.normal())),
    ];
    for (const [n, history] of histories.entries())
      for (const size of sizes)
        for (const amount of amounts) {
          const random = createRandom(size + n);
          const open = Array.from({ length: size }, (_, k) => ({
            band: names[k % names.length] ?? "low",
            amount: amount(random),
          }));
          const [fast, full] = [{}, { singles: Number.POSITIVE_INFINITY }].map((options) =>
            renewalForecast(open, history, { seed: 7, runs: 8_000, ...options }),
          );
          for (const key of ["p10", "p50", "p90", "expected"] as const) {
            const difference = Math.abs((fast?.[key] ?? 0) - (full?.[key] ?? 0)) / (full?.at_stake ?? 1);
            expect(difference, `${key} of ${size} with history ${n}`).toBeLessThan(0.01);
          }
          expect(fast?.at_stake).toBe(full?.at_stake);
        }
  });

  it("of nothing is nothing, and bands may be called anything", () => {
    expect(renewalForecast([], {}, { seed: 1 })).toMatchObject({ at_stake: 0, expected: 0, p10: 0, p90: 0 });
    expect(renewalForecast(due(1, "constructor"), {}, { seed: 1 }).rates).toMatchObject([{ rate: 0.5 }]);
  });

  it("is judged by how often it held, and by its bias", () => {
    const past = [
      { p10: 80, p50: 90, p90: 100, actual: 95 },
      { p10: 80, p50: 90, p90: 100, actual: 70 },
    ];
    expect(forecastRecord(past)).toMatchObject({ held: { count: 1, of: 2, share: 0.5 }, bias: -7 });
    expect(forecastRecord([])).toMatchObject({ held: { share: null }, bias: null });
  });
});

describe("what became of a customer after a cut", () => {
  const at = { cut: "2025-03-31", horizon_days: 90, known_until: "2025-12-31" };
  it.each([
    [null, "stayed"],
    ["2025-03-30", "gone"],
    ["2025-03-31", "gone"],
    ["2025-04-01", "left"],
    ["2025-06-29", "left"],
    ["2025-06-30", "stayed"],
  ] as const)("who left on %s: %s", (left_on, expected) => {
    expect(outcomeAt(at, left_on)).toBe(expected);
  });

  it("is open until the horizon is over, also for who has left already", () => {
    const early = { ...at, known_until: "2025-06-28" };
    expect([null, "2025-04-01", "2025-03-31"].map((left_on) => outcomeAt(early, left_on))).toEqual([
      "open",
      "open",
      "gone",
    ]);
    expect(outcomeAt({ ...at, known_until: "2025-06-29" }, null)).toBe("stayed");
  });
});

const BANDS: readonly BacktestBand[] = [
  { key: "green", tone: "green" },
  { key: "yellow", tone: "yellow" },
  { key: "red", tone: "red" },
];
const bandOf = (score: number | null) =>
  score === null ? "unknown" : score >= 70 ? "green" : score >= 40 ? "yellow" : "red";

const FIRST_CUT = "2025-01-01";
const cutAt = (index: number) => daysAfter(FIRST_CUT, 30 * index);

interface PortfolioOptions {
  readonly customers?: number;
  readonly cuts?: number;
  /** How much the score knows of who leaves. */
  readonly signal?: number;
  /** Log odds of leaving of somebody with the mean score. */
  readonly base?: number;
  readonly seed?: number;
}

/** Customers with monthly scores, of whom those with low ones leave more often. */
function portfolio({
  customers = 400,
  cuts = 6,
  signal = 1,
  base = -2,
  seed = 1,
}: PortfolioOptions = {}): BacktestRow[] {
  const random = createRandom(seed);
  return Array.from({ length: customers }, (_, number) => {
    const own = random.normal();
    const leaves = random.uniform() < 1 / (1 + Math.exp(signal * own - base));
    const left_on = leaves ? daysAfter(FIRST_CUT, 1 + random.below(30 * cuts + 90)) : null;
    return Array.from({ length: cuts }, (_, index): BacktestRow[] => {
      const cut = cutAt(index);
      const outcome = outcomeAt({ cut, horizon_days: 90, known_until: "2027-01-01" }, left_on);
      if (outcome === "gone") return [];
      const measure = (noise: number) =>
        Math.max(0, Math.min(100, Math.round(60 + 15 * own + noise * random.normal())));
      const measures = { usage: measure(8), support: measure(25), noise: Math.round(100 * random.uniform()) };
      const score = Math.round((measures.usage + measures.support + measures.noise) / 3);
      return [
        {
          customer_id: `c${number}`,
          cut,
          score,
          band: bandOf(score),
          measures,
          left_on,
          left_within_horizon: outcome === "left",
        },
      ];
    }).flat();
  }).flat();
}

const options = { bands: BANDS };

describe("a back-test", () => {
  it("finds a score that predicts, and says so", () => {
    const result = backtest(portfolio(), options);
    expect(result.verdict).toBe("better_than_chance");
    expect(result.sentence).toMatch(
      /^Better than chance: .* 0\.\d\d \(95 % interval 0\.\d\d to 0\.\d\d\)\.$/,
    );
    expect(result.auc?.value).toBeGreaterThan(0.58);
    expect(result.auc?.low).toBeLessThanOrEqual(result.auc?.bootstrap?.low ?? 0);
    expect(result.cuts).toEqual([0, 1, 2, 3, 4, 5].map(cutAt));
    expect(result.falls).toMatchObject({ from_band_to_band: true, clear: true });
    expect(result.worst_tenth?.lift.value).toBeGreaterThan(1);
    expect(result.calibration?.skill).toBeGreaterThan(0);
    expect(result.calibration?.bins).toHaveLength(10);
    expect(result.control).toMatchObject({ holds: true, mean: expect.closeTo(0.5, 1), shuffles: 200 });
    expect(result.control?.p_value).toBeLessThan(0.05);
    expect(result.leaks).toEqual([]);
    const [noise, , usage] = result.measures;
    expect(noise).toMatchObject({ measure: "noise", coverage: 1 });
    expect(usage?.alone?.value).toBeGreaterThan(noise?.alone?.value ?? 1);
    expect(usage?.contribution?.low).toBeGreaterThan(0);
    expect(noise?.contribution?.difference).toBeLessThan(0);
    expect(result.learned?.auc.value).toBeGreaterThan(result.auc?.value ?? 1);
    expect(result.learned?.weights.usage).toBeLessThan(0);
  });

  it("gives the same of the same rows, in whatever order they come", () => {
    const rows = portfolio({ customers: 120 });
    expect(backtest(rows.toReversed(), options)).toEqual(backtest(rows, options));
  });

  it("says of a score without a signal that it is no better than chance", () => {
    const verdicts = Array.from(
      { length: 20 },
      (_, seed) =>
        backtest(portfolio({ signal: 0, seed }), { ...options, replicates: 50, shuffles: 20 }).verdict,
    );
    expect(verdicts.filter((verdict) => verdict === "better_than_chance").length).toBeLessThanOrEqual(2);
  });

  it("says so too of a score that is the wrong way round", () => {
    const result = backtest(portfolio({ signal: -2 }), options);
    expect(result.verdict).toBe("no_better_than_chance");
    expect(result.sentence).toContain("the wrong way round");
    expect(result.falls).toMatchObject({ from_band_to_band: false, clear: false });
  });

  it("judges nothing under ten departures, however many rows they have", () => {
    const rows = portfolio({ customers: 300, base: -1 });
    const leavers = [...new Set(rows.filter((row) => row.left_within_horizon).map((row) => row.customer_id))];
    const withDepartures = (count: number) => {
      const kept = new Set(leavers.slice(0, count));
      return backtest(
        rows.filter((row) => !leavers.includes(row.customer_id) || kept.has(row.customer_id)),
        options,
      );
    };
    const nine = withDepartures(9);
    expect(nine.verdict).toBe("too_few_departures");
    expect(nine.sentence).toBe("Too few departures to judge: 9, and 10 are needed.");
    expect(nine.bands.reduce((sum, { count }) => sum + count, 0)).toBeGreaterThan(9);
    expect(nine.learned).toBeNull();
    expect(withDepartures(10).verdict).not.toBe("too_few_departures");
  });

  it("covers the truth with repeated cuts of few customers", () => {
    const truth = backtest(portfolio({ customers: 6_000, seed: 99 }), {
      ...options,
      replicates: 2,
      shuffles: 1,
    });
    const covered = shareOfRuns(150, (seed) => {
      const { auc } = backtest(portfolio({ customers: 60, seed: seed + 1 }), {
        ...options,
        replicates: 40,
        shuffles: 1,
      });
      return auc !== null && contains(auc, truth.auc?.value ?? 0);
    });
    expect(covered).toBeGreaterThan(0.92);
  });

  it("shows who was red before, and who left while green", () => {
    const row = (customer_id: string, cut: string, band: string, left_on: string | null): BacktestRow => ({
      ...{ customer_id, cut, band, left_on, score: band === "red" ? 20 : 90, measures: {} },
      left_within_horizon:
        outcomeAt({ cut, horizon_days: 60, known_until: "2026-12-31" }, left_on) === "left",
    });
    const { red_before, left_while_green, departures } = backtest(
      [
        row("warned", "2025-01-01", "red", "2025-04-01"),
        row("warned", "2025-02-01", "red", "2025-04-01"),
        row("warned", "2025-03-01", "green", "2025-04-01"),
        row("late", "2025-02-01", "green", "2025-03-25"),
        row("late", "2025-03-01", "red", "2025-03-25"),
        row("later", "2025-01-01", "red", "2026-04-01"),
        row("stays", "2025-03-01", "red", null),
      ],
      options,
    );
    expect(departures).toBe(2);
    expect(red_before).toMatchObject([
      { days: 30, count: 0, of: 2, not_observed: 0 },
      { days: 60, count: 1, of: 1, not_observed: 1 },
      { days: 90, count: 1, of: 1, not_observed: 1 },
    ]);
    expect(left_while_green).toEqual([
      { customer_id: "warned", left_on: "2025-04-01", cut: "2025-03-01", score: 90, band: "green" },
    ]);
  });

  /** Spells of months with a band each; the last one may last. */
  const life = fc.record({
    spells: fc.array(fc.array(fc.constantFrom("green", "yellow", "red"), { minLength: 1, maxLength: 4 }), {
      minLength: 1,
      maxLength: 3,
    }),
    stays: fc.boolean(),
    after: fc.integer({ min: 1, max: 29 }),
  });
  const rowsOfLife = (
    { spells, stays, after }: typeof life extends fc.Arbitrary<infer T> ? T : never,
    n: number,
  ) => {
    let next = 0;
    return spells.flatMap((bands, spell) => {
      const first = next;
      // A month passes until they come back.
      next += bands.length + 1;
      const left_on =
        stays && spell === spells.length - 1 ? null : daysAfter(cutAt(first + bands.length - 1), after);
      return bands.map((band, index): BacktestRow => {
        const cut = cutAt(first + index);
        const outcome = outcomeAt({ cut, horizon_days: 40, known_until: "2027-01-01" }, left_on);
        return {
          ...{ customer_id: `c${n}`, cut, left_on, left_within_horizon: outcome === "left" },
          ...{ band, score: { green: 90, yellow: 50, red: 20 }[band], measures: {} },
        };
      });
    });
  };

  it("counts customers who left, also who left more than once: no figure of them has more", () => {
    fc.assert(
      fc.property(fc.array(life, { minLength: 1, maxLength: 8 }), (lives) => {
        const rows = lives.flatMap(rowsOfLife);
        const found = backtest(rows, { ...options, replicates: 1, shuffles: 1 });
        const { departures, left_while_green, red_before } = found;
        const leavers = new Set(rows.filter((row) => row.left_within_horizon).map((row) => row.customer_id));
        expect(departures).toBe(leavers.size);
        const green = left_while_green.map(({ customer_id }) => customer_id);
        expect([...new Set(green)]).toEqual(green);
        expect(leavers).toEqual(new Set([...leavers, ...green]));
        for (const { count, of, not_observed } of red_before) {
          expect(of + not_observed).toBe(departures);
          expect(count).toBeLessThanOrEqual(of);
        }
        for (const band of found.bands) expect(band.departures).toBeLessThanOrEqual(departures);
      }),
    );
  });

  it("tells of who left twice what the last row said before the last time", () => {
    const rows = rowsOfLife({ spells: [["green"], ["red", "green"]], stays: false, after: 5 }, 1);
    expect(backtest(rows, options)).toMatchObject({
      departures: 1,
      left_while_green: [{ cut: cutAt(3), left_on: daysAfter(cutAt(3), 5) }],
      red_before: [{ days: 30, count: 1, of: 1, not_observed: 0 }, { of: 0 }, { of: 0 }],
    });
  });

  // The chance that as many who left are among the lowest scores: phyper of R. The AUCs
  // of the first two are rounded up, those of the next two down.
  it.each([
    [9, 20, 0.1536],
    [8, 20, 0.3553],
    [8, 19, 0.2861],
    [7, 10, 0.0486],
    [5, 15, 0.6418],
  ])(
    "counts shuffles as good as the score: of 10 who left %i have the lowest one, of 30 who stayed %i",
    (left, stayed, exact) => {
      const group = (leaves: boolean, size: number, low: number) =>
        Array.from({ length: size }, (_, n): BacktestRow => {
          const score = n < low ? 30 : 90;
          return {
            ...{ customer_id: `${leaves}${n}`, cut: FIRST_CUT, score, band: bandOf(score), measures: {} },
            ...{ left_on: leaves ? cutAt(1) : null, left_within_horizon: leaves },
          };
        });
      const rows = [...group(true, 10, left), ...group(false, 30, stayed)];
      const { control } = backtest(rows, { ...options, shuffles: 4_000 });
      expect(control?.p_value).toBeGreaterThan(exact - 0.02);
      expect(control?.p_value).toBeLessThan(exact + 0.02);
    },
  );

  // Of those with the lowest score a part counts each, 100 together.
  it.each([100, 300, 900])(
    "says no more of the worst tenth than 100 rows do where %i of 1 000 have its score",
    (tied) => {
      const rows = Array.from({ length: 1_000 }, (_, n): BacktestRow => {
        const [score, leaves] = [n < tied ? 30 : 90, n >= 990];
        return {
          ...{ customer_id: `c${n}`, cut: FIRST_CUT, score, band: bandOf(score), measures: {} },
          ...{ left_on: leaves ? cutAt(1) : null, left_within_horizon: leaves },
        };
      });
      const tenth = backtest(rows, options).worst_tenth;
      expect(tenth).toMatchObject({ count: 0, of: 100, low: 0, high: expect.closeTo(0.037, 4) });
      expect(tenth?.lift).toEqual({ value: 0, low: 0, high: expect.closeTo(3.7, 2) });
    },
  );

  it("leaves out who had left by the cut and rows that come twice, and counts them", () => {
    const rows = portfolio({ customers: 100 });
    const [first] = rows;
    if (!first) throw new Error("there are rows");
    const gone = { ...first, customer_id: "gone", left_on: first.cut, left_within_horizon: true };
    const result = backtest([...rows, gone, { ...first, score: 0 }], options);
    expect(result.excluded).toEqual({ already_left: 1, duplicates: 1, unscored: 0 });
    expect(result.auc).toEqual(backtest(rows, options).auc);
  });

  it("keeps customers without a score apart", () => {
    const rows = portfolio().map((row, index) =>
      index % 3 === 0 ? { ...row, score: null, band: "unknown", measures: {} } : row,
    );
    const result = backtest(rows, options);
    const unknown = result.bands.at(-1);
    expect(unknown).toMatchObject({ band: "unknown", tone: null, of: result.excluded.unscored });
    expect(result.auc?.rows).toBe(result.rows - result.excluded.unscored);
    // Of all rows, also of those without a score.
    expect(result.measures[0]?.coverage).toBeCloseTo(1 - result.excluded.unscored / result.rows, 10);
    expect(result.falls.steps.flatMap(({ from, to }) => [from, to])).not.toContain("unknown");
  });

  it("finds measures that know the outcome", () => {
    const rows = portfolio().map((row) => {
      const left = row.left_within_horizon;
      return {
        ...row,
        measures: {
          ...row.measures,
          cancelled: left ? 0 : 100,
          exit_interview: left ? 50 : null,
          invoice: 50,
        },
        recorded_on: { invoice: left ? daysAfter(row.cut, 5) : row.cut },
      };
    });
    const found = backtest(rows, options).leaks;
    expect(found.map(({ measure, kind }) => [measure, kind])).toEqual([
      ["cancelled", "too_good"],
      ["exit_interview", "missing_tells"],
      ["invoice", "recorded_after_cut"],
    ]);
    expect(found[0]?.sentence).toContain("cancelled: alone it tells who leaves with an AUC of 1.00");
  });

  it("weighs measures as the definition does", () => {
    const rows = portfolio();
    const of = (weights: Record<string, number>) =>
      backtest(rows, { ...options, weights }).measures.map(({ measure, contribution }) => [
        measure,
        contribution,
      ]);
    expect(of({ usage: 1 })).toEqual([
      ["noise", null],
      ["support", null],
      // Nothing is left without it.
      ["usage", null],
    ]);
    const [, support] = of({ usage: 1, support: 1 });
    expect(support).toEqual(["support", expect.objectContaining({ difference: expect.any(Number) })]);
  });

  it.each([
    ["no rows", []],
    [
      "nobody who left",
      portfolio({ customers: 20 }).map((row) => ({ ...row, left_on: null, left_within_horizon: false })),
    ],
    [
      "nobody who stayed",
      portfolio({ customers: 20 }).map((row) => ({
        ...row,
        left_on: "2027-01-01",
        left_within_horizon: true,
      })),
    ],
    ["no scores", portfolio({ customers: 20 }).map((row) => ({ ...row, score: null, measures: {} }))],
    [
      "scores that are no numbers",
      portfolio({ customers: 20 }).map((row) => ({ ...row, score: Number.NaN })),
    ],
  ])("of %s has a clear answer", (_, rows) => {
    const result = backtest(rows, options);
    expect(result).toMatchObject({
      auc: null,
      verdict: "too_few_departures",
      calibration: null,
      control: null,
    });
    expect(result.sentence).toMatch(/^Nothing can be said/);
    expect(JSON.stringify(result)).not.toContain("NaN");
  });

  it("takes names that objects have anyway for names", () => {
    const rows = portfolio({ customers: 50 }).map((row) => ({
      ...row,
      customer_id: `__proto__${row.customer_id}`,
      band: "constructor",
      measures: { toString: row.score, ...row.measures },
    }));
    expect(backtest(rows, options).bands.at(-1)).toMatchObject({ band: "constructor", of: rows.length });
  });
});

describe("a draft beside the version in use", () => {
  const rows = portfolio();
  const scoredBy = (measure: string) => rows.map((row) => ({ ...row, score: row.measures[measure] ?? null }));

  it("is better when it tells more of who leaves, with an interval that is surely above 0", () => {
    const { verdict, difference } = compareScores(scoredBy("usage"), rows);
    expect(verdict).toBe("better");
    expect(difference?.low).toBeGreaterThan(0);
  });

  it("is no better when it is the same, or worse", () => {
    const { verdict, difference } = compareScores(rows, rows);
    expect([verdict, difference?.difference]).toEqual(["no_better", 0]);
    // Nearly nothing moves the one and not the other.
    expect(difference?.high).toBeLessThan(0.02);
    expect(compareScores(scoredBy("noise"), rows).verdict).toBe("no_better");
  });

  /** Ten who left, and thirty who stayed, by the score of each. */
  const scored = (scoreOf: (leaves: boolean, n: number) => number) =>
    Array.from({ length: 40 }, (_, n): BacktestRow => {
      const leaves = n < 10;
      const score = scoreOf(leaves, n);
      return {
        ...{ customer_id: `c${n}`, cut: FIRST_CUT, score, band: bandOf(score), measures: {} },
        ...{ left_on: leaves ? cutAt(1) : null, left_within_horizon: leaves },
      };
    });
  const PERFECT = scored((leaves) => (leaves ? 20 : 80));
  const NEARLY = scored((leaves, n) => (leaves ? (n === 0 ? 85 : 20) : 60 + n));
  const CONSTANT = scored(() => 50);
  const MIXED = scored((_, n) => (n * 37) % 100);

  it.each([
    ["perfect", "a constant one", PERFECT, CONSTANT, 0.5, 0.25],
    ["nearly perfect", "a constant one", NEARLY, CONSTANT, 0.448, 0.25],
    [
      "perfect",
      "another perfect one",
      PERFECT,
      PERFECT.map((row) => ({ ...row, score: row.left_on ? 10 : 90 })),
      0,
      0.25,
    ],
    ["constant", "another constant one", CONSTANT, CONSTANT, 0, 0.35],
    ["mixed", "the same", MIXED, MIXED, 0, 0.15],
    ["perfect", "one that is the wrong way round", PERFECT, scored((leaves) => (leaves ? 80 : 20)), 1, 0.25],
  ])(
    "that is %s is not surely so much better than %s: there is an interval",
    (_, __, draft, inUse, value, most) => {
      const { difference } = compareScores(draft, inUse);
      if (!difference) throw new Error("There is no difference");
      expect(difference.difference).toBeCloseTo(value, 3);
      const margin = difference.difference - difference.low;
      expect(margin).toBeGreaterThan(0.03);
      expect(margin).toBeLessThan(most);
      expect(difference.high).toBeCloseTo(Math.min(1, difference.difference + margin), 5);
    },
  );

  it("has an interval that is never without width, whatever the scores", () => {
    const given = fc.array(fc.tuple(fc.nat(3), fc.nat(3), fc.boolean()), { minLength: 2, maxLength: 30 });
    fc.assert(
      fc.property(given, (some) => {
        const by = (which: 0 | 1) =>
          some.map(
            (one, n): BacktestRow => ({
              ...{ customer_id: `c${n % 20}`, cut: cutAt(n < 20 ? 0 : 1), score: one[which], band: "red" },
              ...{ measures: {}, left_on: null, left_within_horizon: one[2] },
            }),
          );
        const { difference } = compareScores(by(0), by(1));
        expect(difference === null).toBe(new Set(some.map(([, , leaves]) => leaves)).size < 2);
        if (!difference) return;
        expect(difference.low).toBeLessThan(difference.high);
        expect(contains(difference, difference.difference)).toBe(true);
        expect([difference.low >= -1, difference.high <= 1]).toEqual([true, true]);
      }),
    );
  });

  // Scores that share a part of their noise, of normal risks that leaving moves by so much.
  it.each([
    [10, 1, 0.5],
    [10, 2.5, 0],
    [40, 1, 0.5],
    [40, 2, 1.8],
  ])(
    "covers 93 percent at least with %i departures, of scores that leaving moves by %d and %d",
    (departures, a, b) => {
      const random = createRandom(departures);
      // AUCs of normal risks that are apart by 0, 0.5, 1, 1.8, 2 and 2.5: R, pnorm(apart / sqrt(2)).
      const AUCS: Record<number, number> = {
        0: 0.5,
        0.5: 0.6382,
        1: 0.7602,
        1.8: 0.8985,
        2: 0.9214,
        2.5: 0.9615,
      };
      const truth = (AUCS[a] ?? 0) - (AUCS[b] ?? 0);
      const covered = shareOfRuns(600, () => {
        const drawn = Array.from({ length: departures + 100 }, (_, n) => {
          const [left, shared] = [n < departures, random.normal()];
          const risk = (moved: number) => (left ? moved : 0) + (3 * shared + random.normal()) / Math.sqrt(10);
          return { left, risks: [risk(a), risk(b)] };
        });
        const left = Uint8Array.from(drawn, (one) => (one.left ? 1 : 0));
        const customer = Uint32Array.from(left.keys());
        const [draft, inUse] = [0, 1].map((which) =>
          rankRows(
            Float64Array.from(drawn, ({ risks }) => risks[which] ?? 0),
            left,
            customer,
          ),
        );
        if (!draft || !inUse) return false;
        const sizes = { customers: left.length, departures, stayed: 100 };
        return contains(aucDifference(draft, inUse, sizes), truth);
      });
      expect(covered).toBeGreaterThanOrEqual(0.93);
    },
  );

  it("is not judged with too few departures", () => {
    const few = portfolio({ customers: 20, base: -4 });
    expect(compareScores(few, few).verdict).toBe("too_few_departures");
    expect(compareScores([], [])).toMatchObject({ verdict: "too_few_departures", difference: null });
  });
});
