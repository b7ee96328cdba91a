import type { DashboardStats } from "@success-manager/contract/dashboard-figures";
import type { Section, Table, Tile } from "@success-manager/pdf/document";
import { dateOf } from "../../calendar.ts";
import { percentOf } from "../../figures.ts";
import {
  atRiskFigures,
  contractValueOf,
  countNew,
  type Portfolio,
  renewalsWithin,
} from "../../portfolio/index.ts";
import { countResponses } from "../../surveys/index.ts";
import { type Period, precedingPeriod } from "../period.ts";
import { atRiskChange, type Baseline, snapshotBefore } from "./baseline.ts";
import { note, tableOf } from "./blocks.ts";
import { leftNote } from "./filters.ts";
import {
  formatCount,
  formatNumber,
  formatPercent,
  formatPeriod,
  formatShortAmount,
  formatSigned,
} from "./format.ts";
import { averageHealthTile } from "./overview.ts";
import { type Compared, mapCompared, type PeriodActivity, type ReportRequest } from "./query.ts";
import { renewalDays, showsAmounts } from "./renewals.ts";
import { csatTile, npsTile, responseRateTile } from "./satisfaction.ts";

/** Key figures of the executive summary: the dashboard's of the portfolio, and the period's of what happened. */
export interface KpiData {
  readonly request: ReportRequest;
  readonly portfolio: Portfolio;
  /** The dashboard's figures. */
  readonly stats: DashboardStats;
  readonly activity: Compared<PeriodActivity>;
  readonly baseline: Baseline;
}

function customersTile({ portfolio: { rows }, stats, request: { period } }: KpiData): Tile {
  const [current = 0, previous = 0] = [period, precedingPeriod(period)].map(({ date_from, date_to }) =>
    countNew(rows, date_from, date_to),
  );
  return {
    label: "Customers",
    value: formatNumber(stats.total_customers),
    note: `${formatNumber(current)} new, ${formatNumber(previous)} before`,
    tone: current > 0 ? "good" : "neutral",
  };
}

function atRiskTile({ portfolio: { rows }, request }: KpiData): Tile {
  const { customers, below_60 } = atRiskFigures(rows);
  const change = atRiskChange(below_60, snapshotBefore(request, rows));
  return {
    label: "Customers at risk",
    value: formatNumber(customers.length),
    note: `${formatNumber(below_60)} below 60${change ? `, ${change.note}` : ""}`,
    tone: change?.tone,
  };
}

function alertsTile({ stats, activity: { current } }: KpiData): Tile {
  const more = current.alerts_opened - current.alerts_resolved;
  const tone = more > 0 ? "bad" : "good";
  return {
    label: "Open alerts",
    value: formatNumber(stats.open_alerts),
    note: `${formatNumber(current.alerts_opened)} opened, ${formatNumber(current.alerts_resolved)} resolved in the period`,
    tone: more === 0 ? "neutral" : tone,
  };
}

function renewalsTile({ portfolio: { rows }, request }: KpiData): Tile {
  const days = renewalDays(request);
  const due = renewalsWithin(rows, dateOf(request.now), days).map(({ row }) => row);
  return {
    label: `Renewals in ${formatCount(days, "day")}`,
    value: formatNumber(due.length),
    note: showsAmounts(request)
      ? `worth ${formatShortAmount(contractValueOf(due))}`
      : `of ${formatCount(rows.length, "customer")}`,
  };
}

function valueTiles({ portfolio: { rows } }: KpiData): Tile[] {
  const { customers: atRisk } = atRiskFigures(rows);
  const [all, endangered] = [contractValueOf(rows), contractValueOf(atRisk)];
  return [
    {
      label: "Contract value",
      value: formatShortAmount(all),
      note: `of ${formatCount(rows.length, "customer")}`,
    },
    {
      label: "Contract value at risk",
      value: formatShortAmount(endangered),
      note: `${formatPercent(percentOf(endangered, all))}, of ${formatCount(atRisk.length, "customer")}`,
      tone: endangered > 0 ? "bad" : "good",
    },
  ];
}

/** The dashboard's satisfaction of all time, beside the period's in the tiles. */
function footnote({ stats }: KpiData): string {
  const { avg_csat_score: csat, nps_score: nps } = stats;
  if (csat === null && nps === null) return "No survey has been answered yet.";
  const allTime = [
    csat === null ? "no CSAT answers" : `CSAT is ${formatNumber(csat, 2)}`,
    nps === null ? "no NPS answers" : `the net promoter score ${formatSigned(nps)}`,
  ];
  return `Over all time, as on the dashboard, ${allTime.join(", ")}.`;
}

/** Key figures, each with how it has changed. */
export function kpisSection(data: KpiData): Section {
  const { request, stats, activity, baseline } = data;
  const { period } = request;
  const responses = mapCompared(activity, (one) => one.responses);
  return {
    heading: "Key figures",
    about:
      "Customers, health, alerts and contracts as they stand now; answers, links and new customers of the period, " +
      `compared with ${formatPeriod(precedingPeriod(period))}.`,
    blocks: [
      {
        kind: "tiles",
        tiles: [
          customersTile(data),
          averageHealthTile(stats.avg_health_score, baseline, request),
          atRiskTile(data),
          alertsTile(data),
          csatTile(responses, period),
          npsTile(responses, period),
          responseRateTile(
            mapCompared(activity, ({ links }) => links),
            period,
          ),
          renewalsTile(data),
          ...(showsAmounts(request) ? valueTiles(data) : []),
        ],
      },
      note(footnote(data)),
      ...leftNote(data.portfolio),
    ],
  };
}

const ACTIVITIES: readonly (readonly [label: string, count: (activity: PeriodActivity) => number])[] = [
  ["Interactions with customers", ({ interactions }) => interactions],
  ["Survey links made", ({ links }) => links.created],
  ["Survey answers", ({ responses }) => countResponses(responses)],
  ["Alerts opened", ({ alerts_opened }) => alerts_opened],
  ["Alerts resolved", ({ alerts_resolved }) => alerts_resolved],
];

/** How much happened in the period, and in the one before. */
export const activityTable = (activity: Compared<PeriodActivity>, period: Period): Table =>
  tableOf(
    ACTIVITIES.map(([label, count]) => ({ label, ...mapCompared(activity, count) })),
    [
      { heading: "", width: 1.6, cell: ({ label }) => label },
      {
        heading: formatPeriod(period),
        width: 1.2,
        align: "right",
        cell: ({ current }) => formatNumber(current),
      },
      {
        heading: formatPeriod(precedingPeriod(period)),
        width: 1.2,
        align: "right",
        cell: ({ previous }) => formatNumber(previous),
      },
      {
        heading: "Change",
        width: 0.6,
        align: "right",
        cell: ({ current, previous }) => (current === previous ? "none" : formatSigned(current - previous)),
      },
    ],
    { title: "Activity" },
  );
