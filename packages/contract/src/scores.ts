import * as z from "zod";
import { inOrder, paging } from "./paging.ts";
import { calendarDate, count, date, timestamp } from "./values.ts";
import { Product, RiskLevel, ScoreTrend } from "./vocabulary.ts";

const score = z.int().min(0).max(100);

/**
 * The four components (decision 12). The React client also reads the longer names of three of them,
 * and a service-level component that this system does not measure.
 */
export const componentScores = {
  adoption_score: score,
  engagement_score: score,
  support_score: score,
  financial_score: score,
  product_adoption_score: score.meta({ description: "Same as adoption_score" }),
  support_health_score: score.meta({ description: "Same as support_score" }),
  financial_health_score: score.meta({ description: "Same as financial_score" }),
  sla_compliance_score: z.null().meta({ description: "Not measured" }),
};

const factor = <D extends z.ZodRawShape>(details: D) =>
  z.object({ score, weight: z.number(), details: z.object(details) });

/** Why a score is what it is: per component its score, weight and the figures it was computed from. */
export const ScoreFactors = z
  .object({
    adoption: factor({
      products: z.array(Product),
      product_count: count,
      contract_age_days: z.int().nullable(),
      new_customer_bonus: z.boolean(),
    }),
    engagement: factor({
      meetings: count,
      trainings: count,
      calls: count,
      emails: count,
      last_interaction_date: timestamp.nullable(),
    }),
    support: factor({
      support_tickets: count,
      negative_tickets: count,
      escalations: count,
      ticket_score: score,
      survey_count: count,
      mean_satisfaction: z.number().nullable(),
    }),
    financial: factor({
      contract_end_date: calendarDate.nullable(),
      days_to_contract_end: z.int().nullable(),
    }),
  })
  .meta({ id: "ScoreFactors" });
export type ScoreFactors = z.infer<typeof ScoreFactors>;

/** Why a score moved: another definition, what is too old to count by now, the calendar, corrected records, what happened, or a score that somebody has set. */
export const MovementKind = z
  .enum(["behaviour", "aged_out", "calendar", "data", "definition", "override"])
  .meta({ id: "MovementKind" });
export type MovementKind = z.infer<typeof MovementKind>;

export const ScoreSummary = z
  .object({
    overall_score: score,
    ...componentScores,
    risk_level: RiskLevel,
    score_trend: ScoreTrend,
    calculated_at: timestamp,
  })
  .meta({ id: "ScoreSummary" });
export type ScoreSummary = z.infer<typeof ScoreSummary>;

export const HealthScore = z
  .object({
    id: z.uuid(),
    customer_id: z.uuid(),
    product_deployment_id: z.uuid().nullable(),
    ...ScoreSummary.shape,
    notes: z.null(),
    factors: ScoreFactors,
  })
  .meta({ id: "HealthScore" });
export type HealthScore = z.infer<typeof HealthScore>;

/** Whole days, both ends included; an inverted range is refused. */
export const ScoreHistoryFilter = z
  .object({ ...paging(), start_date: date.optional(), end_date: date.optional() })
  .refine(...inOrder("start_date", "end_date"));
export type ScoreHistoryFilter = z.infer<typeof ScoreHistoryFilter>;
