import { HealthRisk, OpenRenewalStage } from "@success-manager/contract/vocabulary";
import { CustomAttributeType, Entity, type EntityItem } from "electrodb";
import { table } from "../client.ts";
import { byId, inDirectory, partitions } from "../keys.ts";
import type { Writer } from "../writer.ts";

/**
 * What is known of the renewal of a customer's term beside its contract and its outcomes, in the directory. Whether and
 * how it has ended is not stored: it follows from the outcomes (`renewals/renewals.ts`).
 */
export const RenewalEntity = new Entity(
  {
    model: { service: "success-manager", entity: "renewal", version: "1" },
    attributes: {
      id: { type: "string", required: true },
      customer_id: { type: "string", required: true },
      /** Of the customer's renewals, from 1. */
      number: { type: "number", required: true },
      /** Of the customer's spells, as they were counted when it was made. */
      spell: { type: "number", required: true },
      /** The contract's end, as the job last noted it. */
      term_end: { type: "string", required: true },
      /** The ends before it was moved, oldest first. */
      former_ends: { type: "list", items: { type: "string" } },
      stage: { type: OpenRenewalStage.options, required: true },
      /** Integer cents; the contract's value when absent. */
      amount: { type: "number" },
      next_step: { type: "string" },
      next_step_due: { type: "string" },
      /** A user; the account manager when absent. */
      owner_id: { type: "string" },
      /** The outcome that closing it has recorded. */
      outcome_id: { type: "string" },
      /** On the day of its creation. */
      created_score: { type: "number" },
      created_band: { type: HealthRisk.options },
      /** 90 days before the end, or when the job first looked after that. */
      lead_on: { type: "string" },
      lead_score: { type: "number" },
      lead_band: { type: HealthRisk.options },
      created_at: { type: "string", required: true },
      updated_at: { type: "string", required: true },
      changed_at: { type: "string", required: true },
      revision: { type: "number", required: true },
      written_by: { type: CustomAttributeType<Writer>("any") },
    },
    indexes: { primary: byId("renewal", "id"), byType: inDirectory("id") },
  },
  table,
);
export type StoredRenewal = EntityItem<typeof RenewalEntity>;

const FORECASTS = partitions.renewalForecasts().key;

/** So many renewals, and an amount of theirs in integer cents. */
export interface RenewalSum {
  readonly renewals: number;
  readonly cents: number;
}
const share = { type: CustomAttributeType<RenewalSum>("any"), required: true } as const;

/** The forecast of a quarter as it was in a week. Written once; amounts in integer cents. */
export const ForecastSnapshotEntity = new Entity(
  {
    model: { service: "success-manager", entity: "forecast_snapshot", version: "1" },
    attributes: {
      period: { type: "string", required: true },
      /** The Monday of the week. */
      week: { type: "string", required: true },
      taken_on: { type: "string", required: true },
      at_stake: share,
      renewed: share,
      lost: share,
      open: share,
      expected: { type: "number", required: true },
      p10: { type: "number", required: true },
      p50: { type: "number", required: true },
      p90: { type: "number", required: true },
      /** How many items hold its renewals. */
      parts: { type: "number", required: true },
      created_at: { type: "string", required: true },
    },
    indexes: {
      primary: {
        pk: { field: "pk", composite: [], template: FORECASTS, casing: "none" },
        sk: { field: "sk", composite: ["period", "week"], template: "${period}#${week}", casing: "none" },
      },
    },
  },
  table,
);
export type ForecastSnapshotItem = EntityItem<typeof ForecastSnapshotEntity>;

/** The renewals that a snapshot is about: `[id, amount in cents]` each, as gzipped JSON in base64. Written once. */
export const ForecastBasisEntity = new Entity(
  {
    model: { service: "success-manager", entity: "forecast_basis", version: "1" },
    attributes: {
      period: { type: "string", required: true },
      week: { type: "string", required: true },
      part: { type: "number", required: true },
      content: { type: "string", required: true },
    },
    indexes: {
      primary: {
        pk: {
          field: "pk",
          composite: ["period", "week", "part"],
          template: "forecast_basis#${period}#${week}#${part}",
          casing: "none",
        },
        sk: { field: "sk", composite: [], template: "forecast_basis", casing: "none" },
      },
    },
  },
  table,
);

/** What became of the renewals of a quarter's snapshots, once that is known: by week, in integer cents. Written once. */
export const ForecastResultEntity = new Entity(
  {
    model: { service: "success-manager", entity: "forecast_result", version: "1" },
    attributes: {
      period: { type: "string", required: true },
      judged_on: { type: "string", required: true },
      actual: { type: CustomAttributeType<Readonly<Record<string, number>>>("any"), required: true },
      created_at: { type: "string", required: true },
    },
    indexes: {
      primary: {
        pk: { field: "pk", composite: [], template: FORECASTS, casing: "none" },
        sk: { field: "sk", composite: ["period"], template: "${period}#result", casing: "none" },
      },
    },
  },
  table,
);
export type ForecastResultItem = EntityItem<typeof ForecastResultEntity>;
