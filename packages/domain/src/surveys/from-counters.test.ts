import { describe, expect, it } from "vitest";
import type { Counters } from "../counters/index.ts";
import { difference, monthlyTrend, monthsSince } from "./nps.ts";

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

describe("a monthly trend", () => {
  const counters = new Map<string, Counters | undefined>([
    ["2026-01", { "quarterly|4": 1, "quarterly|5": 2, "nps|10": 3, "product|MonetX|nps|10": 3 }],
    ["2026-02", undefined],
    ["2026-03", { "nps|0": 1, "product|MonetX|nps|0": 1 }],
  ]);

  it("leaves out months without responses, and keeps the scales apart", () => {
    expect(monthlyTrend(counters)).toEqual([
      { month: "2026-01", average_score: 4.67, nps_score: 100, response_count: 6 },
      { month: "2026-03", average_score: null, nps_score: -100, response_count: 1 },
    ]);
  });

  it("reads a customer's own counters by their prefix", () => {
    const own = new Map([["2026-01", { "survey|nps|9": 1, "interaction|call|neutral|0": 7 }]]);
    expect(monthlyTrend(own, "survey|")).toEqual([
      { month: "2026-01", average_score: null, nps_score: 100, response_count: 1 },
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
