export * as Forecast from "./forecast.ts";
export * as Renewals from "./list.ts";
export {
  bandOf,
  CREATED_BEFORE_DAYS,
  LEAD_DAYS,
  newItem,
  type Renewal,
  renewalId,
  renewalsOf,
  renewedAmount,
  revised,
  withEnd,
} from "./renewals.ts";
