import { healthScores } from "@success-manager/contract/health-scores";
import { HealthScores } from "@success-manager/domain/health";
import { HealthFigures } from "@success-manager/domain/portfolio";
import { logger } from "@success-manager/lambda";
import { serve, withReads } from "../serve.ts";

export const handler = serve(healthScores, {
  calculate: ({ params, body }) => HealthScores.calculate(params.customer_id, body?.product_deployment_id),
  calculateAll: ({ query, meta }) =>
    HealthScores.calculateAll(query, {
      remaining: meta.remaining,
      log: (customer_id, error) => logger.error("customer not scored", { customer_id, error }),
    }),
  latest: withReads(
    ({ params }) => HealthScores.historyReads(params.id),
    ({ params }, found) => HealthScores.latest(params.id, found),
  ),
  history: withReads(
    ({ params }) => HealthScores.historyReads(params.id),
    ({ params, query }, found) => HealthScores.history(params.id, query, found),
  ),
  override: ({ params, body, actor }) => HealthScores.setOverride(params.id, body, actor),
  getOverride: ({ params }) => HealthScores.getOverride(params.id),
  endOverride: ({ params }) => HealthScores.endOverride(params.id),
  movement: ({ query }) => HealthScores.movement(query),
  unknown: ({ query }) => HealthFigures.unknown(query),
  trends: () => HealthFigures.trends(),
  atRisk: ({ query }) => HealthFigures.atRisk(query),
  distribution: () => HealthFigures.distribution(),
});
