import { outcomes } from "@success-manager/contract/outcomes";
import { Customers } from "@success-manager/domain/customers";
import { Outcomes, Retention } from "@success-manager/domain/outcomes";
import { serve } from "../serve.ts";

export const handler = serve(outcomes, {
  list: ({ query }) => Outcomes.list(query),
  import: ({ body }) => Customers.importOutcomes(body),
  get: ({ params }) => Outcomes.get(params.id),
  correct: ({ params, body, meta }) => Customers.correctOutcome(params.id, body, meta.ifMatch),
  withdraw: ({ params, meta }) => Customers.withdrawOutcome(params.id, meta.ifMatch),
  versions: ({ params, query }) => Outcomes.versions(params.id, query),
  retention: ({ query }) => Retention.retention(query),
  retentionCustomers: ({ query }) => Retention.retentionCustomers(query),
});
