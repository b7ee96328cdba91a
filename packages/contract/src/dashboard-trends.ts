import * as z from "zod";
import { count, date } from "./values.ts";
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
  });
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
    overall: z.array(HealthPoint).meta({ description: "Oldest first; periods without scores are there too" }),
    by_product: z.array(z.object({ product: Product, trends: z.array(HealthPoint) })).meta({
      description:
        "Products that were active when a customer was scored; those without scores are left out. Who gains a product within a period counts among its customers from the next one on",
    }),
  })
  .meta({ id: "HealthTrends" });
export type HealthTrends = z.infer<typeof HealthTrends>;

export const CsatTrendsFilter = z.object({
  start_date: date.optional().meta({
    description: "First day, widened to whole months; 365 days before the last when absent",
  }),
  end_date,
});
export type CsatTrendsFilter = z.infer<typeof CsatTrendsFilter>;

const month = z.string().meta({ description: "2026-01" });

const CsatPoint = z
  .object({
    period: month,
    avg_score: z.number().nullable().meta({ description: "2 decimals; null without answers" }),
    response_count: count,
  })
  .meta({ id: "CsatPoint" });

const NpsPoint = z
  .object({ period: month, nps_score: z.int().min(-100).max(100).nullable(), response_count: count })
  .meta({ id: "NpsPoint" });

export const CsatTrends = z
  .object({
    overall: z.array(CsatPoint).meta({
      description: "1 to 5, without NPS. Oldest first; months without answers are there too",
    }),
    nps: z.array(NpsPoint),
    by_product: z
      .array(z.object({ product: Product, trends: z.array(CsatPoint) }))
      .meta({ description: "1 to 5, without NPS; products without such answers are left out" }),
    by_survey_type: z.array(z.object({ survey_type: SurveyType, trends: z.array(CsatPoint) })).meta({
      description: "Each on its own scale: NPS 0 to 10, others 1 to 5; types without answers are left out",
    }),
  })
  .meta({ id: "CsatTrends" });
export type CsatTrends = z.infer<typeof CsatTrends>;
