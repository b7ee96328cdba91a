import type { SurveySummary } from "@success-manager/contract/csat";
import { notFound } from "@success-manager/contract/problem";
import { SurveyType } from "@success-manager/contract/vocabulary";
import { ALL_DAYS, countersBetween, countersRequest, monthOf, type Series } from "../counters/index.ts";
import { CustomerEntity, type FoundOf, getRequest } from "../table/index.ts";
import { recentResponses } from "./list.ts";
import {
  averageScore,
  countResponses,
  monthlyTrend,
  monthsSince,
  netPromoterScore,
  parseScoreCounts,
  satisfactionFigures,
  sumMonth,
} from "./nps.ts";
import { lowScoreSeverity } from "./write.ts";

/** How far back the trend goes. */
const TREND_DAYS = 180;

/** How many of the newest responses are shown. */
const RECENT = 5;

/** Survey counters in a customer's own series. */
const PREFIX = "survey|";
const LINKS = "survey_link|";

/** What is known of a customer's satisfaction by key: the customer, the counters of all time. */
export const summaryReads = (customer_id: string) =>
  [getRequest(CustomerEntity, customer_id), countersRequest(`customer#${customer_id}`, ALL_DAYS)] as const;

/** How satisfied a customer is: from counters, and the newest responses. @param found by `summaryReads` @throws 404 */
export async function summary(
  customer_id: string,
  [customer, all]: FoundOf<ReturnType<typeof summaryReads>>,
  now = new Date(),
): Promise<SurveySummary> {
  if (!customer) throw notFound("Customer");
  const series: Series = `customer#${customer_id}`;
  const months = monthsSince(TREND_DAYS, now);
  const [first = "", last = ""] = [months[0], months.at(-1)];
  const responses = parseScoreCounts(all, PREFIX);
  const [byMonth, recent] = await Promise.all([
    countersBetween(series, monthOf(first), monthOf(last)),
    recentResponses(customer_id, RECENT, all),
  ]);
  const total = Math.max(countResponses(responses), recent.length);
  const average = averageScore(responses);
  const byType: SurveySummary["response_count_by_type"] = {};
  for (const type of SurveyType.options) {
    const count = countResponses(responses.filter(({ survey_type }) => survey_type === type));
    if (count > 0) byType[type] = count;
  }
  return {
    customer_id,
    customer_name: customer.company_name,
    total_responses: total,
    total_surveys: total,
    average_csat: average,
    avg_csat: average,
    nps_score: netPromoterScore(responses),
    ...satisfactionFigures(responses, all, LINKS),
    low_scores: countResponses(
      responses.filter(({ survey_type, score }) => lowScoreSeverity(survey_type, score)),
    ),
    response_count_by_type: byType,
    score_trend: monthlyTrend(
      months.map((month) => {
        const counters = byMonth.get(monthOf(month));
        return [month, sumMonth(parseScoreCounts(counters, PREFIX), counters, LINKS)];
      }),
    ),
    recent_feedback: recent.map((survey) => ({
      id: survey.id,
      survey_type: survey.survey_type,
      score: survey.score,
      feedback: survey.feedback_text ?? null,
      submitted_at: survey.submitted_at,
      submitted_by: survey.submitted_by_name,
    })),
  };
}
