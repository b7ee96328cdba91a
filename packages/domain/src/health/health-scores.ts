import { notFound } from "@success-manager/contract/problem";
import type { HealthScore } from "@success-manager/contract/scores";
import { HealthScoreEntity } from "../table/index.ts";
import { shown } from "./shown.ts";

export { calculate } from "./calculate.ts";
export { calculateAll } from "./calculate-all.ts";
export { scoreHistory as history } from "./history.ts";
export { atRisk, distribution, trends } from "./portfolio.ts";

/** The newest score of a customer with its factors. @throws 404 when there is none */
export async function latest(customer_id: string): Promise<HealthScore> {
  const { data } = await HealthScoreEntity.query
    .primary({ customer_id })
    .go({ order: "desc", limit: 1, consistent: true });
  const [newest] = data;
  if (!newest) throw notFound("Health score");
  return shown(newest);
}
