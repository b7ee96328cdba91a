import type { DashboardOverview } from "@success-manager/contract/dashboard-figures";
import { daysAfter } from "../calendar.ts";
import type { CustomerRow } from "../directory/index.ts";
import { amountOf, percentOf } from "../figures.ts";
import { averageHealthScore, healthFigures } from "./health-distribution.ts";
import { contractEndsWithin, isAtRisk, type Portfolio, scoresBelow60 } from "./population.ts";

/** Key figures of a portfolio: customers by status, contract value, growth, who is at risk. */

/** How many customers have each status. */
export function countByStatus(rows: readonly CustomerRow[]) {
  const counts = { active: 0, at_risk: 0, churned: 0, onboarding: 0 };
  for (const { customer } of rows) counts[customer.status] += 1;
  return counts;
}

/** What contracts are worth together, in cents; an unknown value counts as 0. */
export const contractValueOf = (rows: readonly CustomerRow[]): number =>
  rows.reduce((cents, { customer }) => cents + (customer.contract_value ?? 0), 0);

/** How many customers came on these days, both included: `YYYY-MM-DD`. */
export const countNew = (rows: readonly CustomerRow[], from: string, to: string): number =>
  rows.filter(({ customer }) => {
    const date = customer.created_at.slice(0, 10);
    return date >= from && date <= to;
  }).length;

/** Customers at risk, by status or by a newest score below 60. */
export function atRiskFigures(rows: readonly CustomerRow[]) {
  const customers = rows.filter(isAtRisk);
  const by_status = customers.filter(({ customer }) => customer.status === "at_risk").length;
  return { customers, by_status, below_60: customers.filter(scoresBelow60).length };
}

type StatusCounts = Pick<
  DashboardOverview,
  "total_customers" | "active_customers" | "at_risk_customers" | "churned_customers" | "onboarding_customers"
>;

function statusCounts({ rows, left }: Portfolio): StatusCounts {
  const { active, at_risk, onboarding } = countByStatus(rows);
  return {
    total_customers: rows.length,
    active_customers: active,
    at_risk_customers: at_risk,
    churned_customers: left.length,
    onboarding_customers: onboarding,
  };
}

/** How many days back a customer is new. */
const NEW_DAYS = 30;

/** Customers created in the last days, in percent of those before; null without any before. */
function growth(rows: readonly CustomerRow[], today: string): number | null {
  const first = daysAfter(today, -NEW_DAYS);
  let before = 0;
  for (const { customer } of rows) if (customer.created_at < first) before += 1;
  return before === 0 ? null : percentOf(rows.length - before, before);
}

/** Active and inactive deployments by product. */
function deploymentCounts(rows: readonly CustomerRow[]) {
  const counts = { MonetX: 0, SupportX: 0, GreenX: 0 };
  for (const { deployments } of rows) for (const { product_name } of deployments) counts[product_name] += 1;
  return counts;
}

/**
 * The part of the dashboard's statistics that is made of customer rows.
 * @param today `YYYY-MM-DD`, in UTC
 */
export function portfolioStats(portfolio: Portfolio, today: string) {
  const { rows } = portfolio;
  const products = deploymentCounts(rows);
  const health = healthFigures(rows);
  return {
    ...statusCounts(portfolio),
    customer_change_percentage: growth(rows, today),
    total_deployments: products.MonetX + products.SupportX + products.GreenX,
    deployments_by_product: products,
    total_contract_value: amountOf(contractValueOf(rows)),
    avg_health_score: averageHealthScore(health),
    unknown_customers: health.by_band.unknown,
  };
}

/**
 * The part of the dashboard's overview that is made of customer rows: the same figures, with 0 where there is nothing.
 * @param today `YYYY-MM-DD`, in UTC
 */
export function portfolioOverview(portfolio: Portfolio, today: string) {
  const { total_contract_value, avg_health_score, unknown_customers } = portfolioStats(portfolio, today);
  const expiring = (days: number) => portfolio.rows.filter(contractEndsWithin(days, today)).length;
  return {
    ...statusCounts(portfolio),
    average_health_score: avg_health_score ?? 0,
    unknown_customers,
    total_contract_value,
    contracts_expiring_30_days: expiring(30),
    contracts_expiring_90_days: expiring(90),
  };
}
