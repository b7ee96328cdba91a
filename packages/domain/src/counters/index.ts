export {
  ALL_DAYS,
  ALL_MONTHS,
  type Counters,
  countersBetween,
  countersRequest,
  type DirectorySeries,
  dayOf,
  hourOf,
  monthOf,
  openLinkState,
  parseCounters,
  periodKey,
  type Series,
  sumCounters,
  type TotalsRow,
  weekOf,
} from "./counters.ts";
export type { Theme } from "./themes.ts";

/** What texts praise and complain about (`themes.ts`). Its lexicon is large, so it is loaded when it is first needed. */
export const loadThemes = () => import("./themes.ts");
