import type { AccountManagerPerformance } from "@success-manager/contract/dashboard-figures";
import { compareText } from "@success-manager/contract/text";
import { Product } from "@success-manager/contract/vocabulary";
import type { CustomerRow } from "../directory/index.ts";
import { amountOf, meanOf } from "../figures.ts";
import { hasChurned } from "./stats.ts";

/** Deployments of a product, and the customers who have or had one. */
function performanceOf(product: Product, rows: readonly CustomerRow[]) {
  const sum = { active: 0, inactive: 0, customers: 0, scored: 0, score: 0 };
  for (const { deployments, score } of rows) {
    let isCustomer = false;
    for (const { product_name, is_active } of deployments) {
      if (product_name !== product) continue;
      isCustomer = true;
      sum[is_active ? "active" : "inactive"] += 1;
    }
    if (!isCustomer) continue;
    sum.customers += 1;
    if (!score) continue;
    sum.scored += 1;
    sum.score += score.overall_score;
  }
  const count = sum.active + sum.inactive;
  return {
    product,
    deployment_count: count,
    active_deployments: sum.active,
    inactive_deployments: sum.inactive,
    active_ratio: meanOf(sum.active, count, 2) ?? 0,
    avg_health_score: meanOf(sum.score, sum.scored),
    customer_count: sum.customers,
  };
}

/** Deployments, health and customers of each product, in the order of the vocabulary. */
export const productPerformance = (rows: readonly CustomerRow[]) =>
  Product.options.map((product) => performanceOf(product, rows));

const noSums = () => ({ customers: 0, at_risk: 0, churned: 0, cents: 0, scored: 0, score: 0, alerts: 0 });

/**
 * The portfolio of each account manager, most customers first, then by name. A manager is who `account_manager_name`
 * names: the linked user, else the free text.
 *
 * @param openAlerts how many alerts are open, by customer id; a customer without any may be missing
 */
export function accountManagerPerformance(
  rows: readonly CustomerRow[],
  openAlerts: ReadonlyMap<string, number>,
): AccountManagerPerformance {
  const sums = new Map<string, ReturnType<typeof noSums>>();
  for (const row of rows) {
    const { customer, score, account_manager_name: name } = row;
    if (!name) continue;
    const sum = sums.get(name) ?? noSums();
    if (sum.customers === 0) sums.set(name, sum);
    sum.customers += 1;
    sum.alerts += openAlerts.get(customer.id) ?? 0;
    if (score) {
      sum.scored += 1;
      sum.score += score.overall_score;
    }
    if (customer.status === "at_risk") sum.at_risk += 1;
    if (hasChurned(row)) sum.churned += 1;
    else sum.cents += customer.contract_value ?? 0;
  }
  const managers = Array.from(sums, ([account_manager, sum]) => ({
    account_manager,
    customer_count: sum.customers,
    avg_health_score: meanOf(sum.score, sum.scored),
    at_risk_customers: sum.at_risk,
    total_contract_value: amountOf(sum.cents),
    churned_customers: sum.churned,
    active_alerts: sum.alerts,
  }));
  return {
    managers: managers.sort(
      (a, b) => b.customer_count - a.customer_count || compareText(a.account_manager, b.account_manager),
    ),
  };
}
