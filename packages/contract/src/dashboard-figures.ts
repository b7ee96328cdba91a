import * as z from "zod";
import { BandCounts, ScoreSummary } from "./scores.ts";
import { MeanFigure, NpsFigure } from "./surveys.ts";
import { calendarDate, churnedCustomers, count } from "./values.ts";
import { CustomerStatus, HealthRisk, Product } from "./vocabulary.ts";

/** An amount of money as a number, for charts; `/customers` has it exact to the cent. */
const money = z.number().min(0);
const percent = z.number().min(0).max(100).meta({ description: "1 decimal" });
const score = z.int().min(0).max(100);
const meanScore = z
  .number()
  .min(0)
  .max(100)
  .nullable()
  .meta({ description: "1 decimal; null without scores" });
const meanCsat = z
  .number()
  .min(1)
  .max(5)
  .nullable()
  .meta({ description: "1 to 5, without NPS, 2 decimals; null without such answers" });

const unknownCustomers = count.meta({
  description: "Customers who have not left and whose band is `unknown`; `/health-scores/unknown` lists them",
});

export const DashboardStats = z
  .object({
    total_customers: count.meta({ description: "Customers who have not left" }),
    active_customers: count,
    at_risk_customers: count.meta({ description: "By status; `/customers/at-risk` also takes low scores" }),
    churned_customers: churnedCustomers,
    onboarding_customers: count,
    customer_change_percentage: z.number().nullable().meta({
      description:
        "Customers of the last 30 days in percent of those before, 1 decimal; null without any before",
    }),
    total_deployments: count.meta({ description: "Active and inactive" }),
    deployments_by_product: z.object({ MonetX: count, SupportX: count, GreenX: count }),
    total_contract_value: money,
    avg_health_score: meanScore.meta({ description: "Of the newest scores, 1 decimal; null without scores" }),
    unknown_customers: unknownCustomers,
    avg_csat_score: meanCsat.meta({
      description: "Of all time, 1 to 5, without NPS, 2 decimals; null without such answers",
    }),
    nps_score: z.int().min(-100).max(100).nullable().meta({
      description:
        "Of all time and however few answers, null without any; `nps` says whether it may be shown",
    }),
    csat: MeanFigure.meta({ description: "`avg_csat_score` and what it is worth" }),
    nps: NpsFigure,
    open_alerts: count.meta({ description: "Unresolved, without snoozed ones" }),
    critical_alerts: count.meta({ description: "Those of them that are critical" }),
  })
  .meta({ id: "DashboardStats" });
export type DashboardStats = z.infer<typeof DashboardStats>;

/** The bands of health scores, best first; both bounds included. */
export const HEALTH_BANDS = {
  excellent: { min: 80, max: 100 },
  good: { min: 60, max: 79 },
  at_risk: { min: 40, max: 59 },
  critical: { min: 0, max: 39 },
} as const;

const HealthBand = z.enum(["excellent", "good", "at_risk", "critical"]).meta({ id: "HealthBand" });
export type HealthBand = z.infer<typeof HealthBand>;

const band = z.object({ min: count, max: count, count, percentage: percent });

export const HealthDistribution = z
  .object({
    average_score: z.number().min(0).max(100).meta({ description: "1 decimal; 0 without scores" }),
    excellent: band,
    good: band,
    at_risk: band,
    critical: band,
    bands: BandCounts,
    total_scored: count,
    churned_customers: churnedCustomers,
  })
  .meta({ id: "HealthDistribution" });
export type HealthDistribution = z.infer<typeof HealthDistribution>;

const Segment = z
  .object({
    name: z.string(),
    count,
    percentage: percent.meta({ description: "Of all customers who have not left" }),
    total_value: money.nullable(),
  })
  .meta({ id: "Segment" });
export type Segment = z.infer<typeof Segment>;

export const CustomerSegments = z
  .object({
    by_industry: z.array(Segment).meta({ description: "Largest first; `Unknown` for none" }),
    by_contract_value_range: z.array(Segment).meta({ description: "Highest first, also empty ones" }),
    by_health_status: z
      .array(Segment)
      .meta({ description: "By the number of the score, best first, also empty ones" }),
    by_band: z.array(Segment).meta({
      description: "By the band of the score, best first, also empty ones; `Not Scored` for none",
    }),
    by_product_mix: z
      .array(Segment)
      .meta({ description: "Largest first; active products, `No Products` for none" }),
    churned_customers: churnedCustomers,
  })
  .meta({ id: "CustomerSegments" });
export type CustomerSegments = z.infer<typeof CustomerSegments>;

const Renewal = z
  .object({
    customer_id: z.uuid(),
    company_name: z.string(),
    contract_value: money.meta({ description: "0 when unknown" }),
    health_score: score.nullable(),
    health_status: HealthBand.nullable(),
    band: HealthRisk.nullable(),
    contract_end_date: calendarDate,
    days_until_renewal: count,
    account_manager: z.string().nullable(),
  })
  .meta({ id: "Renewal" });
