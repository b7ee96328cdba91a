import { DAY_MS } from "../../calendar.ts";
import type { CustomerRow } from "../../directory/index.ts";
import { meanOf } from "../../figures.ts";
import { decodePoints } from "../../health/index.ts";
import type { LatestScore } from "../../table/index.ts";
import { AT_RISK_BELOW } from "./health-words.ts";

/** What the newest scores came to at an instant. */
export interface Standing {
  readonly scored: number;
  readonly average: number | null;
  /** How many of them were below 60. */
  readonly at_risk: number;
}

/** All that is known of a customer's scores, oldest first, and whether nothing is missing before. */
function scoresOf({ trail, revision, calculated_at, overall_score }: LatestScore) {
  const steps = decodePoints(trail);
  const newest = Date.parse(calculated_at);
  if ((steps.at(-1)?.[0] ?? 0) < newest) steps.push([newest, overall_score]);
  return { steps, whole: steps.length >= revision };
}

/** The score that was the newest just before an instant; null when there was none, undefined when that is not known. */
export function scoreBefore(score: LatestScore, instant: number): number | null | undefined {
  const { steps, whole } = scoresOf(score);
  return steps.findLast(([at]) => at < instant)?.[1] ?? (whole ? null : undefined);
}

/** The first instant after a day. */
export const endOf = (date: string) => Date.parse(`${date}T00:00:00Z`) + DAY_MS;

/**
 * What the newest scores of customers came to at the ends of some days. Each customer carries the last 30 days of
 * scores (`trail`); undefined when the days go farther back than is known of somebody.
 *
 * @param days oldest first
 */
export function standingsAt(
  rows: readonly CustomerRow[],
  days: readonly string[],
): readonly Standing[] | undefined {
  const ends = days.map(endOf);
  const sums = ends.map(() => ({ scored: 0, sum: 0, at_risk: 0 }));
  for (const { score } of rows) {
    if (!score) continue;
    const { steps, whole } = scoresOf(score);
    let next = 0;
    let newest: number | undefined;
    for (const [n, end] of ends.entries()) {
      for (let step = steps[next]; step && step[0] < end; step = steps[next]) {
        newest = step[1];
        next += 1;
      }
      const sum = sums[n];
      if (newest === undefined || !sum) {
        if (whole) continue;
        return undefined;
      }
      sum.scored += 1;
      sum.sum += newest;
      if (newest < AT_RISK_BELOW) sum.at_risk += 1;
    }
  }
  return sums.map(({ scored, sum, at_risk }) => ({ scored, average: meanOf(sum, scored), at_risk }));
}
