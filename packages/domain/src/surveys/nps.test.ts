import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRandom } from "../statistics/index.ts";
import {
  averageScore,
  changeOf,
  csatFigure,
  meanFigure,
  netPromoterScore,
  npsFigure,
  npsInterval,
  satisfactionFigures,
} from "./nps.ts";

const nps = (score: number) => ({ survey_type: "nps" as const, score });
const quarterly = (score: number) => ({ survey_type: "quarterly" as const, score });
const responses = fc.array(fc.oneof(fc.nat(10).map(nps), fc.integer({ min: 1, max: 5 }).map(quarterly)), {
  maxLength: 60,
});

describe("the mean of responses", () => {
  it("leaves NPS out: it is another scale", () => {
    expect(averageScore([quarterly(4), quarterly(5), nps(0)])).toBe(4.5);
    expect(averageScore([nps(10)])).toBeNull();
    expect(averageScore([])).toBeNull();
  });

  it("has two decimals", () => {
    expect(averageScore([quarterly(5), quarterly(4), quarterly(4)])).toBe(4.33);
    // 1.005, a half that goes up.
    expect(averageScore([quarterly(2), { ...quarterly(1), amount: 199 }])).toBe(1.01);
  });
});

describe("the net promoter score", () => {
  it.each([
    [[9], 100],
    [[10], 100],
    [[8], 0],
    [[7], 0],
    [[6], -100],
    [[0], -100],
    [[10, 0], 0],
    [[10, 10, 7], 67],
  ])("of %j is %i", (scores, expected) => {
    expect(netPromoterScore(scores.map(nps))).toBe(expected);
  });

  it("is null without NPS responses", () => {
    expect(netPromoterScore([quarterly(5)])).toBeNull();
  });

  it("rounds halves to the even neighbour", () => {
    const oneOf8 = [10, 7, 7, 7, 7, 7, 7, 7].map(nps); // 12.5
    const threeOf8 = [10, 10, 10, 7, 7, 7, 7, 7].map(nps); // 37.5
    expect([netPromoterScore(oneOf8), netPromoterScore(threeOf8)]).toEqual([12, 38]);
  });

  it("turns its sign when praise and blame change places", () => {
    const turned = ({ survey_type, score }: { survey_type: "nps" | "quarterly"; score: number }) =>
      survey_type === "nps" ? nps(score >= 9 ? 0 : score <= 6 ? 10 : 8) : quarterly(score);
    fc.assert(
      fc.property(responses, (given) => {
        const result = netPromoterScore(given);
        const opposite = netPromoterScore(given.map(turned));
        expect(opposite).toBe(result === null ? null : 0 - result);
        expect(Math.abs(result ?? 0)).toBeLessThanOrEqual(100);
      }),
    );
  });
});

describe("the interval of a net promoter score", () => {
  // By hand, with 0.75 promoters, 1.5 passives and 0.75 detractors added and z = 1.96.
  it.each([
    [{ promoters: 10, passives: 5, detractors: 5 }, -12, 55],
    [{ promoters: 5, passives: 0, detractors: 0 }, 17, 100],
    [{ promoters: 0, passives: 5, detractors: 0 }, -30, 30],
    [{ promoters: 500, passives: 300, detractors: 200 }, 25, 35],
  ])("of %j goes from %i to %i", (groups, low, high) => {
    expect(npsInterval(groups)).toEqual({ low, high });
  });

  it("of no answers is none", () => {
    expect(npsInterval({ promoters: 0, passives: 0, detractors: 0 })).toBeNull();
  });

  it("is that of Rocks' definition, within -100 and 100, and smaller with more answers", () => {
    const groups = fc.record({ promoters: fc.nat(300), passives: fc.nat(300), detractors: fc.nat(300) });
    fc.assert(
      fc.property(groups, ({ promoters, passives, detractors }) => {
        fc.pre(promoters + passives + detractors > 0);
        const one = npsInterval({ promoters, passives, detractors });
        if (!one) throw new Error("there are answers");
        // The same from the scores themselves: mean and deviation of -1, 0 and 1.
        const weights = [
          [1, promoters + 0.75],
          [0, passives + 1.5],
          [-1, detractors + 0.75],
        ] as const;
        const n = promoters + passives + detractors + 3;
        const mean = weights.reduce((sum, [score, count]) => sum + score * count, 0) / n;
        const variance = weights.reduce((sum, [score, count]) => sum + (score - mean) ** 2 * count, 0) / n;
        const margin = 1.96 * Math.sqrt(variance / n);
        expect(Math.abs(one.low - Math.max(-100, 100 * (mean - margin)))).toBeLessThanOrEqual(0.5001);
        expect(Math.abs(one.high - Math.min(100, 100 * (mean + margin)))).toBeLessThanOrEqual(0.5001);
        const tenfold = npsInterval({
          promoters: 10 * promoters,
          passives: 10 * passives,
          detractors: 10 * detractors,
        });
        expect((tenfold?.high ?? 0) - (tenfold?.low ?? 0)).toBeLessThanOrEqual(one.high - one.low);
      }),
    );
  });
});

