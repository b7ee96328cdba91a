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
import { get } from "./dsl/endpoint.ts";
import { group } from "./dsl/group.ts";
import { inOrder, rowLimit } from "./paging.ts";
import { MeanFigure, NpsFigure } from "./surveys.ts";
import { count, date, timestamp } from "./values.ts";
import { Product, SurveyType } from "./vocabulary.ts";

const PeriodType = z
  .enum(["daily", "weekly", "monthly"], "must be daily, weekly or monthly")
  .meta({ id: "PeriodType" });
export type PeriodType = z.infer<typeof PeriodType>;

/** For each `range` of a query: its days up to the last one, and the period type unless the query names one. */
export const TREND_RANGES = {
  "7d": { days: 7, period_type: "daily" },
  "30d": { days: 30, period_type: "daily" },
  "90d": { days: 90, period_type: "weekly" },
  "1y": { days: 365, period_type: "monthly" },
} as const satisfies Readonly<Record<string, { readonly days: number; readonly period_type: PeriodType }>>;

const WIDENED = "widened to whole periods";
const end_date = date.optional().meta({ description: `Last day, included, ${WIDENED}; today when absent` });

export const HealthTrendsFilter = z
  .object({
    period_type: PeriodType.optional().meta({ description: "monthly, unless `range` says otherwise" }),
    start_date: date.optional().meta({
      description: `First day, ${WIDENED}. Without it: 30 days before the last when daily, 12 weeks when weekly, 365 days when monthly`,
    }),
    end_date,
    range: z
      .enum(["7d", "30d", "90d", "1y"], "must be 7d, 30d, 90d or 1y")
      .optional()
      .meta({ description: "So many days up to the last one; 7d and 30d daily, 90d weekly, 1y monthly" }),
  })
  .refine((query) => query.range === undefined || query.start_date === undefined, {
    path: ["range"],
    error: "must not be given together with start_date",
  })
  .refine(...inOrder("start_date", "end_date"));
export type HealthTrendsFilter = z.infer<typeof HealthTrendsFilter>;

const period = z.string().meta({ description: "2026-01-31, 2026-W05 (ISO week, Monday first) or 2026-01" });

const HealthPoint = z
  .object({
    period,
    avg_score: z
      .number()
      .nullable()
      .meta({ description: "Mean of all scores of the period, 1 decimal; null without any" }),
    customer_count: count.meta({ description: "Customers who were scored in the period" }),
  })
  .meta({ id: "HealthPoint" });

export const HealthTrends = z
  .object({
    period_type: PeriodType,
    overall: z.array(HealthPoint).meta({
      description:
        "Oldest first, from the first period with a score on; later ones without scores are there too",
    }),
    by_product: z.array(z.object({ product: Product, trends: z.array(HealthPoint) })).meta({
      description:
        "Products that were active when a customer was scored, each from its first period with a score on; those without scores are left out. Who gains a product within a period counts among its customers from the next one on",
    }),
  })
  .meta({ id: "HealthTrends" });
export type HealthTrends = z.infer<typeof HealthTrends>;

export const CsatTrendsFilter = z
  .object({
    start_date: date.optional().meta({
      description: "First day, widened to whole months; 365 days before the last when absent",
    }),
    end_date,
  })
  .refine(...inOrder("start_date", "end_date"));
export type CsatTrendsFilter = z.infer<typeof CsatTrendsFilter>;

const month = z.string().meta({ description: "2026-01" });

const CsatPoint = z
  .object({
    period: month,
    avg_score: z.number().nullable().meta({ description: "2 decimals; null without answers" }),
    response_count: count,
    mean: MeanFigure,
  })
  .meta({ id: "CsatPoint" });

const NpsPoint = z
  .object({
    period: month,
    nps_score: z.int().min(-100).max(100).nullable().meta({
      description: "Of however few answers; `nps` says whether it may be shown",
    }),
    response_count: count,
    nps: NpsFigure,
  })
  .meta({ id: "NpsPoint" });

export const CsatTrends = z
  .object({
    overall: z.array(CsatPoint).meta({
      description:
        "1 to 5, without NPS. Oldest first, from the first month with an answer on; later ones without answers are there too",
    }),
    nps: z.array(NpsPoint).meta({ description: "Likewise, from the first month with an NPS answer on" }),
    by_product: z
      .array(z.object({ product: Product, trends: z.array(CsatPoint) }))
      .meta({ description: "1 to 5, without NPS; products without such answers are left out" }),
    by_survey_type: z.array(z.object({ survey_type: SurveyType, trends: z.array(CsatPoint) })).meta({
      description: "Each on its own scale: NPS 0 to 10, others 1 to 5; types without answers are left out",
    }),
  })
  .meta({ id: "CsatTrends" });
export type CsatTrends = z.infer<typeof CsatTrends>;

export const ActivityFilter = z
  .object({
    limit: rowLimit(200, 50),
    start_date: date.optional().meta({ description: "First day; 30 days before the last when absent" }),
    end_date: date.optional().meta({ description: "Last day, included; today when absent" }),
  })
  .refine(...inOrder("start_date", "end_date"));
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
    sees: "all",
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
    query: z.object({ limit: rowLimit(1000, 100) }),
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
  overview: get("/overview", {
    summary: "The portfolio in some figures",
    access,
    returns: DashboardOverview,
  }),
  topPerformers: get("/top-performers", {
    summary: "The healthiest customers, highest score first",
    access,
    query: z.object({ limit: rowLimit(20, 5) }),
    returns: z.array(TopPerformer),
  }),
  needsAttention: get("/needs-attention", {
    summary: "The least healthy customers, lowest score first, and why",
    access,
    query: z.object({ limit: rowLimit(50, 10) }),
    returns: z.array(NeedsAttention),
  }),
});
