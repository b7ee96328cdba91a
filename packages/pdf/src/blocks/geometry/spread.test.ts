import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { spread } from "./spread.ts";

describe("labels beside an axis", () => {
  test("stand where they would like to when there is room", () => {
    expect(
      spread(
        [
          { at: 80, height: 10 },
          { at: 20, height: 10 },
        ],
        100,
      ),
    ).toEqual([75, 15]);
  });

  test("that wish for one place stand one below the other", () => {
    expect(spread(Array(3).fill({ at: 100, height: 10 }), 100)).toEqual([70, 80, 90]);
  });

  test("never meet nor leave the axis, and keep the order of their wishes", () => {
    const wish = fc.record({
      at: fc.integer({ min: -50, max: 250 }),
      height: fc.integer({ min: 1, max: 30 }),
    });
    fc.assert(
      fc.property(fc.array(wish, { maxLength: 7 }), (wishes) => {
        const tops = spread(wishes, 210);
        const placed = wishes.map(({ at, height }, index) => ({ at, top: tops[index] ?? 0, height }));
        for (const [index, one] of placed.entries()) {
          expect(one.top).toBeGreaterThanOrEqual(0);
          expect(one.top + one.height).toBeLessThanOrEqual(210);
          for (const other of placed.slice(index + 1)) {
            expect(one.top + one.height <= other.top || other.top + other.height <= one.top).toBe(true);
          }
        }
      }),
    );
  });
});
