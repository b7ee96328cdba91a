import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { daysAfter, daysBetween } from "../calendar.ts";
import { periodBefore, periodOf, precedingPeriod, wholeMonths } from "./period.ts";

const days = (date_from: string, date_to: string) => ({ date_from, date_to });

describe("the period right before", () => {
  it("has as many days", () => {
    expect(precedingPeriod(days("2026-10-24", "2026-11-22"))).toEqual(days("2026-09-24", "2026-10-23"));
    expect(precedingPeriod(days("2026-03-01", "2026-03-01"))).toEqual(days("2026-02-28", "2026-02-28"));
  });

  it("has as many calendar months where a period is made of them", () => {
    expect(precedingPeriod(days("2026-03-01", "2026-03-31"))).toEqual(days("2026-02-01", "2026-02-28"));
    expect(precedingPeriod(days("2026-01-01", "2026-03-31"))).toEqual(days("2025-10-01", "2025-12-31"));
    expect(precedingPeriod(days("2026-01-01", "2026-12-31"))).toEqual(days("2025-01-01", "2025-12-31"));
  });

  it("ends where the period begins, and is as long, in days or in months", () => {
    const dates = fc.integer({ min: 0, max: 5 * 366 }).map((n) => daysAfter("2024-01-01", n));
    fc.assert(
      fc.property(dates, fc.nat(400), (date_from, more) => {
        const period = days(date_from, daysAfter(date_from, more));
        const earlier = precedingPeriod(period);
        expect(daysAfter(earlier.date_to, 1)).toBe(date_from);
        const months = wholeMonths(period);
        if (months === undefined) expect(daysBetween(earlier.date_from, earlier.date_to)).toBe(more);
        else expect(wholeMonths(earlier)).toBe(months);
      }),
    );
  });
});

describe("the period of a report", () => {
  const now = new Date("2026-11-22T14:05:00Z");

  it("is the last 30 days with today, unless days are named", () => {
    expect(periodOf({}, now)).toEqual(days("2026-10-24", "2026-11-22"));
    expect(periodOf({ date_to: "2026-01-30" }, now)).toEqual(days("2026-01-01", "2026-01-30"));
    expect(periodOf({ date_from: "2026-12-01" }, now)).toEqual(days("2026-12-01", "2026-12-01"));
  });

  it("of a schedule is what ended last", () => {
    const due = new Date("2026-01-01T06:00:00Z");
    expect(periodBefore("daily", {}, due)).toEqual(days("2025-12-31", "2025-12-31"));
    expect(periodBefore("weekly", {}, due)).toEqual(days("2025-12-25", "2025-12-31"));
    expect(periodBefore("monthly", {}, due)).toEqual(days("2025-12-01", "2025-12-31"));
    expect(periodBefore("quarterly", {}, due)).toEqual(days("2025-10-01", "2025-12-31"));
    expect(periodBefore("quarterly", {}, new Date("2028-02-29T06:00:00Z"))).toEqual(
      days("2027-10-01", "2027-12-31"),
    );
  });
});
