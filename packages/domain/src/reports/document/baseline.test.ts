import "./fixture/english.ts";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DAY_MS, daysAfter } from "../../calendar.ts";
import { appendPoint, encodePoints, type ScorePoint } from "../../health/trend.ts";
import { customer } from "../../portfolio/fixture/rows.ts";
import { endOfDay, scoreBefore, scoreSnapshots } from "./baseline.ts";

const TODAY = "2026-06-15";
const NOW = new Date(`${TODAY}T12:00:00Z`);

/** A customer who was scored so many hours before now, oldest first: as writing one score after the other leaves them. */
function scored(id: string, scores: readonly (readonly [hoursAgo: number, overall: number])[]) {
  let trail: readonly ScorePoint[] = [];
  for (const [hours, overall] of scores) {
    const at = new Date(NOW.getTime() - hours * 3_600_000);
    trail = appendPoint(trail, [at.getTime(), overall], at);
  }
  const [hours, score] = scores.at(-1) ?? [0, 0];
  const calculated_at = new Date(NOW.getTime() - hours * 3_600_000).toISOString();
  return customer(id, {
    score,
    scored: { trail: encodePoints(trail), calculated_at, revision: scores.length },
  });
}

describe("how scores stood at the end of a day", () => {
  const rows = [
    scored("a", [
      [24 * 40, 10],
      [24 * 31, 20],
      [24 * 3, 70],
      [1, 90],
    ]),
    scored("new", [[24 * 2, 50]]),
    customer("never", {}),
  ];

  it("is what the newest ones were then; who was scored later does not count yet", () => {
    expect(
      scoreSnapshots(
        rows,
        [-31, -30, -4, -3, -2, 0].map((days) => daysAfter(TODAY, days)),
      ),
    ).toEqual([
      { scored: 1, average: 20, at_risk: 1 },
      { scored: 1, average: 20, at_risk: 1 },
      { scored: 1, average: 20, at_risk: 1 },
      { scored: 1, average: 70, at_risk: 0 },
      { scored: 2, average: 60, at_risk: 1 },
      { scored: 2, average: 70, at_risk: 1 },
    ]);
  });

  it("is not made up where scores are no longer known", () => {
    expect(scoreSnapshots(rows, [daysAfter(TODAY, -32), TODAY])).toBeUndefined();
    expect(scoreSnapshots(rows.slice(1), [daysAfter(TODAY, -900)])).toEqual([
      { scored: 0, average: null, at_risk: 0 },
    ]);
  });

  it("of one customer is a score, none yet, or not known", () => {
    const [a, fresh] = rows.map(({ score }) => score);
    if (!a || !fresh) throw new Error("both have a score");
    expect(scoreBefore(a, endOfDay(daysAfter(TODAY, -4)))).toBe(20);
    expect(scoreBefore(a, endOfDay(daysAfter(TODAY, -39)))).toBeUndefined();
    expect(scoreBefore(fresh, endOfDay(daysAfter(TODAY, -4)))).toBeNull();
    // What was calculated at midnight belongs to the day that begins then.
    const midnight = scored("midnight", [[12 + 24, 33]]).score;
    if (!midnight) throw new Error("has a score");
    expect(scoreBefore(midnight, endOfDay(daysAfter(TODAY, -2)))).toBeNull();
    expect(scoreBefore(midnight, endOfDay(daysAfter(TODAY, -1)))).toBe(33);
  });

  it("is what looking at all scores ever gives, for any scores and the last 30 days", () => {
    const hours = fc.uniqueArray(fc.integer({ min: 0, max: 24 * 90 }), { minLength: 1, maxLength: 60 });
    const histories = fc.array(
      hours.chain((ages) =>
        fc
          .array(fc.nat(100), { minLength: ages.length, maxLength: ages.length })
          .map((scores) =>
            ages.toSorted((a, b) => b - a).map((age, n): [number, number] => [age, scores[n] ?? 0]),
          ),
      ),
      { maxLength: 5 },
    );
    fc.assert(
      fc.property(histories, fc.integer({ min: 0, max: 29 }), (all, back) => {
        const day = daysAfter(TODAY, -back);
        const end = Date.parse(`${day}T00:00:00Z`) + DAY_MS;
        const then = all.flatMap(
          (scores) => scores.findLast(([age]) => NOW.getTime() - age * 3_600_000 < end)?.[1] ?? [],
        );
        // Trails reach back 30 days from the newest score, not from today.
        const [snapshot] = scoreSnapshots(
          all.map((scores, n) => scored(`c${n}`, scores)),
          [day],
        ) ?? [undefined];
        expect(snapshot?.scored).toBe(then.length);
        expect(snapshot?.at_risk).toBe(then.filter((score) => score < 60).length);
        const sum = then.reduce((total, score) => total + score, 0);
        expect(snapshot?.average).toBe(then.length === 0 ? null : Math.round((10 * sum) / then.length) / 10);
      }),
    );
  });
});
