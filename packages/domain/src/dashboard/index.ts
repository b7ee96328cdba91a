export { reasonsOf } from "./attention.ts";
export { bandOf } from "./band.ts";
export { segmentsOf } from "./customer-segments.ts";
export * as Dashboard from "./dashboard.ts";
export { distributionOf } from "./health-distribution.ts";
export { averageHealth, hasChurned, sumsOf } from "./portfolio.ts";
export { productsOf } from "./product-performance.ts";
export { firstOf, type ScoredRow } from "./ranking.ts";
export { type Due, dueWithin } from "./upcoming-renewals.ts";
