import {
  HEALTH_BANDS,
  type HealthBand,
  type HealthDistribution,
} from "@success-manager/contract/dashboard-figures";
import type { RiskLevel } from "@success-manager/contract/vocabulary";
import type { CustomerRow } from "../directory/index.ts";
import { meanOf, sharesOf } from "../figures.ts";
import { riskOf } from "../health/index.ts";

/** Health bands and risk levels are the same four ranges of scores under two names. */
const BAND_BY_RISK: Readonly<Record<RiskLevel, HealthBand>> = {
  low: "excellent",
  medium: "good",
  high: "at_risk",
  critical: "critical",
};

/** The band of a score from 0 to 100, or of a mean of scores. */
export const healthBand = (score: number): HealthBand => BAND_BY_RISK[riskOf(score)];

/** How many customers are in each band, by newest score; those who have left are counted too. */
export function healthDistribution(rows: readonly CustomerRow[]): HealthDistribution {
  const counts = { excellent: 0, good: 0, at_risk: 0, critical: 0 };
  let sum = 0;
  for (const { score } of rows) {
    if (!score) continue;
    counts[healthBand(score.overall_score)] += 1;
    sum += score.overall_score;
  }
  const total = counts.excellent + counts.good + counts.at_risk + counts.critical;
  const [excellent = 0, good = 0, at_risk = 0, critical = 0] = sharesOf([
    counts.excellent,
    counts.good,
    counts.at_risk,
    counts.critical,
  ]);
  const band = (name: HealthBand, percentage: number) => ({
    ...HEALTH_BANDS[name],
    count: counts[name],
    percentage,
  });
  return {
    average_score: meanOf(sum, total) ?? 0,
    excellent: band("excellent", excellent),
    good: band("good", good),
    at_risk: band("at_risk", at_risk),
    critical: band("critical", critical),
    total_scored: total,
  };
}
