import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { barScale, formatNumber, isPlottable, valueAxis } from "./scale.ts";

const tickTexts = (values: readonly number[], range?: readonly [number, number]) =>
  valueAxis(values, range).ticks.map((tick) => tick.text);

describe("a value axis", () => {
  test("ends at round numbers around the values", () => {
    expect(tickTexts([61, 78.2])).toEqual(["60", "65", "70", "75", "80"]);
    expect(tickTexts([0, 12_300_000])).toContain("10,000,000");
    expect(tickTexts([0.1, 1.9])).toEqual(["0.0", "0.5", "1.0", "1.5", "2.0"]);
    expect(tickTexts([1e-7, 3e-7])[0]).toMatch(/^0\.\d{1,8}$/);
  });

  test("has the ends of its range, with fewer lines than there are whole numbers", () => {
    expect(tickTexts([4.2], [1, 5])).toEqual(["1", "2", "3", "4", "5"]);
    expect(tickTexts([12], [-100, 100])).toEqual(["−100", "−50", "0", "50", "100"]);
    expect(valueAxis([4.2], [0, 7])).toMatchObject({ min: 0, max: 7 });
  });

  test("moves the ends of its range outwards for a value beyond them", () => {
    expect(valueAxis([120], [0, 100])).toMatchObject({ min: 0, max: 120 });
  });

  test("of counts has no fractions", () => {
    expect(tickTexts([0, 1])).toEqual(["0", "1"]);
    expect(tickTexts([0, 0])).toEqual(["0", "1"]);
    expect(tickTexts([2, 2, 4])).toEqual(["2", "3", "4"]);
  });

  test("around equal values has some space, but no negative amounts", () => {
    expect(valueAxis([50, 50])).toMatchObject({ min: 44, max: 56 });
    expect(valueAxis([0.5, 0.5]).min).toBe(0);
    expect(valueAxis([]).max).toBeGreaterThan(valueAxis([]).min);
  });

  test("holds every value, is never empty, and has a few finite ticks within", () => {
    const value = fc.oneof(fc.double(), fc.double({ min: -100, max: 100 }), fc.integer());
    const range = fc.option(fc.tuple(value, value), { nil: undefined });
    fc.assert(
      fc.property(fc.array(value), range, (values, ends) => {
        const { min, max, ticks } = valueAxis(values, ends);
        expect(max).toBeGreaterThan(min);
        for (const one of values.filter((each) => Math.abs(each) <= 1e15)) {
          // A difference that no printer shows may get lost in rounding.
          const slack = (max - min) * 1e-9;
          expect(min - slack <= one && one <= max + slack).toBe(true);
        }
        expect(ticks.length).toBeLessThanOrEqual(11);
        expect(ticks.every((tick) => tick.value >= min && tick.value <= max)).toBe(true);
        expect(ticks.some((tick) => /NaN|Infinity/.test(tick.text))).toBe(false);
      }),
      { numRuns: 1000 },
    );
  });
});

describe("the scale of a bar chart", () => {
  test("makes bars as long as their values, the largest one over the full width", () => {
    expect(barScale([30, 15, 0], 300)).toEqual({ zero: 0, ends: [300, 150, 0] });
  });

  test("makes a bar of the maximum as long as the width", () => {
    expect(barScale([4.5], 300, 5).ends).toEqual([270]);
    expect(barScale([6], 300, 5).ends).toEqual([300]);
  });

  test("puts bars below 0 on the left", () => {
    expect(barScale([30, -10], 400)).toEqual({ zero: 100, ends: [400, 0] });
  });

  test("gives bars of 0 no length", () => {
    expect(barScale([0, 0], 300)).toEqual({ zero: 0, ends: [0, 0] });
    expect(barScale([], 300)).toEqual({ zero: 0, ends: [] });
    expect(barScale([Number.NaN], 300)).toEqual({ zero: 0, ends: [0] });
  });

  test("keeps bars within the width, on the side of their sign", () => {
    fc.assert(
      fc.property(fc.array(fc.double()), fc.option(fc.double(), { nil: undefined }), (values, max) => {
        const { zero, ends } = barScale(values, 300, max);
        for (const end of [zero, ...ends]) expect(end >= 0 && end <= 300).toBe(true);
        for (const [index, value] of values.entries()) {
          if (Math.abs(value) > 1e15 || Number.isNaN(value)) continue;
          expect(Math.sign((ends[index] ?? 0) - zero) * value).toBeGreaterThanOrEqual(0);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

test.each([
  [0, "0"],
  [-0, "0"],
  [-0.0000001, "−0.0000001"],
  [4.2, "4.2"],
  [4.256, "4.26"],
  [0.0114, "0.011"],
  [-37, "−37"],
  [1234567.891, "1,234,567.89"],
])("the number %d is printed as %s", (value, text) => {
  expect(formatNumber(value)).toBe(text);
});

test.each([null, undefined, Number.NaN, Number.POSITIVE_INFINITY, 1e16])("%s can not be plotted", (value) => {
  expect(isPlottable(value)).toBe(false);
});

test("decimals are printed as many as asked for", () => {
  expect([
    formatNumber(0, { decimals: 1 }),
    formatNumber(-2.5, { decimals: 1 }),
    formatNumber(1234, { decimals: 0 }),
  ]).toEqual(["0.0", "−2.5", "1,234"]);
});
