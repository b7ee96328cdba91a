import { HealthScoreEntity } from "./entity.ts";

/** How many scores of a deployment its page shows. */
const SHOWN = 10;

/** The newest scores of a customer that carry a deployment's label, newest first. */
export async function deploymentScores(customer_id: string, deployment_id: string) {
  const { data } = await HealthScoreEntity.query
    .primary({ customer_id })
    .where(({ product_deployment_id }, { eq }) => eq(product_deployment_id, deployment_id))
    .go({ order: "desc", count: SHOWN });
  return data.map((score) => ({
    overall_score: score.overall_score,
    engagement_score: score.engagement_score,
    adoption_score: score.adoption_score,
    support_score: score.support_score,
    financial_score: score.financial_score,
    score_trend: score.score_trend,
    calculated_at: score.calculated_at,
  }));
}
