import type { PeriodType } from "@success-manager/contract/dashboard";
import { dateOf, daysAfter, daysBetween, periodsBetween } from "../../calendar.ts";
import type { Period } from "../period.ts";
import { monthText, shortDayText } from "./wording.ts";

/** Days of a period that a chart shows as one point. */
export interface Bucket {
  /** `22 Nov`, the first of its days, or `Nov 2026`. */
  readonly name: string;
  /** The days of it that lie in the period. */
  readonly days: readonly string[];
}

/** Up to how many days a chart has a point for each, and for each week. */
const BY_DAY = 31;
const BY_WEEK = 26 * 7;

/** How fine a chart over so many days is. */
export function cutFor(days: number): PeriodType {
  if (days <= BY_DAY) return "daily";
  return days <= BY_WEEK ? "weekly" : "monthly";
}

export const CUT_WORDS: Readonly<Record<PeriodType, string>> = {
  daily: "day",
  weekly: "week",
  monthly: "month",
};

/** The days of a period up to today; none when it lies ahead. */
export function daysUpToNow({ date_from, date_to }: Period, now: Date): string[] {
  const today = dateOf(now);
  const last = date_to < today ? date_to : today;
  const count = Math.max(0, daysBetween(date_from, last) + 1);
  return Array.from({ length: count }, (_, n) => daysAfter(date_from, n));
}

/** Days that follow each other, put together by day, week or month. */
export function bucketsOf(days: readonly string[], cut: PeriodType): Bucket[] {
  const buckets = new Map<string, string[]>();
  for (const day of days) {
    const [period = day] = periodsBetween(cut, day, day);
    const bucket = buckets.get(period);
    if (bucket) bucket.push(day);
    else buckets.set(period, [day]);
  }
  return Array.from(buckets.values(), (within) => {
    const first = within[0] ?? "";
    return { name: cut === "monthly" ? monthText(first) : shortDayText(first), days: within };
  });
}
