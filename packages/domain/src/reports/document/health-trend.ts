import type { Block, Cell, Section } from "@success-manager/pdf/document";
import { daysAfter } from "../../calendar.ts";
import type { CustomerRow } from "../../directory/index.ts";
import { meanOf } from "../../figures.ts";
import { reasons, changeSince as scoreChangeSince } from "../../health/index.ts";
import { byName, type ScoredRow, topN } from "../../portfolio/index.ts";
import type { StoredScore } from "../../table/index.ts";
import { type DayScores, endOfDay, scoreBefore, scoreSnapshots, scoresByDay } from "./baseline.ts";
import { note, stackedBar, tableOf } from "./blocks.ts";
import { formatDate, formatDay, formatNumber, formatSigned, formatTerm } from "./format.ts";
import { notScoredYet } from "./overview.ts";
import { daysUpToNow, granularitiesFor, granularityFor, timeBuckets } from "./periods.ts";
import { includes, type ReportRequest } from "./query.ts";
import { adviceOn } from "./recommendations.ts";
import { scoreCell, TRENDS } from "./tones.ts";
import { noScores, notBegun, scoreRange, type TrendLine, trendBlock, trendsSection } from "./trends.ts";
import { say, scoreTexts } from "./words.ts";

/** How health went over a period: of all customers, of some, or of one. */

const healthLine = (line: Pick<TrendLine, "title" | "points" | "values">): TrendLine => ({
  ...line,
  name: say("trend.health_score"),
  format: (value) => formatNumber(value, 1),
  range: scoreRange,
  nothing: noScores(),
});

/** From the scores that customers carry with them: what the newest ones came to at the end of each day or week. */
export function fromScoreHistory(
  rows: readonly CustomerRow[],
  days: readonly string[],
): TrendLine | undefined {
  const granularity = granularityFor(days.length);
  const buckets = timeBuckets(days, granularity);
  const snapshots = scoreSnapshots(
    rows,
    buckets.map((bucket) => bucket.days.at(-1) ?? ""),
  );
  return (
    snapshots &&
    healthLine({
      title: say("trend.health_end", { by: granularity }),
      points: buckets.map(({ name }) => name),
      values: snapshots.map(({ average }) => average),
    })
  );
}

/** Share of points without a value from which on a coarser line says more. */
const MAX_GAPS = 0.25;

const isKnown = (value: number | null) => value !== null;

/** Whether a line has so few gaps between its ends that it can be followed by eye; a single point has none. */
function isConnected({ values }: Pick<TrendLine, "values">): boolean {
  const within = values.slice(values.findIndex(isKnown), values.findLastIndex(isKnown) + 1);
  const known = within.filter(isKnown).length;
  return known > 0 && (within.length - known) / within.length <= MAX_GAPS;
}

/** From scores that were calculated on these days: their mean by day, or by week or month where days have gaps. */
export function fromDailyScores(days: readonly string[], scores: ReadonlyMap<string, DayScores>): TrendLine {
  const lines = granularitiesFor(days.length).map((granularity) => {
    const buckets = timeBuckets(days, granularity);
    return healthLine({
      title: say("trend.health_mean", { by: granularity }),
      points: buckets.map(({ name }) => name),
      values: buckets.map((bucket) => {
        const found = bucket.days.map((day) => scores.get(day));
        const total = (of: keyof DayScores) => found.reduce((sum, day) => sum + (day?.[of] ?? 0), 0);
        return meanOf(total("sum"), total("count"));
      }),
    });
  });
  return lines.find(isConnected) ?? lines.at(-1) ?? healthLine({ title: "", points: [], values: [] });
}

/**
 * The average score over the report's period. The last 30 days are known of every customer; what lies farther back is
 * counted by day for all customers together, and read for a single one.
 */
async function averageLine(
  { filters, period, now }: ReportRequest,
  rows: readonly CustomerRow[],
): Promise<Block> {
  const days = daysUpToNow(period, now);
  const [first, last] = [days[0], days.at(-1)];
  if (first === undefined || last === undefined) return note(notBegun());
  const known = days.length > 1 ? fromScoreHistory(rows, days) : undefined;
  if (known) return trendBlock(known);
  const scores = await scoresByDay(filters, first, last);
  if (scores) return trendBlock(fromDailyScores(days, scores));
  return note(say("trend.unknown", { count: rows.length }));
}

/**
 * The score of one customer at the end of each day, week or month of the period: it holds until there is another.
 *
 * @param scores of the period, and the one before them if there is one, newest first
 */
