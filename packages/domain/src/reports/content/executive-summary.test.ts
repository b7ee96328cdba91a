import type { ReportFilters } from "@success-manager/contract/report-filters";
import { describe, expect, it } from "vitest";
import { createAlertCache } from "../../alerts/book.ts";
import { conditionItem } from "../../alerts/fixture/conditions.ts";
import { daysAfter } from "../../calendar.ts";
import type { CustomerRow } from "../../directory/index.ts";
import { customer, TODAY } from "../../portfolio/fixture/rows.ts";
import { portfolioStats } from "../../portfolio/index.ts";
import type { AlertState } from "../../table/index.ts";
import type { Earlier } from "./compared.ts";
import { alertsSection } from "./executive-summary/alerts.ts";
import { atRiskSection } from "./executive-summary/at-risk.ts";
import { kpisSection } from "./executive-summary/kpis.ts";
import type { Portfolio } from "./executive-summary/portfolio.ts";
import { renewalsSection } from "./executive-summary/renewals.ts";
import { monthsOf } from "./executive-summary/trends.ts";
import { barsIn, leftOutOf, partsIn, rowsIn, textsIn, tilesIn } from "./fixture/printed.ts";
import type { Happened } from "./happenings.ts";

const NOW = new Date(`${TODAY}T12:00:00Z`);
const PERIOD = { date_from: daysAfter(TODAY, -29), date_to: TODAY };

async function bookOf(...open: Partial<AlertState>[]) {
  const conditions = open.map((changes, n) => ({
    ...conditionItem({
      customer_id: "c1",
      condition: `manual#${n}`,
      alert_type: "escalation",
      severity: "high",
      title: `Alert ${n}`,
      description: "So they say.",
    }),
    alert_id: `a${n}`,
    ...changes,
  }));
  const send = async (receive: (page: readonly AlertState[]) => void) => receive(conditions);
  const book = createAlertCache({ all: send, since: (_, receive) => send(receive) }, () => NOW.getTime());
  await book.refresh();
  return book;
}

async function portfolio(
  rows: readonly CustomerRow[],
  filters: ReportFilters = {},
  open: Partial<AlertState>[] = [],
  answered: { readonly avg_csat_score?: number; readonly nps_score?: number } = {},
): Promise<Portfolio> {
  return {
    asked: { filters, period: PERIOD, now: NOW },
    customers: new Map(rows.map((row) => [row.customer.id, row])),
    rows,
    book: await bookOf(...open),
    figures: {
      ...portfolioStats(rows, TODAY),
      avg_csat_score: answered.avg_csat_score ?? null,
      nps_score: answered.nps_score ?? null,
      open_alerts: open.length,
      critical_alerts: 0,
    },
  };
}

const nothing: Happened = {
  contacts: 0,
  answers: [],
  alerts_opened: 0,
  alerts_resolved: 0,
  links_created: 0,
  links_answered: 0,
};
const unknown: Earlier = { kind: "unknown" };

const ROWS = [
  customer("c1", { score: 80, age: 0, cents: 100_000_00, ends: 10 }),
  customer("c2", { score: 40, age: 40, cents: 50_000_50, status: "at_risk", ends: 61, manager: "Ada" }),
  customer("c3", { score: 59, age: 29, ends: 30 }),
  customer("gone", { score: 21, age: 400, cents: 1, status: "churned", ends: 5 }),
];

