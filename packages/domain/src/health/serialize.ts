import type { HealthScore, ScoreSummary } from "@success-manager/contract/scores";
import type { StoredScore } from "../table/index.ts";

/** What stored scores have in common. */
type Figures = Omit<StoredScore, "id" | "customer_id" | "product_deployment_id" | "factors">;

/** A score, its components and its trend under the specification's names. */
export const toScoreComponents = (score: Figures) => ({
  overall_score: score.overall_score,
  engagement_score: score.engagement_score,
  adoption_score: score.adoption_score,
  support_score: score.support_score,
  financial_score: score.financial_score,
  score_trend: score.score_trend,
});

/** A score with its components under all names that clients read. */
export function toScoreSummary(score: Figures): ScoreSummary {
  const { overall_score, adoption_score, engagement_score, support_score, financial_score } = score;
  return {
    overall_score,
    adoption_score,
    engagement_score,
    support_score,
    financial_score,
    product_adoption_score: adoption_score,
    support_health_score: support_score,
    financial_health_score: financial_score,
    sla_compliance_score: null,
    risk_level: score.risk_level,
    score_trend: score.score_trend,
    calculated_at: score.calculated_at,
  };
}

/** A score as the API answers it alone and in histories. */
export const toHealthScore = (score: StoredScore): HealthScore => ({
  id: score.id,
  customer_id: score.customer_id,
  product_deployment_id: score.product_deployment_id ?? null,
  ...toScoreSummary(score),
  notes: null,
  factors: JSON.parse(score.factors),
});
