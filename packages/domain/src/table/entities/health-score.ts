import type { ScoreSummary } from "@success-manager/contract/scores";
import { RiskLevel, ScoreTrend } from "@success-manager/contract/vocabulary";
import { CustomAttributeType, Entity, type EntityItem } from "electrodb";
import { table } from "../client.ts";
import { byId, inDirectory } from "../keys.ts";

const figures = {
  product_deployment_id: { type: "string" },
  overall_score: { type: "number", required: true },
  adoption_score: { type: "number", required: true },
  engagement_score: { type: "number", required: true },
  support_score: { type: "number", required: true },
  financial_score: { type: "number", required: true },
  risk_level: { type: RiskLevel.options, required: true },
  score_trend: { type: ScoreTrend.options, required: true },
  calculated_at: { type: "string", required: true },
} as const;

/** Every score ever calculated. The instant is the key, so there is one score per customer and instant. */
export const HealthScoreEntity = new Entity(
  {
    model: { service: "success-manager", entity: "score", version: "1" },
    attributes: {
      id: { type: "string", required: true },
      customer_id: { type: "string", required: true },
      ...figures,
      /** `calculated_at` of the customer's score before; absent on their first. Counters tell the first score of a period by it. */
      previous_calculated_at: { type: "string" },
      /** `ScoreFactors` as JSON: only ever read and written whole, and as a map it takes three times as long. */
      factors: { type: "string", required: true },
    },
    indexes: {
      primary: {
        pk: { field: "pk", composite: ["customer_id"], template: "scores#${customer_id}", casing: "none" },
        sk: { field: "sk", composite: ["calculated_at"], template: "${calculated_at}", casing: "none" },
      },
    },
  },
  table,
);
export type StoredScore = EntityItem<typeof HealthScoreEntity>;

/**
 * The newest score of a customer, in the directory. Apart from the customer, so that batch scoring never
 * meets somebody's edit.
 */
export const LatestScoreEntity = new Entity(
  {
    model: { service: "success-manager", entity: "latest_score", version: "1" },
    attributes: {
      id: { type: "string", required: true },
      customer_id: { type: "string", required: true },
      ...figures,
      /** Scores before and with this one: the total of the history. */
      revision: { type: "number", required: true },
      /**
       * `calculated_at` and overall of earlier scores that the trend may still compare with, oldest first:
       * the newest one that is at least 30 days old, and all younger ones. See `health/trend.ts`.
       */
      trail: { type: "string", required: true },
      /** The newest score that carries a deployment's label, by deployment. */
      by_deployment: {
        type: CustomAttributeType<Readonly<Record<string, ScoreSummary>>>("any"),
        required: true,
      },
      changed_at: { type: "string", required: true },
    },
    indexes: { primary: byId("latest_score", "customer_id"), byType: inDirectory("customer_id") },
  },
  table,
);
export type LatestScore = EntityItem<typeof LatestScoreEntity>;
