import fc from "fast-check";
import { expect, test } from "vitest";
import { daysAfter, periodsBetween } from "../calendar.ts";
import { periodRanges } from "./changes.ts";

/** The days of a range of days or months. */
function daysOf([from, to]: readonly [string, string]): string[] {
  const unit = from.slice(0, from.indexOf("#"));
  const [first, last] = [from, to].map((period) => period.slice(unit.length + 1));
  expect(to.startsWith(`${unit}#`)).toBe(true);
  if (unit === "day") return periodsBetween("daily", first ?? "", last ?? "");
  return periodsBetween("daily", `${first}-01`, daysAfter(`${last}-01`, 31)).filter(
    (day) => day.slice(0, 7) <= (last ?? ""),
  );
}

test("the periods of some days are these days, each once, and few", () => {
  const day = fc.integer({ min: 0, max: 1_500 }).map((days) => daysAfter("2024-01-01", days));
  fc.assert(
    fc.property(day, fc.integer({ min: 0, max: 400 }), (first, length) => {
      const last = daysAfter(first, length);
      const ranges = periodRanges(first, last);
      expect(ranges.flatMap(daysOf).sort()).toEqual(periodsBetween("daily", first, last));
      const items = ranges.map(([from, to]) =>
        from.startsWith("day#")
          ? daysOf([from, to]).length
          : periodsBetween("monthly", from.slice(6), to.slice(6)).length,
      );
      expect(items.reduce((sum, count) => sum + count, 0)).toBeLessThan(75);
    }),
  );
});

test.each([
  ["2026-02-01", "2026-02-28", [["month#2026-02", "month#2026-02"]]],
  ["2026-02-02", "2026-02-28", [["day#2026-02-02", "day#2026-02-28"]]],
  ["2999-12-01", "2999-12-31", [["month#2999-12", "month#2999-12"]]],
])("from %s to %s is %j", (first, last, ranges) => {
  expect(periodRanges(first, last)).toEqual(ranges);
});
