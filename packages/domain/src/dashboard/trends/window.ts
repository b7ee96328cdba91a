import {
  type CsatTrendsFilter,
  type HealthTrendsFilter,
  type PeriodType,
  TREND_RANGES,
} from "@success-manager/contract/dashboard";
import { Problem } from "@success-manager/contract/problem";
import { daysAfter, periodsBetween } from "../../calendar.ts";

/** The periods that a trend shows, oldest first: `2026-01-31`, `2026-W05` or `2026-01`. */
export interface Window {
  readonly period_type: PeriodType;
  readonly periods: readonly string[];
}

/** How far back a trend goes that nobody said it of, in days. */
const DAYS_BACK: Readonly<Record<PeriodType, number>> = { daily: 30, weekly: 12 * 7, monthly: 365 };

/** A year of days, three decades of months: more than a chart shows, and few enough for one request. */
const MOST = 400;

const UNITS: Readonly<Record<PeriodType, string>> = { daily: "days", weekly: "weeks", monthly: "months" };

function tooLong(type: PeriodType): Problem {
  const msg = `must lie at most ${MOST - 1} ${UNITS[type]} before end_date`;
  return new Problem(422, `start_date: ${msg}`, {
    errors: [{ loc: ["query", "start_date"], msg, type: "rule" }],
  });
}

/** From one date to another, widened to whole periods. @throws 422 when these are too many */
function between(period_type: PeriodType, start: string, end: string): Window {
  const periods = periodsBetween(period_type, start, end, MOST + 1);
  if (periods.length > MOST) throw tooLong(period_type);
  return { period_type, periods };
}

/** What a trend of scores shows on a day; a period type that is asked for wins over that of the range. @throws 422 */
export function healthWindow(query: HealthTrendsFilter, today: string): Window {
  const range = query.range && TREND_RANGES[query.range];
  const period_type = query.period_type ?? range?.period_type ?? "monthly";
  const end = query.end_date ?? today;
  const back = range ? range.days - 1 : DAYS_BACK[period_type];
  const start = query.start_date ?? daysAfter(end, -back);
  return between(period_type, start, end);
}

/** What a trend of satisfaction shows on a day, month by month. @throws 422 */
export function csatWindow({ start_date, end_date }: CsatTrendsFilter, today: string): Window {
  const end = end_date ?? today;
  return between("monthly", start_date ?? daysAfter(end, -DAYS_BACK.monthly), end);
}
