import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { axisLabels, declutterLabels } from "./label-placement.ts";
import { xPositions } from "./line-path.ts";

const indices = (count: number, width: number, own: number) =>
  axisLabels(xPositions(count, width), () => own, width).map(({ index }) => index);

describe("labels of points", () => {
  test("are all there when they fit, each under its point", () => {
    const labels = axisLabels(xPositions(3, 300), () => 40, 300);
    expect(labels.map(({ x }) => x)).toEqual([0, 130, 260]);
  });

  test("are every n-th counted from the last one when they do not", () => {
    expect(indices(12, 450, 42)).toEqual([1, 3, 5, 7, 9, 11]);
  });

  test("name both ends when that takes hardly fewer", () => {
    expect(indices(731, 485, 50)).toEqual([0, 146, 292, 438, 584, 730]);
  });

  test("name the last point alone when nothing else fits", () => {
    expect(indices(5, 100, 90)).toEqual([4]);
  });

  test("of no points are none", () => {
    expect(indices(0, 100, 10)).toEqual([]);
  });

  test("never overlap, never leave the width, and always name the last point", () => {
    const width = fc.integer({ min: 1, max: 600 });
    const own = fc.array(fc.double({ min: 0, max: 400, noNaN: true }), { minLength: 1, maxLength: 800 });
    fc.assert(
      fc.property(width, own, (room, widths) => {
        const labels = axisLabels(xPositions(widths.length, room), (index) => widths[index] ?? 0, room);
        expect(labels.at(-1)?.index).toBe(widths.length - 1);
        labels.forEach((label, n) => {
          expect(label.x).toBeGreaterThanOrEqual(0);
          expect(label.x + label.width).toBeLessThanOrEqual(room + 1e-9);
          const before = labels[n - 1];
          if (before !== undefined) expect(before.x + before.width).toBeLessThan(label.x);
        });
      }),
    );
  });
});

describe("labels beside an axis", () => {
  test("stand at their centers when there is space", () => {
    expect(
      declutterLabels(
        [
          { center: 80, height: 10 },
          { center: 20, height: 10 },
        ],
        100,
      ),
    ).toEqual([75, 15]);
  });

  test("with one center stand one below the other", () => {
    expect(declutterLabels(Array(3).fill({ center: 100, height: 10 }), 100)).toEqual([70, 80, 90]);
  });

  test("never overlap nor leave the axis", () => {
    const label = fc.record({
      center: fc.integer({ min: -50, max: 250 }),
      height: fc.integer({ min: 1, max: 30 }),
    });
    fc.assert(
      fc.property(fc.array(label, { maxLength: 7 }), (labels) => {
        const tops = declutterLabels(labels, 210);
        const placed = labels.map(({ center, height }, index) => ({ center, top: tops[index] ?? 0, height }));
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
