import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatPercentages, partWidths } from "./percentages.ts";

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

describe("percentages", () => {
  test("are whole, the largest remainders rounded up", () => {
    expect(formatPercentages([1, 1, 1])).toEqual(["34%", "33%", "33%"]);
    expect(formatPercentages([412, 180, 92])).toEqual(["60%", "26%", "14%"]);
    expect(formatPercentages([7, 0])).toEqual(["100%", "0%"]);
  });

  test("have a decimal when there is a part that would be 0 without", () => {
    expect(formatPercentages([997, 3])).toEqual(["99.7%", "0.3%"]);
    expect(formatPercentages([100_000, 1])).toEqual(["100.0%", "<0.1%"]);
  });

  test("of 0 are 0", () => {
    expect(formatPercentages([0, 0])).toEqual(["0%", "0%"]);
  });

  test("add up to 100 as printed, each less than one step away from the truth", () => {
    const counts = fc.array(fc.nat(100_000), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(
        counts.filter((values) => values.some((value) => value > 0)),
        (values) => {
          const texts = formatPercentages(values);
          const numbers = texts.map((one) => (one.startsWith("<") ? 0 : Number.parseFloat(one)));
          expect(Math.round(sumOf(numbers) * 10)).toBe(1000);
          const step = texts[0]?.includes(".") || texts[0]?.startsWith("<") ? 0.1 : 1;
          for (const [index, value] of values.entries()) {
            expect(Math.abs((numbers[index] ?? 0) - (value / sumOf(values)) * 100)).toBeLessThan(step);
            expect(texts[index] === "0%" || texts[index] === "0.0%").toBe(value === 0);
          }
        },
      ),
      { numRuns: 1000 },
    );
  });
});
