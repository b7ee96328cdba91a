import { DAY_MS } from "../calendar/index.ts";
import type { Counters } from "../rollup/index.ts";
import { answersIn } from "./counted.ts";
import { averageScore, countOf, netPromoterScore } from "./satisfaction.ts";

/** `YYYY-MM`, in UTC. */
export const monthOfInstant = (instant: Date) => instant.toISOString().slice(0, 7);

/** The calendar month before. */
export function monthBefore(month: string): string {
  const [year = 0, number = 1] = month.split("-").map(Number);
  return monthOfInstant(new Date(Date.UTC(year, number - 2, 1)));
}

/** Calendar months from the one that was so many days ago to the present one, oldest first. */
export function monthsSince(days: number, now: Date): string[] {
  const first = monthOfInstant(new Date(now.getTime() - days * DAY_MS));
  const months = [monthOfInstant(now)];
  while (months[0] !== undefined && months[0] > first) months.unshift(monthBefore(months[0]));
  return months;
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
