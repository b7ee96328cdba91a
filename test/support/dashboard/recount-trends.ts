import { Product, SurveyType } from "@success-manager/contract/vocabulary";
import { meanFigure, meanOf, npsFigure, npsOf } from "./counting.ts";
import { dayFrom, daysOf } from "./days.ts";
import type { CustomerFact } from "./facts.ts";
import { productsOf } from "./score-facts.ts";

export type PeriodType = "daily" | "weekly" | "monthly";

/** ISO 8601: a week belongs to the year that its Thursday lies in. */
function weekOf(day: string): string {
  const weekday = (new Date(day).getUTCDay() + 6) % 7;
  const thursday = dayFrom(day, 3 - weekday);
  const year = thursday.slice(0, 4);
  const week = Math.ceil(daysOf(`${year}-01-01`, thursday).length / 7);
  return `${year}-W${String(week).padStart(2, "0")}`;
}

const PERIODS = {
  daily: (day: string) => day,
  weekly: weekOf,
  monthly: (day: string) => day.slice(0, 7),
} as const;

/** Every period that has a day of the window, oldest first. */
export const periodsOf = (type: PeriodType, first: string, last: string) => [
  ...new Set(daysOf(first, last).map(PERIODS[type])),
];

/** Empty periods before the first that has something are left out. */
const fromFirst = <Point>(points: readonly Point[], isFilled: (point: Point) => boolean) =>
  points.filter((_, n) => points.slice(0, n + 1).some(isFilled));
const isScored = ({ customer_count }: { readonly customer_count: number }) => customer_count > 0;
const isAnswered = ({ response_count }: { readonly response_count: number }) => response_count > 0;

/** Both windows include their first and last day, and are widened to whole periods. */
export function healthTrends(
  customers: readonly CustomerFact[],
  period_type: PeriodType,
  first: string,
  last: string,
) {
  const periods = periodsOf(period_type, first, last);
  const scores = customers.flatMap(({ id, scores }) =>
    scores.map(({ at, overall, running }) => ({
      id,
      overall,
      period: PERIODS[period_type](at.slice(0, 10)),
      products: productsOf(running),
    })),
  );
  const points = (of: typeof scores) => {
    const all = periods.map((period) => {
      const there = of.filter((score) => score.period === period);
      return {
        period,
        avg_score: meanOf(
          there.map(({ overall }) => overall),
          1,
        ),
        customer_count: new Set(there.map(({ id }) => id)).size,
      };
    });
    return fromFirst(all, isScored);
  };
  const by_product = Product.options
    .map((product) => ({
      product,
      trends: points(scores.filter(({ products }) => products.includes(product))),
    }))
    .filter(({ trends }) => trends.some(({ customer_count }) => customer_count > 0));
  return { period_type, overall: points(scores), by_product };
}

export function csatTrends(customers: readonly CustomerFact[], first: string, last: string) {
  const months = periodsOf("monthly", first, last);
  const responses = customers.flatMap((customer) => customer.responses);
  const nps = responses.filter(({ survey_type }) => survey_type === "nps");
  const rated = responses.filter(({ survey_type }) => survey_type !== "nps");
  const scoresOf = (of: typeof responses, month: string) =>
    of.filter(({ at }) => at.startsWith(month)).map(({ score }) => score);
  const points = (of: typeof responses) => {
    const all = months.map((period) => {
      const scores = scoresOf(of, period);
      return {
        period,
        avg_score: meanOf(scores, 2),
        response_count: scores.length,
        mean: meanFigure(scores),
      };
    });
    return fromFirst(all, isAnswered);
  };
  const some = ({ trends }: { trends: ReturnType<typeof points> }) =>
    trends.some(({ response_count }) => response_count > 0);
  return {
    overall: points(rated),
    nps: fromFirst(
      months.map((period) => {
        const scores = scoresOf(nps, period);
        return { period, nps_score: npsOf(scores), response_count: scores.length, nps: npsFigure(scores) };
      }),
      isAnswered,
    ),
    by_product: Product.options
      .map((product) => ({
        product,
        trends: points(rated.filter(({ about }) => about?.product === product)),
      }))
      .filter(some),
    by_survey_type: SurveyType.options
      .map((survey_type) => ({
        survey_type,
        trends: points(responses.filter((response) => response.survey_type === survey_type)),
      }))
      .filter(some),
  };
}

/** The activity of these days, newest first. */
export const activities = (customers: readonly CustomerFact[], first: string, last: string) =>
  customers
    .flatMap((customer) => {
      const { id: customer_id, company_name: customer_name } = customer;
      const activity = (activity_type: string, timestamp: string) => ({
        activity_type,
        customer_id,
        customer_name,
        timestamp,
      });
      return [
        activity("new_customer", customer.created_at),
        ...customer.deployments.map(({ deployment_date }) =>
          activity("new_deployment", `${deployment_date}T00:00:00.000Z`),
        ),
        ...customer.interactions.map(({ at }) => activity("interaction", at)),
        ...customer.responses.map(({ at }) => activity("csat", at)),
        ...customer.alerts.map(({ created_at }) => activity("alert", created_at)),
      ];
    })
    .filter(({ timestamp }) => timestamp.slice(0, 10) >= first && timestamp.slice(0, 10) <= last)
    .sort((a, b) => (a.timestamp < b.timestamp ? 1 : -1));
