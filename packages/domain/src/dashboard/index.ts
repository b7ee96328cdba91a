export * as Dashboard from "./api.ts";
export { stats as dashboardStats } from "./api.ts";
export { csatTrends, healthTrends } from "./trends.ts";
