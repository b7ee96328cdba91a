import { HealthScoreEntity } from "../table/index.ts";
import { componentsOf } from "./shown.ts";

/** How many scores of a deployment its page shows. */
const SHOWN = 10;

/** The newest scores of a customer that carry a deployment's label, newest first. */
export async function deploymentScores(customer_id: string, deployment_id: string) {
  const { data } = await HealthScoreEntity.query
    .primary({ customer_id })
    .where(({ product_deployment_id }, { eq }) => eq(product_deployment_id, deployment_id))
    .go({ order: "desc", count: SHOWN });
  return data.map((score) => ({ ...componentsOf(score), calculated_at: score.calculated_at }));
}
