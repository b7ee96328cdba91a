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
import { leftNote, noCustomersText } from "./filters.ts";
import { formatCount, formatDate, formatDay, formatNumber, formatPercent, formatTerm } from "./format.ts";
import { includes, type ReportRequest } from "./query.ts";
import { adviceOn } from "./recommendations.ts";
import { contractEndTile } from "./renewals.ts";
import { BANDS, badShareTone, bandLabel, COMPONENTS, scoreTone, trendTone } from "./tones.ts";

/** The health summary at a glance: how scores are spread now, or how one customer is. */

export const NOT_SCORED_YET = "No health score has been calculated yet.";

/** How many customers are in each band, empty ones included. */
export function bandsBar(rows: readonly CustomerRow[]): StackedBar {
  const { bands, scored } = healthFigures(rows);
  const unscored = rows.length - scored;
  return stackedBar("Customers by health", [
    ...BANDS.map(([band, { label, tone }]) => ({ label, value: bands[band], tone })),
    ...(unscored > 0 ? [{ label: "Not scored", value: unscored, tone: "neutral" } as const] : []),
  ]);
}

/** The mean of each component of the newest scores. */
export function componentBars(rows: readonly CustomerRow[]): BarChart {
  const figures = healthFigures(rows);
  const isOne = figures.scored === 1;
  return {
    kind: "barChart",
    title: isOne ? "Components" : "Average of each component",
    max: 100,
    bars: COMPONENTS.map(([label, component]) => {
      const value = averageComponent(figures, component) ?? 0;
      return { label, value, valueText: formatNumber(value, isOne ? 0 : 1), tone: scoreTone(value) };
    }),
  };
}

/** The average of the newest scores, and how it has changed. */
export const averageHealthTile = (
  average: number | null,
  baseline: Baseline,
  request: Pick<ReportRequest, "period">,
): Tile => ({
  label: "Average health",
  value: average === null ? "None yet" : formatNumber(average, 1),
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
      label: "Customers",
      value: formatNumber(rows.length),
      note: unscored === 0 ? "all with a health score" : `${formatNumber(unscored)} without a score`,
    },
    averageHealthTile(averageHealthScore(figures), baseline, request),
    scored === 0
      ? { label: "Score below 60", value: "None yet", note: "nobody has been scored yet" }
      : {
          label: "Score below 60",
          value: formatPercent(percentOf(below, scored)),
          note: change
            ? `${formatNumber(below)} below 60, ${change.note}`
            : `${formatNumber(below)} of ${formatNumber(scored)} below 60`,
          tone: change?.tone ?? badShareTone(percentOf(below, scored)),
        },
    {
      label: "Improving",
      value: formatNumber(improving),
      note: `of ${formatNumber(scored)} up 5 points or more in 30 days`,
    },
    {
      label: "Declining",
      value: formatNumber(declining),
      note: `of ${formatNumber(scored)} down 5 points or more in 30 days`,
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
    heading: "Overview",
    about: "Customers as they stand now, each with their newest health score from 0 to 100.",
    blocks: [
      ...blocks,
      ...leftNote(portfolio),
      ...(includes(request, "recommendations")
        ? adviceOn(["health", "contact", "renewals"], rows, request.now)
        : []),
    ],
  };
}

function lastContactTile({ contact }: CustomerRow, now: Date): Tile {
  const label = "Last contact";
  const at = lastInteractionAt(contact, now);
  if (at === undefined) return { label, value: "Never", note: "nobody was in contact yet" };
  const days = daysBetween(at.slice(0, 10), dateOf(now));
  return { label, value: days === 0 ? "Today" : `${formatCount(days, "day")} ago`, note: formatDate(at) };
}

/** What one customer is known by: shares and counts would say nothing. */
export function customerTiles(request: ReportRequest, row: CustomerRow, baseline: Baseline): Tile[] {
  const { score, customer } = row;
  const others = [lastContactTile(row, request.now), contractEndTile(customer, dateOf(request.now))];
  if (!score) return others;
  const { overall_score, score_trend, calculated_at } = score;
  return [
    {
      label: "Health score",
      value: String(overall_score),
      ...averageChange(overall_score, baseline, request, 0),
    },
    {
      label: "Trend",
      value: formatTerm(score_trend),
      note: `over 30 days to ${formatDay(calculated_at)}`,
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
  const heading = "Overview";
  const tiles = customerTiles(request, row, baseline);
  if (!score) return { heading, about: NOT_SCORED_YET, blocks: [{ kind: "tiles", tiles }] };
  const { overall_score, calculated_at } = score;
  return {
    heading,
    about: `${bandLabel(overall_score)}, by the newest score, of ${formatDate(calculated_at)}.`,
    blocks: [{ kind: "tiles", tiles }, componentBars([row])],
  };
}
