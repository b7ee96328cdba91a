import type { PeriodType } from "@success-manager/contract/dashboard";
import { daysAfter } from "./days.ts";
import { calendarMonth, monthAfter } from "./months.ts";
import { isoWeek, mondayOf } from "./weeks.ts";

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
