import type { DashboardOverview } from "@success-manager/contract/dashboard-figures";
import type { CustomerRow } from "../directory/index.ts";
import { meanOf } from "../figures.ts";

export const hasChurned = ({ customer }: CustomerRow) => customer.status === "churned";

const byStatus = () => ({ active: 0, at_risk: 0, churned: 0, onboarding: 0 });

/** What several figures are made of, from one look at each customer: of 100 000, looking is what takes the time. */
export function sumsOf(rows: readonly CustomerRow[]) {
  const sums = {
    customers: byStatus(),
    /** Of contracts; an unknown value counts as 0. */
    cents: byStatus(),
    scored: 0,
    /** Of the newest scores, added up. */
    score: 0,
  };
  for (const { customer, score } of rows) {
    sums.customers[customer.status] += 1;
    sums.cents[customer.status] += customer.contract_value ?? 0;
    if (!score) continue;
    sums.scored += 1;
    sums.score += score.overall_score;
  }
  return sums;
}

type Sums = ReturnType<typeof sumsOf>;

type StatusCounts = Pick<
  DashboardOverview,
  "total_customers" | "active_customers" | "at_risk_customers" | "churned_customers" | "onboarding_customers"
>;

export const statusCounts = ({ customers }: Sums): StatusCounts => ({
  total_customers: customers.active + customers.at_risk + customers.churned + customers.onboarding,
  active_customers: customers.active,
  at_risk_customers: customers.at_risk,
  churned_customers: customers.churned,
  onboarding_customers: customers.onboarding,
});

/** Mean of the newest scores, one decimal; null without any. */
export const averageHealth = ({ score, scored }: Sums) => meanOf(score, scored);
