/** Portfolio figures, each computed once for dashboard, lists and reports; and the endpoints that show nothing else. */

export { customerSegments, valueRange } from "./customer-segments.ts";
export { deploymentStats } from "./deployments.ts";
export {
  averageComponent,
  averageHealthScore,
  healthBand,
  healthDistribution,
  healthFigures,
} from "./health-distribution.ts";
export * as HealthFigures from "./health-scores.ts";
export { accountManagerPerformance, productPerformance } from "./performance.ts";
export {
  AT_RISK_BELOW,
  contractEndsWithin,
  hasChurned,
  isAtRisk,
  isUnknown,
  licenseEndsWithin,
  managedBy,
  managerNamed,
  nextDays,
  type Portfolio,
  portfolioFigure,
  portfolioOf,
  scoresBelow60,
} from "./population.ts";
export {
  type AttentionFinding,
  attentionFindings,
  attentionReasons,
  byName,
  needsAttention,
  type ScoredRow,
  topN,
  topPerformers,
} from "./ranking.ts";
export { type Renewal, renewalsWithin, upcomingRenewals } from "./renewals.ts";
export {
  atRiskFigures,
  contractValueOf,
  countByStatus,
  countNew,
  portfolioOverview,
  portfolioStats,
} from "./stats.ts";
