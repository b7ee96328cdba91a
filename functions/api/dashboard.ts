import { dashboard } from "@success-manager/contract/dashboard";
import { Dashboard } from "@success-manager/domain/dashboard";
import { serve } from "../serve.ts";

export const handler = serve(dashboard, {
  stats: () => Dashboard.stats(),
  healthDistribution: () => Dashboard.healthDistribution(),
  healthTrends: ({ query }) => Dashboard.healthTrends(query),
  csatTrends: ({ query }) => Dashboard.csatTrends(query),
  customerSegments: () => Dashboard.customerSegments(),
  upcomingRenewals: ({ query }) => Dashboard.upcomingRenewals(query),
  recentActivity: ({ query }) => Dashboard.recentActivity(query),
  productPerformance: () => Dashboard.productPerformance(),
  accountManagerPerformance: () => Dashboard.accountManagerPerformance(),
  overview: () => Dashboard.overview(),
  topPerformers: ({ query }) => Dashboard.topPerformers(query),
  needsAttention: ({ query }) => Dashboard.needsAttention(query),
});
