/** Figures over customer rows that the dashboard and the reports share: pure, nothing is read here. */

export { customerSegments } from "./customer-segments.ts";
export { healthBand, healthDistribution } from "./health-distribution.ts";
export { accountManagerPerformance, productPerformance } from "./performance.ts";
export { attentionReasons, byName, needsAttention, type ScoredRow, topN, topPerformers } from "./ranking.ts";
export { type Renewal, renewalsWithin, upcomingRenewals } from "./renewals.ts";
export {
  averageHealthScore,
  hasChurned,
  portfolioOverview,
  portfolioStats,
  portfolioTotals,
} from "./stats.ts";
