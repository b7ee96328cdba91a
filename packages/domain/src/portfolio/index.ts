/** Figures over customer rows that the dashboard and the reports share: pure, nothing is read here. */
export { accountManagerPerformance } from "./account-manager-performance.ts";
export { attentionReasons } from "./attention-reasons.ts";
export { customerSegments } from "./customer-segments.ts";
export { healthBand, healthDistribution } from "./health-distribution.ts";
export { productPerformance } from "./product-performance.ts";
export { byName, needsAttention, type ScoredRow, topN, topPerformers } from "./ranking.ts";
export { type Renewal, renewalsWithin, upcomingRenewals } from "./renewals.ts";
export {
  averageHealthScore,
  hasChurned,
  portfolioOverview,
  portfolioStats,
  portfolioTotals,
} from "./stats.ts";
