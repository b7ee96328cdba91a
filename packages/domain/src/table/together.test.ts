import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { packed } from "./together.ts";

describe("what is written together", () => {
  it("stays whole and in order, and fits into transactions of 100", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 100 }), { maxLength: 200 }), (sizes) => {
        const packs = packed(sizes, (size) => size);
        expect(packs.flat()).toEqual(sizes);
        for (const pack of packs) expect(pack.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(100);
      }),
    );
  });

  it("takes as few transactions as its order allows", () => {
    const scores = Array.from({ length: 33 }, () => 3);
    expect(packed(scores, (size) => size)).toHaveLength(1);
    expect(packed([...scores, 1, 1], (size) => size)).toHaveLength(2);
    expect(packed([], (size) => size)).toEqual([]);
  });
});
