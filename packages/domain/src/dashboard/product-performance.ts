import type { ProductPerformance } from "@success-manager/contract/dashboard-figures";
import { Product } from "@success-manager/contract/vocabulary";
import { ALL_MONTHS, type Counters, countersRequest } from "../counters/index.ts";
import { type CustomerRow, getDirectory } from "../directory/index.ts";
import { meanOf } from "../figures.ts";
import { averageScore, parseScoreCounts } from "../surveys/index.ts";
import { batchGet } from "../table/index.ts";
import { figureOf } from "./figure.ts";

/** Deployments of a product, and the customers who have or had one. */
function figuresOf(rows: readonly CustomerRow[], product: Product) {
  const sum = { active: 0, inactive: 0, customers: 0, scored: 0, score: 0 };
  for (const { deployments, score } of rows) {
    let has = false;
    for (const { product_name, is_active } of deployments) {
      if (product_name !== product) continue;
      has = true;
      sum[is_active ? "active" : "inactive"] += 1;
    }
    if (!has) continue;
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

/** Figures of all products, in the order of the vocabulary. */
export const productsOf = (rows: readonly CustomerRow[]) =>
  Product.options.map((product) => figuresOf(rows, product));

const satisfactionWith = (product: Product, counters: Counters | undefined) =>
  averageScore(parseScoreCounts(counters, `product|${product}|`));

/** Deployments, health and satisfaction of each product, of all time. */
export async function productPerformance(): Promise<ProductPerformance> {
  const [directory, [counters]] = await Promise.all([
    getDirectory(),
    batchGet(countersRequest("survey", ALL_MONTHS)),
  ]);
  const products = figureOf(directory, "product performance", productsOf);
  return {
    products: products.map((figures) => ({
      ...figures,
      avg_csat_score: satisfactionWith(figures.product, counters),
    })),
  };
}
