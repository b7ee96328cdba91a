import { describe, expect, it } from "vitest";
import { difference, monthlyTrend, monthsSince, parseMonth, parseScoreCounts, sumMonth } from "./nps.ts";

describe("calendar months", () => {
  it("follow each other over the turn of a year", () => {
    expect(monthsSince(60, new Date("2026-01-31T23:59:59.999Z"))).toEqual(["2025-12", "2026-01"]);
  });

  it("of the last 365 days are thirteen", () => {
    const months = monthsSince(365, new Date("2026-11-22T00:00:00Z"));
    expect(months).toHaveLength(13);
    expect([months[0], months.at(-1)]).toEqual(["2025-11", "2026-11"]);
  });
});

const NO_MEAN = { value: null, low: null, high: null, n: 0, response_rate: null };
/** Of fewer than five answers. */
const fewNps = (n: number) => ({ shown: false, value: null, low: null, high: null, n, response_rate: null });

describe("a monthly trend", () => {
  it("leaves out months without responses, and keeps the scales apart", () => {
    const quarterly = { "quarterly|count": 3, "quarterly|sum": 14 };
    const months = {
      "2026-01": { ...quarterly, "nps|count": 3, "nps|sum": 30, promoters: 3, "product|MonetX|count": 3 },
      "2026-02": undefined,
      "2026-03": { "nps|count": 1, detractors: 1 },
    };
    expect(
      monthlyTrend(Object.entries(months).map(([month, counters]) => [month, parseMonth(counters)])),
    ).toEqual([
      {
        ...{ month: "2026-01", average_score: 4.67, nps_score: 100, response_count: 6 },
        csat: { value: 4.67, low: 2.72, high: 5, n: 3, response_rate: null },
        nps: fewNps(3),
      },
      {
        ...{ month: "2026-03", average_score: null, nps_score: -100, response_count: 1 },
        ...{ csat: NO_MEAN, nps: fewNps(1) },
      },
    ]);
  });

  it("reads a customer's own counters by their prefix", () => {
    const own = parseScoreCounts({ "survey|nps|9": 1, "interaction|call|neutral|0": 7 }, "survey|");
    expect(monthlyTrend([["2026-01", sumMonth(own)]])).toEqual([
      {
        ...{ month: "2026-01", average_score: null, nps_score: 100, response_count: 1 },
        ...{ csat: NO_MEAN, nps: fewNps(1) },
      },
    ]);
  });
});

describe("a difference", () => {
  it.each([
    [4.5, 2.3, 2.2],
    [2.3, 4.5, -2.2],
    [null, 4, 0],
    [4, null, 0],
    [4, 0, 4],
  ])("to %s from %s is %s", (now, before, expected) => expect(difference(now, before)).toBe(expected));
});
