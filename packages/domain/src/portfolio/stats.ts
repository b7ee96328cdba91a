import type { DashboardOverview } from "@success-manager/contract/dashboard-figures";
import { daysAfter } from "../calendar.ts";
import { contractEndsWithin } from "../customers/index.ts";
import type { CustomerRow } from "../directory/index.ts";
import { amountOf, meanOf, percentOf } from "../figures.ts";

/** Key figures of a portfolio: totals by status, contract value, average health, growth. */

export const hasChurned = ({ customer }: CustomerRow) => customer.status === "churned";

const byStatus = () => ({ active: 0, at_risk: 0, churned: 0, onboarding: 0 });

/** The sums that key figures are made of, in one pass: of 100 000 customers, reading each is what takes the time. */
export function portfolioTotals(rows: readonly CustomerRow[]) {
  const totals = {
    customers: byStatus(),
    /** Of contracts; an unknown value counts as 0. */
    cents: byStatus(),
    scored: 0,
    /** Sum of the newest overall scores. */
    score: 0,
  };
  for (const { customer, score } of rows) {
    totals.customers[customer.status] += 1;
    totals.cents[customer.status] += customer.contract_value ?? 0;
    if (!score) continue;
    totals.scored += 1;
    totals.score += score.overall_score;
  }
  return totals;
}

type Totals = ReturnType<typeof portfolioTotals>;

/** Mean of the newest scores, one decimal; null without any. */
export const averageHealthScore = ({ score, scored }: Pick<Totals, "score" | "scored">) =>
  meanOf(score, scored);

type StatusCounts = Pick<
  DashboardOverview,
  "total_customers" | "active_customers" | "at_risk_customers" | "churned_customers" | "onboarding_customers"
>;

const statusCounts = ({ customers }: Totals): StatusCounts => ({
  total_customers: customers.active + customers.at_risk + customers.churned + customers.onboarding,
  active_customers: customers.active,
  at_risk_customers: customers.at_risk,
  churned_customers: customers.churned,
  onboarding_customers: customers.onboarding,
});

/** How many days back a customer is new. */
const NEW_DAYS = 30;

/** Customers created in the last days, in percent of those before; null without any before. */
function growth(rows: readonly CustomerRow[], today: string): number | null {
  const first = daysAfter(today, -NEW_DAYS);
  let before = 0;
  for (const { customer } of rows) if (customer.created_at < first) before += 1;
  return before === 0 ? null : percentOf(rows.length - before, before);
}

function deploymentCounts(rows: readonly CustomerRow[]) {
  const counts = { MonetX: 0, SupportX: 0, GreenX: 0 };
  for (const { deployments } of rows) for (const { product_name } of deployments) counts[product_name] += 1;
  return counts;
}

/**
 * The part of the dashboard's statistics that is made of customer rows. The contract value is that of customers who
 * have not left.
 * @param today `YYYY-MM-DD`, in UTC
 */
export function portfolioStats(rows: readonly CustomerRow[], today: string) {
  const totals = portfolioTotals(rows);
  const { active, at_risk, onboarding } = totals.cents;
  const products = deploymentCounts(rows);
  return {
    ...statusCounts(totals),
    customer_change_percentage: growth(rows, today),
    total_deployments: products.MonetX + products.SupportX + products.GreenX,
    deployments_by_product: products,
    total_contract_value: amountOf(active + at_risk + onboarding),
    avg_health_score: averageHealthScore(totals),
  };
}

/**
 * The part of the dashboard's overview that is made of customer rows; 0 where there is nothing. The contract value is
 * that of active customers.
 * @param today `YYYY-MM-DD`, in UTC
 */
export function portfolioOverview(rows: readonly CustomerRow[], today: string) {
  const totals = portfolioTotals(rows);
  const expiring = (days: number) => rows.filter(contractEndsWithin(days, today)).length;
  return {
    ...statusCounts(totals),
    average_health_score: averageHealthScore(totals) ?? 0,
    total_contract_value: amountOf(totals.cents.active),
    contracts_expiring_30_days: expiring(30),
    contracts_expiring_90_days: expiring(90),
  };
}
