import type { ReportFilters } from "@success-manager/contract/report-filters";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { daysAfter } from "../../calendar.ts";
import { contactItem } from "../../directory/fixture/items.ts";
import type { CustomerRow } from "../../directory/index.ts";
import { packed } from "../../health/trail.ts";
import { customer, portfolios, scoresOf, staying, sum, TODAY } from "../../portfolio/fixture/rows.ts";
import type { Asked } from "./asked.ts";
import { barsIn, leftOutOf, linesIn, partsIn, rowsIn, textsIn, tilesIn } from "./fixture/printed.ts";
import { atRiskSection } from "./health-summary/at-risk.ts";
import { oneCustomerSection } from "./health-summary/one-customer.ts";
import { overviewSection } from "./health-summary/overview.ts";
import { adviceFor, recommendationsSection } from "./health-summary/recommendations.ts";
import { trendsSection } from "./health-summary/trends.ts";
import { selectedFrom } from "./selection.ts";

const NOW = new Date(`${TODAY}T12:00:00Z`);
const asked = (filters: ReportFilters = {}, days = 30): Asked => ({
  filters,
  period: { date_from: daysAfter(TODAY, 1 - days), date_to: TODAY },
  now: NOW,
});

/** A score some days ago, and today's. */
const went = (id: string, from: number, daysAgo: number, to: number, given = {}) => {
  const at = new Date(NOW.getTime() - daysAgo * 86_400_000).toISOString();
  return customer(id, {
    score: to,
    scored: {
      trail: packed([
        [at, from],
        [NOW.toISOString(), to],
      ]),
      calculated_at: NOW.toISOString(),
      revision: 2,
      score_trend: to < from ? "declining" : "improving",
      ...given,
    },
  });
};

