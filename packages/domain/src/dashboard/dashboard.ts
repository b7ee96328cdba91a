/** What the API offers: the portfolio at a glance. */

// Figures of the directory in memory
export { accountManagerPerformance } from "./account-manager-performance.ts";
// Figures of counters, and the newest of lists by time
export { recentActivity } from "./activity/recent.ts";
export { customerSegments } from "./customer-segments.ts";
export { healthDistribution } from "./health-distribution.ts";
export { needsAttention } from "./needs-attention.ts";
export { overview } from "./overview.ts";
export { productPerformance } from "./product-performance.ts";
export { stats } from "./stats.ts";
export { topPerformers } from "./top-performers.ts";
export { csatTrends } from "./trends/csat.ts";
export { healthTrends } from "./trends/health.ts";
export { upcomingRenewals } from "./upcoming-renewals.ts";
