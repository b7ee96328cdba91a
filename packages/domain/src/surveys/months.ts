import { dateOf, daysAfter, periodsBetween } from "../calendar.ts";
import type { Counters } from "../counters/index.ts";
import { answersIn } from "./counted.ts";
import { averageScore, countOf, netPromoterScore } from "./satisfaction.ts";

/** Calendar months from the one that was so many days ago to the present one, oldest first. */
export function monthsSince(days: number, now: Date): string[] {
  const today = dateOf(now);
  return periodsBetween("monthly", daysAfter(today, -days), today);
}

/**
 * Satisfaction month by month, without those that have no answers. NPS has a figure of its own: the scales are
 * never mixed (decision 14).
 */
export const trendOf = (byMonth: ReadonlyMap<string, Counters | undefined>, prefix = "") =>
  [...byMonth].flatMap(([month, counters]) => {
    const answers = answersIn(counters, prefix);
    const response_count = countOf(answers);
    if (response_count === 0) return [];
    return [
      { month, average_score: averageScore(answers), nps_score: netPromoterScore(answers), response_count },
    ];
  });

/** What a figure changed by; 0 unless both are known. */
export const change = (now: number | null, before: number | null) =>
  now === null || before === null ? 0 : Math.round((now - before) * 100) / 100;
