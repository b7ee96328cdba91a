export {
  ALL_DAYS,
  ALL_MONTHS,
  type Counters,
  countersBetween,
  countersRequest,
  dayOf,
  monthOf,
  parseCounters,
  periodKey,
  type Series,
  sumCounters,
  weekOf,
} from "./counters.ts";
export type { DirectorySeries, TotalsRow } from "./followed.ts";
