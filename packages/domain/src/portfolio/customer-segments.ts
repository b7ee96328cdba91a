import type { CustomerSegments, HealthBand, Segment } from "@success-manager/contract/dashboard-figures";
import { compareText } from "@success-manager/contract/text";
import type { HealthRisk } from "@success-manager/contract/vocabulary";
import { amountOf, sharesOf, valueSegment } from "../figures.ts";
import { bandOfScore } from "../health/index.ts";
import { countSpellings } from "../text.ts";
import { healthBand } from "./health-distribution.ts";
import type { Portfolio } from "./population.ts";

/** The words that clients know segments of contract values by. */
const VALUE_NAMES: Readonly<Record<ReturnType<typeof valueSegment>, string>> = {
  enterprise: "Enterprise ($500K+)",
  mid_market: "Mid-Market ($100K-$500K)",
  smb: "SMB ($25K-$100K)",
  starter: "Starter (<$25K)",
};

/** Clients pick colors by these words, and cut off what is in brackets. */
const HEALTH_NAMES: Readonly<Record<HealthBand | "none", string>> = {
  excellent: "Excellent (80-100)",
  good: "Good (60-79)",
  at_risk: "At Risk (40-59)",
  critical: "Critical (<40)",
  none: "Not Scored",
};

/** Bands as definitions give them, best first. */
const BAND_NAMES: Readonly<Record<HealthRisk | "none", string>> = {
  low: "Low risk",
  medium: "Medium risk",
  high: "High risk",
  critical: "Critical risk",
  unknown: "Unknown",
  none: "Not Scored",
};

/** Who has no industry is together with those whose industry is entered so. */
const UNKNOWN = "Unknown";

/** The range of a contract value in cents, as people call it. */
export const valueRange = (cents: number) => VALUE_NAMES[valueSegment(cents)];

interface Sum {
  count: number;
  cents: number;
}

/** @param names groups that are shown even when nobody is in them */
function createGroups(names: readonly string[] = []) {
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
    /**
     * The named groups in their order, then the others as they came; or the largest first, equal ones by name.
     *
     * @param nameOf what a group is called that was added under another name
     */
    segments(order?: "largest first", nameOf = (name: string) => name): Segment[] {
      const groups = Array.from(sums, ([name, sum]) => ({ name: nameOf(name), ...sum }));
      if (order) groups.sort((a, b) => b.count - a.count || compareText(a.name, b.name));
      const shares = sharesOf(groups.map(({ count }) => count));
      return groups.map(({ name, count, cents }, n) => ({
        name,
        count,
        percentage: shares[n] ?? 0,
        total_value: amountOf(cents),
      }));
    },
  };
}

/** Customers grouped in four ways, with what each group is worth. Industries go by any spelling. */
export function customerSegments({ rows, left }: Portfolio): CustomerSegments {
  const industries = createGroups();
  const spellings = countSpellings();
  const ranges = createGroups(Object.values(VALUE_NAMES));
  const health = createGroups(Object.values(HEALTH_NAMES));
  const bands = createGroups(Object.values(BAND_NAMES));
  const mixes = createGroups();
  for (const { customer, industry_key, score, products } of rows) {
    const cents = customer.contract_value ?? 0;
    industries.add(spellings.add(industry_key === "" ? UNKNOWN : (customer.industry ?? "")), cents);
    ranges.add(valueRange(cents), cents);
    health.add(HEALTH_NAMES[score ? healthBand(score.overall_score) : "none"], cents);
    bands.add(BAND_NAMES[score ? bandOfScore(score) : "none"], cents);
    mixes.add(products.join(", ") || "No Products", cents);
  }
  return {
    by_industry: industries.segments("largest first", spellings.of),
    by_contract_value_range: ranges.segments(),
    by_health_status: health.segments(),
    by_band: bands.segments(),
    by_product_mix: mixes.segments("largest first"),
    churned_customers: left.length,
  };
}
