import { OutcomeKind } from "@success-manager/contract/vocabulary";
import { CustomAttributeType, Entity, type EntityItem } from "electrodb";
import { table } from "../client.ts";
import { byId, inDirectory, typeByTime } from "../keys.ts";
import type { Writer } from "../writer.ts";

/** What a version of an outcome says. */
const version = {
  id: { type: "string", required: true },
  customer_id: { type: "string", required: true },
  kind: { type: OutcomeKind.options, required: true },
  notice_on: { type: "string" },
  effective_on: { type: "string", required: true },
  /** Integer cents; so is the next one. */
  amount_before: { type: "number" },
  amount_after: { type: "number" },
  reason: { type: "string", required: true },
  note: { type: "string" },
  competitor: { type: "string" },
  voluntary: { type: "boolean" },
  reference: { type: "string" },
  source: { type: ["person", "status"] as const, required: true },
  is_withdrawn: { type: "boolean", required: true },
  created_at: { type: "string", required: true },
  /** Of this version. */
  recorded_at: { type: "string", required: true },
  recorded_by_name: { type: "string" },
  version: { type: "number", required: true },
} as const;

/** What became of a customer, as its newest version says. */
export const OutcomeEntity = new Entity(
  {
    model: { service: "success-manager", entity: "outcome", version: "1" },
    attributes: {
      ...version,
      /** Grows with each write: with each version, and when a person is erased from the texts. */
      revision: { type: "number", required: true },
      written_by: { type: CustomAttributeType<Writer>("any") },
    },
    indexes: { primary: byId("outcome", "id"), byType: typeByTime("outcome", "created_at") },
  },
  table,
);
export type StoredOutcome = EntityItem<typeof OutcomeEntity>;

/** A former version of an outcome. Nothing changes it but an erasure of personal data. */
export const OutcomeVersionEntity = new Entity(
  {
    model: { service: "success-manager", entity: "outcome_version", version: "1" },
    attributes: version,
    indexes: {
      primary: {
        pk: {
          field: "pk",
          composite: ["id", "version"],
          template: "outcome_version#${id}#${version}",
          casing: "none",
        },
        sk: { field: "sk", composite: [], template: "outcome_version", casing: "none" },
      },
      byType: typeByTime("outcome_version", "created_at"),
    },
  },
  table,
);
export type StoredOutcomeVersion = EntityItem<typeof OutcomeVersionEntity>;

/**
 * All that is known of what became of a customer, in the directory: every version of every outcome without its texts,
 * as `Fact[]` in JSON (`outcomes/spells.ts`), in the order in which they were recorded. Whoever records something writes
 * it, so of many at once one decides at a time.
 */
export const OutcomeLedgerEntity = new Entity(
  {
    model: { service: "success-manager", entity: "outcome_ledger", version: "1" },
    attributes: {
      customer_id: { type: "string", required: true },
      /** The customer's first day, as early as anybody has known it. */
      began_on: { type: "string", required: true },
      facts: { type: "string", required: true },
      changed_at: { type: "string", required: true },
      revision: { type: "number", required: true },
    },
    indexes: { primary: byId("outcome_ledger", "customer_id"), byType: inDirectory("customer_id") },
  },
  table,
);
export type OutcomeLedger = EntityItem<typeof OutcomeLedgerEntity>;
