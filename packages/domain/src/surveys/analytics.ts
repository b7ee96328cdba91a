import type { SurveyAnalytics } from "@success-manager/contract/csat";
import { Product, SurveyType } from "@success-manager/contract/vocabulary";
import { calendarMonth, dateOf, monthBefore } from "../calendar.ts";
import { ALL_DAYS, ALL_MONTHS, type Counters, countersRequest, monthOf } from "../counters/index.ts";
import { type Directory, getDirectory } from "../directory/index.ts";
import { sharesOf } from "../figures.ts";
import { batchGet, partitions, query, type StoredFeedback } from "../table/index.ts";
import {
  averageScore,
  countLinks,
  countResponses,
  difference,
  frequentThemes,
  meanScore,
  monthlyTrend,
  monthsSince,
  netPromoterScore,
  npsGroups,
  parseScoreCounts,
  responseRate,
} from "./nps.ts";

/** How far back the monthly trend goes. */
const TREND_DAYS = 365;

/** All counters in one request: each month of the trend, all time, themes and links. */
async function loadCounters(months: readonly string[]) {
  const [links, themes, all, ...counters] = await batchGet(
    countersRequest("survey_link", ALL_DAYS),
    countersRequest("theme", ALL_MONTHS),
    countersRequest("survey", ALL_MONTHS),
    ...months.map((month) => countersRequest("survey", monthOf(month))),
  );
  return { links, themes, all, byMonth: new Map(months.map((month, n) => [month, counters[n]])) };
}

type SurveyCounters = Awaited<ReturnType<typeof loadCounters>>;

/** Satisfaction with each product that has responses. */
function byProduct({ all, byMonth }: SurveyCounters, thisMonth: string) {
  return Product.options.flatMap((product) => {
    const of = (counters: Counters | undefined) => parseScoreCounts(counters, `product|${product}|`);
    const meanIn = (month: string) => averageScore(of(byMonth.get(month)));
    const responses = of(all);
    const response_count = countResponses(responses);
    if (response_count === 0) return [];
    const countOfScore = (score: number) =>
      countResponses(
        responses.filter(({ survey_type, score: given }) => survey_type !== "nps" && given === score),
      );
    return [
      {
        product,
        avg_score: averageScore(responses),
        nps_score: netPromoterScore(responses),
        response_count,
        trend: difference(meanIn(thisMonth), meanIn(monthBefore(thisMonth))),
        distribution: {
          "1": countOfScore(1),
          "2": countOfScore(2),
          "3": countOfScore(3),
          "4": countOfScore(4),
          "5": countOfScore(5),
        },
      },
    ];
  });
}

function bySurveyType(counters: Counters | undefined): SurveyAnalytics["by_survey_type"] {
  const figures: SurveyAnalytics["by_survey_type"] = {};
  for (const type of SurveyType.options) {
    const responses = parseScoreCounts(counters).filter(({ survey_type }) => survey_type === type);
    const average = meanScore(responses);
    if (average !== null) figures[type] = { count: countResponses(responses), average };
  }
  return figures;
}

function figuresOf({ links, all, byMonth }: SurveyCounters, thisMonth: string) {
  const responses = parseScoreCounts(all);
  const current = parseScoreCounts(byMonth.get(thisMonth));
  const previous = parseScoreCounts(byMonth.get(monthBefore(thisMonth)));
  const { promoters, passives, detractors } = npsGroups(responses);
  const [promoters_pct = 0, passives_pct = 0, detractors_pct = 0] = sharesOf([
    promoters,
    passives,
    detractors,
  ]);
  return {
    total_responses: countResponses(responses),
    avg_csat: averageScore(responses),
    csat_trend: difference(averageScore(current), averageScore(previous)),
    nps_score: netPromoterScore(responses),
    nps_trend: difference(netPromoterScore(current), netPromoterScore(previous)),
    promoters_pct,
    passives_pct,
    detractors_pct,
    promoters_count: promoters,
    passives_count: passives,
    detractors_count: detractors,
    last_month_responses: countResponses(previous),
    response_rate: responseRate(countLinks(links)) ?? 0,
  };
}

/** How much feedback is shown of each product. */
const RECENT_FEEDBACK = 5;

async function recentFeedbackOn(product: Product): Promise<readonly StoredFeedback[]> {
  const pages = query<StoredFeedback>(
    { partition: partitions.feedback(product), order: "desc" },
    { pageSize: RECENT_FEEDBACK },
  );
  const first = await pages.next();
  return first.value?.items ?? [];
}

/** The newest feedback on each product: one small query each. */
async function recentFeedback(): Promise<ReadonlyMap<Product, readonly StoredFeedback[]>> {
  const { options } = Product;
  const found = await Promise.all(options.map(recentFeedbackOn));
  return new Map(options.map((product, n) => [product, found[n] ?? []]));
}

type RecentFeedback = SurveyAnalytics["by_product"][number]["recent_feedback"][number];

/** Feedback with the present name of its customer. */
const toRecentFeedback = (feedback: StoredFeedback, { customers }: Directory): RecentFeedback => ({
  customer_name: customers.get(feedback.customer_id)?.customer.company_name ?? null,
  survey_type: feedback.survey_type,
  score: feedback.score,
  comment: feedback.comment,
  submitted_at: feedback.submitted_at,
});

/** Satisfaction over all customers: from counters, and the newest feedback of each product. */
export async function analytics(now = new Date()): Promise<SurveyAnalytics> {
  const thisMonth = calendarMonth(dateOf(now));
  const [counters, feedback, directory] = await Promise.all([
    loadCounters(monthsSince(TREND_DAYS, now)),
    recentFeedback(),
    getDirectory(),
  ]);
  return {
    ...figuresOf(counters, thisMonth),
    by_product: byProduct(counters, thisMonth).map((figures) => ({
      ...figures,
      recent_feedback: (feedback.get(figures.product) ?? []).map((item) => toRecentFeedback(item, directory)),
    })),
    by_survey_type: bySurveyType(counters.all),
    monthly_trend: monthlyTrend(counters.byMonth),
    top_themes: {
      positive: frequentThemes(counters.themes, "+"),
      negative: frequentThemes(counters.themes, "-"),
    },
  };
}
