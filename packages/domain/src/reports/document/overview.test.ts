import "./fixture/english.ts";
import type { ReportFilters } from "@success-manager/contract/report-filters";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { daysAfter } from "../../calendar.ts";
import { contactItem } from "../../directory/fixture/items.ts";
import type { CustomerRow } from "../../directory/index.ts";
import { customer, portfolios, scoresOf, staying, sum, TODAY } from "../../portfolio/fixture/rows.ts";
import { readBaseline } from "./baseline.ts";
import { filterCustomers } from "./filters.ts";
import { barsIn, partsIn, textsIn, tilesIn } from "./fixture/printed.ts";
import { went } from "./fixture/scored.ts";
import { customerOverviewSection, healthOverviewSection } from "./overview.ts";
import type { ReportRequest } from "./query.ts";

const request = (filters: ReportFilters = {}): ReportRequest => ({
  filters,
  period: { date_from: daysAfter(TODAY, -29), date_to: TODAY },
  now: new Date(`${TODAY}T12:00:00Z`),
});

const directoryOf = (rows: readonly CustomerRow[]) => ({
  customers: new Map(rows.map((row) => [row.customer.id, row])),
});
const overviewOf = async (all: readonly CustomerRow[], filters: ReportFilters = {}) => {
  const portfolio = filterCustomers(directoryOf(all), filters);
  const asked = request(filters);
  return healthOverviewSection(asked, portfolio, await readBaseline(asked, portfolio.rows));
};

describe("the overview", () => {
  const rows = [
    went("up", 60, 40, 90),
    went("down", 70, 40, 50),
    customer("low", { score: 39, scored: { adoption_score: 10 } }),
    customer("fresh"),
    customer("gone", { score: 0, status: "churned" }),
  ];

  it("counts customers who have not left, and compares with what was when the period began", async () => {
    expect(tilesIn(await overviewOf(rows))).toEqual([
      "Customers: 4 (1 without a score)",
      "Average health: 59.7 (+3.4 since 16 May)",
      "Score below 60: 66.7% (2 below 60, +1 since 16 May)",
      "Improving: 1 (of 3 up 5 points or more in 30 days)",
      "Declining: 1 (of 3 down 5 points or more in 30 days)",
    ]);
  });

  it("says by tones what is good and what is not", async () => {
    const [tiles] = (await overviewOf(rows)).blocks;
    if (tiles?.kind !== "tiles") throw new Error("tiles come first");
    expect(tiles.tiles.map(({ tone }) => tone)).toEqual([undefined, "good", "bad", undefined, "bad"]);
  });

  it("shows empty bands, customers without a score, and the mean of each component", async () => {
    const section = await overviewOf(rows);
    expect(partsIn(section)).toEqual([
      "Healthy (80–100): 1",
      "Needs attention (60–79): 0",
      "At risk (40–59): 1",
      "Critical (0–39): 1",
      "Not scored: 1",
    ]);
    expect(barsIn(section)).toEqual([
      "Adoption: 50.0",
      "Engagement: 70.0",
      "Support: 70.0",
      "Financial: 70.0",
    ]);
  });

  it("says how many of those who meet its filters have left", async () => {
    expect(textsIn(await overviewOf(rows))).toEqual(["1 customer who has left is not counted."]);
    expect(textsIn(await overviewOf(rows, { min_score: 1 }))).toEqual([]);
    expect(textsIn(await overviewOf(rows, { status: ["active", "churned"] }))).toEqual([]);
  });

  it("of nobody is a sentence", async () => {
    expect(textsIn(await overviewOf([]))).toEqual(["There are no customers yet."]);
    expect(textsIn(await overviewOf(rows, { min_score: 91 }))).toEqual([
      "No customer meets the filters of this report.",
    ]);
    expect(tilesIn(await overviewOf([customer("fresh")]))[1]).toBe(
      "Average health: None yet (nobody has been scored yet)",
    );
  });

  it("is what counting by hand gives, for any portfolio", async () => {
    await fc.assert(
      fc.asyncProperty(portfolios, async (all) => {
        const rows = staying(all);
        fc.pre(scoresOf(rows).length > 0);
        const scores = scoresOf(rows);
        const section = await overviewOf(all);
        const [customers, average, risk] = tilesIn(section).map((tile) => tile.split(" (")[0]);
        expect(customers).toBe(`Customers: ${rows.length}`);
        const mean = Math.round((10 * sum(scores)) / scores.length) / 10;
        expect(average).toBe(`Average health: ${mean.toFixed(1)}`);
        const below = scores.filter((score) => score < 60).length;
        expect(risk).toBe(`Score below 60: ${(Math.round((1000 * below) / scores.length) / 10).toFixed(1)}%`);
        const counts = partsIn(section).map((part) => Number(part.split(": ")[1]));
        expect(sum(counts)).toBe(rows.length);
      }),
    );
  });
});

describe("the overview of one customer", () => {
  it("shows the score, its trend, the last contact and the contract", async () => {
    const row = {
      ...went("c1", 70, 40, 55),
      contact: contactItem("c1", 1, { dates: [`${daysAfter(TODAY, -3)}T08:00:00.000Z`] }),
    };
    const asked = request({ customer_id: "c1" });
    const section = customerOverviewSection(asked, row, await readBaseline(asked, [row]));
    expect(section.about).toBe("At risk (40–59), by the newest score, of 15 Jun 2026.");
    expect(tilesIn(section)).toEqual([
      "Health score: 55 (−15 since 16 May)",
      "Trend: Declining (over 30 days to 15 Jun)",
      "Last contact: 3 days ago (12 Jun 2026)",
      "Contract end: Not recorded",
    ]);
  });

  it("says so when there is no score, no contact, and no contract any more", async () => {
    const row = customer("c1", { ends: -1 });
    const section = customerOverviewSection(request(), row, await readBaseline(request(), [row]));
    expect(section.about).toBe("No health score has been calculated yet.");
    expect(tilesIn(section)).toEqual([
      "Last contact: Never (nobody was in contact yet)",
      "Contract ended: 1 day ago (14 Jun 2026)",
    ]);
  });
});