describe("key figures", () => {
  it("are the dashboard's where they are about the portfolio, and the period's where they are about what happened", async () => {
    const now: Happened = {
      ...nothing,
      answers: [
        { survey_type: "quarterly", score: 4, amount: 3 },
        { survey_type: "post_ticket", score: 5 },
        { survey_type: "nps", score: 9, amount: 3 },
        { survey_type: "nps", score: 2 },
      ],
      alerts_opened: 7,
      alerts_resolved: 9,
      links_created: 3,
      links_answered: 2,
    };
    const then: Happened = {
      ...nothing,
      answers: [{ survey_type: "onboarding", score: 5 }],
      links_created: 4,
      links_answered: 1,
    };
    const section = kpisSection(
      await portfolio(ROWS, {}, [{}, {}], { avg_csat_score: 4.1, nps_score: -12 }),
      { now, before: then },
      { kind: "means", of: 60.06, before: 58 },
    );
    expect(tilesIn(section)).toEqual([
      "Customers: 4 (2 new, 1 before; 1 has left)",
      "Average health: 50.0 (scores of the period +2.1 vs 17 Apr – 16 May)",
      // All of them had these scores when the period began.
      "At-risk customers: 1 (2 below 60, unchanged since 16 May)",
      "Active alerts: 2 (7 opened, 9 resolved in the period)",
      "Average CSAT (1–5): 4.25 (−0.75 vs 17 Apr – 16 May)",
      "Net promoter score: +50 (no answers before)",
      "Survey response rate: 66.7% (+41.7 points vs 17 Apr – 16 May)",
      "Renewals in 60 days: 2 (worth $100,000)",
      "Contract value: $150,000.50 (of 3 customers)",
      "Contract value at risk: $50,000.50 (33.3%, of 1 customer)",
    ]);
    expect(textsIn(section)).toEqual([
      "Customers who have left count in the average of health, as on the dashboard; without them it is 59.7. Over all time CSAT is 4.10, the net promoter score −12.",
    ]);
    const [tiles] = section.blocks;
    if (tiles?.kind !== "tiles") throw new Error("tiles come first");
    expect(tiles.tiles.slice(2, 7).map(({ tone }) => tone)).toEqual([
      "neutral",
      "good",
      "bad",
      "neutral",
      "good",
    ]);
    expect(section.about).toContain("compared with 17 April – 16 May 2026");
  });

  it("of an empty portfolio say in words that there is nothing", async () => {
    const section = kpisSection(await portfolio([]), { now: nothing, before: nothing }, unknown);
    expect(tilesIn(section)).toEqual([
      "Customers: 0 (0 new, 0 before)",
      "Average health: None yet (Nobody has been scored yet)",
      "At-risk customers: 0 (0 below 60)",
      "Active alerts: 0 (0 opened, 0 resolved in the period)",
      "Average CSAT (1–5): No answers (in this period)",
      "Net promoter score: No answers (in this period)",
      "Survey response rate: No links (none were made in the period)",
      "Renewals in 60 days: 0 (worth $0)",
      "Contract value: $0 (of 0 customers)",
      "Contract value at risk: $0 (0.0%, of 0 customers)",
    ]);
    expect(textsIn(section)).toEqual(["No survey has been answered yet."]);
  });

  it("leave contract values out when these are not to be shown", async () => {
    const section = kpisSection(
      await portfolio(ROWS, { include_financials: false, days_to_renewal: 30 }),
      { now: nothing, before: nothing },
      unknown,
    );
    expect(tilesIn(section).slice(7)).toEqual(["Renewals in 30 days: 2 (of 3 customers)"]);
    expect(JSON.stringify(section)).not.toContain("$");
  });
});

describe("alerts", () => {
  it("that are open are counted; critical and high ones are listed, critical ones first, then the newest", async () => {
    const created = (day: number) => ({ created_at: `2026-06-0${day}T10:00:00.000Z` });
    const section = alertsSection(
      await portfolio(ROWS, {}, [
        { ...created(1), severity: "critical" },
        created(5),
        { ...created(3), customer_id: "nobody knows" },
        { ...created(9), severity: "medium" },
        { ...created(8), severity: "critical", snoozed_until: "2026-06-16T00:00:00.000Z" },
        { ...created(7), severity: "critical", snoozed_until: "2026-06-15T00:00:00.000Z" },
      ]),
      { now: { ...nothing, contacts: 1_200, alerts_opened: 3 }, before: { ...nothing, contacts: 1_000 } },
    );
    expect(partsIn(section)).toEqual(["Critical: 2", "High: 2", "Medium: 1", "Low: 0"]);
    expect(textsIn(section)).toEqual(["1 alert is snoozed and not counted."]);
    expect(rowsIn(section)).toEqual([
      "Company c1 | Alert 5 | Critical | 7 June 2026",
      "Company c1 | Alert 0 | Critical | 1 June 2026",
      "Company c1 | Alert 1 | High | 5 June 2026",
      "Unknown customer | Alert 2 | High | 3 June 2026",
      "Contacts with customers | 1,200 | 1,000 | +200",
      "Survey links made | 0 | 0 | none",
      "Survey answers | 0 | 0 | none",
      "Alerts opened | 3 | 0 | +3",
      "Alerts resolved | 0 | 0 | none",
    ]);
  });

  it("are ten at most; none is a sentence", async () => {
    const happened = { now: nothing, before: nothing };
    const many = await portfolio(
      ROWS,
      {},
      Array.from({ length: 25 }, () => ({})),
    );
    expect(leftOutOf(alertsSection(many, happened))).toBe(15);
    expect(textsIn(alertsSection(await portfolio(ROWS), happened))).toEqual([
      "No open alert is high or critical.",
    ]);
  });
});

