import { customers } from "@success-manager/contract/customers";
import type { Actor } from "@success-manager/contract/dsl/endpoint";
import { Customers } from "@success-manager/domain/customers";
import { serve, withReads } from "../serve.ts";

/** Which customers a caller sees: all, unless an API key has a filter. */
const viewerOf = (actor: Actor) =>
  actor.kind === "key" && actor.customers ? { customers: actor.customers } : {};

export const handler = serve(customers, {
  list: ({ query, actor }) => Customers.list(query, viewerOf(actor)),
  create: ({ body }) => Customers.create(body),
  industries: ({ actor }) => Customers.industries(viewerOf(actor)),
  accountManagers: () => Customers.accountManagers(),
  search: ({ query, actor }) => Customers.search(query, viewerOf(actor)),
  atRisk: ({ query, actor }) => Customers.atRisk(query, viewerOf(actor)),
  expiringSoon: ({ query, actor }) => Customers.expiringSoon(query, viewerOf(actor)),
  get: withReads(
    ({ params }) => Customers.pageReads(params.id),
    ({ params, actor }, found) => Customers.get(params.id, Customers.visible(viewerOf(actor), found)),
  ),
  update: ({ params, body, meta }) => Customers.update(params.id, body, meta.ifMatch),
  remove: ({ params, meta }) => Customers.markChurned(params.id, meta.ifMatch),
  timeline: withReads(
    ({ params }) => Customers.pageReads(params.id),
    ({ params, query, actor }, found) =>
      Customers.timeline(params.id, query, Customers.visible(viewerOf(actor), found)),
  ),
  healthHistory: withReads(
    ({ params }) => Customers.healthHistoryReads(params.id),
    ({ params, query, actor }, found) =>
      Customers.healthHistory(params.id, query, Customers.visible(viewerOf(actor), found)),
  ),
});
