import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { gridColumns, gridRows } from "./grid.ts";

describe("columns of a grid", () => {
  test.each([
    [1, 2],
    [2, 2],
    [4, 4],
    [5, 5],
    [6, 3],
    [7, 4],
    [9, 5],
    [12, 4],
  ])("for %i items on A4 are %i, as even as can be", (count, columns) => {
    expect(gridColumns(count, 495, 10)).toBe(columns);
  });

  test("are never narrower than asked, unless there are only two", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 100, max: 2000 }), (count, width) => {
        const columns = gridColumns(count, width, 10, 90);
        expect(columns === 2 || (width - 10 * (columns - 1)) / columns >= 90).toBe(true);
      }),
    );
  });

  test("hold all items in their order", () => {
    fc.assert(
      fc.property(fc.array(fc.nat()), fc.integer({ min: 1, max: 7 }), (items, columns) => {
        const rows = gridRows(items, columns);
        expect(rows.flat()).toEqual(items);
        expect(rows.every((row) => row.length > 0 && row.length <= columns)).toBe(true);
      }),
    );
  });
});
