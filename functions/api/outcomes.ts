import { outcomes } from "@success-manager/contract/outcomes";
import { Customers, updateRenewal } from "@success-manager/domain/customers";
import { Outcomes, Retention } from "@success-manager/domain/outcomes";
import { Forecast, Renewals } from "@success-manager/domain/renewals";
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
  renewals: ({ query }) => Renewals.list(query),
  renewal: ({ params }) => Renewals.get(params.id),
  updateRenewal: ({ params, body, meta }) => updateRenewal(params.id, body, meta.ifMatch),
  renewalForecast: ({ query }) => Forecast.forecast(query),
  forecastSnapshots: ({ query }) => Forecast.snapshots(query),
  forecastRecord: () => Forecast.record(),
});