export type Renewal = z.infer<typeof Renewal>;

const renewalsWithin = (days: number) =>
  z.array(Renewal).meta({
    description: `Contracts that end from today to ${days} days on, soonest first, as many as \`limit\` asks for`,
  });

export const UpcomingRenewals = z
  .object({
    renewals_30_days: renewalsWithin(30),
    renewals_60_days: renewalsWithin(60),
    renewals_90_days: renewalsWithin(90),
    count_30_days: count.meta({ description: "All of them, also those that are not listed" }),
    count_60_days: count,
    count_90_days: count,
    total_value_30_days: money.meta({ description: "Of all of them" }),
    total_value_60_days: money,
    total_value_90_days: money,
    churned_customers: churnedCustomers,
  })
  .meta({ id: "UpcomingRenewals" });
export type UpcomingRenewals = z.infer<typeof UpcomingRenewals>;

export const ProductPerformance = z
  .object({
    products: z
      .array(
        z
          .object({
            product: Product,
            deployment_count: count,
            active_deployments: count,
            inactive_deployments: count,
            active_ratio: z.number().min(0).max(1).meta({ description: "2 decimals; 0 without deployments" }),
            avg_health_score: meanScore,
            avg_csat_score: meanCsat.meta({
              description: "Of all time, 1 to 5, without NPS, 2 decimals; null without such answers",
            }),
            csat: MeanFigure.meta({ description: "`avg_csat_score` and what it is worth" }),
            customer_count: count.meta({ description: "Customers who have or had it" }),
          })
          .meta({ id: "ProductFigures" }),
      )
      .length(3),
    churned_customers: churnedCustomers,
  })
  .meta({ id: "ProductPerformance" });
export type ProductPerformance = z.infer<typeof ProductPerformance>;

export const AccountManagerPerformance = z
  .object({
    managers: z
      .array(
        z
          .object({
            account_manager: z.string(),
            account_manager_id: z.uuid().nullable().meta({
              description:
                "The user who is linked, or whom the text names; null for somebody without an account",
            }),
            email: z.string().nullable().meta({ description: "The user's: it tells two of one name apart" }),
            customer_count: count.meta({ description: "Customers who have not left" }),
            avg_health_score: meanScore,
            at_risk_customers: count.meta({ description: "By status" }),
            total_contract_value: money,
            churned_customers: churnedCustomers,
            active_alerts: count.meta({ description: "Unresolved, without snoozed ones" }),
          })
          .meta({ id: "AccountManagerFigures" }),
      )
      .meta({
        description:
          "Most customers first; customers without a manager are left out. Users are told apart by id, others by name, however it is spelled",
      }),
    churned_customers: churnedCustomers,
  })
  .meta({ id: "AccountManagerPerformance" });
export type AccountManagerPerformance = z.infer<typeof AccountManagerPerformance>;

export const DashboardOverview = z
  .object({
    total_customers: count.meta({ description: "Customers who have not left" }),
    active_customers: count,
    at_risk_customers: count.meta({ description: "By status" }),
    churned_customers: churnedCustomers,
    onboarding_customers: count,
    average_health_score: z
      .number()
      .meta({ description: "`avg_health_score` of the statistics; 0 without scores" }),
    unknown_customers: unknownCustomers,
    average_csat: z.number().meta({
      description: "`avg_csat_score` of the statistics: of all time; 0 without answers",
    }),
    average_csat_90_days: z
      .number()
      .meta({ description: "Mean of the answers of the last 90 days; 0 without answers" }),
    csat: MeanFigure.meta({ description: "`average_csat` and what it is worth" }),
    csat_90_days: MeanFigure.meta({ description: "`average_csat_90_days` and what it is worth" }),
    total_contract_value: money,
    contracts_expiring_30_days: count.meta({ description: "They end from today on" }),
    contracts_expiring_90_days: count,
  })
  .meta({ id: "DashboardOverview" });
export type DashboardOverview = z.infer<typeof DashboardOverview>;

const customerFields = {
  id: z.uuid(),
  company_name: z.string(),
  industry: z.string().nullable(),
  status: CustomerStatus,
  contract_value: money.nullable(),
  account_manager: z.string(),
};

export const TopPerformer = z
  .object({
    customer: z.object(customerFields),
    health_score: ScoreSummary.pick({
      ...{ overall_score: true, risk_level: true, score_trend: true, calculated_at: true },
      ...{ definition_version: true, coverage: true, band: true },
    }),
  })
  .meta({ id: "TopPerformer" });
export type TopPerformer = z.infer<typeof TopPerformer>;

export const NeedsAttention = z
  .object({
    customer: z.object({ ...customerFields, contract_end_date: calendarDate.nullable() }),
    health_score: ScoreSummary,
    attention_reasons: z.array(z.string()).min(1),
  })
  .meta({ id: "NeedsAttention" });
export type NeedsAttention = z.infer<typeof NeedsAttention>;
