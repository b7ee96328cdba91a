import type { AtRiskFilter, ScoreDistribution, ScoreTrends } from "@success-manager/contract/health-scores";
import type { Paging } from "@success-manager/contract/paging";
import { dateOf, daysBetween } from "../calendar.ts";
import { type CustomerRow, getDirectory, paginate } from "../directory/index.ts";
import { toScoreSummary } from "../health/index.ts";
import { averageComponent, averageHealthScore, healthFigures } from "./health-distribution.ts";
import { hasChurned, isUnknown, type Portfolio, portfolioFigure } from "./population.ts";

/** The endpoints of health scores that are about all customers: figures over the newest scores, and who is below one. */

export const trends = async () => portfolioFigure(await getDirectory(), "score trends", trendsOf);
export const distribution = async () =>
  portfolioFigure(await getDirectory(), "score distribution", distributionOf);

export function trendsOf({ rows, left }: Portfolio): ScoreTrends {
  const figures = healthFigures(rows);
  const { excellent, good, at_risk, critical } = figures.bands;
  return {
    total_customers: figures.scored,
    average_score: averageHealthScore(figures),
    trend_distribution: figures.trends,
    risk_distribution: { low: excellent, medium: good, high: at_risk, critical },
    bands: figures.by_band,
    score_brackets: {
      "excellent (80-100)": excellent,
      "good (60-79)": good,
      "at_risk (40-59)": at_risk,
      "critical (0-39)": critical,
    },
    churned_customers: left.length,
  };
}

export function distributionOf({ rows, left }: Portfolio): ScoreDistribution {
  const figures = healthFigures(rows);
  const { bands, by_band, bins } = figures;
  return {
    total_customers: figures.scored,
    overall_distribution: {
      low_risk: { min: 80, max: 100, count: bands.excellent },
      medium_risk: { min: 60, max: 79, count: bands.good },
      high_risk: { min: 40, max: 59, count: bands.at_risk },
      critical_risk: { min: 0, max: 39, count: bands.critical },
    },
    bands: by_band,
    sub_score_averages: {
      product_adoption: averageComponent(figures, "adoption_score"),
      support_health: averageComponent(figures, "support_score"),
      engagement: averageComponent(figures, "engagement_score"),
      financial_health: averageComponent(figures, "financial_score"),
      sla_compliance: null,
    },
    histogram: bins.map((count, bin) => ({ range: `${bin * 10}-${bin * 10 + 9}`, count })),
    churned_customers: left.length,
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

/** Customers who have not left and of whom too little is known, the lowest score first. */
export async function unknown(query: Paging) {
  const directory = await getDirectory();
  const view = directory.customersBy("health_score", ({ score }) => score?.overall_score);
  const isListed = (row: CustomerRow) => isUnknown(row) && !hasChurned(row);
  const { rows, ...page } = paginate(view, "asc", isListed, query);
  const today = dateOf(new Date());
  return { customers: rows.flatMap((row) => atRiskRow(row, today)), ...page };
}

/** Customers under the threshold who have not left, lowest score first. */
export async function atRisk(query: AtRiskFilter) {
  const directory = await getDirectory();
  const view = directory.customersBy("health_score", ({ score }) => score?.overall_score);
  const { rows, ...page } = paginate(
    view,
    "asc",
    (row) => row.score !== undefined && row.score.overall_score < query.threshold && !hasChurned(row),
    query,
  );
  const today = dateOf(new Date());
  return { customers: rows.flatMap((row) => atRiskRow(row, today)), threshold: query.threshold, ...page };
}
