import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { extentOf } from "./extent.ts";

const shown = (values: readonly number[], asked?: readonly [number, number]) =>
  extentOf(values, asked).ticks.map((tick) => tick.shown);

describe("an axis", () => {
  test("ends at round numbers around the values", () => {
    expect(shown([61, 78.2])).toEqual(["60", "65", "70", "75", "80"]);
    expect(shown([0, 12_300_000])).toContain("10,000,000");
  });

  test("has the ends that are asked for, with fewer lines than there are whole numbers", () => {
    expect(shown([4.2], [1, 5])).toEqual(["1", "2", "3", "4", "5"]);
    expect(shown([12], [-100, 100])).toEqual(["−100", "−50", "0", "50", "100"]);
    expect(extentOf([4.2], [0, 7])).toMatchObject({ least: 0, most: 7 });
  });

  test("moves the ends that are asked for outwards rather than leave a value off the page", () => {
    expect(extentOf([120], [0, 100])).toMatchObject({ least: 0, most: 120 });
  });

  test("of counts has no fractions", () => {
    expect(shown([0, 1])).toEqual(["0", "1"]);
    expect(shown([0, 0])).toEqual(["0", "1"]);
    expect(shown([2, 2, 4])).toEqual(["2", "3", "4"]);
  });

  test("around equal values has some room, but no negative amounts", () => {
    expect(extentOf([50, 50])).toMatchObject({ least: 44, most: 56 });
    expect(extentOf([0.5, 0.5]).least).toBe(0);
    expect(extentOf([]).most).toBeGreaterThan(extentOf([]).least);
  });

  test("holds every value, is never empty, and has a few finite ticks within", () => {
    const value = fc.oneof(fc.double(), fc.double({ min: -100, max: 100 }), fc.integer());
    const asked = fc.option(fc.tuple(value, value), { nil: undefined });
    fc.assert(
      fc.property(fc.array(value), asked, (values, ends) => {
        const { least, most, ticks } = extentOf(values, ends);
        expect(most).toBeGreaterThan(least);
        for (const one of values.filter((each) => Math.abs(each) <= 1e15)) {
          // A difference that no printer shows may get lost in rounding.
          const slack = (most - least) * 1e-9;
          expect(least - slack <= one && one <= most + slack).toBe(true);
        }
        expect(ticks.length).toBeLessThanOrEqual(11);
        expect(ticks.every((tick) => tick.value >= least && tick.value <= most)).toBe(true);
        expect(ticks.some((tick) => /NaN|Infinity/.test(tick.shown))).toBe(false);
      }),
      { numRuns: 1000 },
    );
  });
});
