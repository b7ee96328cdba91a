import type { PeriodType } from "@success-manager/contract/dashboard";
import type { Block, LineChart, Section } from "@success-manager/pdf/document";
import { calendarMonth, dateOf } from "../../calendar.ts";
import { csatTrends, healthTrends } from "../../dashboard/index.ts";
import type { CustomerRow } from "../../directory/index.ts";
import { averageScore, countResponses, isNps, MIN_NPS_ANSWERS } from "../../surveys/index.ts";
import { isScoped } from "../../table/index.ts";
import { note, text } from "./blocks.ts";
import type { CsatData, ResponseCounts } from "./csat-data.ts";
import { formatMonth, formatNumber, formatSigned } from "./format.ts";
import { daysUpToNow, GRANULARITIES, granularitiesFor, monthsUpToNow, timeBuckets } from "./periods.ts";
import type { ReportRequest } from "./query.ts";
import { adviceOn } from "./recommendations.ts";
import { printedNps } from "./satisfaction.ts";
import { say } from "./words.ts";

/** Lines over time: how a report draws any of them, satisfaction over the period, and key figures by month. */

export const notBegun = (): string => say("trend.not_begun");

/** Printed instead of a line of scores. */
export const noScores = (): string => say("health.none_in_period");

/** The trends of any report. */
export const trendsSection = (blocks: readonly Block[], about?: string): Section => ({
  heading: say("heading.trends"),
  about,
  blocks,
});

/** Values over time, each on a scale of its own: scales are never mixed (decision 14). */
export interface TrendLine {
  readonly title: string;
  readonly name: string;
  readonly points: readonly string[];
  /** One for each point; null where there is none. */
  readonly values: readonly (number | null)[];
  /** Ends of the axis, as far as values do not tell them. */
  readonly range?: LineChart["range"] | ((values: readonly number[]) => LineChart["range"]);
  readonly format: (value: number) => string;
  /** Printed when no point has a value. */
  readonly nothing: string;
}

/** A chart, or a sentence where a line would have but one point, or none. */
export function trendBlock({ title, name, points, values, range, format, nothing }: TrendLine): Block {
  const known = values.flatMap((value, n) => (value === null ? [] : [{ value, point: points[n] ?? "" }]));
  const [only] = known;
  if (!only) return note(nothing);
  if (known.length === 1)
    return text(say("trend.only_value", { title, value: format(only.value), point: only.point }));
  return {
    kind: "lineChart",
    title,
    points,
    lines: [{ name, tone: "accent", values }],
    range: typeof range === "function" ? range(known.map(({ value }) => value)) : range,
  };
}

/** Tens around health scores, and some room: small changes are not to look like falls. */
export const scoreRange = (scores: readonly number[]): readonly [number, number] => [
  Math.max(0, 10 * Math.floor((Math.min(...scores) - 5) / 10)),
  Math.min(100, 10 * Math.ceil((Math.max(...scores) + 5) / 10)),
];

const CSAT_RANGE = [1, 5] as const;
const NPS_RANGE = [-100, 100] as const;

/** Points that a line has at least. */
const MIN_POINTS = 3;

/** How many answers a point should stand for on average: fewer make a line that jumps up and down. */
const MIN_DENSITY = 3;

/** Share of points without answers from which on a coarser line says more; where there is none, no line does. */
const MAX_GAPS = 0.25;
const MAX_GAPS_OF_COARSEST = 0.5;

/** A figure by day, week or month. */
interface CsatLine {
  readonly figure_name: "csat" | "nps";
  /** Of which responses it is made. */
  readonly takes: (response: ResponseCounts[number]) => boolean;
  readonly figure: (responses: ResponseCounts) => number | null;
  readonly format: (value: number) => string;
  readonly range?: LineChart["range"];
}

const CSAT_LINES: readonly CsatLine[] = [
  {
    figure_name: "csat",
    takes: (response) => !isNps(response),
    figure: averageScore,
    format: (value) => formatNumber(value, 2),
    range: CSAT_RANGE,
  },
  {
    figure_name: "nps",
    takes: isNps,
    figure: printedNps,
    format: formatSigned,
    range: NPS_RANGE,
  },
];

/** So many bars can be compared by eye. */
const MAX_BARS = 13;

/** How many answers came by day, week or month: a count has no values between, so it is bars from 0. */
function answerBars(days: readonly string[], byDate: CsatData["byDate"]): Block {
  const counted = GRANULARITIES.map((granularity) => ({
    granularity,
    bars: timeBuckets(days, granularity).map((bucket) => {
      const value = countResponses(bucket.days.flatMap((date) => byDate.get(date) ?? []));
      return { label: bucket.name, value, valueText: formatNumber(value), tone: "accent" as const };
    }),
  }));
  const { granularity, bars } = counted.find((one) => one.bars.length <= MAX_BARS) ??
    counted.at(-1) ?? { granularity: "monthly", bars: [] };
  return { kind: "barChart", title: say("trend.answers_by", { by: granularity }), bars };
}

/**
 * The granularity by which a line can be followed by eye: the finest that the length of the period allows and that
 * has enough answers for each point. The coarsest needs no more than one, and few gaps. Undefined when no line can
 * be drawn.
 */
