import { amountOf, healthBand, managerOf, newest, riskBand, shareOf, stays } from "./counting.ts";
import { daysTo } from "./days.ts";
import type { CustomerFact } from "./facts.ts";

/** Ranges in cents. */
const RANGES = [
  ["Enterprise ($500K+)", 50_000_000, Number.POSITIVE_INFINITY],
  ["Mid-Market ($100K-$500K)", 10_000_000, 50_000_000],
  ["SMB ($25K-$100K)", 2_500_000, 10_000_000],
  ["Starter (<$25K)", 0, 2_500_000],
] as const;

const HEALTH = [
  ["Excellent (80-100)", "excellent"],
  ["Good (60-79)", "good"],
  ["At Risk (40-59)", "at_risk"],
  ["Critical (<40)", "critical"],
  ["Not Scored", null],
] as const;

const BANDS = [
  ["Low risk", "low"],
  ["Medium risk", "medium"],
  ["High risk", "high"],
  ["Critical risk", "critical"],
  ["Unknown", "unknown"],
  ["Not Scored", null],
] as const;

export function customerSegments(all: readonly CustomerFact[]) {
  const customers = all.filter(stays);
  const segment = (name: string, of: readonly CustomerFact[]) => ({
    name,
    count: of.length,
    percentage: shareOf(of.length, customers.length),
    total_value: amountOf(of),
  });
  const grouped = (nameOf: (customer: CustomerFact) => string) =>
    [...Map.groupBy(customers, nameOf)].map(([name, of]) => segment(name, of));
  /** The spelling that most of those have whose industry is the same but for capitals; capitals first. */
  const spelling = (label: string) => {
    const spelled = customers.flatMap(({ industry }) =>
      industry?.toLowerCase() === label.toLowerCase() ? [industry] : [],
    );
    const times = (one: string) => spelled.filter((other) => other === one).length;
    return spelled.sort().sort((a, b) => times(b) - times(a))[0] ?? label;
  };
  return {
    by_industry: grouped(({ industry }) => spelling(industry ?? "Unknown")),
    by_contract_value_range: RANGES.map(([name, from, below]) =>
      segment(
        name,
        customers.filter(({ contract_value = 0 }) => contract_value >= from && contract_value < below),
      ),
    ),
    by_health_status: HEALTH.map(([name, band]) =>
      segment(
        name,
        customers.filter((customer) => healthBand(newest(customer)?.overall) === band),
      ),
    ),
    by_band: BANDS.map(([name, band]) =>
      segment(
        name,
        customers.filter((customer) => riskBand(newest(customer)?.overall) === band),
      ),
    ),
    by_product_mix: grouped(({ deployments }) => {
      const products = deployments.filter(({ is_active }) => is_active).map(({ product }) => product);
      return [...new Set(products)].sort().join(", ") || "No Products";
    }),
    churned_customers: all.length - customers.length,
  };
}

export function upcomingRenewals(customers: readonly CustomerFact[], today: string) {
  const within = (days: number) =>
    customers
      .filter(stays)
      .flatMap((customer) => {
        const { contract_end_date: end } = customer;
        if (end === undefined || daysTo(today, end) < 0 || daysTo(today, end) > days) return [];
        return [
          {
            customer_id: customer.id,
            company_name: customer.company_name,
            contract_value: amountOf([customer]),
            health_score: newest(customer)?.overall ?? null,
            health_status: healthBand(newest(customer)?.overall),
            band: riskBand(newest(customer)?.overall),
            contract_end_date: end,
            days_until_renewal: daysTo(today, end),
            account_manager: managerOf(customer) || null,
          },
        ];
      })
      .sort((a, b) => a.days_until_renewal - b.days_until_renewal);
  const total = (days: number) => {
    const ids = new Set(within(days).map(({ customer_id }) => customer_id));
    return amountOf(customers.filter(({ id }) => ids.has(id)));
  };
  return {
    renewals_30_days: within(30),
    renewals_60_days: within(60),
    renewals_90_days: within(90),
    count_30_days: within(30).length,
    count_60_days: within(60).length,
    count_90_days: within(90).length,
    total_value_30_days: total(30),
    total_value_60_days: total(60),
    total_value_90_days: total(90),
    churned_customers: customers.length - customers.filter(stays).length,
  };
}
