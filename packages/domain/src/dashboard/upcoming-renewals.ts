import type { UpcomingRenewals } from "@success-manager/contract/dashboard-figures";
import { dateOf, daysAfter } from "../calendar.ts";
import { type CustomerRow, getDirectory } from "../directory/index.ts";
import { amountOf } from "../figures.ts";
import { bandOf } from "./band.ts";
import { figureOf } from "./figure.ts";
import { hasChurned } from "./portfolio.ts";

type Renewal = UpcomingRenewals["renewals_90_days"][number];

/** A contract that ends in so many days. */
export interface Due {
  readonly row: CustomerRow;
  readonly end: string;
  readonly days: number;
}

const LONGEST = 90;

/**
 * Contracts of customers who have not left that end from a day on, soonest first, then by name.
 * @param longest how many days ahead, that day included
 */
export function dueWithin(rows: readonly CustomerRow[], today: string, longest: number): Due[] {
  // There are fewer days than contracts.
  const daysTo = new Map(Array.from({ length: longest + 1 }, (_, days) => [daysAfter(today, days), days]));
  const due: Due[] = [];
  for (const row of rows) {
    const end = row.customer.contract_end_date;
    const days = end === undefined ? undefined : daysTo.get(end);
    if (end !== undefined && days !== undefined && !hasChurned(row)) due.push({ row, end, days });
  }
  return due.sort(
    (a, b) =>
      a.days - b.days ||
      (a.row.search_key < b.row.search_key ? -1 : a.row.search_key > b.row.search_key ? 1 : 0) ||
      (a.row.customer.id < b.row.customer.id ? -1 : 1),
  );
}

const renewalOf = ({ row: { customer, score, account_manager_name }, end, days }: Due): Renewal => ({
  customer_id: customer.id,
  company_name: customer.company_name,
  contract_value: amountOf(customer.contract_value ?? 0),
  health_score: score?.overall_score ?? null,
  health_status: score ? bandOf(score.overall_score) : null,
  contract_end_date: end,
  days_until_renewal: days,
  account_manager: account_manager_name || null,
});

/**
 * Contracts of customers who have not left, as of a day; each list holds the one before.
 * @param most how many of each list are shown
 */
export function renewalsOf(rows: readonly CustomerRow[], today: string, most: number): UpcomingRenewals {
  const due = dueWithin(rows, today, LONGEST);
  const renewals = due.slice(0, most).map(renewalOf);
  const within = (last: number) => {
    const later = due.findIndex(({ days }) => days > last);
    const count = later < 0 ? due.length : later;
    const cents = due.slice(0, count).reduce((sum, { row }) => sum + (row.customer.contract_value ?? 0), 0);
    return { renewals: renewals.slice(0, count), count, value: amountOf(cents) };
  };
  const [month, two, three] = [within(30), within(60), within(LONGEST)];
  return {
    renewals_30_days: month.renewals,
    renewals_60_days: two.renewals,
    renewals_90_days: three.renewals,
    count_30_days: month.count,
    count_60_days: two.count,
    count_90_days: three.count,
    total_value_30_days: month.value,
    total_value_60_days: two.value,
    total_value_90_days: three.value,
  };
}

/** Contracts that end within 30, 60 and 90 days. */
export async function upcomingRenewals(
  { limit }: { readonly limit: number },
  now = new Date(),
): Promise<UpcomingRenewals> {
  const today = dateOf(now);
  const question = `upcoming renewals ${today} ${limit}`;
  return figureOf(await getDirectory(), question, (rows) => renewalsOf(rows, today, limit));
}
