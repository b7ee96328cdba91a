import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { amountOf, meanOf, oneDecimal, percentOf, sharesOf } from "./figures.ts";

describe("a mean", () => {
  it.each([
    [1, 3, 0.3],
    [2, 3, 0.7],
    [1, 20, 0.1],
    [199, 40, 5],
    [0, 7, 0],
    [700, 7, 100],
  ])("of %i among %i is %d", (sum, count, expected) => {
    expect(meanOf(sum, count)).toBe(expected);
  });

  it("of nothing is not there", () => {
    expect(meanOf(0, 0)).toBeNull();
  });

  it("with two decimals rounds halves up, also where dividing first would lose them", () => {
    expect(meanOf(201, 200, 2)).toBe(1.01);
    expect(meanOf(57, 200, 2)).toBe(0.29);
  });

  it("is never further than half a decimal from the truth", () => {
    const decimals = fc.constantFrom<(1 | 2)[]>(1, 2);
    fc.assert(
      fc.property(fc.nat(1_000_000), fc.integer({ min: 1, max: 10_000 }), decimals, (sum, count, places) => {
        const off = (meanOf(sum, count, places) ?? Number.NaN) - sum / count;
        expect(Math.abs(off)).toBeLessThanOrEqual(0.5 / 10 ** places + 1e-9);
      }),
    );
  });
});

describe("a percentage", () => {
  it("has one decimal, and is 0 of nothing", () => {
    expect([percentOf(1, 3), percentOf(3, 3), percentOf(1, 2000), percentOf(0, 0)]).toEqual([
      33.3, 100, 0.1, 0,
    ]);
  });
});

describe("an amount", () => {
  it("is in units", () => {
    expect([amountOf(123_450), amountOf(1), amountOf(0)]).toEqual([1234.5, 0.01, 0]);
  });
});

describe("one decimal", () => {
  it("rounds", () => {
    expect([oneDecimal(1.25), oneDecimal(1.24), oneDecimal(0)]).toEqual([1.3, 1.2, 0]);
  });
});

const sumOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);

describe("shares of a whole", () => {
  it.each<[parts: number[], shares: number[]]>([
    [
      [1, 1, 1],
      [33.4, 33.3, 33.3],
    ],
    [
      [1, 1, 1, 1, 1, 1],
      [16.7, 16.7, 16.7, 16.7, 16.6, 16.6],
    ],
    [
      [412, 180, 92],
      [60.2, 26.3, 13.5],
    ],
    [
      [7, 0],
      [100, 0],
    ],
    [
      [100_000, 1],
      [100, 0],
    ],
    [
      [0, 0],
      [0, 0],
    ],
    [[], []],
  ])("of %j are %j", (parts, shares) => expect(sharesOf(parts)).toEqual(shares));

  it("add up to 100, each less than a tenth away from the truth, a larger part never with less", () => {
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
          }
        },
      ),
      { numRuns: 1000 },
    );
  });
});
