import type { ReportFrequency } from "@success-manager/contract/vocabulary";
import { DAY_MS } from "../../calendar.ts";

/**
 * When reports come. A schedule has an anchor, the instant of one run; all runs are the anchor and whole periods after
 * it, at the anchor's time of day in UTC. Months are counted from the anchor, never from the run before, so that a
 * report of the 31st comes on the last day of a shorter month and on the 31st again after that.
 */

/** Days of a period that is made of days, and months of one that is made of months. */
const DAYS = { daily: 1, weekly: 7 } as const;
const MONTHS = { monthly: 1, quarterly: 3 } as const;

/** How many days a month has; months count on past December. */
export const daysIn = (year: number, month: number) => new Date(Date.UTC(year, month + 1, 0)).getUTCDate();

/** The time that is so many months after another, on the same day of the month or the last one there is. */
function monthsAfter(anchor: Date, months: number): number {
  const [year, month] = [anchor.getUTCFullYear(), anchor.getUTCMonth() + months];
  return new Date(anchor).setUTCFullYear(year, month, Math.min(anchor.getUTCDate(), daysIn(year, month)));
}

function nextByMonths(anchor: Date, length: number, after: Date): number {
  const apart =
    (after.getUTCFullYear() - anchor.getUTCFullYear()) * 12 + after.getUTCMonth() - anchor.getUTCMonth();
  // The run of the period that it lies in has passed or not; the one of the next period has not.
  const months = Math.floor(apart / length) * length;
  const run = monthsAfter(anchor, months);
  return run > after.getTime() ? run : monthsAfter(anchor, months + length);
}

function nextByDays(anchor: Date, days: number, after: Date): number {
  const period = days * DAY_MS;
  const passed = Math.floor((after.getTime() - anchor.getTime()) / period);
  return anchor.getTime() + (passed + 1) * period;
}

/**
 * The first run strictly after an instant, never one before the anchor. Runs that were missed are not caught up.
 *
 * @param anchor ISO 8601 in UTC, as the answer is
 */
export function nextRun(frequency: ReportFrequency, anchor: string, after: Date): string {
  const first = new Date(anchor);
  if (first > after) return first.toISOString();
  const next =
    frequency === "daily" || frequency === "weekly"
      ? nextByDays(first, DAYS[frequency], after)
      : nextByMonths(first, MONTHS[frequency], after);
  return new Date(next).toISOString();
}
