import type { AccountManagerPerformance } from "@success-manager/contract/dashboard-figures";
import { compareText } from "@success-manager/contract/text";
import { Product } from "@success-manager/contract/vocabulary";
import type { CustomerRow } from "../directory/index.ts";
import { amountOf, meanOf } from "../figures.ts";
import { countSpellings } from "../text.ts";
import { averageHealthScore, healthFigures } from "./health-distribution.ts";
import type { Portfolio } from "./population.ts";
import { contractValueOf, countByStatus } from "./stats.ts";

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
export const productPerformance = ({ rows }: Pick<Portfolio, "rows">) =>
  Product.options.map((product) => performanceOf(product, rows));

interface ManagerSums {
  /** The user, or whom the text names. */
  readonly user: CustomerRow["manager"];
  /** What spellings of the name have in common. */
  readonly name: string;
  readonly rows: CustomerRow[];
  left: number;
}

/**
 * The portfolio of each account manager, most customers first, then by name. A manager is a user, or whom a free text
 * names who is none (`directory/people.ts`): two users of one name are two managers, told apart by e-mail address.
 *
 * @param openAlerts how many alerts are open, by customer id; a customer without any may be missing
 */
export function accountManagerPerformance(
  { rows, left }: Portfolio,
  openAlerts: ReadonlyMap<string, number>,
): AccountManagerPerformance {
  const sums = new Map<string, ManagerSums>();
  const spellings = countSpellings();
  const sumsOf = ({ manager_key: key, manager: user, account_manager_name: name }: CustomerRow) => {
    if (!name) return undefined;
    const sum = sums.get(key) ?? { user, name: spellings.add(name, 0), rows: [], left: 0 };
    sums.set(key, sum);
    spellings.add(name);
    return sum;
  };
  for (const row of rows) sumsOf(row)?.rows.push(row);
  for (const row of left) {
    const sum = sumsOf(row);
    if (sum) sum.left += 1;
  }
  const managers = Array.from(sums.values(), ({ user, name, rows: managed, left: churned }) => ({
    account_manager: user?.full_name ?? spellings.of(name),
    account_manager_id: user?.id ?? null,
    email: user?.email ?? null,
    customer_count: managed.length,
    avg_health_score: averageHealthScore(healthFigures(managed)),
    at_risk_customers: countByStatus(managed).at_risk,
    total_contract_value: amountOf(contractValueOf(managed)),
    churned_customers: churned,
    active_alerts: managed.reduce((sum, { customer }) => sum + (openAlerts.get(customer.id) ?? 0), 0),
  }));
  return {
    managers: managers.sort(
      (a, b) =>
        b.customer_count - a.customer_count ||
        compareText(a.account_manager, b.account_manager) ||
        compareText(a.email ?? "", b.email ?? ""),
    ),
    churned_customers: left.length,
  };
}
