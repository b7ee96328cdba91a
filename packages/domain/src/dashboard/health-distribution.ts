import {
  HEALTH_BANDS,
  type HealthBand,
  type HealthDistribution,
} from "@success-manager/contract/dashboard-figures";
import { type CustomerRow, getDirectory } from "../directory/index.ts";
import { meanOf, percentOf } from "../figures.ts";
import { bandOf } from "./band.ts";
import { figureOf } from "./figure.ts";

/** How the newest scores are spread; customers who left are counted too. */
export function distributionOf(rows: readonly CustomerRow[]): HealthDistribution {
  const counts = { excellent: 0, good: 0, at_risk: 0, critical: 0 };
  let sum = 0;
  for (const { score } of rows) {
    if (!score) continue;
    counts[bandOf(score.overall_score)] += 1;
    sum += score.overall_score;
  }
  const total = counts.excellent + counts.good + counts.at_risk + counts.critical;
  const band = (name: HealthBand) => ({
    ...HEALTH_BANDS[name],
    count: counts[name],
    percentage: percentOf(counts[name], total),
  });
  return {
    average_score: meanOf(sum, total) ?? 0,
    excellent: band("excellent"),
    good: band("good"),
    at_risk: band("at_risk"),
    critical: band("critical"),
    total_scored: total,
  };
}

/** How many customers are how healthy, by newest score. */
export async function healthDistribution(): Promise<HealthDistribution> {
  return figureOf(await getDirectory(), "health distribution", distributionOf);
}
