import { describe, expect, it } from "vitest";
import { daysAfter } from "../../calendar.ts";
import { bucketsOf, daysUpToNow } from "./buckets.ts";
import { fromDays, scoreRange } from "./health-line.ts";

const days = (first: string, count: number) => Array.from({ length: count }, (_, n) => daysAfter(first, n));
const scores = (...given: [day: string, sum: number, count: number][]) =>
  new Map(given.map(([day, sum, count]) => [day, { sum, count }]));

describe("the days of a chart", () => {
  it("end with today, and there are none of a period that lies ahead", () => {
    const now = new Date("2026-06-15T23:59:59Z");
    expect(daysUpToNow({ date_from: "2026-06-14", date_to: "2026-06-30" }, now)).toEqual([
      "2026-06-14",
      "2026-06-15",
    ]);
    expect(daysUpToNow({ date_from: "2026-06-16", date_to: "2026-06-30" }, now)).toEqual([]);
  });

  it("are put together by the weeks and months that they lie in; those at the ends may be short", () => {
    // 1 June 2026 is a Monday.
    const sizes = (cut: "weekly" | "monthly") =>
      bucketsOf(days("2026-05-30", 12), cut).map(({ name, days: within }) => `${name} ${within.length}`);
    expect(sizes("weekly")).toEqual(["30 May 2", "1 Jun 7", "8 Jun 3"]);
    expect(sizes("monthly")).toEqual(["May 2026 2", "Jun 2026 10"]);
  });
});

describe("the average of scores", () => {
  it("is that of all scores of each day", () => {
    const line = fromDays(
      days("2026-06-01", 3),
      scores(["2026-06-01", 100, 2], ["2026-06-02", 70, 1], ["2026-06-03", 199, 3]),
    );
    expect(line.values).toEqual([50, 70, 66.3]);
    expect(line.names).toEqual(["1 Jun", "2 Jun", "3 Jun"]);
  });

  it("is by week or by month where days are few and far between, not a row of dots", () => {
    const weekly = fromDays(days("2026-06-01", 21), scores(["2026-06-03", 50, 1], ["2026-06-10", 60, 1]));
    expect([weekly.title, weekly.values]).toEqual(["Average of the scores of each week", [50, 60, null]]);
    const monthly = fromDays(
      days("2026-04-01", 90),
      scores(["2026-04-01", 50, 1], ["2026-05-01", 60, 1], ["2026-06-01", 140, 2]),
    );
    expect([monthly.title, monthly.values]).toEqual(["Average of the scores of each month", [50, 60, 70]]);
  });

  it("of a single day is that day's", () => {
    const { names, values } = fromDays(days("2026-06-01", 3), scores(["2026-06-02", 99, 2]));
    expect(values).toEqual([null, 49.5, null]);
    expect(names[1]).toBe("2 Jun");
    expect(fromDays(days("2026-06-01", 3), new Map()).values).toEqual([null]);
  });

  it("of long periods is by week, and by month past half a year", () => {
    const daily = (count: number) => {
      const all = days("2026-01-01", count);
      return fromDays(all, new Map(all.map((day) => [day, { sum: 7, count: 1 }]))).names.length;
    };
    expect([daily(31), daily(32), daily(182), daily(183)]).toEqual([31, 5, 27, 7]);
  });
});

it("the axis leaves room around the scores, in tens, and ends at 0 and 100", () => {
  expect(scoreRange([73.4, 75.5])).toEqual([60, 90]);
  expect(scoreRange([0, 99])).toEqual([0, 100]);
});
