import type { CsatTrends, CsatTrendsFilter } from "@success-manager/contract/dashboard";
import { Product, SurveyType } from "@success-manager/contract/vocabulary";
import { dateOf } from "../../calendar.ts";
import { answersIn } from "../../surveys/counted.ts";
import { type Answers, countOf, meanOf, netPromoterScore } from "../../surveys/satisfaction.ts";
import { type Counted, countedIn } from "./counted.ts";
import { csatWindow } from "./window.ts";

type Point = CsatTrends["overall"][number];
type Month = { readonly period: string; readonly answers: readonly Answers[] };

const isNps = ({ survey_type }: Answers) => survey_type === "nps";
const isOnFive = (answer: Answers) => !isNps(answer);

const point = ({ period, answers }: Month): Point => ({
  period,
  avg_score: meanOf(answers),
  response_count: countOf(answers),
});

const npsPoint = ({ period, answers }: Month): CsatTrends["nps"][number] => ({
  period,
  nps_score: netPromoterScore(answers),
  response_count: countOf(answers),
});

const answered = ({ trends }: { readonly trends: readonly Point[] }) =>
  trends.some(({ response_count }) => response_count > 0);

const monthsOf = (counted: readonly Counted[], prefix = ""): Month[] =>
  counted.map(({ period, counters }) => ({ period, answers: answersIn(counters, prefix) }));

const only = (months: readonly Month[], keeps: (answer: Answers) => boolean): Month[] =>
  months.map(({ period, answers }) => ({ period, answers: answers.filter(keeps) }));

/** The points of a trend from what is counted of answers; the two scales are kept apart (decision 14). */
export function trendsOf(counted: readonly Counted[]): CsatTrends {
  const all = monthsOf(counted);
  const by_product = Product.options.map((product) => ({
    product,
    trends: only(monthsOf(counted, `product|${product}|`), isOnFive).map(point),
  }));
  const by_survey_type = SurveyType.options.map((type) => ({
    survey_type: type,
    trends: only(all, ({ survey_type }) => survey_type === type).map(point),
  }));
  return {
    overall: only(all, isOnFive).map(point),
    nps: only(all, isNps).map(npsPoint),
    by_product: by_product.filter(answered),
    by_survey_type: by_survey_type.filter(answered),
  };
}

/** Satisfaction month by month: from counters, one query. @throws 422 for more than 400 months */
export async function csatTrends(query: CsatTrendsFilter, now = new Date()): Promise<CsatTrends> {
  return trendsOf(await countedIn("survey", csatWindow(query, dateOf(now))));
}
