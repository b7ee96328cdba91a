export {
  ALL_DAYS,
  ALL_MONTHS,
  type Counters,
  countersBetween,
  countersGet,
  countersIn,
  dayOf,
  monthOf,
  periodKey,
  type Series,
  sumOf,
  weekOf,
} from "./counters.ts";
export type { FollowedSeries, TotalsRow } from "./followed.ts";
