import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  appendPoint,
  baselineScore,
  decodePoints,
  encodePoints,
  type ScorePoint,
  scoreChange,
  trendOf,
} from "./trend.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
const START = Date.parse("2026-01-01T00:00:00.000Z");
/** As many points as are kept exactly. */
const CAP = 96;

/** The rule of decision 12, read straight from the whole history. */
const plainSearch = (history: readonly ScorePoint[], now: Date) => {
  const limit = now.getTime() - 30 * DAY_MS;
  return history.findLast(([at]) => at <= limit)?.[1];
};

interface Scored {
  readonly points: readonly ScorePoint[];
  readonly history: readonly ScorePoint[];
  readonly now: Date;
}

/** Scores somebody after each of these pauses. */
const scored = (scores: readonly { pause: number; overall: number }[]): Scored =>
  scores.reduce<Scored>(
    ({ points, history, now: before }, { pause, overall }) => {
      const now = new Date(before.getTime() + pause);
      const point: ScorePoint = [now.getTime(), overall];
      return { points: appendPoint(points, point, now), history: [...history, point], now };
    },
    { points: [], history: [], now: new Date(START) },
  );

const overall = fc.nat(100);
const pauses = fc.oneof(
  fc.integer({ min: 1, max: DAY_MS }),
  fc.integer({ min: DAY_MS, max: 40 * DAY_MS }),
  fc.constantFrom(DAY_MS, 30 * DAY_MS, 30 * DAY_MS - 1, 30 * DAY_MS + 1),
);
const scores = (most: number) => fc.array(fc.record({ pause: pauses, overall }), { maxLength: most });

describe("the points that a trend compares with", () => {
  it("answer what a search through all scores answers, at any later time", () => {
    fc.assert(
      fc.property(scores(CAP), fc.nat(80 * DAY_MS), (all, later) => {
        const { points, history, now } = scored(all);
        expect(decodePoints(encodePoints(points))).toEqual(points);
        const then = new Date(now.getTime() + later);
        expect(baselineScore(points, then)).toBe(plainSearch(history, then));
      }),
    );
  });

  it("stay few when somebody scores all day, and then compare with a score a little older", () => {
    const everyHour = Array.from({ length: 24 * 60 }, (_, n) => ({ pause: DAY_MS / 24, overall: n % 101 }));
    const { points, history, now } = scored(everyHour);
    expect(points.length).toBeLessThanOrEqual(CAP);
    const compared = points.findLast(([at]) => at <= now.getTime() - 30 * DAY_MS);
    expect(history).toContainEqual(compared);
    expect(now.getTime() - (compared?.[0] ?? 0)).toBeLessThan(31 * DAY_MS);
  });

  it("are never more than may be kept, for any scores", () => {
    fc.assert(
      fc.property(scores(300), (all) => {
        const { points, history } = scored(all);
        expect(points.length).toBeLessThanOrEqual(CAP);
        // The newest score is always there: it is what a later trend may need.
        expect(points.at(-1)).toEqual(history.at(-1));
      }),
      { numRuns: 30 },
    );
  });

  it("compare from the thirtieth day on, to the millisecond", () => {
    const points: readonly ScorePoint[] = [[START, 70]];
    expect(baselineScore(points, new Date(START + 30 * DAY_MS))).toBe(70);
    expect(baselineScore(points, new Date(START + 30 * DAY_MS - 1))).toBeUndefined();
  });
});

describe("the trend", () => {
  it.each([
    [65, 60, "improving"],
    [64, 60, "stable"],
    [56, 60, "stable"],
    [55, 60, "declining"],
    [5, 0, "improving"],
    [50, undefined, "stable"],
  ] as const)("from %i against %s is %s", (overall, earlier, expected) => {
    expect(trendOf(overall, earlier)).toBe(expected);
  });
});

describe("the change of a newest score", () => {
  it("is against the score that its trend compares with, for any history; null without one", () => {
    fc.assert(
      fc.property(scores(CAP), (all) => {
        const { points, history, now } = scored(all);
        const [, overall_score] = points.at(-1) ?? [];
        fc.pre(overall_score !== undefined);
        const newest = {
          trail: encodePoints(points),
          overall_score: overall_score ?? 0,
          calculated_at: now.toISOString(),
        };
        const before = plainSearch(history.slice(0, -1), now);
        expect(scoreChange(newest)).toBe(before === undefined ? null : newest.overall_score - before);
      }),
    );
  });

  it("is null for what can't be read", () => {
    const newest = { overall_score: 5, calculated_at: "2026-01-01T00:00:00.000Z" };
    for (const trail of ["", "nonsense", ":", "0:x"]) expect(scoreChange({ ...newest, trail })).toBeNull();
  });
});
