import type { PeriodType } from "@success-manager/contract/dashboard";
import {
  calendarMonth,
  dateOf,
  daysAfter,
  daysBetween,
  monthBefore,
  periodsBetween,
} from "../../calendar.ts";
import type { Period } from "../period.ts";
import { formatDay, formatMonth } from "./format.ts";

/** How charts divide time into points. */

/** Days of a period that a chart shows as one point. */
export interface TimeBucket {
  /** `22 Nov`, the first of its days, or `Nov 2026`. */
  readonly name: string;
  /** The days of it that lie in the period. */
  readonly days: readonly string[];
}

/** How much time a point stands for, the finest first. */
export const GRANULARITIES: readonly PeriodType[] = ["daily", "weekly", "monthly"];

/** Up to how many days a chart has a point for each day, and for each week. */
const MAX_DAILY = 31;
const MAX_WEEKLY = 26 * 7;

/** The finest granularity of a chart over so many days, and those that are coarser. */
export function granularitiesFor(days: number): readonly PeriodType[] {
  if (days <= MAX_DAILY) return GRANULARITIES;
  return GRANULARITIES.slice(days <= MAX_WEEKLY ? 1 : 2);
}

export const granularityFor = (days: number): PeriodType => granularitiesFor(days)[0] ?? "monthly";

/** The days of a period up to today; none when it has not begun. */
export function daysUpToNow({ date_from, date_to }: Period, now: Date): string[] {
  const today = dateOf(now);
  const last = date_to < today ? date_to : today;
  const count = Math.max(0, daysBetween(date_from, last) + 1);
  return Array.from({ length: count }, (_, n) => daysAfter(date_from, n));
}

/** Consecutive days by day, week or month; the first and the last bucket may be short. */
export function timeBuckets(days: readonly string[], granularity: PeriodType): TimeBucket[] {
  const buckets = Map.groupBy(days, (day) => periodsBetween(granularity, day, day)[0] ?? day);
  return Array.from(buckets.values(), (within) => {
    const first = within[0] ?? "";
    return { name: granularity === "monthly" ? formatMonth(first) : formatDay(first), days: within };
  });
}

/** The calendar months of a period up to now, and as many before that there are `least` of them: `2026-01`. */
export function monthsUpToNow({ date_from, date_to }: Period, now: Date, least: number): string[] {
  const today = dateOf(now);
  const last = date_to < today ? date_to : today;
  const months = periodsBetween("monthly", date_from, last);
  if (months.length === 0) months.push(calendarMonth(last));
  for (let first = months[0]; first !== undefined && months.length < least; first = months[0])
    months.unshift(monthBefore(first));
  return months;
}
