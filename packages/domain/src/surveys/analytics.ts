import type { SurveyAnalytics } from "@success-manager/contract/csat";
import { Product, SurveyType } from "@success-manager/contract/vocabulary";
import { calendarMonth, dateOf, monthBefore } from "../calendar.ts";
import { ALL_MONTHS, type Counters, monthOf, parseCounters, THEMES } from "../counters/index.ts";
import { type Directory, getDirectory } from "../directory/index.ts";
import { sharesOf } from "../figures.ts";
import { readCopyPage } from "../lists/index.ts";
import { ENTITY_NAME, equals, isScoped, partitions, queryAll, type RecentFeedback } from "../table/index.ts";
import {
  averageScore,
  changeOf,
  countLinks,
  countResponses,
  difference,
  frequentThemes,
  meanFigure,
  meanOfSum,
  meanScore,
  monthlyTrend,
  monthsSince,
  netPromoterScore,
  npsFigure,
  npsGroups,
  npsOf,
  parseMonth,
  parseProduct,
  parseScoreCounts,
  responseRate,
  type ScoreCount,
  satisfactionFigures,
  sumScores,
} from "./nps.ts";
import type { SurveyProjection } from "./serialize.ts";

/** How far back the monthly trend goes. */
const TREND_DAYS = 365;

/** What satisfaction is shown by. */
export interface Satisfaction {
  /** Counters of the series `survey` by period: months, all months together, themes. */
  readonly counters: ReadonlyMap<string, Counters>;
  readonly feedback: ReadonlyMap<Product, readonly FeedbackItem[]>;
}

type FeedbackItem = RecentFeedback["responses"][number];

/** Months from one on, what is counted of all time, and the newest feedback about each product: one query. */
async function loadSatisfaction(firstMonth: string): Promise<Satisfaction> {
  const counters = new Map<string, Counters>();
  const feedback = new Map<Product, readonly FeedbackItem[]>();
  const items = await queryAll<Readonly<Record<string, unknown>> | RecentFeedbackRow>({
    partition: partitions.counters("survey"),
    from: monthOf(firstMonth),
    to: THEMES,
  });
  for (const item of items)
    if (isFeedback(item)) feedback.set(item.product, item.responses);
    else counters.set(String(item.sk), parseCounters(item));
  if (isScoped())
    for (const product of Product.options) feedback.set(product, await newestFeedbackInScope(product));
  return { counters, feedback };
}

/** So many are kept of each product for who sees all customers. */
const FEEDBACK = 5;

/** The newest feedback about a product of the customers that a caller sees, from the copy of responses. */
async function newestFeedbackInScope(product: Product): Promise<FeedbackItem[]> {
  const { rows } = await readCopyPage<SurveyProjection, undefined>("survey", {
    filter: equals({ product, has_text: true }),
    order: "desc",
    context: undefined,
    paging: { skip: 0, limit: FEEDBACK },
  });
  return rows.map(({ id: survey_id, customer_id, survey_type, score, feedback_text = "", submitted_at }) => ({
    ...{ survey_id, customer_id, survey_type, score, submitted_at },
    comment: feedback_text,
  }));
}

type RecentFeedbackRow = RecentFeedback & { readonly [ENTITY_NAME]: "recent_feedback" };

const isFeedback = (item: Readonly<Record<string, unknown>> | RecentFeedbackRow): item is RecentFeedbackRow =>
  item[ENTITY_NAME] === "recent_feedback";

type Month = ReturnType<typeof parseMonth>;

/** A month and the one before it. */
interface Months {
  readonly current: Month;
  readonly previous: Month;
}

type RecentFeedbackItem = SurveyAnalytics["by_product"][number]["recent_feedback"][number];

/** Feedback with the present name of its customer. */
const toRecentFeedback = (
  { customer_id, survey_type, score, comment, submitted_at }: FeedbackItem,
  { customers }: Pick<Directory, "customers">,
): RecentFeedbackItem => ({
  customer_name: customers.get(customer_id)?.customer.company_name ?? null,
  survey_type,
  score,
  comment,
  submitted_at,
});

