import * as z from "zod";
import {
  AccountManagerPerformance,
  CustomerSegments,
  DashboardOverview,
  DashboardStats,
  HealthDistribution,
  NeedsAttention,
  ProductPerformance,
  TopPerformer,
  UpcomingRenewals,
} from "./dashboard-figures.ts";
import { CsatTrends, CsatTrendsFilter, HealthTrends, HealthTrendsFilter } from "./dashboard-trends.ts";
import { get } from "./dsl/endpoint.ts";
import { group } from "./dsl/group.ts";
import { count, date, integer, timestamp } from "./values.ts";

export const ActivityFilter = z.object({
  limit: integer(1, 200).default(50),
  start_date: date.optional().meta({ description: "First day; 30 days before the last when absent" }),
  end_date: date.optional().meta({ description: "Last day, included; today when absent" }),
});
export type ActivityFilter = z.infer<typeof ActivityFilter>;

export const Activity = z
  .object({
    activity_type: z.enum(["new_customer", "new_deployment", "interaction", "csat", "alert"]),
    title: z.string(),
    description: z.string().nullable(),
    customer_id: z.uuid().nullable(),
    customer_name: z.string().nullable(),
    timestamp,
    metadata: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])).nullable(),
  })
  .meta({ id: "Activity" });
export type Activity = z.infer<typeof Activity>;

export const RecentActivity = z
  .object({ activities: z.array(Activity), total: count.meta({ description: "Those returned" }) })
  .meta({ id: "RecentActivity" });
export type RecentActivity = z.infer<typeof RecentActivity>;

const access = "member";

export const dashboard = group("dashboard", "The portfolio at a glance", {
  stats: get("/stats", { summary: "Figures of the whole portfolio", access, returns: DashboardStats }),
  healthDistribution: get("/health-distribution", {
    summary: "How many customers are how healthy, by newest score",
    access,
    returns: HealthDistribution,
  }),
  healthTrends: get("/health-trends", {
    summary: "Mean health score over time, overall and by product",
    access,
    query: HealthTrendsFilter,
    returns: HealthTrends,
  }),
  csatTrends: get("/csat-trends", {
    summary: "Satisfaction month by month, overall, by product and by survey type",
    access,
    query: CsatTrendsFilter,
    returns: CsatTrends,
  }),
  customerSegments: get("/customer-segments", {
    summary: "Customers by industry, contract value, health and products",
    access,
    returns: CustomerSegments,
  }),
  upcomingRenewals: get("/upcoming-renewals", {
    summary: "Contracts that end within 30, 60 and 90 days; each list holds the one before",
    access,
    query: z.object({ limit: integer(1, 1000).default(100) }),
    returns: UpcomingRenewals,
  }),
  recentActivity: get("/recent-activity", {
    summary: "What happened lately, newest first",
    access,
    query: ActivityFilter,
    returns: RecentActivity,
  }),
  productPerformance: get("/product-performance", {
    summary: "Deployments, health and satisfaction of each product",
    access,
    returns: ProductPerformance,
  }),
  accountManagerPerformance: get("/account-manager-performance", {
    summary: "The portfolio of each account manager",
    access,
    returns: AccountManagerPerformance,
  }),
  overview: get("/overview", { summary: "The portfolio in ten figures", access, returns: DashboardOverview }),
  topPerformers: get("/top-performers", {
    summary: "The healthiest customers, highest score first",
    access,
    query: z.object({ limit: integer(1, 20).default(5) }),
    returns: z.array(TopPerformer),
  }),
  needsAttention: get("/needs-attention", {
    summary: "The least healthy customers, lowest score first, and why",
    access,
    query: z.object({ limit: integer(1, 50).default(10) }),
    returns: z.array(NeedsAttention),
  }),
});
