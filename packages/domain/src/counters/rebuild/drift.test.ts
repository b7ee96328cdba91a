import { describe, expect, it } from "vitest";
import type { Contribution } from "../contributions.ts";
import { placeOf, tallyInto } from "../tally.ts";
import { drifted, storable } from "./drift.ts";
import type { StoredSums } from "./stored.ts";

const counted = (counter: string, amount: number): Contribution => ({
  series: "alert",
  period: "day#all",
  counter,
  amount,
});
const tally = (...all: Contribution[]) => tallyInto(new Map(), all);
const stored = (counters: StoredSums["counters"], revision = 3) => {
  const sums: StoredSums = { series: "alert", period: "day#all", revision, counters };
  return new Map([[placeOf(sums), sums]]);
};

describe("drift", () => {
  it("is none when every counter says what was counted", () => {
    expect(drifted(stored({ a: 1, b: 2 }), tally(counted("a", 1), counted("b", 2)))).toEqual([]);
  });

  it("is what differs, what is missing and what should not be there", () => {
    const [place] = drifted(
      stored({ a: 1, b: 2, c: 3 }),
      tally(counted("a", 1), counted("b", 5), counted("d", 1)),
    );
    expect(place?.revision).toBe(3);
    expect(place?.counters).toEqual(new Map(Object.entries({ a: 1, b: 5, d: 1 })));
    expect(place?.drifts).toEqual([
      { series: "alert", period: "day#all", counter: "b", stored: 2, counted: 5 },
      { series: "alert", period: "day#all", counter: "c", stored: 3, counted: 0 },
      { series: "alert", period: "day#all", counter: "d", stored: 0, counted: 1 },
    ]);
  });

  it("is everything of a place that was never counted, and of one that nothing is counted for", () => {
    expect(drifted(new Map(), tally(counted("a", 1)))).toMatchObject([
      { revision: 0, drifts: [{ counted: 1 }] },
    ]);
    expect(drifted(stored({ a: 1 }), tally())).toMatchObject([{ revision: 3, drifts: [{ counted: 0 }] }]);
  });
});

it("more names than an item of 400 KB holds are not stored", () => {
  const names = (count: number, name: string) =>
    new Map(Array.from({ length: count }, (_, n): [string, number] => [`${name}${n}`, 1]));
  expect(storable(names(5_000, "x".repeat(56)))).toBe(true);
  expect(storable(names(7_000, "x".repeat(56)))).toBe(false);
  // Characters that take four bytes.
  expect(storable(names(2_000, "🙂".repeat(56)))).toBe(false);
});