/** Satisfaction with each product that has responses. */
function byProduct(
  { counters, feedback }: Satisfaction,
  { current, previous }: Months,
  directory: Pick<Directory, "customers">,
) {
  const all = counters.get(ALL_MONTHS);
  return Product.options.flatMap((product) => {
    const { csat, nps, count, distribution, links } = parseProduct(product, all);
    if (count === 0) return [];
    const figureIn = ({ ofProduct }: Month) => meanFigure(ofProduct(product).sum, null);
    const [now, before] = [figureIn(current), figureIn(previous)];
    return [
      {
        product,
        avg_score: meanOfSum(csat),
        nps_score: npsOf(nps),
        csat: meanFigure(csat, links.csat),
        nps: npsFigure(nps, links.nps),
        csat_change: changeOf(now, before),
        response_count: count,
        trend: difference(now.value, before.value),
        distribution,
        recent_feedback: (feedback.get(product) ?? []).map((one) => toRecentFeedback(one, directory)),
      },
    ];
  });
}

function bySurveyType(responses: readonly ScoreCount[], links: Counters): SurveyAnalytics["by_survey_type"] {
  const figures: SurveyAnalytics["by_survey_type"] = {};
  for (const type of SurveyType.options) {
    const ofType = responses.filter(({ survey_type }) => survey_type === type);
    const average = meanScore(ofType);
    if (average === null) continue;
    const mean = meanFigure(sumScores(ofType), countLinks(links, [type]), type);
    figures[type] = { count: countResponses(ofType), average, mean };
  }
  return figures;
}

function figuresOf(responses: readonly ScoreCount[], links: Counters, { current, previous }: Months) {
  const { promoters, passives, detractors } = npsGroups(responses);
  const [promoters_pct = 0, passives_pct = 0, detractors_pct = 0] = sharesOf([
    promoters,
    passives,
    detractors,
  ]);
  return {
    total_responses: countResponses(responses),
    avg_csat: averageScore(responses),
    csat_trend: difference(meanOfSum(current.csat), meanOfSum(previous.csat)),
    nps_score: netPromoterScore(responses),
    nps_trend: difference(npsOf(current.nps), npsOf(previous.nps)),
    ...satisfactionFigures(responses, links),
    csat_change: changeOf(meanFigure(current.csat, null), meanFigure(previous.csat, null)),
    nps_change: changeOf(npsFigure(current.nps, null), npsFigure(previous.nps, null)),
    promoters_pct,
    passives_pct,
    detractors_pct,
    promoters_count: promoters,
    passives_count: passives,
    detractors_count: detractors,
    last_month_responses: previous.count,
  };
}

/** Satisfaction over all customers, of what is counted. Responses and links of all time come with the directory. */
export async function analyticsOf(
  satisfaction: Satisfaction,
  directory: Pick<Directory, "customers" | "totals">,
  now: Date,
): Promise<SurveyAnalytics> {
  const { counters } = satisfaction;
  const thisMonth = calendarMonth(dateOf(now));
  const sumsOf = (month: string) => parseMonth(counters.get(monthOf(month)));
  const months = { current: sumsOf(thisMonth), previous: sumsOf(monthBefore(thisMonth)) };
  const [answers, links] = await Promise.all([directory.totals("survey"), directory.totals("survey_link")]);
  const responses = parseScoreCounts(answers);
  const themes = counters.get(THEMES);
  return {
    ...figuresOf(responses, links, months),
    response_rate: responseRate(countLinks(links)) ?? 0,
    by_product: byProduct(satisfaction, months, directory),
    by_survey_type: bySurveyType(responses, links),
    monthly_trend: monthlyTrend(monthsSince(TREND_DAYS, now).map((month) => [month, sumsOf(month)])),
    // Words are counted by the stream alone, of everybody.
    top_themes: isScoped()
      ? null
      : { positive: frequentThemes(themes, "+"), negative: frequentThemes(themes, "-") },
  };
}

/** Satisfaction over all customers. Two requests. */
export async function analytics(now = new Date()): Promise<SurveyAnalytics> {
  const [firstMonth = ""] = monthsSince(TREND_DAYS, now);
  const [satisfaction, directory] = await Promise.all([loadSatisfaction(firstMonth), getDirectory()]);
  return analyticsOf(satisfaction, directory, now);
}
