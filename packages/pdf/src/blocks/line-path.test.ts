import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { areaPath, isolatedPoints, linePath, plotPoints, xPositions } from "./line-path.ts";

const upside = (value: number) => 100 - value;

describe("a line", () => {
  test("goes from point to point", () => {
    expect(linePath(plotPoints([0, 50, 100], xPositions(3, 200), upside))).toBe("M0,100L100,50L200,0");
  });

  test("is interrupted where there is no value", () => {
    expect(linePath(plotPoints([0, null, 20, 30], xPositions(4, 300), upside))).toBe("M0,100ZM200,80L300,70");
  });

  test("has its only point in the middle", () => {
    expect(plotPoints([40], xPositions(1, 300), upside)).toEqual([[150, 60]]);
  });

  test("knows the points that no other joins", () => {
    expect(isolatedPoints(plotPoints([1, null, 2, 3, null, 4], xPositions(6, 500), upside))).toEqual([
      [0, 99],
      [500, 96],
    ]);
  });

  test("is nothing without values", () => {
    expect([linePath([null, null]), areaPath([], 100)]).toEqual(["", ""]);
  });

  test("of two years of days takes at most 12 bytes a day", () => {
    const values = Array.from({ length: 731 }, (_, day) => 50 + 40 * Math.sin(day * 1.7));
    expect(linePath(plotPoints(values, xPositions(731, 480), upside)).length).toBeLessThan(731 * 12);
  });

  test("is drawn from numbers alone, whatever its values are", () => {
    const values = fc.array(fc.option(fc.double()), { maxLength: 50 });
    fc.assert(
      fc.property(values, fc.nat(50), (each, count) => {
        const points = plotPoints(each, xPositions(count, 480), upside);
        expect(points).toHaveLength(count);
        expect(linePath(points) + areaPath(points, 100)).toMatch(/^[MLZ0-9.,e+-]*$/);
      }),
    );
  });
});
