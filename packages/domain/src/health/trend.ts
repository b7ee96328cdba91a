import type { ScoreTrend } from "@success-manager/contract/vocabulary";
import { DAY_MS } from "../calendar.ts";
import type { LatestScore } from "../table/index.ts";

/**
 * The trend of a score compares with the score of 30 days ago (decision 12). So that nobody has to read the history
 * for it, the newest score of a customer carries the points of the last 30 days with it (attribute `trail`).
 */

/** An earlier score: when it was calculated (milliseconds since 1970), and its overall. */
export type ScorePoint = readonly [at: number, overall: number];

const COMPARED_DAYS = 30;

/** How much a score has to move to count. */
const MIN_CHANGE = 5;

/** The trend against an earlier score; stable when there is none. */
export function trendOf(overall: number, earlier: number | undefined): ScoreTrend {
  const change = earlier === undefined ? 0 : overall - earlier;
  if (change >= MIN_CHANGE) return "improving";
  return change <= -MIN_CHANGE ? "declining" : "stable";
}

/**
 * A daily score leaves 31 points. Somebody who scores by hand all day would leave many more; past this, the point
 * whose neighbors are closest together is dropped. Two times 30 days over 95 bound the gap that this can leave: the
 * comparison may be with a score up to 16 hours older than the newest one that is 30 days old.
 */
const MAX_POINTS = 96;

const baselineLimit = (now: Date) => now.getTime() - COMPARED_DAYS * DAY_MS;

/** The last instant at which a score may have been calculated that the trend of another one compares with. */
export const trendBaselineInstant = (calculated_at: string): string =>
  new Date(baselineLimit(new Date(calculated_at))).toISOString();

/** The overall score that a trend compares with: the newest that is at least 30 days old. */
export function baselineScore(points: readonly ScorePoint[], now: Date): number | undefined {
  const limit = baselineLimit(now);
  return points.findLast(([at]) => at <= limit)?.[1];
}

function limitPoints(points: readonly ScorePoint[]): readonly ScorePoint[] {
  if (points.length <= MAX_POINTS) return points;
  let closest = 1;
  let gap = Number.POSITIVE_INFINITY;
  for (let i = 1; i < points.length - 1; i++) {
    const around = (points[i + 1]?.[0] ?? 0) - (points[i - 1]?.[0] ?? 0);
    if (around < gap) [closest, gap] = [i, around];
  }
  return limitPoints(points.toSpliced(closest, 1));
}

/** The points after one more score, without those that no later trend can compare with. */
export function appendPoint(
  points: readonly ScorePoint[],
  point: ScorePoint,
  now: Date,
): readonly ScorePoint[] {
  const limit = baselineLimit(now);
  const all = [...points, point];
  const baseline = all.findLastIndex(([at]) => at <= limit);
  return limitPoints(baseline < 0 ? all : all.slice(baseline));
}

const RADIX = 36;

/**
 * Points as they are stored, `mib2k3s0:72 mibb4k80:75`: a tenth of what a list takes in the table's wire format, which
 * every cold function reads for every customer.
 */
export const encodePoints = (points: readonly ScorePoint[]): string =>
  points.map(([at, overall]) => `${at.toString(RADIX)}:${overall}`).join(" ");

/** What `encodePoints` encoded; anything else gives points that are not numbers. */
export function decodePoints(text: string): ScorePoint[] {
  if (text === "") return [];
  return text.split(" ").map((point) => {
    const [at = "", overall = ""] = point.split(":");
    return [Number.parseInt(at, RADIX), Number(overall)];
  });
}

/**
 * By how much a newest score differs from the one that its trend compares with; null where there is none, because the
 * first is younger than 30 days. Of the points that a score carries only the first can be that old.
 */
export function scoreChange({
  trail,
  overall_score,
  calculated_at,
}: Pick<LatestScore, "trail" | "overall_score" | "calculated_at">): number | null {
  const baseline = baselineScore(decodePoints(trail.split(" ", 1).join()), new Date(calculated_at));
  return baseline === undefined || Number.isNaN(baseline) ? null : overall_score - baseline;
}