describe("the interval of a net promoter score by simulation", () => {
  const CURVES = [
    { promoters: 0.5, detractors: 0.2 },
    { promoters: 0.3, detractors: 0.4 },
    { promoters: 0.7, detractors: 0.05 },
  ];

  it.each([3, 4, 5, 12, 50])("covers the truth nine times of ten at least with %i answers", (answers) => {
    const random = createRandom(answers);
    const RUNS = 2_000;
    for (const { promoters, detractors } of CURVES) {
      const truth = 100 * (promoters - detractors);
      let covered = 0;
      for (let run = 0; run < RUNS; run++) {
        const drawn = Array.from({ length: answers }, random.uniform);
        const groups = {
          promoters: drawn.filter((value) => value < promoters).length,
          detractors: drawn.filter((value) => value >= 1 - detractors).length,
        };
        const passives = answers - groups.promoters - groups.detractors;
        const interval = npsInterval({ ...groups, passives });
        if (interval && interval.low <= truth && truth <= interval.high) covered++;
      }
      expect(covered / RUNS).toBeGreaterThanOrEqual(answers <= 5 ? 0.9 : 0.92);
    }
  });

  // Half promoters, three of ten passive.
  it.each([
    [5, 50],
    [12, 38],
    [20, 31],
    [50, 21],
    [200, 11],
  ])("of %i answers is about ±%i wide", (answers, half) => {
    const groups = { promoters: 0.5 * answers, passives: 0.3 * answers, detractors: 0.2 * answers };
    const { low, high } = npsInterval(groups) ?? { low: 0, high: 0 };
    expect(Math.abs((high - low) / 2 - half)).toBeLessThanOrEqual(3);
  });
});

describe("a figure of satisfaction", () => {
  const links = { created: 8, answered: 6 };

  it("shows a net promoter score from five answers on", () => {
    expect(npsFigure({ promoters: 3, passives: 1, detractors: 0 }, links)).toEqual({
      ...{ shown: false, value: null, low: null, high: null },
      ...{ n: 4, response_rate: 75 },
    });
    expect(npsFigure({ promoters: 3, passives: 1, detractors: 1 }, links)).toEqual({
      ...{ shown: true, value: 40, low: -30, high: 80 },
      ...{ n: 5, response_rate: 75 },
    });
  });

  it("has the mean of the 1 to 5 scores, with an interval that is never without width", () => {
    expect(csatFigure([quarterly(5), quarterly(5), quarterly(5), nps(0)], null)).toEqual({
      ...{ value: 5, low: 3.2, high: 5 },
      ...{ n: 3, response_rate: null },
    });
    expect(csatFigure([], { created: 2, answered: 0 })).toEqual({
      ...{ value: null, low: null, high: null },
      ...{ n: 0, response_rate: 0 },
    });
  });

  it("is on the scale of its type", () => {
    expect(meanFigure({ count: 2, sum: 20, squares: 200 }, null, "nps")).toMatchObject({
      value: 10,
      high: 10,
    });
    expect(meanFigure({ count: 2, sum: 20, squares: 200 }, null, "nps").low).toBeLessThan(6);
  });

  it("counts the links that asked for it", () => {
    const counters = { "nps|answered": 5, "nps|open": 5, "quarterly|revoked": 1, "onboarding|answered": 3 };
    expect(satisfactionFigures([], counters)).toMatchObject({
      csat: { response_rate: 75 },
      nps: { response_rate: 50 },
    });
    const own = { "survey_link|nps|answered": 1, "survey|nps|9": 1 };
    expect(satisfactionFigures([], own, "survey_link|").nps.response_rate).toBe(100);
  });

  it("contains its value", () => {
    fc.assert(
      fc.property(responses, (given) => {
        const { csat, nps } = satisfactionFigures(given, undefined);
        for (const { value, low, high } of [csat, nps])
          if (value !== null) {
            expect(low).toBeLessThanOrEqual(value);
            expect(high).toBeGreaterThanOrEqual(value);
          }
        expect(nps.shown).toBe(nps.n >= 5);
      }),
    );
  });

  it("has changed clearly when that is more than chance", () => {
    const of = (promoters: number, detractors: number) =>
      npsFigure({ promoters, passives: 0, detractors }, null);
    expect(changeOf(of(90, 10), of(60, 40))).toMatchObject({ difference: 60, clear: true });
    expect(changeOf(of(60, 40), of(90, 10))).toMatchObject({ difference: -60, clear: true });
    expect(changeOf(of(5, 1), of(4, 2))).toMatchObject({ difference: 34, clear: false });
    // One of both is not shown.
    expect(changeOf(of(90, 10), of(0, 4))).toEqual({ difference: null, low: null, high: null, clear: false });
  });
});
