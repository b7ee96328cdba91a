import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { comparedWith, extended, packed, type TrailPoint, unpacked } from "./trail.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
const START = Date.parse("2026-01-01T00:00:00.000Z");
/** As many steps as a trail keeps exactly. */
const CAP = 96;

/** The rule of decision 12, read straight from the whole history. */
const plainSearch = (history: readonly TrailPoint[], now: Date) => {
  const limit = new Date(now.getTime() - 30 * DAY_MS).toISOString();
  return history.findLast(([at]) => at <= limit)?.[1];
};

interface Told {
  readonly trail: readonly TrailPoint[];
  readonly history: readonly TrailPoint[];
  readonly now: Date;
}

/** Scores somebody after each of these pauses. */
const tell = (scores: readonly { pause: number; overall: number }[]): Told =>
  scores.reduce<Told>(
    ({ trail, history, now: before }, { pause, overall }) => {
      const now = new Date(before.getTime() + pause);
      const step: TrailPoint = [now.toISOString(), overall];
      return { trail: extended(trail, step, now), history: [...history, step], now };
    },
    { trail: [], history: [], now: new Date(START) },
  );

const overall = fc.nat(100);
const pauses = fc.oneof(
  fc.integer({ min: 1, max: DAY_MS }),
  fc.integer({ min: DAY_MS, max: 40 * DAY_MS }),
  fc.constantFrom(DAY_MS, 30 * DAY_MS, 30 * DAY_MS - 1, 30 * DAY_MS + 1),
);
const scores = (most: number) => fc.array(fc.record({ pause: pauses, overall }), { maxLength: most });

describe("the trail of a customer's scores", () => {
  it("answers what a search through all scores answers, at any later time", () => {
    fc.assert(
      fc.property(scores(CAP), fc.nat(80 * DAY_MS), (told, later) => {
        const { trail, history, now } = tell(told);
        expect(unpacked(packed(trail))).toEqual(trail);
        const then = new Date(now.getTime() + later);
        expect(comparedWith(trail, then)).toBe(plainSearch(history, then));
      }),
    );
  });

  it("stays short when somebody scores all day, and then compares with a score a little older", () => {
    const everyHour = Array.from({ length: 24 * 60 }, (_, n) => ({ pause: DAY_MS / 24, overall: n % 101 }));
    const { trail, history, now } = tell(everyHour);
    expect(trail.length).toBeLessThanOrEqual(CAP);
    const compared = trail.findLast(([at]) => at <= new Date(now.getTime() - 30 * DAY_MS).toISOString());
    expect(history).toContainEqual(compared);
    expect(now.getTime() - Date.parse(compared?.[0] ?? "")).toBeLessThan(31 * DAY_MS);
  });

  it("is never longer than what it may keep, for any scores", () => {
    fc.assert(
      fc.property(scores(300), (told) => {
        const { trail, history } = tell(told);
        expect(trail.length).toBeLessThanOrEqual(CAP);
        // The newest score is always there: it is what tomorrow's trend may need.
        expect(trail.at(-1)).toEqual(history.at(-1));
      }),
      { numRuns: 30 },
    );
  });

  it("compares from the thirtieth day on, to the millisecond", () => {
    const trail: readonly TrailPoint[] = [[new Date(START).toISOString(), 70]];
    expect(comparedWith(trail, new Date(START + 30 * DAY_MS))).toBe(70);
    expect(comparedWith(trail, new Date(START + 30 * DAY_MS - 1))).toBeUndefined();
  });
});
