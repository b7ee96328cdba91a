import { Product } from "@success-manager/contract/vocabulary";
import type { CustomerRow } from "../directory/index.ts";
import { meanOf } from "../figures.ts";

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
