export * as Dashboard from "./api.ts";
export type { TrendPeriods } from "./trend-periods.ts";
export { countersByPeriod, csatTrendsOf, healthTrendsOf } from "./trends.ts";
