import type { SurveyAnalytics } from "@success-manager/contract/csat";
import { Product, SurveyType } from "@success-manager/contract/vocabulary";
import { calendarMonth, dateOf, monthBefore } from "../calendar.ts";
import { ALL_MONTHS, type Counters, countersRequest, monthOf } from "../counters/index.ts";
import { getDirectory } from "../directory/index.ts";
import { batchGet } from "../table/index.ts";
import { answersIn, frequentThemes } from "./counted.ts";
import { recentFeedback, shownFeedback } from "./feedback.ts";
import { change, monthsSince, trendOf } from "./months.ts";
import { averageScore, countOf, meanOf, netPromoterScore, npsGroups } from "./satisfaction.ts";

/** How far back the monthly trend goes. */
const TREND_DAYS = 365;

/** A part in percent, one decimal; 0 of nothing. */
const share = (part: number, whole: number) => (whole === 0 ? 0 : Math.round((1000 * part) / whole) / 10);

/** All that is counted, in one request: each month of the trend, all time, themes and links. */
async function counted(months: readonly string[]) {
  const [links, themes, all, ...counters] = await batchGet(
    countersRequest("survey_link", ALL_MONTHS),
    countersRequest("theme", ALL_MONTHS),
    countersRequest("survey", ALL_MONTHS),
    ...months.map((month) => countersRequest("survey", monthOf(month))),
  );
  return { links, themes, all, byMonth: new Map(months.map((month, n) => [month, counters[n]])) };
}

type Counted = Awaited<ReturnType<typeof counted>>;

/** How satisfied customers are with each product that somebody answered about. */
function byProduct({ all, byMonth }: Counted, thisMonth: string) {
  return Product.options.flatMap((product) => {
    const of = (counters: Counters | undefined) => answersIn(counters, `product|${product}|`);
    const meanIn = (month: string) => averageScore(of(byMonth.get(month)));
    const answers = of(all);
    const response_count = countOf(answers);
    if (response_count === 0) return [];
    const given = (score: number) =>
      countOf(answers.filter((answer) => answer.survey_type !== "nps" && answer.score === score));
    return [
      {
        product,
        avg_score: averageScore(answers),
        nps_score: netPromoterScore(answers),
        response_count,
        trend: change(meanIn(thisMonth), meanIn(monthBefore(thisMonth))),
        distribution: { "1": given(1), "2": given(2), "3": given(3), "4": given(4), "5": given(5) },
      },
    ];
  });
}

function bySurveyType(counters: Counters | undefined): SurveyAnalytics["by_survey_type"] {
  const figures: SurveyAnalytics["by_survey_type"] = {};
  for (const type of SurveyType.options) {
    const answers = answersIn(counters).filter(({ survey_type }) => survey_type === type);
    const average = meanOf(answers);
    if (average !== null) figures[type] = { count: countOf(answers), average };
  }
  return figures;
}

function figuresOf({ links, all, byMonth }: Counted, thisMonth: string) {
  const answers = answersIn(all);
  const now = answersIn(byMonth.get(thisMonth));
  const before = answersIn(byMonth.get(monthBefore(thisMonth)));
  const { promoters, passives, detractors } = npsGroups(answers);
  const asked = promoters + passives + detractors;
  return {
    total_responses: countOf(answers),
    avg_csat: averageScore(answers),
    csat_trend: change(averageScore(now), averageScore(before)),
    nps_score: netPromoterScore(answers),
    nps_trend: change(netPromoterScore(now), netPromoterScore(before)),
    promoters_pct: share(promoters, asked),
    passives_pct: share(passives, asked),
    detractors_pct: share(detractors, asked),
    promoters_count: promoters,
    passives_count: passives,
    detractors_count: detractors,
    last_month_responses: countOf(before),
    // An answer may be counted a moment before its link.
    response_rate: Math.min(share(links?.answered ?? 0, links?.created ?? 0), 100),
  };
}

/** Satisfaction over all customers: from counters, and the newest feedback of each product. */
export async function analytics(now = new Date()): Promise<SurveyAnalytics> {
  const thisMonth = calendarMonth(dateOf(now));
  const [known, feedback, directory] = await Promise.all([
    counted(monthsSince(TREND_DAYS, now)),
    recentFeedback(),
    getDirectory(),
  ]);
  return {
    ...figuresOf(known, thisMonth),
    by_product: byProduct(known, thisMonth).map((figures) => ({
      ...figures,
      recent_feedback: (feedback.get(figures.product) ?? []).map((item) => shownFeedback(item, directory)),
    })),
    by_survey_type: bySurveyType(known.all),
    monthly_trend: trendOf(known.byMonth),
    top_themes: { positive: frequentThemes(known.themes, "+"), negative: frequentThemes(known.themes, "-") },
  };
}
