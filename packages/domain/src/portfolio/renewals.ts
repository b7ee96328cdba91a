import type { UpcomingRenewals } from "@success-manager/contract/dashboard-figures";
import { daysAfter } from "../calendar.ts";
import type { CustomerRow } from "../directory/index.ts";
import { amountOf } from "../figures.ts";
import { bandOfScore } from "../health/index.ts";
import { healthBand } from "./health-distribution.ts";
import { contractEndsWithin, type Portfolio } from "./population.ts";
import { byName } from "./ranking.ts";
import { contractValueOf } from "./stats.ts";

/** A contract that ends soon. */
export interface Renewal {
  readonly row: CustomerRow;
  /** `YYYY-MM-DD` */
  readonly end: string;
  /** From today to the end: 0 is today. */
  readonly days: number;
}

/**
 * Contracts of customers who have not left that end from today on, soonest first, then by name.
 * @param today `YYYY-MM-DD`, in UTC
 * @param within how many days ahead, that day included
 */
export function renewalsWithin(rows: readonly CustomerRow[], today: string, within: number): Renewal[] {
  // Looked up, as there are fewer days than contracts.
  const daysTo = new Map(Array.from({ length: within + 1 }, (_, days) => [daysAfter(today, days), days]));
  const isDue = contractEndsWithin(within, today);
  const renewals: Renewal[] = [];
  for (const row of rows) {
    if (!isDue(row)) continue;
    const end = row.customer.contract_end_date ?? "";
    const days = daysTo.get(end);
    if (days !== undefined) renewals.push({ row, end, days });
  }
  return renewals.sort((a, b) => a.days - b.days || byName(a.row, b.row));
}

type ListedRenewal = UpcomingRenewals["renewals_90_days"][number];

const toListItem = ({ row, end, days }: Renewal): ListedRenewal => ({
  customer_id: row.customer.id,
  company_name: row.customer.company_name,
  contract_value: amountOf(row.customer.contract_value ?? 0),
  health_score: row.score?.overall_score ?? null,
  health_status: row.score ? healthBand(row.score.overall_score) : null,
  band: row.score ? bandOfScore(row.score) : null,
  contract_end_date: end,
  days_until_renewal: days,
  account_manager: row.account_manager_name || null,
});

/**
 * Contracts that end within 30, 60 and 90 days; each list holds the one before. All are counted, also those that are
 * not listed.
 * @param today `YYYY-MM-DD`, in UTC
 * @param limit how many of each list are shown
 */
export function upcomingRenewals({ rows, left }: Portfolio, today: string, limit: number): UpcomingRenewals {
  const renewals = renewalsWithin(rows, today, 90);
  const items = renewals.slice(0, limit).map(toListItem);
  const within = (days: number) => {
    const later = renewals.findIndex((renewal) => renewal.days > days);
    const count = later < 0 ? renewals.length : later;
    const cents = contractValueOf(renewals.slice(0, count).map(({ row }) => row));
    return { items: items.slice(0, count), count, value: amountOf(cents) };
  };
  const [in30, in60, in90] = [within(30), within(60), within(90)];
  return {
    renewals_30_days: in30.items,
    renewals_60_days: in60.items,
    renewals_90_days: in90.items,
    count_30_days: in30.count,
    count_60_days: in60.count,
    count_90_days: in90.count,
    total_value_30_days: in30.value,
    total_value_60_days: in60.value,
    total_value_90_days: in90.value,
    churned_customers: left.length,
  };
}
