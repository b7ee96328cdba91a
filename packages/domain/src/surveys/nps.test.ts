import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { averageScore, netPromoterScore } from "./nps.ts";

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
