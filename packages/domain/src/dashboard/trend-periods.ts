import {
  type CsatTrendsFilter,
  type HealthTrendsFilter,
  type PeriodType,
  TREND_RANGES,
} from "@success-manager/contract/dashboard";
import { Problem } from "@success-manager/contract/problem";
import { daysAfter, periodsBetween } from "../calendar.ts";

/** The periods that a trend shows, oldest first: `2026-01-31`, `2026-W05` or `2026-01`. */
export interface TrendPeriods {
  readonly period_type: PeriodType;
  readonly periods: readonly string[];
}

/** How far back a trend goes unless the request says so, in days. */
const DAYS_BACK: Readonly<Record<PeriodType, number>> = { daily: 30, weekly: 12 * 7, monthly: 365 };

/** A year of days, three decades of months: more than a chart shows, and few enough for one request. */
const MAX_PERIODS = 400;

const UNITS: Readonly<Record<PeriodType, string>> = { daily: "days", weekly: "weeks", monthly: "months" };

function tooManyPeriods(type: PeriodType): Problem {
  const msg = `must lie at most ${MAX_PERIODS - 1} ${UNITS[type]} before end_date`;
  return new Problem(422, `start_date: ${msg}`, {
    errors: [{ loc: ["query", "start_date"], msg, type: "rule" }],
  });
}

/** From one date to another, widened to whole periods. @throws 422 for too many periods */
function trendPeriods(period_type: PeriodType, start: string, end: string): TrendPeriods {
  const periods = periodsBetween(period_type, start, end, MAX_PERIODS + 1);
  if (periods.length > MAX_PERIODS) throw tooManyPeriods(period_type);
  return { period_type, periods };
}

/**
 * The periods of a trend of scores; `period_type` takes precedence over that of the range.
 * @throws 422 for more than 400 periods
 */
export function healthTrendPeriods(query: HealthTrendsFilter, today: string): TrendPeriods {
  const range = query.range && TREND_RANGES[query.range];
  const period_type = query.period_type ?? range?.period_type ?? "monthly";
  const end = query.end_date ?? today;
  const back = range ? range.days - 1 : DAYS_BACK[period_type];
  const start = query.start_date ?? daysAfter(end, -back);
  return trendPeriods(period_type, start, end);
}

/** The months of a trend of satisfaction. @throws 422 for more than 400 months */
export function csatTrendPeriods({ start_date, end_date }: CsatTrendsFilter, today: string): TrendPeriods {
  const end = end_date ?? today;
  return trendPeriods("monthly", start_date ?? daysAfter(end, -DAYS_BACK.monthly), end);
}
