import * as z from "zod";
import { accepted, del, get, post } from "./dsl/endpoint.ts";
import { group } from "./dsl/group.ts";
import { inOrder, page, paging } from "./paging.ts";
import { backgroundRuns } from "./runs.ts";
import {
  BandCounts,
  HealthScore,
  MovementKind,
  NewestHealthScore,
  NewScoreOverride,
  ScoreHistoryFilter,
  ScoreOverride,
  ScoreSummary,
} from "./scores.ts";
import { churnedCustomers, count, date, flag, integer, uuid } from "./values.ts";
import { CustomerStatus } from "./vocabulary.ts";

export const BatchOptions = z.object({
  run_async: flag.default(false).meta({ description: "Answer at once and score in the background" }),
});

export const BatchResult = z
  .object({
    total_customers: count,
    calculated: count,
    failed: count,
    errors: z.array(z.object({ customer_id: z.uuid(), error: z.string() })),
    run_id: z.string(),
    state: z
      .enum(["completed", "running"])
      .meta({ description: "running: the rest is scored in the background" }),
    message: z.string(),
    runs: backgroundRuns,
  })
  .meta({ id: "BatchResult" });
export type BatchResult = z.infer<typeof BatchResult>;

export const SCORE_BRACKETS = [
  "excellent (80-100)",
  "good (60-79)",
  "at_risk (40-59)",
  "critical (0-39)",
] as const;

export const ScoreTrends = z
  .object({
    total_customers: count.meta({ description: "Customers with a score" }),
    average_score: z.number().nullable(),
    trend_distribution: z.object({ improving: count, stable: count, declining: count }),
    risk_distribution: z
      .object({ low: count, medium: count, high: count, critical: count })
      .meta({ description: "By the number alone; `bands` says of whom too little is known" }),
    bands: BandCounts,
    score_brackets: z.object({
      "excellent (80-100)": count,
      "good (60-79)": count,
      "at_risk (40-59)": count,
      "critical (0-39)": count,
    }),
    churned_customers: churnedCustomers,
  })
  .meta({ id: "ScoreTrends" });
export type ScoreTrends = z.infer<typeof ScoreTrends>;

export const AtRiskFilter = z.object({ ...paging(), threshold: integer(0, 100).default(60) });
export type AtRiskFilter = z.infer<typeof AtRiskFilter>;

export const AtRiskCustomer = z
  .object({
    customer_id: z.uuid(),
    company_name: z.string(),
    account_manager: z.string(),
    status: CustomerStatus,
    ...ScoreSummary.shape,
    days_until_contract_end: z.int().nullable(),
  })
  .meta({ id: "AtRiskCustomer" });
export type AtRiskCustomer = z.infer<typeof AtRiskCustomer>;

const band = z.object({ min: count, max: count, count });
const average = z.number().nullable();

export const ScoreDistribution = z
  .object({
    total_customers: count.meta({ description: "Customers with a score" }),
    overall_distribution: z.object({
      low_risk: band,
      medium_risk: band,
      high_risk: band,
      critical_risk: band,
    }),
    bands: BandCounts,
    sub_score_averages: z.object({
      product_adoption: average,
      support_health: average,
      engagement: average,
      financial_health: average,
      sla_compliance: z.null(),
    }),
    histogram: z.array(z.object({ range: z.string(), count })).length(10),
    churned_customers: churnedCustomers,
  })
  .meta({ id: "ScoreDistribution" });
export type ScoreDistribution = z.infer<typeof ScoreDistribution>;

/** Whole days, both ends included. */
export const MovementFilter = z
  .object({ start_date: date.optional(), end_date: date.optional() })
  .refine(...inOrder("start_date", "end_date"));
export type MovementFilter = z.infer<typeof MovementFilter>;

const points = z.int();

/** How scores moved in some days, and why. */
export const ScoreMovement = z
  .object({
    start_date: z.string(),
    end_date: z.string(),
    improved: count.meta({ description: "Scores higher than their customer's score before" }),
    declined: count,
    points: points.meta({ description: "Of all changes together" }),
    parts: z.array(
      z.object({
        kind: MovementKind,
        measure: z.string().nullable(),
        points,
        gained: count,
        lost: count,
      }),
    ),
  })
  .meta({ id: "ScoreMovement" });
export type ScoreMovement = z.infer<typeof ScoreMovement>;

export const healthScores = group("health-scores", "How likely a customer stays", {
  calculate: post("/calculate/{customer_id}", {
    summary: "Score a customer now",
    access: "manager",
    body: z.object({ product_deployment_id: uuid.nullish() }).nullish(),
    returns: HealthScore,
    errors: [404, 409],
  }),
  calculateAll: post("/calculate-all", {
    summary: "Score all customers that are not churned",
    access: "manager",
    query: BatchOptions,
    costs: { quotas: ["jobs"] },
    returns: accepted(BatchResult, ({ state }) => state === "running"),
    errors: [409],
  }),
  latest: get("/customer/{id}", {
    summary: "The newest score of a customer, and why it last moved",
    access: "member",
    returns: NewestHealthScore,
    errors: [404],
  }),
  history: get("/customer/{id}/history", {
    summary: "Scores of a customer, newest first",
    access: "member",
    query: ScoreHistoryFilter,
    returns: page("health_scores", HealthScore),
  }),
  override: post("/customer/{id}/override", {
    summary: "Set a score in place of the calculated one, for 90 days at most",
    access: "manager",
    body: NewScoreOverride,
    returns: HealthScore,
    errors: [404, 409],
  }),
  getOverride: get("/customer/{id}/override", {
    summary: "The score that somebody has set in place of the calculated one",
    access: "member",
    returns: z.object({ override: ScoreOverride.nullable() }),
    errors: [404],
  }),
  endOverride: del("/customer/{id}/override", {
    summary: "Go back to the calculated score",
    access: "manager",
    returns: HealthScore,
    errors: [404, 409],
  }),
  movement: get("/movement", {
    summary: "How scores of all customers moved in some days, and why",
    access: "member",
    sees: "all",
    query: MovementFilter,
    returns: ScoreMovement,
  }),
  unknown: get("/unknown", {
    summary: "Customers of whom too little is known to say how they are",
    access: "member",
    query: z.object(paging()),
    returns: page("customers", AtRiskCustomer),
  }),
  trends: get("/trends", {
    summary: "How scores move across all customers",
    access: "member",
    returns: ScoreTrends,
  }),
  atRisk: get("/at-risk", {
    summary: "Customers under a threshold who have not left, lowest score first",
    access: "member",
    query: AtRiskFilter,
    returns: page("customers", AtRiskCustomer).extend({ threshold: count }),
  }),
  distribution: get("/distribution", {
    summary: "How scores spread across all customers",
    access: "member",
    returns: ScoreDistribution,
  }),
});