const directoryOf = (rows: readonly CustomerRow[]) => ({
  customers: new Map(rows.map((row) => [row.customer.id, row])),
});
const overviewOf = (all: readonly CustomerRow[], filters: ReportFilters = {}) => {
  const directory = directoryOf(all);
  return overviewSection(asked(filters), selectedFrom(directory, filters), directory);
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
      "At risk: 66.7% (2 below 60, +1 since 16 May)",
      "Improving: 1 (up 5 points or more in 30 days)",
      "Declining: 1 (down 5 points or more in 30 days)",
    ]);
  });

  it("says by tones what is good and what is not", async () => {
    const [tiles] = (await overviewOf(rows)).blocks;
    if (tiles?.kind !== "tiles") throw new Error("tiles come first");
    expect(tiles.tiles.map(({ tone }) => tone)).toEqual([undefined, "good", "bad", "good", "bad"]);
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

  it("says who is not counted, and what the dashboard's average is with them", async () => {
    expect(textsIn(await overviewOf(rows))).toEqual([
      "1 customer who has left is not counted; with the last score the average is 44.8, as on the dashboard.",
    ]);
    expect(textsIn(await overviewOf(rows, { max_score: 100 }))).toEqual([]);
  });

  it("of nobody is a sentence", async () => {
    expect(textsIn(await overviewOf([]))).toEqual(["There are no customers yet."]);
    expect(textsIn(await overviewOf(rows, { min_score: 91 }))).toEqual(["No customer fits these filters."]);
    expect(tilesIn(await overviewOf([customer("fresh")]))[1]).toBe(
      "Average health: None yet (Nobody has been scored yet)",
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
        expect(risk).toBe(`At risk: ${(Math.round((1000 * below) / scores.length) / 10).toFixed(1)}%`);
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
    const section = await oneCustomerSection(asked({ customer_id: "c1" }), row);
    expect(section.about).toBe("At risk (40–59), by the newest score, of 15 June 2026.");
    expect(tilesIn(section)).toEqual([
      "Health score: 55 (−15 since 16 May)",
      "Trend: Declining (over 30 days to 15 Jun)",
      "Last contact: 3 days ago (on 12 June 2026)",
      "Contract: Open (no end is known)",
    ]);
  });

  it("says so when there is no score, no contact, and no contract any more", async () => {
    const section = await oneCustomerSection(asked(), customer("c1", { ends: -1 }));
    expect(section.about).toBe("No health score has been calculated yet.");
    expect(tilesIn(section)).toEqual([
      "Last contact: Never (nobody was in contact yet)",
      "Contract: Ended (ended on 14 June 2026)",
    ]);
  });
});

describe("customers at risk", () => {
  it("are those below 60, lowest first, with what weighs on them", () => {
    const section = atRiskSection([
      customer("c1", { score: 59, manager: "Ada" }),
      customer("c2", { score: 60 }),
      customer("c3", {
        score: 20,
        scored: { engagement_score: 49, support_score: 5, adoption_score: 50, score_trend: "declining" },
      }),
      customer("c4"),
    ]);
    expect(section.about).toBe("2 customers with a health score below 60, lowest first.");
    expect(rowsIn(section)).toEqual([
      "Company c3 | 20 | Declining | Support 5, Engagement 49 | Nobody yet",
      "Company c1 | 59 | Stable | No component below 50; lowest is adoption, 70 | Ada",
    ]);
  });

  it("are 25 at most; how many more is said", () => {
    const section = atRiskSection(
      Array.from({ length: 10_000 }, (_, n) => customer(`c${n}`, { score: n % 60 })),
    );
    expect(rowsIn(section)).toHaveLength(25);
    expect(leftOutOf(section)).toBe(9_975);
  });

  it("of nobody are a sentence", () => {
    expect(textsIn(atRiskSection([customer("c1", { score: 60 })]))).toEqual([
      "No customer has a health score below 60.",
    ]);
  });
});

describe("trends", () => {
  it("are a line of the last days, customers by trend, and who moved most", async () => {
    const rows = [went("a", 50, 40, 90), went("b", 70, 3, 40), customer("same", { score: 60 })];
    const section = await trendsSection(asked({}, 4), rows);
    expect(linesIn(section).map(({ points, lines }) => [points, lines[0]?.values])).toEqual([
      [
        ["12 Jun", "13 Jun", "14 Jun", "15 Jun"],
        [60, 60, 60, 63.3],
      ],
    ]);
    expect(partsIn(section)).toEqual(["Improving: 1", "Stable: 1", "Declining: 1"]);
    // b was scored for the first time on the first day of the period: there is nothing before.
    expect(rowsIn(section)).toEqual(["Company a | 50 | 90 | +40"]);
  });

  it("falls come before rises, and who did not move is not listed", async () => {
    const rows = [went("a", 50, 40, 90), went("b", 70, 40, 40), went("c", 70, 40, 69), went("d", 5, 40, 5)];
    expect(rowsIn(await trendsSection(asked(), rows))).toEqual([
      "Company b | 70 | 40 | −30",
      "Company c | 70 | 69 | −1",
      "Company a | 50 | 90 | +40",
    ]);
  });

  it("show the largest falls and the largest rises, six together", async () => {
    const by = (changes: readonly number[]) => changes.map((change, n) => went(`${n}`, 50, 40, 50 + change));
    const shown = async (...changes: number[]) =>
      rowsIn(await trendsSection(asked(), by(changes))).map((row) => Number(row.split(" | ")[2]) - 50);
    expect(await shown(-10, -9, -8, -7, -6, 1, 2, 3, 4)).toEqual([-10, -9, -8, 4, 3, 2]);
    expect(await shown(-10, -9, -8, -7, -6, 1)).toEqual([-10, -9, -8, -7, -6, 1]);
    expect(await shown(1, 2, 3, 4, 5, 6, 7)).toEqual([7, 6, 5, 4, 3, 2]);
  });

  it("are a sentence when nobody was scored, when the period lies ahead, and for filters that nobody counts by", async () => {
    expect(textsIn(await trendsSection(asked(), [customer("c1")]))).toEqual(["Nobody has been scored yet."]);
    const ahead = { ...asked(), period: { date_from: "2027-01-01", date_to: "2027-01-31" } };
    expect(textsIn(await trendsSection(ahead, [customer("c1", { score: 1 })]))).toEqual([
      "This period has not begun yet.",
    ]);
    const forgotten = went("old", 50, 40, 60, { revision: 400 });
    expect(textsIn(await trendsSection(asked({ product: "MonetX" }, 90), [forgotten]))).toEqual([
      "For 1 customer picked by filters the average is known for the last 30 days only, so there is no line over this period.",
    ]);
  });
});

describe("recommendations", () => {
  const contactOn = (id: string, days: number) => ({
    contact: contactItem(id, 1, { dates: [`${daysAfter(TODAY, -days)}T08:00:00.000Z`] }),
  });

  it("follow from the figures, each with its number and the first names", () => {
    const rows = [
      { ...customer("c1", { score: 30, ends: 90, age: 5, scored: { support_score: 20 } }) },
      { ...customer("c2", { score: 59, ends: 3, manager: "Ada" }), ...contactOn("c2", 29) },
      { ...customer("c3", { score: 59, ends: 91, manager: "Ada" }), ...contactOn("c3", 30) },
      customer("c4", { score: 60, ends: 1, age: 31, scored: { score_trend: "declining" } }),
      customer("c5", { ends: -1, age: 1 }),
      customer("c6", { score: 90, ends: 0, age: 1 }),
      customer("gone", { score: 1, status: "churned", ends: -400, age: 400 }),
    ];
    expect(adviceFor(rows, NOW)).toEqual([
      {
        what: "Secure the renewal of customers at risk whose contract ends within 90 days.",
        count: 2,
        who: ["Company c2 (18 June 2026)", "Company c1 (13 September 2026)"],
      },
      {
        what: "Name an account manager for customers at risk who have none.",
        count: 1,
        who: ["Company c1 (30)"],
      },
      {
        what: "Get in touch where nobody has been in contact for 30 days or more.",
        count: 2,
        who: ["Company c4 (31 days)", "Company c3 (30 days)"],
      },
      { what: "Find out why scores fall that are not below 60 yet.", count: 1, who: ["Company c4 (60)"] },
      {
        what: "Work on support, the weakest component: 60.0 on average, and below 50 here.",
        count: 1,
        who: ["Company c1 (20)"],
      },
      { what: "Clear up contracts that have ended.", count: 1, who: ["Company c5 (14 June 2026)"] },
      { what: "Calculate a first health score.", count: 1, who: ["Company c5"] },
    ]);
  });

  it("are none where nothing stands out", () => {
    expect(textsIn(recommendationsSection([customer("c1", { score: 80, age: 3 })], NOW))).toEqual([
      "Nothing stands out: everybody is scored, spoken with and under contract, and no component of the score is low.",
    ]);
    expect(textsIn(recommendationsSection([], NOW))).toEqual([
      "There are no customers to recommend anything for.",
    ]);
  });
});
