/** Days, ISO weeks, months and the periods that they make up, as the contract writes them, in UTC (decision 2). */
import type { PeriodType } from "@success-manager/contract/dashboard";

export const DAY_MS = 24 * 60 * 60 * 1000;

const midnight = (date: string) => Date.parse(`${date}T00:00:00Z`);

/** The UTC date of an instant. */
export const dateOf = (instant: Date) => instant.toISOString().slice(0, 10);

/** The date so many days after another. */
export const daysAfter = (date: string, days: number) => dateOf(new Date(midnight(date) + days * DAY_MS));

/** Whole days from one date to another; negative when it has passed. */
export const daysBetween = (from: string, to: string) => Math.round((midnight(to) - midnight(from)) / DAY_MS);

/** Days since the last Monday: 0 on a Monday, 6 on a Sunday. */
export const daysSinceMonday = (date: string) => (new Date(midnight(date)).getUTCDay() + 6) % 7;

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

/** The month of a date: `2026-01`. */
export const calendarMonth = (date: string) => date.slice(0, 7);

const monthsAfter = (month: string, count: number) => {
  const [year = 0, number = 1] = month.split("-").map(Number);
  return calendarMonth(dateOf(new Date(Date.UTC(year, number - 1 + count, 1))));
};

/** The calendar months around another. */
export const monthBefore = (month: string) => monthsAfter(month, -1);
export const monthAfter = (month: string) => monthsAfter(month, 1);

/** A way to cut time into periods that follow each other without a gap. */
interface Cut {
  /** What the period of a date is called. */
  readonly name: (date: string) => string;
  /** The first day of the period that a date lies in. */
  readonly first: (date: string) => string;
  /** The first day of the period behind the one that begins on a date. */
  readonly next: (first: string) => string;
}

const CUTS: Readonly<Record<PeriodType, Cut>> = {
  daily: { name: (date) => date, first: (date) => date, next: (first) => daysAfter(first, 1) },
  weekly: { name: isoWeek, first: mondayOf, next: (first) => daysAfter(first, 7) },
  monthly: {
    name: calendarMonth,
    first: (date) => `${calendarMonth(date)}-01`,
    next: (first) => `${monthAfter(calendarMonth(first))}-01`,
  },
};

/**
 * The periods that the days from one date to another, both included, lie in: `2026-01-31`, `2026-W05` or `2026-01`,
 * oldest first. None for an inverted range.
 *
 * @param most how many are named at most, the oldest ones
 */
export function periodsBetween(
  type: PeriodType,
  from: string,
  to: string,
  most = Number.POSITIVE_INFINITY,
): string[] {
  const { name, first, next } = CUTS[type];
  const periods: string[] = [];
  if (from > to) return periods;
  for (let day = first(from); day <= to && periods.length < most; day = next(day)) periods.push(name(day));
  return periods;
}

let printed: Intl.DateTimeFormat | undefined;

/**
 * A date as people read it, in reports, alerts and mails alike: `22 Nov 2026`, which nobody takes for another day.
 *
 * @param date `YYYY-MM-DD`, or an ISO instant, of which the UTC date is printed
 */
export function formatDate(date: string): string {
  // Created with the first use: the data of the locale take 15 ms to load.
  printed ??= new Intl.DateTimeFormat("en-GB", {
    ...{ day: "numeric", month: "short", year: "numeric" },
    timeZone: "UTC",
  });
  return printed.format(new Date(date));
}
