export * as Counting from "./count.ts";
export {
  ALL_DAYS,
  ALL_MONTHS,
  addTo,
  type Counters,
  countersBetween,
  countersRequest,
  type DirectorySeries,
  dayOf,
  forgetCounters,
  hourOf,
  isUnreached,
  monthOf,
  openLinkState,
  type PeriodSums,
  PREFIX,
  parseCounters,
  periodKey,
  type Series,
  sumCounters,
  THEMES,
  type TotalsRow,
  weekOf,
} from "./counters.ts";
export { lastInteractionWrite, newestInteractions } from "./last-interaction.ts";
export {
  beginComparison,
  type Checkpoint,
  type Comparison,
  type Drift,
  endRound,
  loadComparison,
  recountSome,
  saveComparison,
} from "./rebuild/index.ts";

export { recentFeedbackRequest, recentFeedbackWrite } from "./stream/feedback.ts";
