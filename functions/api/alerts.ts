import { alerts } from "@success-manager/contract/alerts";
import { Alerts } from "@success-manager/domain/alerts";
import { logger } from "@success-manager/lambda";
import { serve, withReads } from "../serve.ts";

export const handler = serve(alerts, {
  list: ({ query }) => Alerts.list(query),
  create: ({ body, actor }) => Alerts.create(body, actor),
  dashboard: () => Alerts.dashboard(),
  stats: () => Alerts.stats(),
  bulkResolve: ({ body, actor }) => Alerts.bulkResolve(body, actor),
  bulkSnooze: ({ body, actor }) => Alerts.bulkSnooze(body, actor),
  runChecks: ({ meta }) =>
    Alerts.runChecks({
      remaining: meta.remaining,
      log: (customer_id, error) => logger.error("customer not checked", { customer_id, error }),
    }),
  byCustomer: ({ params, query }) => Alerts.byCustomer(params.id, query),
  get: withReads(
    ({ params }) => Alerts.reads(params.id),
    (_, found) => Alerts.get(found),
  ),
  update: ({ params, body, actor, meta }) => Alerts.update(params.id, body, actor, meta.ifMatch),
  resolve: ({ params, body, actor, meta }) => Alerts.resolve(params.id, body, actor, meta.ifMatch),
  snooze: ({ params, body, actor, meta }) => Alerts.snooze(params.id, body, actor, meta.ifMatch),
});
