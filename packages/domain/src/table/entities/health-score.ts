import type {
  ScoreBacktestResult,
  ScoreDefinitionContent,
  ScoreFilter,
} from "@success-manager/contract/score-definitions";
import type { ScoreOverride, ScoreSummary } from "@success-manager/contract/scores";
import {
  BacktestVerdict,
  HealthRisk,
  KnownBy,
  OverrideReason,
  RiskLevel,
  ScoreTrend,
} from "@success-manager/contract/vocabulary";
import { CustomAttributeType, Entity, type EntityItem } from "electrodb";
import { table } from "../client.ts";
import { byDueDate, byId, customersOwn, inDirectory, typeByTime } from "../keys.ts";

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
  /** The version of the definition that it was calculated by; 1 when absent. */
  definition_version: { type: "number" },
  /** How much of the weight was measured; all of it when absent. */
  coverage: { type: "number" },
  /** The definition's band, where it is another than `risk_level`. */
  band: { type: HealthRisk.options },
  /** What somebody has set in place of the calculated score, and that. */
  override: { type: CustomAttributeType<Pick<ScoreOverride, "score" | "reason" | "ends_at">>("any") },
  calculated_score: { type: "number" },
  /** Band and trend of the calculated score, beside an override: they hold when it has ended (`scoreAt`). */
  calculated_band: { type: HealthRisk.options },
  calculated_trend: { type: ScoreTrend.options },
  /** A notable change as JSON (`health/serialize.ts`): of a score the one that it made, of the newest score the last one. */
  change: { type: "string" },
} as const;

/** Whether a score is shown among what happened with a customer: the first one, and those that moved notably. */
export const isScoreEntry = ({
  change,
  previous_calculated_at,
}: {
  readonly change?: string | undefined;
  readonly previous_calculated_at?: string | undefined;
}): boolean => change !== undefined || previous_calculated_at === undefined;

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
      /** `Measured[]` as JSON (`health/serialize.ts`). */
      measures: { type: "string" },
      /** Why it is another one than that before: `Part[]` as JSON (`health/movement.ts`); absent where it did not move. */
      movement: { type: "string" },
    },
    indexes: {
      primary: {
        pk: { field: "pk", composite: ["customer_id"], template: "scores#${customer_id}", casing: "none" },
        sk: { field: "sk", composite: ["calculated_at"], template: "${calculated_at}", casing: "none" },
      },
      /** Apart from what people did: there, scores would stand between what the next one is calculated from. */
      byCustomer: { ...customersOwn("score_entries", "calculated_at"), condition: isScoreEntry },
    },
  },
  table,
);
export type StoredScore = EntityItem<typeof HealthScoreEntity>;

/** What a score has beside itself while somebody has set another in its place. */
export type OverriddenScore = Pick<
  StoredScore,
  "override" | "calculated_score" | "calculated_band" | "calculated_trend"
>;

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
      /** How many of them are shown among what happened with the customer; those from before there was a choice are not. */
      entries: { type: "number" },
      /** How it has moved since `change`, as JSON: steps that were not notable by themselves. Absent where it has not. */
      drift: { type: "string" },
      /**
       * `calculated_at` and overall of earlier scores that the trend may still compare with, oldest first:
       * the newest one that is at least 30 days old, and all younger ones. See `health/trend.ts`.
       */
      trail: { type: "string", required: true },
      /** The newest score that carries a deployment's label, by deployment. */
      by_deployment: {
        type: CustomAttributeType<Readonly<Record<string, ScoreSummary & Partial<OverriddenScore>>>>("any"),
        required: true,
      },
      /** What it was made of beside what happened (`health/basis.ts`), so that the next one can tell why it moved. */
      basis: { type: "string" },
      changed_at: { type: "string", required: true },
    },
    indexes: { primary: byId("latest_score", "customer_id"), byType: inDirectory("customer_id") },
  },
  table,
);
export type LatestScore = EntityItem<typeof LatestScoreEntity>;

/** What the newest back-test of a draft found: publishing warns by it, without looking for back-tests. */
export interface TestedDraft {
  readonly backtest_id: string;
  /** Of the draft: what was tested. */
  readonly revision: number;
  readonly verdict: ScoreBacktestResult["verdict"];
  readonly sentence: string;
  readonly comparison: Pick<NonNullable<ScoreBacktestResult["comparison"]>, "verdict" | "sentence"> | null;
  /** Measures that may know the outcome. */
  readonly leaks: readonly string[];
}

