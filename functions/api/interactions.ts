import { interactions } from "@success-manager/contract/interactions";
import { Interactions } from "@success-manager/domain/interactions";
import { serve, withReads } from "../serve.ts";

export const handler = serve(interactions, {
  list: ({ query }) => Interactions.list(query),
  create: withReads(
    ({ body }) => Interactions.relatedReads(body.customer_id, body.performed_by),
    ({ body, actor }, found) => Interactions.create(body, actor, found),
  ),
  summary: () => Interactions.summary(),
  pendingFollowups: ({ query }) => Interactions.pendingFollowUps(query),
  ofCustomer: ({ params, query }) => Interactions.listByCustomer(params.id, query),
  get: withReads(
    ({ params }) => Interactions.reads(params.id),
    (_, found) => Interactions.get(found),
  ),
  update: ({ params, body, meta }) => Interactions.update(params.id, body, meta.ifMatch),
  remove: ({ params, meta }) => Interactions.remove(params.id, meta.ifMatch),
});
