import type { DashboardStats } from "@success-manager/contract/dashboard-figures";
import type { Section, Table, Tile } from "@success-manager/pdf/document";
import { percentOf } from "../../figures.ts";
import { atRiskFigures, contractValueOf, countNew, type Portfolio } from "../../portfolio/index.ts";
import { countResponses, isNps, type ScoreCount } from "../../surveys/index.ts";
import { type Period, precedingPeriod } from "../period.ts";
import { atRiskChange, type Baseline } from "./baseline.ts";
import { note, tableOf } from "./blocks.ts";
import { leftNote } from "./filters.ts";
import {
  formatAmount,
  formatCount,
  formatNumber,
  formatPercent,
  formatPeriod,
  formatSigned,
} from "./format.ts";
import { averageHealthTile } from "./overview.ts";
import {
  type Compared,
  comparedCell,
  mapCompared,
  type PeriodActivity,
  type ReportRequest,
} from "./query.ts";
import { adviceOn } from "./recommendations.ts";
import { renewalsTile, showsAmounts } from "./renewals.ts";
import { csatTile, npsTile, printedNps, responseRateTile } from "./satisfaction.ts";
import { badShareTone } from "./tones.ts";

/** Key figures of the executive summary: the dashboard's of the portfolio, and the period's of what happened. */
export interface KpiData {
  readonly request: ReportRequest;
  readonly portfolio: Portfolio;
  /** The dashboard's figures. */
  readonly stats: DashboardStats;
  /** All that was ever answered, as the dashboard counts it. */
  readonly allTime: readonly ScoreCount[];
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
    note: `${formatNumber(current)} new in the period, ${formatNumber(previous)} in the one before`,
  };
}

function atRiskTile({ portfolio: { rows }, baseline }: KpiData): Tile {
  const { customers, below_60 } = atRiskFigures(rows);
  const change = atRiskChange(below_60, baseline);
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

function valueTiles({ portfolio: { rows } }: KpiData): Tile[] {
  const { customers: atRisk } = atRiskFigures(rows);
  const [all, endangered] = [contractValueOf(rows), contractValueOf(atRisk)];
  return [
    {
      label: "Contract value",
      value: formatAmount(all),
      note: `of ${formatCount(rows.length, "customer")}`,
    },
    {
      label: "Contract value at risk",
      value: formatAmount(endangered),
      note: `${formatPercent(percentOf(endangered, all))}, of ${formatCount(atRisk.length, "customer")}`,
      tone: all === 0 ? undefined : badShareTone(percentOf(endangered, all)),
    },
  ];
}

/** The dashboard's satisfaction of all time, beside the period's in the tiles. */
function footnote({ stats, allTime }: KpiData): string {
  const { avg_csat_score: csat } = stats;
  const nps = printedNps(allTime);
  const ofNps = countResponses(allTime.filter(isNps));
  if (csat === null && ofNps === 0) return "No survey has been answered yet.";
  const answers = (count: number) => formatCount(count, "answer");
  const few = ofNps === 0 ? "no NPS answers" : `${answers(ofNps)} are too few for a net promoter score`;
  const said = [
    csat === null
      ? "no CSAT answers"
      : `CSAT is ${formatNumber(csat, 2)} (${answers(countResponses(allTime) - ofNps)})`,
    nps === null ? few : `the net promoter score ${formatSigned(nps)} (${answers(ofNps)})`,
  ];
  return `Over all time, as on the dashboard, ${said.join(", ")}.`;
}

/** The four figures of the report's mail. */
export const mainFigures = (data: KpiData): readonly Tile[] => [
  averageHealthTile(data.stats.avg_health_score, data.baseline, data.request),
  atRiskTile(data),
  ...(showsAmounts(data.request)
    ? valueTiles(data).slice(1)
    : [renewalsTile(data.portfolio.rows, data.request)]),
  csatTile(
    mapCompared(data.activity, ({ responses }) => responses),
    data.request.period,
  ),
];

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
          renewalsTile(data.portfolio.rows, data.request),
          ...(showsAmounts(request) ? valueTiles(data) : []),
        ],
      },
      note(footnote(data)),
      ...leftNote(data.portfolio),
      ...adviceOn(["health"], data.portfolio.rows, request.now),
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
      { heading: "What", width: 1.6, cell: ({ label }) => label },
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
        cell: (compared) => comparedCell(compared, { better: "neither" }),
      },
    ],
    { title: "Activity" },
  );
