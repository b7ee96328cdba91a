import type { AtRiskFilter, ScoreDistribution, ScoreTrends } from "@success-manager/contract/health-scores";
import { dateOf, daysBetween } from "../calendar.ts";
import { type CustomerRow, getDirectory, paginate } from "../directory/index.ts";
import { meanOf, riskOf } from "../figures.ts";
import type { LatestScore } from "../table/index.ts";
import { toScoreSummary } from "./serialize.ts";

/** Figures over the newest score of every customer that has one, churned ones included. */

const meanScore = (scores: readonly LatestScore[], value: (score: LatestScore) => number) =>
  meanOf(
    scores.reduce((sum, score) => sum + value(score), 0),
    scores.length,
  );

/** What is computed of all newest scores; computed again only when one has changed. */
async function memoized<T>(name: string, compute: (scores: readonly LatestScore[]) => T): Promise<T> {
  const { customers, memoize } = await getDirectory();
  const newest = () => {
    const scores: LatestScore[] = [];
    for (const { score } of customers.values()) if (score) scores.push(score);
    return compute(scores);
  };
  return memoize(name, newest);
}

export const trends = () => memoized("score trends", trendsOf);
export const distribution = () => memoized("score distribution", distributionOf);

function trendsOf(scores: readonly LatestScore[]): ScoreTrends {
  const by_trend = { improving: 0, stable: 0, declining: 0 };
  const risks = { low: 0, medium: 0, high: 0, critical: 0 };
  for (const { score_trend, overall_score } of scores) {
    by_trend[score_trend] += 1;
    risks[riskOf(overall_score)] += 1;
  }
  return {
    total_customers: scores.length,
    average_score: meanScore(scores, (score) => score.overall_score),
    trend_distribution: by_trend,
    risk_distribution: risks,
    score_brackets: {
      "excellent (80-100)": risks.low,
      "good (60-79)": risks.medium,
      "at_risk (40-59)": risks.high,
      "critical (0-39)": risks.critical,
    },
  };
}

/** 0-9 … 90-99; 100 falls into the last. */
function histogramOf(scores: readonly LatestScore[]) {
  const counts = Array.from({ length: 10 }, () => 0);
  for (const { overall_score } of scores) {
    const bin = Math.min(9, Math.floor(overall_score / 10));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return counts.map((count, bin) => ({ range: `${bin * 10}-${bin * 10 + 9}`, count }));
}

function distributionOf(scores: readonly LatestScore[]): ScoreDistribution {
  const risks = { low: 0, medium: 0, high: 0, critical: 0 };
  for (const { overall_score } of scores) risks[riskOf(overall_score)] += 1;
  return {
    total_customers: scores.length,
    overall_distribution: {
      low_risk: { min: 80, max: 100, count: risks.low },
      medium_risk: { min: 60, max: 79, count: risks.medium },
      high_risk: { min: 40, max: 59, count: risks.high },
      critical_risk: { min: 0, max: 39, count: risks.critical },
    },
    sub_score_averages: {
      product_adoption: meanScore(scores, (score) => score.adoption_score),
      support_health: meanScore(scores, (score) => score.support_score),
      engagement: meanScore(scores, (score) => score.engagement_score),
      financial_health: meanScore(scores, (score) => score.financial_score),
      sla_compliance: null,
    },
    histogram: histogramOf(scores),
  };
}

function atRiskRow({ customer, score, account_manager_name }: CustomerRow, today: string) {
  if (!score) return [];
  const end = customer.contract_end_date;
  return [
    {
      customer_id: customer.id,
      company_name: customer.company_name,
      account_manager: account_manager_name,
      status: customer.status,
      ...toScoreSummary(score),
      days_until_contract_end: end === undefined ? null : daysBetween(today, end),
    },
  ];
}

/** Customers under the threshold, lowest score first. */
export async function atRisk(query: AtRiskFilter) {
  const directory = await getDirectory();
  const view = directory.customersBy("health_score", ({ score }) => score?.overall_score);
  const { rows, ...page } = paginate(
    view,
    "asc",
    ({ score }) => score !== undefined && score.overall_score < query.threshold,
    query,
  );
  const today = dateOf(new Date());
  return { customers: rows.flatMap((row) => atRiskRow(row, today)), threshold: query.threshold, ...page };
}
