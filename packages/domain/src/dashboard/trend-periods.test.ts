import { CsatTrendsFilter, HealthTrendsFilter } from "@success-manager/contract/dashboard";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { daysAfter, daysBetween } from "../calendar.ts";
import { csatTrendPeriods, healthTrendPeriods } from "./trends.ts";

const TODAY = "2026-11-22";

/** First and last period, how many there are, and what kind. */
const seen = ({ period_type, periods }: ReturnType<typeof healthTrendPeriods>) =>
  `${periods.length} ${period_type}: ${periods[0] ?? "none"} to ${periods.at(-1) ?? "none"}`;
const health = (query: object = {}) => seen(healthTrendPeriods(HealthTrendsFilter.parse(query), TODAY));
const csat = (query: object = {}) => seen(csatTrendPeriods(CsatTrendsFilter.parse(query), TODAY));

describe("a trend of scores", () => {
  it.each([
    [{}, "13 monthly: 2025-11 to 2026-11"],
    [{ period_type: "weekly" }, "13 weekly: 2026-W35 to 2026-W47"],
    [{ period_type: "daily" }, "31 daily: 2026-10-23 to 2026-11-22"],
    [{ range: "7d" }, "7 daily: 2026-11-16 to 2026-11-22"],
    [{ range: "30d" }, "30 daily: 2026-10-24 to 2026-11-22"],
    [{ range: "90d" }, "13 weekly: 2026-W35 to 2026-W47"],
    [{ range: "1y" }, "13 monthly: 2025-11 to 2026-11"],
    [{ range: "1y", period_type: "daily" }, "365 daily: 2025-11-23 to 2026-11-22"],
    [{ range: "7d", period_type: "monthly" }, "1 monthly: 2026-11 to 2026-11"],
    [{ range: "7d", end_date: "2026-01-03" }, "7 daily: 2025-12-28 to 2026-01-03"],
    [{ period_type: "weekly", end_date: "2027-01-01" }, "13 weekly: 2026-W41 to 2026-W53"],
    [{ start_date: "2026-10-31" }, "2 monthly: 2026-10 to 2026-11"],
    [{ start_date: "2026-01-31", end_date: "2026-02-01" }, "2 monthly: 2026-01 to 2026-02"],
    [{ start_date: "2999-01-01" }, "0 monthly: none to none"],
    [{ end_date: "1900-01-01" }, "13 monthly: 1899-01 to 1900-01"],
    [{ end_date: "1900-01-01", period_type: "weekly" }, "13 weekly: 1899-W41 to 1900-W01"],
    [{ end_date: "2999-12-31", period_type: "weekly" }, "13 weekly: 2999-W41 to 3000-W01"],
    [{ end_date: "2999-12-31", period_type: "daily" }, "31 daily: 2999-12-01 to 2999-12-31"],
  ])("that is asked for with %j shows %s", (query, shown) => expect(health(query)).toBe(shown));

  it("refuses a range with a first day", () => {
    expect(HealthTrendsFilter.safeParse({ range: "7d", start_date: "2026-01-01" }).success).toBe(false);
  });

  it("refuses a last day before the first", () => {
    const turned = { start_date: "2026-02-02", end_date: "2026-02-01" };
    for (const filter of [HealthTrendsFilter, CsatTrendsFilter])
      expect(filter.safeParse(turned).error?.issues).toMatchObject([
        { path: ["end_date"], message: "must not be before start_date" },
      ]);
  });
});

describe("a trend of satisfaction", () => {
  it.each([
    [{}, "13 monthly: 2025-11 to 2026-11"],
    [{ end_date: "2026-01-15" }, "13 monthly: 2025-01 to 2026-01"],
    [{ start_date: "2026-11-30", end_date: "2026-12-01" }, "2 monthly: 2026-11 to 2026-12"],
    [{ start_date: "2026-11-23" }, "0 monthly: none to none"],
    [{ end_date: "1900-01-01" }, "13 monthly: 1899-01 to 1900-01"],
  ])("that is asked for with %j shows %s", (query, shown) => expect(csat(query)).toBe(shown));
});

describe("too many periods", () => {
  const last = "2026-12-31";

  it.each([
    ["daily", daysAfter(last, -399), "days"],
    ["weekly", daysAfter("2026-12-28", -399 * 7), "weeks"],
    ["monthly", "1993-09-01", "months"],
  ] as const)("%s are refused with what to do", (period_type, start_date, unit) => {
    const asked = { period_type, end_date: last };
    expect(health({ ...asked, start_date })).toMatch(/^400 /);
    expect(() => health({ ...asked, start_date: daysAfter(start_date, -1) })).toThrow(
      expect.objectContaining({
        status: 422,
        message: `start_date: must lie at most 399 ${unit} before end_date`,
        errors: [expect.objectContaining({ loc: ["query", "start_date"] })],
      }),
    );
  });

  it("months are refused likewise for satisfaction", () => {
    expect(csat({ start_date: "1993-09-01", end_date: last })).toMatch(/^400 /);
    expect(() => csat({ start_date: "1900-01-01", end_date: "2999-12-31" })).toThrow("start_date");
  });
});

it("whatever is asked for is answered with at most 400 periods in order, or refused with 422", () => {
  const day = fc.nat({ max: daysBetween("1900-01-01", "2999-12-31") }).map((n) => daysAfter("1900-01-01", n));
  const maybe = fc.option(day, { nil: undefined });
  const period_type = fc.constantFrom(undefined, "daily", "weekly", "monthly");
  fc.assert(
    fc.property(maybe, maybe, day, period_type, (start_date, end_date, today, type) => {
      fc.pre(start_date === undefined || end_date === undefined || start_date <= end_date);
      const query = HealthTrendsFilter.parse({ start_date, end_date, period_type: type });
      try {
        const { periods } = healthTrendPeriods(query, today);
        expect(periods.length).toBeLessThanOrEqual(400);
        expect(periods).toEqual([...new Set(periods)].sort());
        expect(periods.length === 0).toBe((start_date ?? "0") > (end_date ?? today));
      } catch (error) {
        expect(error).toMatchObject({ status: 422 });
        expect(start_date).toBeDefined();
      }
    }),
    { numRuns: 200 },
  );
});
