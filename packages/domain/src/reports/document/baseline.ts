import type { ReportFilters } from "@success-manager/contract/report-filters";
import type { Tile } from "@success-manager/pdf/document";
import { DAY_MS, dateOf, daysAfter } from "../../calendar.ts";
import { countersBetween, dayOf } from "../../counters/index.ts";
import type { CustomerRow } from "../../directory/index.ts";
import { meanOf } from "../../figures.ts";
import { decodePoints, type ScoreFigures, scoresBetween } from "../../health/index.ts";
import { AT_RISK_BELOW } from "../../portfolio/index.ts";
import { isScoped, type LatestScore } from "../../table/index.ts";
import { precedingPeriod } from "../period.ts";
import { isFiltered } from "./filters.ts";
import { formatChange, formatDay, noDataBefore, versusPrevious } from "./format.ts";
import type { ReportRequest } from "./query.ts";
import { MATTERS } from "./tones.ts";
import { say } from "./words.ts";

/** What health is compared with: scores as they were at earlier days. */

/** What the newest scores of customers came to at an instant. */
export interface ScoreSnapshot {
  readonly scored: number;
  readonly average: number | null;
  /** How many of them were below 60. */
  readonly at_risk: number;
}

/** All that is known of a customer's scores, oldest first, and whether none is missing before. */
function knownScores({ trail, revision, calculated_at, overall_score }: LatestScore) {
  const points = decodePoints(trail);
  const newest = Date.parse(calculated_at);
  if ((points.at(-1)?.[0] ?? 0) < newest) points.push([newest, overall_score]);
  return { points, complete: points.length >= revision };
}

/** The first instant after a day. */
export const endOfDay = (date: string): number => Date.parse(date) + DAY_MS;

/** The score that was the newest just before an instant; null when there was none, undefined when that is not known. */
export function scoreBefore(score: LatestScore, instant: number): number | null | undefined {
  const { points, complete } = knownScores(score);
  return points.findLast(([at]) => at < instant)?.[1] ?? (complete ? null : undefined);
}

/** The score that was the newest at the end of a day; null when there was none, undefined when that is not known. */
export const scoreAtEndOf = (score: LatestScore, day: string): number | null | undefined =>
  scoreBefore(score, endOfDay(day));

/**
 * What the newest scores of customers came to at the ends of some days. Each customer carries the last 30 days of
 * scores; undefined when the days go farther back than is known of somebody.
 *
 * @param days oldest first
 */
export function scoreSnapshots(
  rows: readonly CustomerRow[],
  days: readonly string[],
): readonly ScoreSnapshot[] | undefined {
  const ends = days.map(endOfDay);
  const sums = ends.map(() => ({ scored: 0, sum: 0, at_risk: 0 }));
  for (const { score } of rows) {
    if (!score) continue;
    const { points, complete } = knownScores(score);
    let next = 0;
    let newest: number | undefined;
    for (const [n, end] of ends.entries()) {
      for (let point = points[next]; point && point[0] < end; point = points[next]) {
        newest = point[1];
        next += 1;
      }
      const sum = sums[n];
      if (newest === undefined || !sum) {
        if (complete) continue;
        return undefined;
      }
      sum.scored += 1;
      sum.sum += newest;
      if (newest < AT_RISK_BELOW) sum.at_risk += 1;
    }
  }
  return sums.map(({ scored, sum, at_risk }) => ({ scored, average: meanOf(sum, scored), at_risk }));
}

/** Scores that were calculated on a day, added up. */
export interface DayScores {
  readonly count: number;
  readonly sum: number;
}

/** What is counted of all scores, by day. */
async function countedScores(first: string, last: string): Promise<ReadonlyMap<string, DayScores>> {
  const found = await countersBetween("score", dayOf(first), dayOf(last));
  return new Map(
    Array.from(found, ([key, { count = 0, overall = 0 }]) => [
      key.slice(dayOf("").length),
      { count, sum: overall },
    ]),
  );
}

/** The scores of one customer, by day. */
async function customerScores(customer_id: string, first: string, last: string) {
  const days = new Map<string, DayScores>();
  for (const { calculated_at, overall_score } of await scoresBetween(customer_id, first, `${last}~`)) {
    const day = calculated_at.slice(0, first.length);
    const { count, sum } = days.get(day) ?? { count: 0, sum: 0 };
    days.set(day, { count: count + 1, sum: sum + overall_score });
  }
  return days;
}

/**
 * Scores that were calculated on some days: of one customer or of all. Undefined for others, whose scores nobody
 * counts by day.
 */
export async function scoresByDay(
  { customer_id, ...others }: ReportFilters,
  first: string,
  last: string,
): Promise<ReadonlyMap<string, DayScores> | undefined> {
  if (customer_id !== undefined) return customerScores(customer_id, first, last);
  return isFiltered(others) || isScoped() ? undefined : countedScores(first, last);
}

/** What the period's health is compared with. */
export type Baseline =
  /** The newest scores as they were right before the period. */
  | {
      readonly kind: "snapshot";
      readonly day: string;
      readonly snapshot: ScoreSnapshot;
      /** The scores that it is made of, by customer, where they are at hand. */
      readonly before?: ReadonlyMap<string, number>;
    }
  /** So few of those who have a score now had one then that the difference would be that of other customers. */
  | { readonly kind: "young"; readonly since: string }
  /** The means of all scores that were calculated in the period, and in the one before. */
  | { readonly kind: "means"; readonly current: number | null; readonly previous: number | null }
  | { readonly kind: "unknown" }
  /** The period has not begun yet. */
  | { readonly kind: "ahead" };

