import { describe, expect, it } from "vitest";
import type { Contribution } from "../contributions.ts";
import { addTo, sumKey } from "../counters.ts";
import type { StoredSums } from "./read.ts";
import { findDrift, fitsItem } from "./rebuild.ts";

const counted = (counter: string, amount: number): Contribution => ({
  series: "alert",
  period: "day#all",
  counter,
  amount,
});
const sums = (...all: Contribution[]) => addTo(new Map(), all);
const stored = (counters: StoredSums["counters"], revision = 3) => {
  const item: StoredSums = { series: "alert", period: "day#all", revision, counters };
  return new Map([[sumKey(item), item]]);
};

describe("drift", () => {
  it("is none when every counter says what was counted", () => {
    expect(findDrift(stored({ a: 1, b: 2 }), sums(counted("a", 1), counted("b", 2)))).toEqual([]);
  });

  it("is what differs, what is missing and what should not be there", () => {
    const [place] = findDrift(
      stored({ a: 1, b: 2, c: 3 }),
      sums(counted("a", 1), counted("b", 5), counted("d", 1)),
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
    expect(findDrift(new Map(), sums(counted("a", 1)))).toMatchObject([
      { revision: 0, drifts: [{ counted: 1 }] },
    ]);
    expect(findDrift(stored({ a: 1 }), sums())).toMatchObject([{ revision: 3, drifts: [{ counted: 0 }] }]);
  });
});

it("more names than an item of 400 KB holds are not stored", () => {
  const names = (count: number, name: string) =>
    new Map(Array.from({ length: count }, (_, n): [string, number] => [`${name}${n}`, 1]));
  expect(fitsItem(names(5_000, "x".repeat(56)))).toBe(true);
  expect(fitsItem(names(7_000, "x".repeat(56)))).toBe(false);
  // Characters that take four bytes.
  expect(fitsItem(names(2_000, "🙂".repeat(56)))).toBe(false);
});
