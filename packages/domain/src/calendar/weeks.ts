import { daysAfter, daysBetween, daysSinceMonday } from "./days.ts";

/** The Monday of a date's week. */
export const mondayOf = (date: string) => daysAfter(date, -daysSinceMonday(date));

/**
 * The week of a date, `2026-W05` (ISO 8601): Monday to Sunday, and of the year that its Thursday lies in. So the
 * first days of January may belong to the last week of the year before, and the last of December to the first of the
 * next; some years have 53.
 */
export function isoWeek(date: string): string {
  const thursday = daysAfter(mondayOf(date), 3);
  const year = thursday.slice(0, 4);
  const number = Math.floor(daysBetween(`${year}-01-01`, thursday) / 7) + 1;
  return `${year}-W${String(number).padStart(2, "0")}`;
}