describe("renewals", () => {
  it("are contracts of customers who have not left, soonest first, with what ends in each month", async () => {
    const section = renewalsSection(await portfolio(ROWS, { days_to_renewal: 61 }));
    expect(section.heading).toBe("Renewals in the next 61 days");
    expect(section.about).toBe("3 contracts, worth $150,000.50, end by 15 August 2026; the soonest first.");
    expect(barsIn(section)).toEqual([
      "Jun 2026: $100,000 (1)",
      "Jul 2026: $0 (1)",
      "Aug 2026: $50,000.50 (1)",
    ]);
    expect(rowsIn(section)).toEqual([
      "Company c1 | 25 June 2026 | $100,000 | 10 | 80 | Nobody yet",
      "Company c3 | 15 July 2026 | Not known | 30 | 59 | Nobody yet",
      "Company c2 | 15 August 2026 | $50,000.50 | 61 | 40 | Ada",
    ]);
  });

  it("look 60 days ahead unless told otherwise, and show no values where these are left out", async () => {
    const section = renewalsSection(await portfolio(ROWS, { include_financials: false }));
    expect(barsIn(section)).toEqual(["Jun 2026: 1", "Jul 2026: 1", "Aug 2026: 0"]);
    expect(rowsIn(section)).toEqual([
      "Company c1 | 25 June 2026 | 10 | 80 | Nobody yet",
      "Company c3 | 15 July 2026 | 30 | 59 | Nobody yet",
    ]);
    expect(section.about).toBe("2 contracts end by 14 August 2026; the soonest first.");
  });

  it("that there are none of are a sentence; of many fifteen are listed", async () => {
    expect(textsIn(renewalsSection(await portfolio([])))).toEqual(["No contract ends until 14 August 2026."]);
    const many = Array.from({ length: 100 }, (_, n) => customer(`c${n}`, { ends: n % 60 }));
    const section = renewalsSection(await portfolio(many));
    expect([rowsIn(section).length, leftOutOf(section)]).toEqual([15, 85]);
  });
});

describe("customers at risk", () => {
  const risky = (
    id: string,
    score: number | undefined,
    cents: number | undefined,
    status: "at_risk" | "active",
  ) =>
    customer(id, {
      score,
      cents,
      status,
      scored: { risk_level: score !== undefined && score < 60 ? "high" : "low", engagement_score: 20 },
    });

  it("are at risk by status or by score, the most valuable contracts first", async () => {
    const rows = [
      risky("c1", 50, 300_00, "active"),
      risky("c2", 30, 200_00, "at_risk"),
      risky("c3", undefined, undefined, "at_risk"),
      risky("c4", 90, 900_00, "active"),
    ];
    const section = atRiskSection(await portfolio(rows));
    expect(section.about).toBe(
      "3 customers at risk: 2 by status, 1 by a score below 60 alone. The most valuable contracts come first.",
    );
    expect(rowsIn(section)).toEqual([
      "Company c1 | $300 | 50 | Engagement 20 | Nobody yet",
      "Company c2 | $200 | 30 | Engagement 20 | Nobody yet",
      "Company c3 | Not known | Not scored | Status is at risk | Nobody yet",
    ]);
    const scores = atRiskSection(await portfolio(rows, { include_financials: false }));
    expect(rowsIn(scores).map((row) => row.slice(0, 10))).toEqual(["Company c2", "Company c1", "Company c3"]);
    expect(JSON.stringify(scores)).not.toContain("$");
  });

  it("that there are none of are a sentence; of many ten are listed", async () => {
    expect(textsIn(atRiskSection(await portfolio([])))).toEqual([
      "No customer is at risk, by status or by score.",
    ]);
    const many = Array.from({ length: 30 }, (_, n) => risky(`c${n}`, n, n, "at_risk"));
    const section = atRiskSection(await portfolio(many));
    expect([rowsIn(section).length, leftOutOf(section)]).toEqual([10, 20]);
  });
});

it("trends show six months at least, up to the period's end or today", () => {
  const months = (date_from: string, date_to: string) =>
    monthsOf({ period: { date_from, date_to }, now: NOW });
  expect(months("2026-06-01", "2026-06-30")).toEqual([
    "2026-01",
    "2026-02",
    "2026-03",
    "2026-04",
    "2026-05",
    "2026-06",
  ]);
  expect(months("2025-01-31", "2025-12-01")).toHaveLength(12);
  expect(months("2027-01-01", "2027-02-01").at(-1)).toBe("2026-06");
});
