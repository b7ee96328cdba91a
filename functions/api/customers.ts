import { customers } from "@success-manager/contract/customers";
import { Customers } from "@success-manager/domain/customers";
import { serve } from "../serve.ts";

export const handler = serve(customers, {
  list: ({ query }) => Customers.list(query),
  create: ({ body }) => Customers.create(body),
  industries: () => Customers.industries(),
  accountManagers: () => Customers.accountManagers(),
  search: ({ query }) => Customers.search(query),
  atRisk: ({ query }) => Customers.atRisk(query),
  expiringSoon: ({ query }) => Customers.expiringSoon(query),
  get: ({ params }) => Customers.get(params.id),
  update: ({ params, body, meta }) => Customers.update(params.id, body, meta.ifMatch),
  remove: ({ params, meta }) => Customers.markChurned(params.id, meta.ifMatch),
  timeline: ({ params, query }) => Customers.timeline(params.id, query),
  healthHistory: ({ params, query }) => Customers.healthHistory(params.id, query),
});
