import type { BarChart, Block, Section, StackedBar, Tile } from "@success-manager/pdf/document";
import { dateOf, daysBetween } from "../../calendar.ts";
import type { CustomerRow } from "../../directory/index.ts";
import { percentOf } from "../../figures.ts";
import {
  averageComponent,
  averageHealthScore,
  healthFigures,
  type Portfolio,
} from "../../portfolio/index.ts";
import { lastInteractionAt } from "../../table/index.ts";
import { atRiskChange, averageChange, type Baseline } from "./baseline.ts";
import { stackedBar, text } from "./blocks.ts";
import { noCustomersText, populationNotes } from "./filters.ts";
import { formatDate, formatDay, formatNumber, formatPercent, formatTerm } from "./format.ts";
import { includes, type ReportRequest } from "./query.ts";
import { adviceOn } from "./recommendations.ts";
import { contractEndTile } from "./renewals.ts";
import {
  BANDS,
  badShareTone,
  bandLabel,
  COMPONENTS,
  formatBand,
  formatComponent,
  scoreTone,
  trendTone,
} from "./tones.ts";
import { say } from "./words.ts";

/** The health summary at a glance: how scores are spread now, or how one customer is. */

export const notScoredYet = (): string => say("health.not_scored_yet");

/** How many customers are in each band, empty ones included. */
export function bandsBar(rows: readonly CustomerRow[]): StackedBar {
  const { bands, scored } = healthFigures(rows);
  const unscored = rows.length - scored;
  return stackedBar(say("chart.by_health"), [
    ...BANDS.map(([band, tone]) => ({ label: formatBand(band), value: bands[band], tone })),
    ...(unscored > 0 ? [{ label: say("chart.not_scored"), value: unscored, tone: "neutral" } as const] : []),
  ]);
}

/** The mean of each component of the newest scores. */
export function componentBars(rows: readonly CustomerRow[]): BarChart {
  const figures = healthFigures(rows);
  const isOne = figures.scored === 1;
  return {
    kind: "barChart",
    title: say(isOne ? "chart.components" : "chart.average_components"),
    max: 100,
    bars: COMPONENTS.map((component) => {
      const value = averageComponent(figures, component) ?? 0;
      return {
        ...{ label: formatComponent(component), value, tone: scoreTone(value) },
        valueText: formatNumber(value, isOne ? 0 : 1),
      };
    }),
  };
}

/** The average of the newest scores, and how it has changed. */
export const averageHealthTile = (
  average: number | null,
  baseline: Baseline,
  request: Pick<ReportRequest, "period">,
): Tile => ({
  label: say("tile.average_health"),
  value: average === null ? say("value.none_yet") : formatNumber(average, 1),
  ...averageChange(average, baseline, request),
});

export function overviewTiles(
  request: ReportRequest,
  rows: readonly CustomerRow[],
  baseline: Baseline,
): Tile[] {
  const figures = healthFigures(rows);
  const { scored, bands } = figures;
  const { improving, declining } = figures.trends;
  const below = bands.at_risk + bands.critical;
  const unscored = rows.length - scored;
  const change = atRiskChange(below, baseline);
  return [
    {
      label: say("tile.customers"),
      value: formatNumber(rows.length),
      note: unscored === 0 ? say("tile.all_scored") : say("tile.without_score", { count: unscored }),
    },
    averageHealthTile(averageHealthScore(figures), baseline, request),
    scored === 0
      ? { label: say("tile.score_below"), value: say("value.none_yet"), note: say("tile.nobody_scored") }
      : {
          label: say("tile.score_below"),
          value: formatPercent(percentOf(below, scored)),
          note: change
            ? say("tile.below_change", { count: formatNumber(below), change: change.note })
            : say("tile.below_of", { count: formatNumber(below), all: formatNumber(scored) }),
          tone: change?.tone ?? badShareTone(percentOf(below, scored)),
        },
    {
      label: say("tile.improving"),
      value: formatNumber(improving),
      note: say("tile.improving_of", { count: formatNumber(scored) }),
    },
    {
      label: say("tile.declining"),
      value: formatNumber(declining),
      note: say("tile.declining_of", { count: formatNumber(scored) }),
      tone: scored === 0 ? undefined : badShareTone(percentOf(declining, scored)),
    },
  ];
}

/** How the newest scores are spread. */
export function healthOverviewSection(
  request: ReportRequest,
  portfolio: Portfolio,
  baseline: Baseline,
): Section {
  const { rows } = portfolio;
  const blocks: Block[] =
    rows.length === 0
      ? [text(noCustomersText(request.filters))]
      : [
          { kind: "tiles", tiles: overviewTiles(request, rows, baseline) },
          bandsBar(rows),
          ...(rows.some(({ score }) => score) ? [componentBars(rows)] : []),
        ];
  return {
    heading: say("heading.overview"),
    about: say("health.overview"),
    blocks: [
      ...blocks,
      ...populationNotes(portfolio),
      ...(includes(request, "recommendations")
        ? adviceOn(["health", "contact", "renewals"], rows, request.now)
        : []),
    ],
  };
}

function lastContactTile({ contact }: CustomerRow, now: Date): Tile {
  const label = say("tile.last_contact");
  const at = lastInteractionAt(contact, now);
  if (at === undefined) return { label, value: say("tile.never"), note: say("tile.nobody_in_contact") };
  const days = daysBetween(at.slice(0, 10), dateOf(now));
  return {
    label,
    value: days === 0 ? say("tile.today") : say("count.days_ago", { count: days }),
    note: formatDate(at),
  };
}

/** What one customer is known by: shares and counts would say nothing. */
export function customerTiles(request: ReportRequest, row: CustomerRow, baseline: Baseline): Tile[] {
  const { score, customer } = row;
  const others = [lastContactTile(row, request.now), contractEndTile(customer, dateOf(request.now))];
  if (!score) return others;
  const { overall_score, score_trend, calculated_at } = score;
  return [
    {
      label: say("tile.health_score"),
      value: String(overall_score),
      ...averageChange(overall_score, baseline, request, 0),
    },
    {
      label: say("tile.trend"),
      value: formatTerm(score_trend),
      note: say("tile.trend_until", { day: formatDay(calculated_at) }),
      tone: trendTone(score_trend),
    },
    ...others,
  ];
}

/** How healthy one customer is. */
export function customerOverviewSection(
  request: ReportRequest,
  row: CustomerRow,
  baseline: Baseline,
): Section {
  const { score } = row;
  const heading = say("heading.overview");
  const tiles = customerTiles(request, row, baseline);
  if (!score) return { heading, about: notScoredYet(), blocks: [{ kind: "tiles", tiles }] };
  return {
    heading,
    about: say("health.one", { band: bandLabel(score), date: formatDate(score.calculated_at) }),
    blocks: [{ kind: "tiles", tiles }, componentBars([row])],
  };
}
