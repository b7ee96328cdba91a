import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Api, TestCloud } from "../support/cloud.ts";
import { portfolioCloud } from "../support/dashboard/cloud.ts";
import { dayFrom } from "../support/dashboard/days.ts";
import type { CustomerFact } from "../support/dashboard/facts.ts";
import * as trends from "../support/dashboard/recount-trends.ts";

let cloud: TestCloud;
let dashboard: Api["dashboard"];
let facts: readonly CustomerFact[];
let today: string;

beforeAll(async () => {
  const portfolio = await portfolioCloud();
  ({ cloud, facts, today } = portfolio);
  dashboard = portfolio.api.dashboard;
});
afterAll(() => cloud?.stop());

describe("trends, counted by hand", () => {
  const DEFAULTS = { daily: 30, weekly: 84, monthly: 365 } as const;
  const RANGES = [
    ["7d", 7, "daily"],
    ["30d", 30, "daily"],
    ["90d", 90, "weekly"],
    ["1y", 365, "monthly"],
  ] as const;

  it.each(["daily", "weekly", "monthly"] as const)("health, %s", async (period_type) => {
    const found = (await dashboard.healthTrends({ query: { period_type } })).body();
    const first = dayFrom(today, -DEFAULTS[period_type]);
    expect(found).toEqual(trends.healthTrends(facts, period_type, first, today));
  });

  it("health, by month when nothing is said", async () => {
    const first = dayFrom(today, -365);
    expect((await dashboard.healthTrends({})).body()).toEqual(
      trends.healthTrends(facts, "monthly", first, today),
    );
  });

  it.each(RANGES)("health of %s", async (range, days, period_type) => {
    const found = (await dashboard.healthTrends({ query: { range } })).body();
    expect(found).toEqual(trends.healthTrends(facts, period_type, dayFrom(today, 1 - days), today));
  });

  it.each(["daily", "weekly", "monthly"] as const)("health of some days in the past, %s", async (type) => {
    const [start_date, end_date] = [dayFrom(today, -333), dayFrom(today, -17)];
    const query = { period_type: type, start_date, end_date };
    expect((await dashboard.healthTrends({ query })).body()).toEqual(
      trends.healthTrends(facts, type, start_date, end_date),
    );
  });

  it("health of a range that ends on another day, in other periods than its own", async () => {
    const end_date = dayFrom(today, -40);
    const query = { range: "90d", end_date, period_type: "monthly" } as const;
    expect((await dashboard.healthTrends({ query })).body()).toEqual(
      trends.healthTrends(facts, "monthly", dayFrom(end_date, -89), end_date),
    );
  });

  it("satisfaction", async () => {
    const found = (await dashboard.csatTrends({})).body();
    expect(found).toEqual(trends.csatTrends(facts, dayFrom(today, -365), today));
  });

  it("satisfaction of some days, widened to months; and up to a day in the past", async () => {
    const [start_date, end_date] = [dayFrom(today, -200), dayFrom(today, -100)];
    expect((await dashboard.csatTrends({ query: { start_date, end_date } })).body()).toEqual(
      trends.csatTrends(facts, start_date, end_date),
    );
    expect((await dashboard.csatTrends({ query: { end_date } })).body()).toEqual(
      trends.csatTrends(facts, dayFrom(end_date, -365), end_date),
    );
  });
});

describe("activity, counted by hand", () => {
  const found = async (query: Parameters<typeof dashboard.recentActivity>[0]["query"]) => {
    const { activities, total } = (await dashboard.recentActivity({ query })).body();
    expect(total).toBe(activities.length);
    return activities.map(({ activity_type, customer_id, customer_name, timestamp }) => ({
      activity_type,
      customer_id,
      customer_name,
      timestamp,
    }));
  };

  it.each([1, 10, 50, 200])("the newest %s of the last thirty days", async (limit) => {
    const counted = trends.activities(facts, dayFrom(today, -30), today);
    expect(await found({ limit })).toEqual(counted.slice(0, limit));
  });

  it("of some days in the past, both included", async () => {
    const [start_date, end_date] = [dayFrom(today, -45), dayFrom(today, -31)];
    const counted = trends.activities(facts, start_date, end_date);
    expect(counted.length).toBeGreaterThan(20);
    expect(await found({ start_date, end_date, limit: 200 })).toEqual(counted);
  });

  it("of one day, and of a day that is to come", async () => {
    const day = dayFrom(today, -9);
    expect(await found({ start_date: day, end_date: day })).toEqual(trends.activities(facts, day, day));
    const tomorrow = dayFrom(today, 1);
    const ahead = trends.activities(facts, tomorrow, "2999-12-31");
    expect(await found({ start_date: tomorrow, end_date: "2999-12-31" })).toEqual(ahead);
  });

  it("of ever, cut to what was asked for", async () => {
    const counted = trends.activities(facts, "1900-01-01", "2999-12-31");
    expect(counted.length).toBeGreaterThan(200);
    expect(await found({ start_date: "1900-01-01", end_date: "2999-12-31", limit: 200 })).toEqual(
      counted.slice(0, 200),
    );
  });
});