export function customerScoreLine(
  scores: readonly Pick<StoredScore, "calculated_at" | "overall_score">[],
  { period, now }: Pick<ReportRequest, "period" | "now">,
): TrendLine {
  const days = daysUpToNow(period, now);
  const granularity = granularityFor(days.length);
  const buckets = timeBuckets(days, granularity);
  return healthLine({
    title: say("trend.score_end", { by: granularity }),
    points: buckets.map(({ name }) => name),
    values: buckets.map((bucket) => {
      const end = `${bucket.days.at(-1)}~`;
      return scores.find(({ calculated_at }) => calculated_at < end)?.overall_score ?? null;
    }),
  });
}

const trendBar = (rows: readonly CustomerRow[]): Block =>
  stackedBar(
    say("trend.by_trend"),
    TRENDS.map(([trend, tone]) => ({
      label: formatTerm(trend),
      value: rows.filter(({ score }) => score?.score_trend === trend).length,
      tone,
    })),
  );

/** From so many points on a score rises or falls, as in trends. */
const TREND_POINTS = 5;

/** How many of those who moved most are listed. */
const MAX_CHANGES = 6;

interface ScoreChange {
  readonly row: ScoredRow;
  readonly from: number;
  readonly by: number;
}

function changeSince(row: CustomerRow, day: string): ScoreChange[] {
  const { score } = row;
  const from = score && scoreBefore(score, endOfDay(day));
  if (!score || from === null || from === undefined || from === score.overall_score) return [];
  return [{ row: { ...row, score }, from, by: score.overall_score - from }];
}

/** The largest changes in one direction. */
const largest = (changes: readonly ScoreChange[], sign: 1 | -1) =>
  topN(
    changes.filter(({ by }) => by * sign > 0),
    MAX_CHANGES,
    (a, b) => sign * (b.by - a.by) || byName(a.row, b.row),
  );

/** A change that matters has a color; what is less is noise. */
const changeOf = (by: number): Cell => {
  const tone = by < 0 ? "bad" : "good";
  return Math.abs(by) < TREND_POINTS ? formatSigned(by) : { text: formatSigned(by), tone };
};

/**
 * Who moved most since the period began and why: falls, then rises, as far as scores are known back to then. A query for
 * each of them.
 */
async function largestChanges(rows: readonly CustomerRow[], day: string, now: Date): Promise<Block[]> {
  const changes = rows.flatMap((row) => changeSince(row, day));
  if (changes.length === 0) return [];
  const [falls, rises] = [largest(changes, -1), largest(changes, 1)];
  // Half of them each, and more of one where there are less of the other.
  const fallen = Math.max(MAX_CHANGES / 2, MAX_CHANGES - rises.length);
  const texts = await scoreTexts();
  const told = await Promise.all(
    [...falls.slice(0, fallen), ...rises].slice(0, MAX_CHANGES).map(async (change) => {
      const { score } = change.row;
      const moved = await scoreChangeSince(score.customer_id, day, now, change.from);
      return { ...change, why: reasons(moved?.parts ?? [], texts) };
    }),
  );
  return [
    tableOf(
      told,
      [
        { heading: say("column.customer"), width: 2, cell: ({ row }) => row.customer.company_name },
        { heading: formatDay(day), align: "right", cell: ({ from }) => formatNumber(from) },
        { heading: say("column.now"), align: "right", cell: ({ row }) => scoreCell(row.score.overall_score) },
        {
          heading: say("column.change"),
          align: "right",
          cell: ({ by }) => changeOf(by),
        },
        { heading: say("column.why"), width: 4, cell: ({ why }) => why },
      ],
      { title: say("trend.changes", { date: formatDate(day) }), limit: MAX_CHANGES, total: changes.length },
    ),
  ];
}

/** How health went over the period, and which way customers go. */
export async function healthTrendsSection(
  request: ReportRequest,
  rows: readonly CustomerRow[],
): Promise<Section> {
  const advised = includes(request, "recommendations") ? adviceOn(["trends"], rows, request.now) : [];
  if (!rows.some(({ score }) => score)) return trendsSection([note(notScoredYet())]);
  return trendsSection(
    [
      await averageLine(request, rows),
      ...(rows.length > 1 ? [trendBar(rows)] : []),
      ...(await largestChanges(rows, daysAfter(request.period.date_from, -1), request.now)),
      ...advised,
    ],
    say("trend.health_about"),
  );
}