/** Share of the customers with a score now who had one then, from which on both can be compared. */
const MIN_COVERAGE = 0.8;

/** The first day at whose end so many of the customers with a score had one. */
function comparableSince(rows: readonly CustomerRow[], coverage: number): string | undefined {
  const first = rows
    .flatMap(({ score }) =>
      score ? [knownScores(score).points[0]?.[0] ?? Date.parse(score.calculated_at)] : [],
    )
    .sort((a, b) => a - b);
  const at = first[Math.max(0, Math.ceil(coverage * first.length) - 1)];
  return at === undefined ? undefined : dateOf(new Date(at));
}

/** The newest scores as they were right before the period, where that is known. */
function snapshotBefore(
  { period }: Pick<ReportRequest, "period">,
  rows: readonly CustomerRow[],
): Extract<Baseline, { kind: "snapshot" | "young" }> | undefined {
  const day = daysAfter(period.date_from, -1);
  const end = endOfDay(day);
  const before = new Map<string, number>();
  let [scored, sum, at_risk] = [0, 0, 0];
  for (const { score } of rows) {
    if (!score) continue;
    scored += 1;
    const found = scoreBefore(score, end);
    if (found === undefined) return undefined;
    if (found === null) continue;
    before.set(score.customer_id, found);
    sum += found;
    if (found < AT_RISK_BELOW) at_risk += 1;
  }
  const snapshot = { scored: before.size, average: meanOf(sum, before.size), at_risk };
  const since = snapshot.scored < MIN_COVERAGE * scored ? comparableSince(rows, MIN_COVERAGE) : undefined;
  return since === undefined ? { kind: "snapshot", day, snapshot, before } : { kind: "young", since };
}

const meanWithin = (scores: ReadonlyMap<string, DayScores>, from: string, to: string) => {
  const days = [...scores].filter(([day]) => day >= from && day <= to).map(([, found]) => found);
  return meanOf(
    days.reduce((total, { sum }) => total + sum, 0),
    days.reduce((total, { count }) => total + count, 0),
  );
};

/** As it was right before the period if that is known, else by what was counted: one query then. */
export async function readBaseline(request: ReportRequest, rows: readonly CustomerRow[]): Promise<Baseline> {
  const { filters, period, now } = request;
  if (period.date_from > dateOf(now)) return { kind: "ahead" };
  const snapshot = snapshotBefore(request, rows);
  if (snapshot) return snapshot;
  const previous = precedingPeriod(period);
  const scores = await scoresByDay(filters, previous.date_from, period.date_to);
  if (!scores) return { kind: "unknown" };
  return {
    kind: "means",
    current: meanWithin(scores, period.date_from, period.date_to),
    previous: meanWithin(scores, previous.date_from, previous.date_to),
  };
}

/** The scores of one customer in a period, newest first, and the one before them if there is one. */
export interface CustomerScores {
  readonly scores: readonly ScoreFigures[];
  readonly earlier: ScoreFigures | undefined;
}

/** What the score of one customer is compared with: the one that was the newest right before the period. */
export function customerBaseline(
  { scores, earlier }: CustomerScores,
  { period, now }: Pick<ReportRequest, "period" | "now">,
): Baseline {
  if (period.date_from > dateOf(now)) return { kind: "ahead" };
  if (earlier) {
    const average = earlier.overall_score;
    const snapshot = { scored: 1, average, at_risk: average < AT_RISK_BELOW ? 1 : 0 };
    return { kind: "snapshot", day: daysAfter(period.date_from, -1), snapshot };
  }
  const first = scores.at(-1);
  return first ? { kind: "young", since: first.calculated_at.slice(0, 10) } : { kind: "unknown" };
}

/** How the average has changed, as a tile's note. @param average of the newest scores, with so many decimals */
export function averageChange(
  average: number | null,
  baseline: Baseline,
  { period }: Pick<ReportRequest, "period">,
  decimals: 0 | 1 = 1,
): Pick<Tile, "note" | "tone"> {
  if (average === null) return { note: say("tile.nobody_scored") };
  if (baseline.kind === "snapshot")
    return formatChange(average, baseline.snapshot.average, {
      against: say("change.since", { day: formatDay(baseline.day) }),
      decimals,
      matters: MATTERS.health,
      nothing: say("tile.nobody_scored_by", { day: formatDay(baseline.day) }),
    });
  if (baseline.kind === "young") return { note: noDataBefore(baseline.since) };
  if (baseline.kind === "unknown") return { note: say("tile.earlier_unknown") };
  if (baseline.kind === "ahead") return { note: say("tile.not_begun") };
  const { current, previous } = baseline;
  if (current === null) return { note: say("tile.no_scores") };
  const { note, tone } = formatChange(current, previous, {
    against: versusPrevious(period),
    decimals: 1,
    matters: MATTERS.health,
    nothing: noDataBefore(period.date_from),
  });
  return { note: previous === null ? note : say("tile.scores_of_period", { change: note }), tone };
}

/** How many more customers score below 60, as a tile's note; undefined when that is not known. */
export function atRiskChange(
  count: number,
  baseline: Baseline,
): Required<Pick<Tile, "note" | "tone">> | undefined {
  if (baseline.kind === "young") return { note: noDataBefore(baseline.since), tone: "neutral" };
  if (baseline.kind !== "snapshot" || baseline.snapshot.scored === 0) return undefined;
  return formatChange(count, baseline.snapshot.at_risk, {
    against: say("change.since", { day: formatDay(baseline.day) }),
    better: "less",
  });
}
