import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatShares, sharesOf } from "./shares.ts";

const sumOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);

describe("shares of a whole", () => {
  test.each<[values: number[], shares: string[]]>([
    [
      [1, 1, 1],
      ["33.4%", "33.3%", "33.3%"],
    ],
    [
      [1, 1, 1, 1, 1, 1],
      ["16.7%", "16.7%", "16.7%", "16.7%", "16.6%", "16.6%"],
    ],
    [
      [412, 180, 92],
      ["60.2%", "26.3%", "13.5%"],
    ],
    [
      [7, 0],
      ["100.0%", "0.0%"],
    ],
    [
      [100_000, 1],
      ["100.0%", "<0.1%"],
    ],
    [
      [0, 0],
      ["0.0%", "0.0%"],
    ],
    [
      [-3, Number.NaN, 2],
      ["0.0%", "0.0%", "100.0%"],
    ],
    [[], []],
  ])("of %j are printed %j", (values, shares) => {
    expect(formatShares(values)).toEqual(shares);
  });

  test("add up to 100, each less than a tenth away from the truth, a larger part never with less", () => {
    const counts = fc.array(fc.oneof(fc.nat(100_000), fc.nat(12), fc.nat(10 ** 13)), { maxLength: 14 });
    fc.assert(
      fc.property(
        counts.filter((values) => values.some((value) => value > 0)),
        (values) => {
          const shares = sharesOf(values);
          expect(sumOf(shares.map((share) => Math.round(share * 10)))).toBe(1000);
          for (const [index, value] of values.entries()) {
            const share = shares[index] ?? Number.NaN;
            expect(share).toBe(Math.round(share * 10) / 10);
            expect(Math.abs(share - (value / sumOf(values)) * 100)).toBeLessThan(0.1 + 1e-9);
            for (const [other, less] of values.entries())
              if (less < value) expect(shares[other]).toBeLessThanOrEqual(share);
            expect(formatShares(values)[index] === "0.0%").toBe(value === 0);
          }
        },
      ),
      { numRuns: 1000 },
    );
  });
});
