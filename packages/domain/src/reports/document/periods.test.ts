import "./fixture/english.ts";
import { describe, expect, it } from "vitest";
import { daysAfter } from "../../calendar.ts";
import { daysUpToNow, monthsUpToNow, timeBuckets } from "./periods.ts";

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
    const days = Array.from({ length: 12 }, (_, n) => daysAfter("2026-05-30", n));
    const sizes = (granularity: "weekly" | "monthly") =>
      timeBuckets(days, granularity).map(({ name, days: within }) => `${name} ${within.length}`);
    expect(sizes("weekly")).toEqual(["30 May 2", "1 Jun 7", "8 Jun 3"]);
    expect(sizes("monthly")).toEqual(["May 2026 2", "Jun 2026 10"]);
  });
});

it("months are six at least, up to the period's end or today", () => {
  const months = (date_from: string, date_to: string) =>
    monthsUpToNow({ date_from, date_to }, new Date("2026-06-15T12:00:00Z"), 6);
  expect(months("2026-06-01", "2026-06-30")).toEqual([
    "2026-01",
    "2026-02",
    "2026-03",
    "2026-04",
    "2026-05",
    "2026-06",
  ]);
  expect(months("2025-01-31", "2025-12-01")).toHaveLength(12);
  expect(months("2027-01-01", "2027-02-01").at(-1)).toBe("2026-06");
});
