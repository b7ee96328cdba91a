import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { areaPath, isolatedPoints, linePath, plotPoints, xPositions } from "./line-path.ts";

const yOf = (value: number) => 100 - value;

describe("a line", () => {
  test("goes from point to point", () => {
    expect(linePath(plotPoints([0, 50, 100], xPositions(3, 200), yOf))).toBe("M0,100L100,50L200,0");
  });

  test("is interrupted where there is no value", () => {
    expect(linePath(plotPoints([0, null, 20, 30], xPositions(4, 300), yOf))).toBe("M0,100ZM200,80L300,70");
  });

  test("has its only point in the middle", () => {
    expect(plotPoints([40], xPositions(1, 300), yOf)).toEqual([[150, 60]]);
  });

  test("has isolated points between gaps", () => {
    expect(isolatedPoints(plotPoints([1, null, 2, 3, null, 4], xPositions(6, 500), yOf))).toEqual([
      [0, 99],
      [500, 96],
    ]);
  });

  test("is empty without values", () => {
    expect([linePath([null, null]), areaPath([], 100)]).toEqual(["", ""]);
  });

  test("of two years of days takes at most 12 bytes a day", () => {
    const values = Array.from({ length: 731 }, (_, day) => 50 + 40 * Math.sin(day * 1.7));
    expect(linePath(plotPoints(values, xPositions(731, 480), yOf)).length).toBeLessThan(731 * 12);
  });

  test("is drawn from numbers alone, whatever its values are", () => {
    const values = fc.array(fc.option(fc.double()), { maxLength: 50 });
    fc.assert(
      fc.property(values, fc.nat(50), (each, count) => {
        const points = plotPoints(each, xPositions(count, 480), yOf);
        expect(points).toHaveLength(count);
        expect(linePath(points) + areaPath(points, 100)).toMatch(/^[MLZ0-9.,e+-]*$/);
      }),
    );
  });
});
