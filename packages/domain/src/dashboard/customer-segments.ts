import type { CustomerSegments, HealthBand, Segment } from "@success-manager/contract/dashboard-figures";
import { type CustomerRow, getDirectory } from "../directory/index.ts";
import { amountOf, percentOf } from "../figures.ts";
import { bandOf } from "./band.ts";
import { figureOf } from "./figure.ts";
import { hasChurned } from "./portfolio.ts";

const CENTS = 100;
/** Least contract value in cents, highest first. Who has none starts. */
const VALUE_RANGES = [
  { least: 500_000 * CENTS, name: "Enterprise ($500K+)" },
  { least: 100_000 * CENTS, name: "Mid-Market ($100K-$500K)" },
  { least: 25_000 * CENTS, name: "SMB ($25K-$100K)" },
] as const;
const STARTER = "Starter (<$25K)";

/** Clients choose colours by the words, and cut off what stands in brackets. */
const HEALTH: Readonly<Record<HealthBand | "none", string>> = {
  excellent: "Excellent (80-100)",
  good: "Good (60-79)",
  at_risk: "At Risk (40-59)",
  critical: "Critical (<40)",
  none: "Not Scored",
};

const rangeOf = (cents: number) => VALUE_RANGES.find(({ least }) => cents >= least)?.name ?? STARTER;

interface Sum {
  count: number;
  cents: number;
}

/** @param names groups that are shown even when nobody is in them */
function groups(names: readonly string[] = []) {
  const sums = new Map<string, Sum>(names.map((name) => [name, { count: 0, cents: 0 }]));
  return {
    add(name: string, cents: number) {
      const sum = sums.get(name);
      if (!sum) sums.set(name, { count: 1, cents });
      else {
        sum.count += 1;
        sum.cents += cents;
      }
    },
    /** In the order of the names, and of their coming. */
    segments: (population: number): Segment[] =>
      Array.from(sums, ([name, { count, cents }]) => ({
        name,
        count,
        percentage: percentOf(count, population),
        total_value: amountOf(cents),
      })),
  };
}

const largestFirst = (segments: Segment[]) =>
  segments.sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));

/** Customers who have not left, grouped in four ways, with what each group is worth. */
export function segmentsOf(rows: readonly CustomerRow[]): CustomerSegments {
  const industries = groups();
  const ranges = groups([...VALUE_RANGES.map(({ name }) => name), STARTER]);
  const health = groups(Object.values(HEALTH));
  const mixes = groups();
  let population = 0;
  for (const row of rows) {
    if (hasChurned(row)) continue;
    population += 1;
    const { customer, score, products } = row;
    const cents = customer.contract_value ?? 0;
    industries.add(customer.industry?.trim() || "Unknown", cents);
    ranges.add(rangeOf(cents), cents);
    health.add(HEALTH[score ? bandOf(score.overall_score) : "none"], cents);
    mixes.add(products.join(", ") || "No Products", cents);
  }
  return {
    by_industry: largestFirst(industries.segments(population)),
    by_contract_value_range: ranges.segments(population),
    by_health_status: health.segments(population),
    by_product_mix: largestFirst(mixes.segments(population)),
  };
}

/** Customers by industry, contract value, health and products. */
export async function customerSegments(): Promise<CustomerSegments> {
  return figureOf(await getDirectory(), "customer segments", segmentsOf);
}
