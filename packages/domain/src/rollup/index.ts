export {
  ALL_DAYS,
  ALL_MONTHS,
  type Counters,
  countersBetween,
  countersGet,
  dayOf,
  monthOf,
  type Series,
  sumOf,
} from "./counters.ts";
