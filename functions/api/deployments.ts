import { deployments } from "@success-manager/contract/deployments";
import { Deployments } from "@success-manager/domain/deployments";
import { serve, withReads } from "../serve.ts";

export const handler = serve(deployments, {
  list: ({ query }) => Deployments.list(query),
  create: withReads(
    ({ body }) => Deployments.customerReads(body.customer_id),
    ({ body }, found) => Deployments.create(body, found),
  ),
  stats: () => Deployments.stats(),
  expiring: ({ query }) => Deployments.expiring(query),
  byProduct: ({ params, query }) => Deployments.byProduct(params.name, query),
  get: withReads(
    ({ params }) => Deployments.reads(params.id),
    (_, found) => Deployments.get(found),
  ),
  update: ({ params, body, meta }) => Deployments.update(params.id, body, meta.ifMatch),
  remove: ({ params, meta }) => Deployments.deactivate(params.id, meta.ifMatch),
});
