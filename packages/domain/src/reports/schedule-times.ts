import type { ReportFrequency } from "@success-manager/contract/vocabulary";
import { DAY_MS } from "../calendar.ts";
import type { StoredReportSchedule } from "../table/index.ts";

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

/** Whether an instant is that of a run. */
const isRun = (frequency: ReportFrequency, anchor: string, at: string): boolean =>
  nextRun(frequency, anchor, new Date(Date.parse(at) - 1)) === at;

/**
 * Whether a named next run is one that the schedule had before and has done. Forms send back all that they were
 * given, also when a run came between: that is no order to run again.
 */
export const isPastRun = (
  {
    frequency,
    anchor,
    last_scheduled_at: last,
  }: Pick<StoredReportSchedule, "frequency" | "anchor" | "last_scheduled_at">,
  at: string,
): boolean => last !== undefined && (at === last || (at < last && isRun(frequency, anchor, at)));

/** When runs are wanted, as a person says it; what a frequency has no use for is ignored. */
export interface Timing {
  /** `HH:MM`, UTC. */
  readonly time?: string;
  /** 0 is Sunday. */
  readonly day_of_week?: number;
  readonly day_of_month?: number;
  /** 1 is the first month of a quarter. */
  readonly quarter_month?: number;
}

/** Decision 19: 06:00 UTC, on Mondays, on the 1st, on the first day of a quarter. */
const DEFAULT_TIMING = { time: "06:00", day_of_week: 1, day_of_month: 1, quarter_month: 1 } as const;

const MINUTE_MS = 60 * 1000;
const [EPOCH_YEAR, QUARTER] = [1970, 3];

function millisecondsOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(":").map(Number);
  return (hours * 60 + minutes) * MINUTE_MS;
}

/** The wanted day of the newest month, this one at most, that has it. */
function dayOfMonth(day: number, isWanted: (month: number) => boolean, now: Date): number {
  // Counted from the epoch: none is below 0.
  let month = (now.getUTCFullYear() - EPOCH_YEAR) * 12 + now.getUTCMonth();
  while (!isWanted(month) || daysIn(EPOCH_YEAR, month) < day) month--;
  return Date.UTC(EPOCH_YEAR, month, day);
}

/** The midnight before an anchor: around now, and on no day that a shorter month has moved. */
function anchorDay(frequency: ReportFrequency, timing: Timing, now: Date): number {
  const { day_of_week, day_of_month, quarter_month } = { ...DEFAULT_TIMING, ...timing };
  const today = now.getTime() - (now.getTime() % DAY_MS);
  switch (frequency) {
    case "daily":
      return today;
    case "weekly":
      return today - ((now.getUTCDay() - day_of_week + 7) % 7) * DAY_MS;
    case "monthly":
      return dayOfMonth(day_of_month, () => true, now);
    case "quarterly":
      return dayOfMonth(day_of_month, (month) => month % QUARTER === quarter_month - 1, now);
  }
}

/** The first run strictly after now, and the anchor that it and all later ones follow from. */
export function initialRun(
  frequency: ReportFrequency,
  timing: Timing,
  now: Date,
): { readonly anchor: string; readonly next_scheduled_at: string } {
  const { time = DEFAULT_TIMING.time } = timing;
  const anchor = new Date(anchorDay(frequency, timing, now) + millisecondsOf(time)).toISOString();
  return { anchor, next_scheduled_at: nextRun(frequency, anchor, now) };
}

/** How a person says when a schedule runs; null where its frequency has no use for it. */
export function timingOf(frequency: ReportFrequency, anchor: string) {
  const at = new Date(anchor);
  const byMonths = frequency === "monthly" || frequency === "quarterly";
  return {
    time: anchor.slice(11, 16),
    day_of_week: frequency === "weekly" ? at.getUTCDay() : null,
    day_of_month: byMonths ? at.getUTCDate() : null,
    quarter_month: frequency === "quarterly" ? (at.getUTCMonth() % QUARTER) + 1 : null,
  };
}

/** Longer than any period. */
const LONG_MS = 100 * DAY_MS;

/**
 * The newest run of a schedule that has become due. Where several were missed, it is that one which is caught up on:
 * a report about last month, not about the one in which nobody came.
 */
export function latestDueRun(
  {
    frequency,
    anchor,
    next_scheduled_at,
  }: Pick<StoredReportSchedule, "frequency" | "anchor" | "next_scheduled_at">,
  now: Date,
): string {
  const until = now.toISOString();
  const after = (run: string) => nextRun(frequency, anchor, new Date(run));
  let due = next_scheduled_at;
  const newer = after(new Date(now.getTime() - LONG_MS).toISOString());
  if (newer > due && newer <= until) due = newer;
  for (let next = after(due); next > due && next <= until; next = after(due)) due = next;
  return due;
}