function granularityOf(days: readonly string[], answersOn: (date: string) => number): PeriodType | undefined {
  const possible = granularitiesFor(days.length).flatMap((granularity) => {
    const counts = timeBuckets(days, granularity).map((bucket) =>
      bucket.days.reduce((sum, date) => sum + answersOn(date), 0),
    );
    if (counts.length < MIN_POINTS) return [];
    const answers = counts.reduce((sum, count) => sum + count, 0);
    const gaps = counts.filter((count) => count === 0).length / counts.length;
    return [{ granularity, density: answers / counts.length, gaps }];
  });
  const steady = possible.find(({ density, gaps }) => density >= MIN_DENSITY && gaps <= MAX_GAPS);
  if (steady) return steady.granularity;
  const coarsest = possible.at(-1);
  return coarsest && coarsest.density >= 1 && coarsest.gaps <= MAX_GAPS_OF_COARSEST
    ? coarsest.granularity
    : undefined;
}

function csatBlock(
  { figure_name, takes, figure, ...line }: CsatLine,
  days: readonly string[],
  byDate: CsatData["byDate"],
): Block {
  const name = say(figure_name === "csat" ? "trend.average_csat" : "trend.nps");
  const on = (date: string) => (byDate.get(date) ?? []).filter(takes);
  const granularity = granularityOf(days, (date) => countResponses(on(date)));
  if (granularity === undefined) {
    const count = countResponses(days.flatMap(on));
    return note(count === 0 ? say("trend.no_answers", { name }) : say("trend.few_answers", { name, count }));
  }
  const buckets = timeBuckets(days, granularity);
  return trendBlock({
    ...line,
    name,
    title: say(`trend.${figure_name}_by`, { by: granularity }),
    points: buckets.map((bucket) => bucket.name),
    values: buckets.map((bucket) => figure(bucket.days.flatMap(on))),
    nothing: say("trend.no_answers", { name }),
  });
}

/** How satisfaction went through the period, up to today; each scale has a chart of its own. */
export function csatTrendsSection(
  { byDate }: Pick<CsatData, "byDate">,
  { period, now }: Pick<ReportRequest, "period" | "now">,
): Section {
  const days = daysUpToNow(period, now);
  if (days.length === 0) return trendsSection([note(notBegun())]);
  const count = countResponses(days.flatMap((date) => byDate.get(date) ?? []));
  if (count === 0) return trendsSection([text(say("satisfaction.nobody"))]);
  if (days.length < MIN_POINTS) return trendsSection([note(say("trend.few_days"))]);
  const blocks = [...CSAT_LINES.map((line) => csatBlock(line, days, byDate)), answerBars(days, byDate)];
  if (blocks.slice(0, -1).every(({ kind }) => kind === "text"))
    return trendsSection([note(say("trend.too_few_answers", { count })), ...blocks.slice(-1)]);
  return trendsSection(blocks, say("trend.csat_about", { least: MIN_NPS_ANSWERS }));
}

/** The least that shows where things go. */
const MIN_MONTHS = 6;

/** Health, satisfaction and recommendation month by month, as on the dashboard: two queries. */
export async function monthlyTrendsSection(
  { period, now }: ReportRequest,
  rows: readonly CustomerRow[],
): Promise<Section> {
  const months = monthsUpToNow(period, now, MIN_MONTHS);
  const [first = "", last = ""] = [months[0], months.at(-1)];
  const query = { start_date: `${first}-01`, end_date: `${last}-01` };
  const [health, csat] = await Promise.all([
    // Scores are counted by month of all customers together, and of nobody else.
    isScoped() ? undefined : healthTrends({ ...query, period_type: "monthly" }),
    csatTrends(query),
  ]);
  const points = months.map(formatMonth);
  /** The lines of the dashboard begin with their first value; these share one axis. */
  const valuesOf = <Point extends { readonly period: string }>(
    line: readonly Point[],
    value: (point: Point) => number | null,
  ) => {
    const byMonth = new Map(line.map((point) => [point.period, value(point)]));
    return months.map((month) => byMonth.get(month) ?? null);
  };
  const isOver = last !== calendarMonth(dateOf(now));
  return trendsSection(
    [
      ...(health
        ? [
            trendBlock({
              title: say("trend.months_health"),
              name: say("trend.health_score"),
              points,
              values: valuesOf(health.overall, ({ avg_score }) => avg_score),
              format: (value) => formatNumber(value, 1),
              range: scoreRange,
              nothing: say("trend.months_no_health"),
            }),
          ]
        : []),
      trendBlock({
        title: say("trend.months_csat"),
        name: say("trend.csat"),
        points,
        values: valuesOf(csat.overall, ({ avg_score }) => avg_score),
        format: (value) => formatNumber(value, 2),
        range: CSAT_RANGE,
        nothing: say("trend.months_no_csat"),
      }),
      trendBlock({
        title: say("trend.months_nps"),
        name: say("trend.nps"),
        points,
        values: valuesOf(csat.nps, ({ nps }) => nps.value),
        format: formatSigned,
        range: NPS_RANGE,
        nothing: say("trend.months_no_nps", { least: MIN_NPS_ANSWERS }),
      }),
      ...adviceOn(["trends"], rows, now),
    ],
    say(isOver ? "trend.months" : "trend.months_until_now", {
      first: formatMonth(first),
      last: formatMonth(last),
    }),
  );
}
