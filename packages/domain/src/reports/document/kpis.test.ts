import "./fixture/english.ts";
import type { ReportFilters } from "@success-manager/contract/report-filters";
import { describe, expect, it } from "vitest";
import { daysAfter } from "../../calendar.ts";
import type { CustomerRow } from "../../directory/index.ts";
import { customer, portfolioOf, TODAY } from "../../portfolio/fixture/rows.ts";
import { portfolioStats } from "../../portfolio/index.ts";
import { satisfactionFigures } from "../../surveys/index.ts";
import { rowsIn, textsIn, tilesIn } from "./fixture/printed.ts";
import { activityTable, type KpiData, kpisSection } from "./kpis.ts";
import type { PeriodActivity } from "./query.ts";

const PERIOD = { date_from: daysAfter(TODAY, -29), date_to: TODAY };

const NOTHING: PeriodActivity = {
  interactions: 0,
  responses: [],
  alerts_opened: 0,
  alerts_resolved: 0,
  links: { created: 0, answered: 0 },
};

interface Given extends Partial<Pick<KpiData, "activity" | "allTime" | "baseline" | "movement">> {
  readonly filters?: ReportFilters;
  readonly open_alerts?: number;
  readonly avg_csat_score?: number;
  readonly nps_score?: number;
}

const kpiData = (rows: readonly CustomerRow[], given: Given = {}): KpiData => ({
  request: { filters: given.filters ?? {}, period: PERIOD, now: new Date(`${TODAY}T12:00:00Z`) },
  portfolio: portfolioOf(rows),
  stats: {
    ...portfolioStats(portfolioOf(rows), TODAY),
    avg_csat_score: given.avg_csat_score ?? null,
    nps_score: given.nps_score ?? null,
    ...satisfactionFigures(given.allTime ?? [], undefined),
    open_alerts: given.open_alerts ?? 0,
    critical_alerts: 0,
  },
  allTime: given.allTime ?? [],
  activity: given.activity ?? { current: NOTHING, previous: NOTHING },
  baseline: given.baseline ?? { kind: "unknown" },
  movement: given.movement,
});

const ROWS = [
  customer("c1", { score: 80, age: 0, cents: 100_000_00, ends: 10 }),
  customer("c2", { score: 40, age: 40, cents: 50_000_50, status: "at_risk", ends: 61, manager: "Ada" }),
  customer("c3", { score: 59, age: 29, ends: 30 }),
  customer("gone", { score: 21, age: 400, cents: 1, status: "churned", ends: 5 }),
];

describe("key figures", () => {
  it("are the dashboard's where they are about the portfolio, and the period's where they are about what happened", () => {
    const current: PeriodActivity = {
      ...NOTHING,
      responses: [
        { survey_type: "quarterly", score: 4, amount: 3 },
        { survey_type: "post_ticket", score: 5 },
        { survey_type: "nps", score: 9, amount: 3 },
        { survey_type: "nps", score: 2 },
      ],
      alerts_opened: 7,
      alerts_resolved: 9,
      links: { created: 3, answered: 2 },
    };
    const previous: PeriodActivity = {
      ...NOTHING,
      responses: [{ survey_type: "onboarding", score: 5 }],
      links: { created: 4, answered: 1 },
    };
    const section = kpisSection(
      kpiData(ROWS, {
        activity: { current, previous },
        baseline: { kind: "means", current: 60.06, previous: 58 },
        open_alerts: 2,
        avg_csat_score: 4.1,
        allTime: [
          { survey_type: "quarterly", score: 4, amount: 30 },
          { survey_type: "nps", score: 0, amount: 3 },
          { survey_type: "nps", score: 9, amount: 2 },
          { survey_type: "nps", score: 8, amount: 3 },
        ],
      }),
    );
    expect(tilesIn(section)).toEqual([
      "Customers: 3 (2 new in the period, 1 in the one before)",
      "Average health: 59.7 (scores of the period +2.1 vs 17 Apr – 16 May)",
      "Customers at risk: 2 (2 below 60)",
      "Open alerts: 2 (7 opened, 9 resolved in the period)",
      "CSAT in the period (1–5): 4.25 (95%: 3.04 to 4.96, 4 answers; −0.75 vs 17 Apr – 16 May)",
      "NPS in the period: 4 answers (no NPS of fewer than 5)",
      "Response rate in the period: 66.7% (of 3 links; +41.7 points vs 17 Apr – 16 May)",
      "Renewals in 60 days: 2 (worth $100K)",
      "Contract value: $150K (of 3 customers)",
      "Contract value at risk: $50K (33.3%, of 2 customers)",
    ]);
    expect(textsIn(section)).toEqual([
      "Over all time, as on the dashboard, CSAT is 4.10 (30 answers; 95%: 3.83 to 4.11), the net promoter score −12 (8 answers; 95%: −54 to +36).",
      "1 customer who has left is not counted.",
    ]);
    const [tiles] = section.blocks;
    if (tiles?.kind !== "tiles") throw new Error("tiles come first");
    expect(tiles.tiles.slice(2, 7).map(({ tone }) => tone)).toEqual([
      undefined,
      "good",
      "bad",
      undefined,
      "neutral",
    ]);
    expect(section.about).toContain("compared with 17 Apr – 16 May 2026");
  });

  it("of an empty portfolio say in words that there is nothing", () => {
    const section = kpisSection(kpiData([]));
    expect(tilesIn(section)).toEqual([
      "Customers: 0 (0 new in the period, 0 in the one before)",
      "Average health: None yet (nobody has been scored yet)",
      "Customers at risk: 0 (0 below 60)",
      "Open alerts: 0 (0 opened, 0 resolved in the period)",
      "CSAT in the period (1–5): No answers (from 1 to 5 in this period)",
      "NPS in the period: No answers (to NPS surveys in this period)",
      "Response rate in the period: No links (made in this period)",
      "Renewals in 60 days: 0 (worth $0)",
      "Contract value: $0 (of 0 customers)",
      "Contract value at risk: $0 (0.0%, of 0 customers)",
    ]);
    expect(textsIn(section)).toEqual(["No survey has been answered yet."]);
  });

  it("leave contract values out when these are not to be shown", () => {
    const section = kpisSection(
      kpiData(ROWS, { filters: { include_financials: false, days_to_renewal: 30 } }),
    );
    expect(tilesIn(section).slice(7)).toEqual(["Renewals in 30 days: 2 (of 3 customers)"]);
    expect(JSON.stringify(section)).not.toContain("$");
  });
});

it("activity is what happened in the period and in the one before", () => {
  const table = activityTable(
    {
      current: { ...NOTHING, interactions: 1_200, alerts_opened: 3 },
      previous: { ...NOTHING, interactions: 1_000 },
    },
    PERIOD,
  );
  expect(rowsIn({ heading: "", blocks: [table] })).toEqual([
    "Interactions with customers | 1,200 | 1,000 | +200",
    "Survey links made | 0 | 0 | unchanged",
    "Survey answers | 0 | 0 | unchanged",
    "Alerts opened | 3 | 0 | +3",
    "Alerts resolved | 0 | 0 | unchanged",
  ]);
});
