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
export type { Theme } from "./themes.ts";
/** What comments praise and complain about, in English. Loaded when it is needed: its lexicon is large. */
export const loadThemes = () => import("./themes.ts");
