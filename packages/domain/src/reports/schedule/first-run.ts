import type { ReportFrequency } from "@success-manager/contract/vocabulary";
import { DAY_MS } from "../../calendar.ts";
import { daysIn, nextRun } from "./next-run.ts";

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
const USUAL = { time: "06:00", day_of_week: 1, day_of_month: 1, quarter_month: 1 } as const;

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
  const { day_of_week, day_of_month, quarter_month } = { ...USUAL, ...timing };
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
export function firstRun(
  frequency: ReportFrequency,
  timing: Timing,
  now: Date,
): { readonly anchor: string; readonly next_scheduled_at: string } {
  const { time = USUAL.time } = timing;
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
