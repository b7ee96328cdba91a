import type { TopPerformer } from "@success-manager/contract/dashboard-figures";
import type { CustomerRow } from "../directory/index.ts";
import { amountOf } from "../figures.ts";
import type { LatestScore } from "../table/index.ts";
import { hasChurned } from "./portfolio.ts";

export interface ScoredRow extends CustomerRow {
  readonly score: LatestScore;
}

const isScored = (row: CustomerRow): row is ScoredRow => row.score !== undefined;

/**
 * The first rows in an order, without putting all of them in order.
 * @param count 1 at least
 */
export function firstOf<Row>(
  rows: readonly Row[],
  count: number,
  compare: (a: Row, b: Row) => number,
): Row[] {
  const first: Row[] = [];
  for (const row of rows) {
    const last = first.length < count ? undefined : first.at(-1);
    if (last !== undefined && compare(row, last) >= 0) continue;
    const after = first.findIndex((other) => compare(row, other) < 0);
    first.splice(after < 0 ? first.length : after, 0, row);
    if (first.length > count) first.pop();
  }
  return first;
}

const byText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/**
 * Customers who have a score and have not left, by newest score, then by name.
 * @param best whether the highest score comes first
 */
export const ranked = (rows: readonly CustomerRow[], count: number, best: boolean): ScoredRow[] =>
  firstOf(
    rows.filter(isScored).filter((row) => !hasChurned(row)),
    count,
    (a, b) =>
      (best ? -1 : 1) * (a.score.overall_score - b.score.overall_score) ||
      byText(a.search_key, b.search_key) ||
      byText(a.customer.id, b.customer.id),
  );

/** A customer as rankings show them. */
export const rankedCustomer = ({
  customer,
  account_manager_name,
}: CustomerRow): TopPerformer["customer"] => ({
  id: customer.id,
  company_name: customer.company_name,
  industry: customer.industry ?? null,
  status: customer.status,
  contract_value: customer.contract_value === undefined ? null : amountOf(customer.contract_value),
  account_manager: account_manager_name,
});
