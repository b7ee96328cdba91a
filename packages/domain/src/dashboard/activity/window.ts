import type { ActivityFilter } from "@success-manager/contract/dashboard";
import { daysAfter } from "../../calendar.ts";

/** The first and the last day, both included; no days when they are the wrong way round. */
export interface Days {
  readonly start: string;
  readonly end: string;
}

const DAYS_BACK = 30;

/** The days that are asked for: up to today, and from 30 days before the last one on. */
export function daysOf(
  { start_date, end_date }: Pick<ActivityFilter, "start_date" | "end_date">,
  today: string,
): Days {
  const end = end_date ?? today;
  return { start: start_date ?? daysAfter(end, -DAYS_BACK), end };
}
