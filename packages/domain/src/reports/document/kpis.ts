import type { DashboardStats } from "@success-manager/contract/dashboard-figures";
import type { Section, Table, Tile } from "@success-manager/pdf/document";
import { percentOf } from "../../figures.ts";
import { atRiskFigures, contractValueOf, countNew, type Portfolio } from "../../portfolio/index.ts";
import { countResponses, isNps, type ScoreCount } from "../../surveys/index.ts";
import { type Period, precedingPeriod } from "../period.ts";
import { atRiskChange, type Baseline } from "./baseline.ts";
import { note, tableOf, text } from "./blocks.ts";
import { populationNotes } from "./filters.ts";
import { formatAmount, formatNumber, formatPercent, formatPeriod } from "./format.ts";
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
import { csatTile, npsTexts, npsTile, printedCsat, printedNps, responseRateTile } from "./satisfaction.ts";
import { badShareTone } from "./tones.ts";
import { say } from "./words.ts";

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
  /** Why scores moved in the period, in one line; undefined where none did, or it is not known. */
  readonly movement: string | undefined;
}

function customersTile({ portfolio: { rows }, stats, request: { period } }: KpiData): Tile {
  const [current = 0, previous = 0] = [period, precedingPeriod(period)].map(({ date_from, date_to }) =>
    countNew(rows, date_from, date_to),
  );
  return {
    label: say("tile.customers"),
    value: formatNumber(stats.total_customers),
    note: say("tile.new_customers", { current: formatNumber(current), previous: formatNumber(previous) }),
  };
}

function atRiskTile({ portfolio: { rows }, baseline }: KpiData): Tile {
  const { customers, below_60 } = atRiskFigures(rows);
  const change = atRiskChange(below_60, baseline);
  return {
    label: say("tile.at_risk"),
    value: formatNumber(customers.length),
    note: change
      ? say("tile.below_change", { count: formatNumber(below_60), change: change.note })
      : say("tile.below", { count: formatNumber(below_60) }),
    tone: change?.tone,
  };
}

function alertsTile({ stats, activity: { current } }: KpiData): Tile {
  const more = current.alerts_opened - current.alerts_resolved;
  const tone = more > 0 ? "bad" : "good";
  return {
    label: say("tile.open_alerts"),
    value: formatNumber(stats.open_alerts),
    note: say("tile.alerts_changed", {
      opened: formatNumber(current.alerts_opened),
      resolved: formatNumber(current.alerts_resolved),
    }),
    tone: more === 0 ? "neutral" : tone,
  };
}

function valueTiles({ portfolio: { rows } }: KpiData): Tile[] {
  const { customers: atRisk } = atRiskFigures(rows);
  const [all, endangered] = [contractValueOf(rows), contractValueOf(atRisk)];
  return [
    {
      label: say("tile.contract_value"),
      value: formatAmount(all),
      note: say("count.of_customers", { count: rows.length }),
    },
    {
      label: say("tile.contract_value_at_risk"),
      value: formatAmount(endangered),
      note: say("tile.share_of_customers", {
        share: formatPercent(percentOf(endangered, all)),
        count: atRisk.length,
      }),
      tone: all === 0 ? undefined : badShareTone(percentOf(endangered, all)),
    },
  ];
}

/** The dashboard's satisfaction of all time, beside the period's in the tiles. */
function footnote({ stats, allTime }: KpiData): string {
  const { avg_csat_score: csat } = stats;
  const { n: count, interval } = printedCsat(allTime);
  const nps = printedNps(allTime);
  const ofNps = countResponses(allTime.filter(isNps));
  if (csat === null && ofNps === 0) return say("kpis.never_answered");
  const few = ofNps === 0 ? say("kpis.no_nps") : say("kpis.few_nps", { count: ofNps });
  return say("kpis.all_time", {
    csat:
      csat === null
        ? say("kpis.no_csat")
        : say("kpis.csat", { average: formatNumber(csat, 2), count, interval }),
    nps: nps === null ? few : say("kpis.nps", npsTexts(nps, allTime)),
  });
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
  const { request, stats, activity, baseline, movement } = data;
  const { period } = request;
  const responses = mapCompared(activity, (one) => one.responses);
  return {
    heading: say("heading.key_figures"),
    about: say("kpis.about", { period: formatPeriod(precedingPeriod(period)) }),
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
      ...(movement === undefined ? [] : [text(movement)]),
      note(footnote(data)),
      ...populationNotes(data.portfolio),
      ...adviceOn(["health"], data.portfolio.rows, request.now),
    ],
  };
}

const ACTIVITIES = [
  ["activity.interactions", ({ interactions }) => interactions],
  ["activity.links", ({ links }) => links.created],
  ["activity.answers", ({ responses }) => countResponses(responses)],
  ["activity.alerts_opened", ({ alerts_opened }) => alerts_opened],
  ["activity.alerts_resolved", ({ alerts_resolved }) => alerts_resolved],
] as const satisfies readonly (readonly [key: string, count: (activity: PeriodActivity) => number])[];

/** How much happened in the period, and in the one before. */
export const activityTable = (activity: Compared<PeriodActivity>, period: Period): Table =>
  tableOf(
    ACTIVITIES.map(([key, count]) => ({ label: say(key), ...mapCompared(activity, count) })),
    [
      { heading: say("column.what"), width: 1.6, cell: ({ label }) => label },
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
        heading: say("column.change"),
        width: 0.6,
        align: "right",
        cell: (compared) => comparedCell(compared, { better: "neither" }),
      },
    ],
    { title: say("activity.title") },
  );
