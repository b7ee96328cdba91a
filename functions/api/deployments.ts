import { deployments } from "@success-manager/contract/deployments";
import { Deployments } from "@success-manager/domain/deployments";
import { serve } from "../serve.ts";

export const handler = serve(deployments, {
  list: ({ query }) => Deployments.list(query),
  create: ({ body }) => Deployments.create(body),
  stats: () => Deployments.stats(),
  expiring: ({ query }) => Deployments.expiring(query),
  byProduct: ({ params, query }) => Deployments.byProduct(params.name, query),
  get: ({ params }) => Deployments.get(params.id),
  update: ({ params, body, meta }) => Deployments.update(params.id, body, meta.ifMatch),
  remove: ({ params, meta }) => Deployments.deactivate(params.id, meta.ifMatch),
});
