import { customers } from "@success-manager/contract/customers";
import { Customers } from "@success-manager/domain/customers";
import { Outcomes } from "@success-manager/domain/outcomes";
import { serve, withReads } from "../serve.ts";

export const handler = serve(customers, {
  list: ({ query }) => Customers.list(query),
  create: ({ body }) => Customers.create(body),
  industries: () => Customers.industries(),
  accountManagers: () => Customers.accountManagers(),
  search: ({ query }) => Customers.search(query),
  atRisk: ({ query }) => Customers.atRisk(query),
  expiringSoon: ({ query }) => Customers.expiringSoon(query),
  get: withReads(
    ({ params }) => Customers.pageReads(params.id),
    ({ params }, found) => Customers.get(params.id, found),
  ),
  update: ({ params, body, meta }) => Customers.update(params.id, body, meta.ifMatch),
  remove: ({ params, meta }) => Customers.markChurned(params.id, meta.ifMatch),
  timeline: withReads(
    ({ params }) => Customers.timelineReads(params.id),
    ({ params, query }, found) => Customers.timeline(params.id, query, found),
  ),
  healthHistory: withReads(
    ({ params }) => Customers.healthHistoryReads(params.id),
    ({ params, query }, found) => Customers.healthHistory(params.id, query, found),
  ),
  scoreChanges: withReads(
    ({ params }) => Customers.scoreChangesReads(params.id),
    ({ params, query }, found) => Customers.scoreChanges(params.id, query, found),
  ),
  outcomes: ({ params, query }) => Outcomes.listByCustomer(params.id, query),
  recordOutcome: ({ params, body }) => Customers.recordOutcome(params.id, body),
});
