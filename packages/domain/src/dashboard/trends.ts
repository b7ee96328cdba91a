import {
  type CsatTrends,
  type CsatTrendsFilter,
  type HealthTrends,
  type HealthTrendsFilter,
  type PeriodType,
  TREND_RANGES,
} from "@success-manager/contract/dashboard";
import { Problem } from "@success-manager/contract/problem";
import { Product, SurveyType } from "@success-manager/contract/vocabulary";
import { dateOf, daysAfter, periodsBetween } from "../calendar.ts";
import { type Counters, countersBetween, periodKey, type Series } from "../counters/index.ts";
import { meanOf } from "../figures.ts";
import {
  type LinkCounts,
  meanFigure,
  meanOfSum,
  npsFigure,
  npsOf,
  parseMonth,
  type ScoreSum,
} from "../surveys/index.ts";

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

/** Health and satisfaction by day, week or month: from counters, one query each. */

/** What is counted in a period; undefined where nothing is. */
export interface PeriodCounters {
  readonly period: string;
  readonly counters: Counters | undefined;
}

/** The counters of a series for each of these periods, also for those in which nothing was counted; one query. */
export async function countersByPeriod(
  series: Series,
  { period_type, periods }: TrendPeriods,
): Promise<PeriodCounters[]> {
  const [first, last] = [periods[0], periods.at(-1)];
  if (first === undefined || last === undefined) return [];
  const found = await countersBetween(series, periodKey(period_type, first), periodKey(period_type, last));
  return periods.map((period) => ({ period, counters: found.get(periodKey(period_type, period)) }));
}

/** A line begins with its first value: empty periods before it say nothing, and squeeze the rest of a chart. */
function fromFirstValue<T>(points: readonly T[], hasValue: (point: T) => boolean): T[] {
  const first = points.findIndex(hasValue);
  return first < 0 ? [] : points.slice(first);
}

/** @param prefix of the counters `count`, `overall` and `customers`: none, or `product|<product>|` */
const healthPoint =
  (prefix: string) =>
  ({ period, counters = {} }: PeriodCounters): HealthTrends["overall"][number] => {
    const count = counters[`${prefix}count`] ?? 0;
    if (count <= 0) return { period, avg_score: null, customer_count: 0 };
    return {
      period,
      avg_score: meanOf(counters[`${prefix}overall`] ?? 0, count),
      // Who got a product within a period is not counted among its customers yet, but somebody was scored.
      customer_count: Math.max(1, counters[`${prefix}customers`] ?? 0),
    };
  };

const healthLine = (periods: readonly PeriodCounters[], prefix: string) =>
  fromFirstValue(periods.map(healthPoint(prefix)), ({ avg_score }) => avg_score !== null);

/** Mean scores by period, from the counters of the series `score`. */
export function healthTrendsOf(periods: readonly PeriodCounters[]): Omit<HealthTrends, "period_type"> {
  const by_product = Product.options.map((product) => ({
    product,
    trends: healthLine(periods, `product|${product}|`),
  }));
  return {
    overall: healthLine(periods, ""),
    by_product: by_product.filter(({ trends }) => trends.length > 0),
  };
}

/** Mean health scores by day, week or month. @throws 422 for more than 400 periods */
export async function healthTrends(query: HealthTrendsFilter, now = new Date()): Promise<HealthTrends> {
  const periods = healthTrendPeriods(query, dateOf(now));
  return {
    period_type: periods.period_type,
    ...healthTrendsOf(await countersByPeriod("score", periods)),
  };
}

/** Responses of a month, and the links that were made in it. */
interface MonthFigures {
  readonly sum: ScoreSum;
  readonly links: LinkCounts;
}

const csatPoint = (
  period: string,
  { sum, links }: MonthFigures,
  survey_type?: SurveyType,
): CsatTrends["overall"][number] => ({
  period,
  avg_score: meanOfSum(sum),
  response_count: sum.count,
  mean: meanFigure(sum, links, survey_type),
});

const hasResponses = ({ response_count }: { readonly response_count: number }) => response_count > 0;

/** Satisfaction by month, from the counters of the series `survey`; the two scales are kept apart (decision 14). */
export function csatTrendsOf(counted: readonly PeriodCounters[]): CsatTrends {
  const months = counted.map(({ period, counters }) => ({ period, ...parseMonth(counters) }));
  const line = (of: (month: (typeof months)[number]) => MonthFigures, survey_type?: SurveyType) =>
    fromFirstValue(
      months.map((month) => csatPoint(month.period, of(month), survey_type)),
      hasResponses,
    );
  const nps = months.map(({ period, nps, links, ofType }) => ({
    period,
    nps_score: npsOf(nps),
    response_count: ofType("nps").sum.count,
    nps: npsFigure(nps, links.nps),
  }));
  const by_product = Product.options.map((product) => ({
    product,
    trends: line(({ ofProduct }) => ofProduct(product)),
  }));
  const by_survey_type = SurveyType.options.map((survey_type) => ({
    survey_type,
    trends: line(({ ofType }) => ofType(survey_type), survey_type),
  }));
  return {
    overall: line(({ csat, links }) => ({ sum: csat, links: links.csat })),
    nps: fromFirstValue(nps, hasResponses),
    by_product: by_product.filter(({ trends }) => trends.length > 0),
    by_survey_type: by_survey_type.filter(({ trends }) => trends.length > 0),
  };
}

/** Satisfaction month by month. @throws 422 for more than 400 months */
export async function csatTrends(query: CsatTrendsFilter, now = new Date()): Promise<CsatTrends> {
  return csatTrendsOf(await countersByPeriod("survey", csatTrendPeriods(query, dateOf(now))));
}
