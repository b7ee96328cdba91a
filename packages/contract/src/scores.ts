import * as z from "zod";
import { inOrder, paging } from "./paging.ts";
import { calendarDate, count, date, optionalText, timestamp, wholeNumber } from "./values.ts";
import {
  HealthRisk,
  InteractionType,
  MeasureSource,
  MovementKind,
  OverrideReason,
  Product,
  RiskLevel,
  ScoreTrend,
  SurveyType,
} from "./vocabulary.ts";

export { MovementKind, OverrideReason } from "./vocabulary.ts";

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

export const ScoreSummary = z
  .object({
    overall_score: score,
    ...componentScores,
    risk_level: RiskLevel,
    score_trend: ScoreTrend,
    calculated_at: timestamp,
    definition_version: count,
    coverage: z.number(),
    band: HealthRisk,
  })
  .meta({ id: "ScoreSummary" });
export type ScoreSummary = z.infer<typeof ScoreSummary>;

/** How many customers are in each band: the definition's, so the number alone does not tell it. */
export const BandCounts = z
  .object({ low: count, medium: count, high: count, critical: count, unknown: count })
  .meta({ id: "BandCounts" });
export type BandCounts = z.infer<typeof BandCounts>;

/** Something that happened, which a score goes by. */
export const ScoreEvidence = z
  .object({
    type: z.enum(["interaction", "survey"]),
    id: z.string(),
    at: timestamp,
    what: z.enum([...InteractionType.options, ...SurveyType.options]),
    value: z.number().nullable(),
  })
  .meta({ id: "ScoreEvidence" });
export type ScoreEvidence = z.infer<typeof ScoreEvidence>;

export const MeasuredValue = z
  .object({
    key: z.string(),
    source: MeasureSource,
    value: z.number().nullable(),
    score: z.number().nullable(),
    effective_weight: z.number(),
    state: z.enum(["measured", "missing", "stale"]),
    as_of: timestamp.nullable(),
    evidence: z.array(ScoreEvidence),
  })
  .meta({ id: "MeasuredValue" });
export type MeasuredValue = z.infer<typeof MeasuredValue>;

export const ScoreOverride = z
  .object({
    score,
    reason: OverrideReason,
    note: z.string().nullable(),
    set_at: timestamp,
    set_by: z.string(),
    ends_at: timestamp,
    calculated_score: score.nullable().meta({ description: "What it stands in place of" }),
  })
  .meta({ id: "ScoreOverride" });
export type ScoreOverride = z.infer<typeof ScoreOverride>;

export const NewScoreOverride = z
  .object({
    score: wholeNumber(0, 100),
    reason: OverrideReason,
    note: optionalText(2000).default(null),
    days: wholeNumber(1, 90).meta({ description: "It ends by itself after so many" }),
  })
  .meta({ id: "NewScoreOverride" });
export type NewScoreOverride = z.infer<typeof NewScoreOverride>;

export const ScorePart = z
  .object({
    kind: MovementKind,
    measure: z.string().nullable(),
    points: z.int(),
    evidence: z.array(
      z.object({
        ...ScoreEvidence.shape,
        removed: z.boolean().meta({ description: "It was deleted or erased since; its points stay" }),
      }),
    ),
  })
  .meta({ id: "ScorePart" });
export type ScorePart = z.infer<typeof ScorePart>;

const scoreThen = z.object({
  ...{ score, calculated_at: timestamp },
  ...ScoreSummary.pick({ definition_version: true, coverage: true, band: true }).shape,
});

export const ScoreChanges = z
  .object({
    from: scoreThen.nullable(),
    to: scoreThen.nullable(),
    delta: z.int(),
    parts: z.array(ScorePart),
    sentence: z.string(),
  })
  .meta({ id: "ScoreChanges" });
export type ScoreChanges = z.infer<typeof ScoreChanges>;

/** The last change of a score that was large enough to be told. */
export const LatestScoreChange = z
  .object({
    from: score,
    to: score,
    delta: z.int(),
    since: timestamp.meta({ description: "Until then it was `from`" }),
    at: timestamp.meta({ description: "When it had become `to`" }),
    sentence: z.string().meta({ description: "Why, for a person" }),
  })
  .meta({ id: "LatestScoreChange" });
export type LatestScoreChange = z.infer<typeof LatestScoreChange>;

export const HealthScore = z
  .object({
    id: z.uuid(),
    customer_id: z.uuid(),
    product_deployment_id: z.uuid().nullable(),
    ...ScoreSummary.shape,
    notes: z.null(),
    factors: ScoreFactors,
    measures: z.array(MeasuredValue),
    calculated_score: score,
    override: ScoreOverride.pick({ score: true, reason: true, ends_at: true }).nullable(),
  })
  .meta({ id: "HealthScore" });
export type HealthScore = z.infer<typeof HealthScore>;

export const NewestHealthScore = z
  .object({ ...HealthScore.shape, latest_change: LatestScoreChange.nullable() })
  .meta({ id: "NewestHealthScore" });
export type NewestHealthScore = z.infer<typeof NewestHealthScore>;

/** Whole days, both ends included; an inverted range is refused. */
export const ScoreHistoryFilter = z
  .object({ ...paging(), start_date: date.optional(), end_date: date.optional() })
  .refine(...inOrder("start_date", "end_date"));
export type ScoreHistoryFilter = z.infer<typeof ScoreHistoryFilter>;
