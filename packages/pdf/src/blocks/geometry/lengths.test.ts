import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { lengthsOf } from "./lengths.ts";

describe("bars", () => {
  test("are as long as their values, the largest over the full width", () => {
    expect(lengthsOf([30, 15, 0], 300)).toEqual({ zero: 0, ends: [300, 150, 0] });
  });

  test("of a whole are as long as their part of it", () => {
    expect(lengthsOf([4.5], 300, 5).ends).toEqual([270]);
    expect(lengthsOf([6], 300, 5).ends).toEqual([300]);
  });

  test("below 0 go to the left", () => {
    expect(lengthsOf([30, -10], 400)).toEqual({ zero: 100, ends: [400, 0] });
  });

  test("of nothing have no length", () => {
    expect(lengthsOf([0, 0], 300)).toEqual({ zero: 0, ends: [0, 0] });
    expect(lengthsOf([], 300)).toEqual({ zero: 0, ends: [] });
    expect(lengthsOf([Number.NaN], 300)).toEqual({ zero: 0, ends: [0] });
  });

  test("never leave their width, in the order of their values", () => {
    fc.assert(
      fc.property(fc.array(fc.double()), fc.option(fc.double(), { nil: undefined }), (values, most) => {
        const { zero, ends } = lengthsOf(values, 300, most);
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
