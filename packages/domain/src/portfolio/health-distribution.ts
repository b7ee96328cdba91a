import {
  HEALTH_BANDS,
  type HealthBand,
  type HealthDistribution,
} from "@success-manager/contract/dashboard-figures";
import type { RiskLevel } from "@success-manager/contract/vocabulary";
import type { CustomerRow } from "../directory/index.ts";
import { meanOf, sharesOf } from "../figures.ts";
import { bandOfScore, riskOf } from "../health/index.ts";
import type { Portfolio } from "./population.ts";

/**
 * Risk levels and the health bands of dashboard and reports are the same four ranges of numbers under two names. The band
 * that a definition gives a score is another thing, and may be `unknown` (`bandOfScore`).
 */
const BAND_BY_RISK: Readonly<Record<RiskLevel, HealthBand>> = {
  low: "excellent",
  medium: "good",
  high: "at_risk",
  critical: "critical",
};

/** The band of a score from 0 to 100, or of a mean of scores. */
export const healthBand = (score: number): HealthBand => BAND_BY_RISK[riskOf(score)];

/** Tens of the histogram: 0–9 … 90–99; 100 falls into the last. */
const BINS = 10;

/** What the newest scores come to, in one pass: of 100 000 customers, reading each is what takes the time. */
export function healthFigures(rows: readonly Pick<CustomerRow, "score">[]) {
  const figures = {
    scored: 0,
    /** Sum of the overall scores. */
    overall: 0,
    /** Sums of the components. */
    components: { adoption_score: 0, engagement_score: 0, support_score: 0, financial_score: 0 },
    bands: { excellent: 0, good: 0, at_risk: 0, critical: 0 },
    /** By the band that the definition gives. */
    by_band: { low: 0, medium: 0, high: 0, critical: 0, unknown: 0 },
    trends: { improving: 0, stable: 0, declining: 0 },
    bins: Array.from({ length: BINS }, () => 0),
  };
  const { components, bins } = figures;
  for (const { score } of rows) {
    if (!score) continue;
    const { overall_score: overall } = score;
    figures.scored += 1;
    figures.overall += overall;
    components.adoption_score += score.adoption_score;
    components.engagement_score += score.engagement_score;
    components.support_score += score.support_score;
    components.financial_score += score.financial_score;
    figures.bands[healthBand(overall)] += 1;
    figures.by_band[bandOfScore(score)] += 1;
    figures.trends[score.score_trend] += 1;
    const bin = Math.min(BINS - 1, Math.floor(overall / 10));
    bins[bin] = (bins[bin] ?? 0) + 1;
  }
  return figures;
}

export type HealthFigures = ReturnType<typeof healthFigures>;

/** Mean of the newest scores, one decimal; null without any. */
export const averageHealthScore = ({ overall, scored }: Pick<HealthFigures, "overall" | "scored">) =>
  meanOf(overall, scored);

/** Mean of a component of the newest scores, one decimal; null without any. */
export const averageComponent = (
  { components, scored }: Pick<HealthFigures, "components" | "scored">,
  component: keyof HealthFigures["components"],
) => meanOf(components[component], scored);

/** How many customers are in each band, by newest score. */
export function healthDistribution({ rows, left }: Portfolio): HealthDistribution {
  const figures = healthFigures(rows);
  const { bands, scored } = figures;
  const [excellent = 0, good = 0, at_risk = 0, critical = 0] = sharesOf([
    bands.excellent,
    bands.good,
    bands.at_risk,
    bands.critical,
  ]);
  const band = (name: HealthBand, percentage: number) => ({
    ...HEALTH_BANDS[name],
    count: bands[name],
    percentage,
  });
  return {
    average_score: averageHealthScore(figures) ?? 0,
    excellent: band("excellent", excellent),
    good: band("good", good),
    at_risk: band("at_risk", at_risk),
    critical: band("critical", critical),
    bands: figures.by_band,
    total_scored: scored,
    churned_customers: left.length,
  };
}
