import "./fixture/english.ts";
import { DynamoDBClient, QueryCommand } from "@aws-sdk/client-dynamodb";
import type { ReportFilters } from "@success-manager/contract/report-filters";
import { mockClient } from "aws-sdk-client-mock";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { daysAfter } from "../../calendar.ts";
import { customer, TODAY } from "../../portfolio/fixture/rows.ts";
import { linesIn, partsIn, rowsIn, textsIn } from "./fixture/printed.ts";
import { went } from "./fixture/scored.ts";
import { customerScoreLine, fromDailyScores, healthTrendsSection } from "./health-trend.ts";
import type { ReportRequest } from "./query.ts";
import { scoreRange } from "./trends.ts";

const NOW = new Date(`${TODAY}T12:00:00Z`);

const database = mockClient(DynamoDBClient);
afterAll(() => database.restore());
/** The scores of a customer since the period began: one, for two reasons. */
const parts = JSON.stringify([
  ["calendar", "financial", "financial", -1, null, [], []],
  ["behaviour", "support", "support", 3, null, [["escalation", 2]], []],
]);
beforeEach(() => {
  database.reset();
  database.on(QueryCommand).callsFake(({ ExpressionAttributeValues: values }) => {
    const id = JSON.stringify(values).match(/scores#([^"]*)/)?.[1];
    return { Items: id === "c" ? [{ overall_score: { N: "69" }, movement: { S: parts } }] : [] };
  });
});
const days = (first: string, count: number) => Array.from({ length: count }, (_, n) => daysAfter(first, n));
const scores = (...given: [day: string, sum: number, count: number][]) =>
  new Map(given.map(([day, sum, count]) => [day, { sum, count }]));

describe("the average of scores", () => {
  it("is that of all scores of each day", () => {
    const line = fromDailyScores(
      days("2026-06-01", 3),
      scores(["2026-06-01", 100, 2], ["2026-06-02", 70, 1], ["2026-06-03", 199, 3]),
    );
    expect(line.values).toEqual([50, 70, 66.3]);
    expect(line.points).toEqual(["1 Jun", "2 Jun", "3 Jun"]);
  });

  it("is by week or by month where days are few and far between, not a row of dots", () => {
    const weekly = fromDailyScores(
      days("2026-06-01", 21),
      scores(["2026-06-03", 50, 1], ["2026-06-10", 60, 1]),
    );
    expect([weekly.title, weekly.values]).toEqual([
      "Average of the health scores of each week",
      [50, 60, null],
    ]);
    const monthly = fromDailyScores(
      days("2026-04-01", 90),
      scores(["2026-04-01", 50, 1], ["2026-05-01", 60, 1], ["2026-06-01", 140, 2]),
    );
    expect([monthly.title, monthly.values]).toEqual([
      "Average of the health scores of each month",
      [50, 60, 70],
    ]);
  });

  it("of a single day is that day's", () => {
    const { points, values } = fromDailyScores(days("2026-06-01", 3), scores(["2026-06-02", 99, 2]));
    expect(values).toEqual([null, 49.5, null]);
    expect(points[1]).toBe("2 Jun");
    expect(fromDailyScores(days("2026-06-01", 3), new Map()).values).toEqual([null]);
  });

  it("of long periods is by week, and by month past half a year", () => {
    const daily = (count: number) => {
      const all = days("2026-01-01", count);
      return fromDailyScores(all, new Map(all.map((day) => [day, { sum: 7, count: 1 }]))).points.length;
    };
    expect([daily(31), daily(32), daily(182), daily(183)]).toEqual([31, 5, 27, 7]);
  });
});

it("the axis leaves room around the scores, in tens, and ends at 0 and 100", () => {
  expect(scoreRange([73.4, 75.5])).toEqual([60, 90]);
  expect(scoreRange([0, 99])).toEqual([0, 100]);
});

const over = (date_from: string, date_to: string) => ({
  period: { date_from, date_to },
  now: new Date("2026-06-30T12:00:00Z"),
});
const at = (calculated_at: string, overall_score: number) => ({ calculated_at, overall_score });

describe("the line of a customer's scores", () => {
  it("holds each score until the next one, from the first that is known", () => {
    const scores = [
      at("2026-06-05T09:00:00.000Z", 70),
      at("2026-06-05T02:00:00.000Z", 50),
      at("2026-06-03T02:00:00.000Z", 40),
    ];
    const line = customerScoreLine(scores, over("2026-06-02", "2026-06-07"));
    expect(line.points).toEqual(["2 Jun", "3 Jun", "4 Jun", "5 Jun", "6 Jun", "7 Jun"]);
    expect(line.values).toEqual([null, 40, 40, 70, 70, 70]);
    const earlier = customerScoreLine(
      [...scores, at("2026-04-01T02:00:00.000Z", 90)],
      over("2026-06-02", "2026-06-07"),
    );
    expect(earlier.values[0]).toBe(90);
  });

  it("ends today", () => {
    const line = customerScoreLine([at("2026-06-01T02:00:00.000Z", 40)], over("2026-06-28", "2026-07-20"));
    expect(line.values).toEqual([40, 40, 40]);
  });

  it("has no value before the first score", () => {
    expect(
      customerScoreLine([at("2026-06-30T02:00:00.000Z", 40)], over("2026-06-28", "2026-06-30")).values,
    ).toEqual([null, null, 40]);
    expect(customerScoreLine([], over("2026-06-30", "2026-06-30")).values).toEqual([null]);
  });
});

const request = (filters: ReportFilters = {}, days = 30): ReportRequest => ({
  filters,
  period: { date_from: daysAfter(TODAY, 1 - days), date_to: TODAY },
  now: NOW,
});

describe("the trends of health", () => {
  it("are a line of the last days, customers by trend, and who moved most", async () => {
    const rows = [went("a", 50, 40, 90), went("b", 70, 3, 40), customer("same", { score: 60 })];
    const section = await healthTrendsSection(request({}, 4), rows);
    expect(linesIn(section).map(({ points, lines }) => [points, lines[0]?.values])).toEqual([
      [
        ["12 Jun", "13 Jun", "14 Jun", "15 Jun"],
        [60, 60, 60, 63.3],
      ],
    ]);
    expect(partsIn(section)).toEqual(["Improving: 1", "Stable: 1", "Declining: 1"]);
    // b was scored for the first time on the first day of the period: there is nothing before.
    expect(rowsIn(section)).toEqual(["Company a | 50 | 90 | +40 | "]);
  });

  it("falls come before rises, and who did not move is not listed", async () => {
    const rows = [went("a", 50, 40, 90), went("b", 70, 40, 40), went("c", 70, 40, 69), went("d", 5, 40, 5)];
    expect(rowsIn(await healthTrendsSection(request(), rows))).toEqual([
      "Company b | 70 | 40 | −30 | ",
      "Company c | 70 | 69 | −1 | −3 corrected records, +3 two escalations, −1 the end of the contract comes closer",
      "Company a | 50 | 90 | +40 | ",
    ]);
  });

  it("show the largest falls and the largest rises, six together", async () => {
    const by = (changes: readonly number[]) => changes.map((change, n) => went(`${n}`, 50, 40, 50 + change));
    const shown = async (...changes: number[]) =>
      rowsIn(await healthTrendsSection(request(), by(changes))).map(
        (row) => Number(row.split(" | ")[2]) - 50,
      );
    expect(await shown(-10, -9, -8, -7, -6, 1, 2, 3, 4)).toEqual([-10, -9, -8, 4, 3, 2]);
    expect(await shown(-10, -9, -8, -7, -6, 1)).toEqual([-10, -9, -8, -7, -6, 1]);
    expect(await shown(1, 2, 3, 4, 5, 6, 7)).toEqual([7, 6, 5, 4, 3, 2]);
  });

  it("are a sentence when nobody was scored, when the period lies ahead, and for filters that nobody counts by", async () => {
    expect(textsIn(await healthTrendsSection(request(), [customer("c1")]))).toEqual([
      "No health score has been calculated yet.",
    ]);
    const ahead = { ...request(), period: { date_from: "2027-01-01", date_to: "2027-01-31" } };
    expect(textsIn(await healthTrendsSection(ahead, [customer("c1", { score: 1 })]))).toEqual([
      "This period has not begun yet.",
    ]);
    const forgotten = went("old", 50, 40, 60, { revision: 400 });
    expect(textsIn(await healthTrendsSection(request({ product: "MonetX" }, 90), [forgotten]))).toEqual([
      "For 1 customer picked by filters the average is known for the last 30 days only, so there is no line over this period.",
    ]);
  });
});
