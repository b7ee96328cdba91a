import type { PeriodType } from "@success-manager/contract/dashboard";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  calendarMonth,
  dateOf,
  daysAfter,
  daysBetween,
  isoWeek,
  mondayOf,
  monthAfter,
  monthBefore,
  periodsBetween,
} from "./calendar.ts";

const FIRST = "1900-01-01";
const LAST = "2999-12-31";
const day = fc.nat({ max: daysBetween(FIRST, LAST) }).map((days) => daysAfter(FIRST, days));
const type = fc.constantFrom<PeriodType>("daily", "weekly", "monthly");

/** The other way to count weeks: from the Monday of the week that holds the 4th of January. */
function weekByJanuary(date: string): string {
  const startOf = (year: number) => mondayOf(`${year}-01-04`);
  const year = Number(date.slice(0, 4));
  const owner = date >= startOf(year + 1) ? year + 1 : date >= startOf(year) ? year : year - 1;
  return `${owner}-W${String(daysBetween(startOf(owner), mondayOf(date)) / 7 + 1).padStart(2, "0")}`;
}

describe("a week", () => {
  it.each([
    ["2026-01-01", "2026-W01"],
    ["2025-12-28", "2025-W52"],
    ["2025-12-29", "2026-W01"],
    ["2026-12-31", "2026-W53"],
    ["2027-01-03", "2026-W53"],
    ["2027-01-04", "2027-W01"],
    ["2020-12-31", "2020-W53"],
    ["2021-01-03", "2020-W53"],
    ["2024-12-30", "2025-W01"],
    ["2023-01-01", "2022-W52"],
    ["1900-01-01", "1900-W01"],
    ["2999-12-31", "3000-W01"],
  ])("of %s is %s", (date, week) => expect(isoWeek(date)).toBe(week));

  it("is the same counted from the week of the 4th of January", () => {
    fc.assert(
      fc.property(day, (date) => {
        expect(isoWeek(date)).toBe(weekByJanuary(date));
      }),
    );
  });

  it("begins on a Monday and holds seven days in a row", () => {
    fc.assert(
      fc.property(day, (date) => {
        const monday = mondayOf(date);
        expect(new Date(monday).getUTCDay()).toBe(1);
        for (let n = 0; n < 7; n++) expect(isoWeek(daysAfter(monday, n))).toBe(isoWeek(date));
        expect(isoWeek(daysAfter(monday, -1)) < isoWeek(date)).toBe(true);
        expect(isoWeek(daysAfter(monday, 7)) > isoWeek(date)).toBe(true);
      }),
    );
  });

  it("is one of 52 or 53 of its year", () => {
    const count = (year: number) => new Set(periodsBetween("weekly", `${year}-01-04`, `${year}-12-28`)).size;
    expect([2015, 2019, 2020, 2025, 2026, 2027].map(count)).toEqual([53, 52, 53, 52, 53, 52]);
  });
});

describe("calendar months", () => {
  it("follow each other over the turn of a year", () => {
    expect([monthBefore("2026-01"), monthBefore("2026-12")]).toEqual(["2025-12", "2026-11"]);
    expect([monthAfter("2025-12"), monthAfter("2026-11")]).toEqual(["2026-01", "2026-12"]);
  });
});

describe("periods between two dates", () => {
  it.each([
    ["daily", "2026-02-27", "2026-03-01", ["2026-02-27", "2026-02-28", "2026-03-01"]],
    ["weekly", "2026-12-27", "2027-01-04", ["2026-W52", "2026-W53", "2027-W01"]],
    ["monthly", "2025-11-30", "2026-02-01", ["2025-11", "2025-12", "2026-01", "2026-02"]],
    ["monthly", "2026-01-20", "2026-01-10", []],
    ["weekly", "2026-01-20", "2026-01-19", []],
  ] as const)("%s from %s to %s", (type, from, to, periods) =>
    expect(periodsBetween(type, from, to)).toEqual(periods),
  );

  it("are each named once, in order, and every day lies in exactly one of them", () => {
    const nameOf = { daily: (date: string) => date, weekly: isoWeek, monthly: calendarMonth };
    fc.assert(
      fc.property(type, day, fc.nat({ max: 800 }), (type, from, length) => {
        const days = Array.from({ length: length + 1 }, (_, n) => daysAfter(from, n));
        const named = new Set(days.map(nameOf[type]));
        const periods = periodsBetween(type, from, daysAfter(from, length));
        expect(periods).toEqual([...named]);
        expect(periods).toEqual(periods.toSorted());
      }),
      { numRuns: 60 },
    );
  });

  it("are no more than asked for, however far apart the dates are", () => {
    expect(periodsBetween("daily", FIRST, LAST, 3)).toEqual(["1900-01-01", "1900-01-02", "1900-01-03"]);
    expect(periodsBetween("monthly", FIRST, LAST).length).toBe(13_200);
  });
});

it("a date is that of its instant in UTC", () => {
  expect(dateOf(new Date("2026-01-01T00:30:00+01:00"))).toBe("2025-12-31");
});
