import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { partWidths } from "./part-widths.ts";

const sumOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);

describe("parts of a bar", () => {
  test("are as wide as their share", () => {
    expect(partWidths([1, 1, 2], 400)).toEqual([100, 100, 200]);
  });

  test("that would be invisible are widened at the cost of the others", () => {
    expect(partWidths([10_000, 1, 0], 402.5)).toEqual([400, 2.5, 0]);
  });

  test("of 0 have no width", () => {
    expect(partWidths([0, 0], 400)).toEqual([0, 0]);
    expect(partWidths([-3, Number.NaN], 400)).toEqual([0, 0]);
  });

  test("fill the bar, each that has a value visibly", () => {
    const value = fc.oneof(fc.nat(), fc.double(), fc.constant(0));
    fc.assert(
      fc.property(fc.array(value, { maxLength: 60 }), fc.integer({ min: 200, max: 800 }), (values, width) => {
        const widths = partWidths(values, width);
        const some = values.some((one) => one > 0 && one <= 1e15);
        expect(sumOf(widths)).toBeCloseTo(some ? width : 0, 6);
        for (const [index, one] of values.entries()) {
          if (one > 0 && one <= 1e15) expect(widths[index]).toBeGreaterThanOrEqual(2.4);
          else expect(widths[index]).toBe(0);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
