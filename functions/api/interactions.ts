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
  update: withReads(
    ({ params }) => Interactions.reads(params.id),
    ({ params, body, meta }, found) => Interactions.update(params.id, body, found, meta.ifMatch),
  ),
  remove: withReads(
    ({ params }) => Interactions.reads(params.id),
    ({ params, meta }, found) => Interactions.remove(params.id, found, meta.ifMatch),
  ),
});