/** A score definition: a draft, or published under a version and never changed again. */
export const ScoreDefinitionEntity = new Entity(
  {
    model: { service: "success-manager", entity: "score_definition", version: "1" },
    attributes: {
      id: { type: "string", required: true },
      status: { type: ["draft", "published", "retired"] as const, required: true },
      /** From 2 on; 1 is built in. */
      score_version: { type: "number" },
      content: { type: CustomAttributeType<ScoreDefinitionContent>("any"), required: true },
      created_at: { type: "string", required: true },
      /** Names of people. */
      created_by: { type: "string", required: true },
      updated_at: { type: "string", required: true },
      published_at: { type: "string" },
      published_by: { type: "string" },
      retired_at: { type: "string" },
      tested: { type: CustomAttributeType<TestedDraft>("any") },
      revision: { type: "number", required: true },
    },
    indexes: {
      primary: byId("score_definition", "id"),
      byType: typeByTime("score_definition", "created_at"),
    },
  },
  table,
);
export type StoredScoreDefinition = EntityItem<typeof ScoreDefinitionEntity>;

/**
 * The definitions in use, in one item that scoring reads, and the next version: who publishes writes it on the revision
 * that was read, so of two at once one wins.
 */
export const ScoreRegistryEntity = new Entity(
  {
    model: { service: "success-manager", entity: "score_registry", version: "1" },
    attributes: {
      id: { type: "string", required: true },
      definitions: {
        type: CustomAttributeType<
          readonly (Omit<ScoreDefinitionContent, "name" | "note"> & { readonly version: number })[]
        >("any"),
        required: true,
      },
      next_version: { type: "number", required: true },
      revision: { type: "number", required: true },
    },
    indexes: { primary: byId("score_registry", "id") },
  },
  table,
);
export type StoredScoreRegistry = EntityItem<typeof ScoreRegistryEntity>;

/** A score that somebody has set in place of the calculated one, until its end. */
export const ScoreOverrideEntity = new Entity(
  {
    model: { service: "success-manager", entity: "score_override", version: "1" },
    attributes: {
      customer_id: { type: "string", required: true },
      score: { type: "number", required: true },
      reason: { type: OverrideReason.options, required: true },
      note: { type: "string" },
      set_at: { type: "string", required: true },
      /** A person's name. */
      set_by: { type: "string", required: true },
      ends_at: { type: "string", required: true },
      revision: { type: "number", required: true },
    },
    indexes: {
      primary: byId("score_override", "customer_id"),
      byType: typeByTime("score_override", "set_at", "customer_id"),
    },
  },
  table,
);
export type StoredScoreOverride = EntityItem<typeof ScoreOverrideEntity>;

/** A back-test of a definition: what is asked, as it was at the start, and what came of it. */
export const ScoreBacktestEntity = new Entity(
  {
    model: { service: "success-manager", entity: "score_backtest", version: "1" },
    attributes: {
      id: { type: "string", required: true },
      status: { type: ["pending", "running", "completed", "failed"] as const, required: true },
      definition_id: { type: "string", required: true },
      /** A draft has none. */
      score_version: { type: "number" },
      definition_revision: { type: "number", required: true },
      content: { type: CustomAttributeType<ScoreDefinitionContent>("any"), required: true },
      horizon_days: { type: "number", required: true },
      /** Days, ascending. */
      cuts: { type: CustomAttributeType<readonly string[]>("any"), required: true },
      segment: { type: CustomAttributeType<ScoreFilter>("any"), required: true },
      known_by: { type: KnownBy.options, required: true },
      /** How many customers there are, as soon as that is known, and how many were looked at. */
      customers: { type: "number" },
      done: { type: "number", required: true },
      /** How often a worker has begun. */
      attempts: { type: "number", required: true },
      verdict: { type: BacktestVerdict.options },
      sentence: { type: "string" },
      /** `BacktestContent` as JSON, by Brotli in base64: lists read past it (`backtests/api.ts`). */
      result: { type: "string" },
      error: { type: "string" },
      created_at: { type: "string", required: true },
      /** A person's name. */
      created_by: { type: "string", required: true },
      finished_at: { type: "string" },
      revision: { type: "number", required: true },
    },
    indexes: {
      primary: byId("score_backtest", "id"),
      byType: typeByTime("score_backtest", "created_at"),
      byDueDate: byDueDate(
        "score_backtest",
        "created_at",
        ({ status }: { status?: string | undefined }) => status === "pending" || status === "running",
      ),
    },
  },
  table,
);
export type StoredScoreBacktest = EntityItem<typeof ScoreBacktestEntity>;
