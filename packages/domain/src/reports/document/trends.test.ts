import "./fixture/english.ts";
import { describe, expect, it } from "vitest";
import { daysAfter } from "../../calendar.ts";
import type { ResponseCounts } from "./csat-data.ts";
import { counts } from "./fixture/responses.ts";
import { csatTrendsSection } from "./trends.ts";

const now = new Date("2026-06-30T12:00:00Z");
const asked = (date_from: string, date_to = "2026-06-30") => ({
  filters: {},
  period: { date_from, date_to },
  now,
});

/** The same answers every so many days. */
const every = (days: number, from: string, count: number, responses: ResponseCounts) =>
  new Map(Array.from({ length: count }, (_, n) => [daysAfter(from, n * days), responses]));

const titles = (byDate: ReadonlyMap<string, ResponseCounts>, from: string) =>
  csatTrendsSection({ byDate }, asked(from)).blocks.map((block) =>
    block.kind === "lineChart" || block.kind === "barChart"
      ? block.title
      : block.kind === "text"
        ? block.text
        : block.kind,
  );

describe("satisfaction over time", () => {
  it("has a chart for each scale, by day where every day has answers", () => {
    const byDate = every(1, "2026-06-01", 30, counts({ 4: 2, 5: 1 }, { 9: 3, 10: 2 }));
    // A count has no values between: bars, no more than can be compared.
    expect(titles(byDate, "2026-06-01")).toEqual(["Average CSAT by day", "NPS by day", "Answers by week"]);
    const { blocks } = csatTrendsSection({ byDate }, asked("2026-06-01"));
    const [csat, nps] = blocks.flatMap((block) => (block.kind === "lineChart" ? [block] : []));
    expect(csat?.lines[0]?.values).toEqual(Array(30).fill(4.33));
    expect(nps?.lines[0]?.values).toEqual(Array(30).fill(100));
    expect(blocks.at(-1)).toMatchObject({
      bars: [7, 7, 7, 7, 2].map((days) => ({ value: 8 * days, valueText: String(8 * days) })),
    });
    expect([csat?.range, nps?.range]).toEqual([
      [1, 5],
      [-100, 100],
    ]);
    expect(csat?.points[0]).toBe("1 Jun");
  });

  it("is coarser where answers are few, each scale for itself", () => {
    const byDate = every(2, "2026-06-01", 15, counts({ 4: 1 }, { 0: 4 }));
    expect(titles(byDate, "2026-06-01")).toEqual(["Average CSAT by week", "NPS by week", "Answers by week"]);
    expect(titles(every(10, "2026-01-02", 18, counts({ 4: 1 })), "2026-01-01")[0]).toBe(
      "Average CSAT by month",
    );
  });

  it("is told in words where a line would say nothing", () => {
    const byDate = new Map([["2026-06-03", counts({ 4: 1 }, { 9: 2 })]]);
    expect(titles(byDate, "2026-06-01")).toEqual([
      "3 answers, too few or too far apart for a line.",
      "Answers by week",
    ]);
    const steady = every(1, "2026-06-01", 30, counts({ 4: 3 }));
    expect(titles(steady, "2026-06-01")[1]).toBe("NPS: no answers.");
    steady.set("2026-06-03", counts({ 4: 3 }, { 9: 2 }));
    expect(titles(steady, "2026-06-01")[1]).toBe("NPS: 2 answers, too few or too far apart for a line.");
  });

  it("of a day, of no answers and of what lies ahead is a sentence", () => {
    const byDate = every(1, "2026-06-29", 2, counts({ 4: 9 }));
    expect(titles(byDate, "2026-06-30")).toEqual(["The period has too few days yet for a trend within it."]);
    expect(titles(new Map(), "2026-06-01")).toEqual(["Nobody answered a survey in this period."]);
    expect(csatTrendsSection({ byDate }, asked("2026-07-01", "2026-07-31")).blocks).toMatchObject([
      { text: "This period has not begun yet." },
    ]);
  });

  it("ends today, whatever the period", () => {
    const byDate = every(1, "2026-06-01", 30, counts({ 4: 3 }));
    const { blocks } = csatTrendsSection({ byDate }, asked("2026-06-01", "2026-07-15"));
    expect(blocks[0]).toMatchObject({ kind: "lineChart" });
    expect(blocks[0]?.kind === "lineChart" && blocks[0].points.at(-1)).toBe("30 Jun");
  });
});
