import type { AccountManagerPerformance } from "@success-manager/contract/dashboard-figures";
import { getAlertCache, type OpenByCustomer, openByCustomer } from "../alerts/index.ts";
import { type CustomerRow, getDirectory } from "../directory/index.ts";
import { amountOf, meanOf } from "../figures.ts";
import { figureOf } from "./figure.ts";
import { hasChurned } from "./portfolio.ts";

const nothing = () => ({ customers: 0, at_risk: 0, churned: 0, cents: 0, scored: 0, score: 0, alerts: 0 });

/**
 * The portfolio of each account manager, most customers first, then by name. A manager is who `account_manager_name`
 * names: the linked user, else the free text.
 *
 * @param open how many open alerts customers have
 */
export function managersOf(rows: readonly CustomerRow[], open: OpenByCustomer): AccountManagerPerformance {
  const sums = new Map<string, ReturnType<typeof nothing>>();
  for (const row of rows) {
    const { customer, score, account_manager_name: name } = row;
    if (!name) continue;
    const sum = sums.get(name) ?? nothing();
    if (sum.customers === 0) sums.set(name, sum);
    sum.customers += 1;
    sum.alerts += open.get(customer.id) ?? 0;
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
      (a, b) => b.customer_count - a.customer_count || (a.account_manager < b.account_manager ? -1 : 1),
    ),
  };
}

/** The portfolio of each account manager, with the alerts that are open now. */
export async function accountManagerPerformance(now = new Date()): Promise<AccountManagerPerformance> {
  const [directory, book] = await Promise.all([getDirectory(), getAlertCache()]);
  const open = openByCustomer(book, now);
  // The answer holds until a row changes, and for the alerts that it was made from.
  return figureOf(directory, "account managers", (rows) => byAlerts((alerts) => managersOf(rows, alerts)))(
    open,
  );
}

/** Remembers the answer to the last question. */
function byAlerts<T>(compute: (open: OpenByCustomer) => T) {
  let last: { readonly open: OpenByCustomer; readonly answer: T } | undefined;
  return (open: OpenByCustomer): T => {
    if (last?.open !== open) last = { open, answer: compute(open) };
    return last.answer;
  };
}
