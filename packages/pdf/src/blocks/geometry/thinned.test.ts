import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { placesOf } from "./course.ts";
import { thinned } from "./thinned.ts";

const indices = (count: number, width: number, own: number) =>
  thinned(placesOf(count, width), () => own, width).map(({ index }) => index);

describe("names of points", () => {
  test("are all there when they fit, each under its point", () => {
    const labels = thinned(placesOf(3, 300), () => 40, 300);
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

  test("never meet, never leave the width, and always name the last point", () => {
    const width = fc.integer({ min: 1, max: 600 });
    const own = fc.array(fc.double({ min: 0, max: 400, noNaN: true }), { minLength: 1, maxLength: 800 });
    fc.assert(
      fc.property(width, own, (room, widths) => {
        const labels = thinned(placesOf(widths.length, room), (index) => widths[index] ?? 0, room);
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
