import { AuditAction, AuditActorKind } from "@success-manager/contract/audit";
import { Entity, type EntityItem } from "electrodb";
import { table } from "../client.ts";
import type { Partition } from "../keys.ts";

/**
 * A change that somebody made. Never changed: no function may update or delete one. All of a month stand together, by
 * time; those about a thing and those by somebody do so in the indexes. What is personal is held by a proof, so that it
 * can be taken out and the chain still holds (`audit/chain.ts`).
 */
export const AuditEntryEntity = new Entity(
  {
    model: { service: "success-manager", entity: "audit_entry", version: "1" },
    attributes: {
      /** `YYYY-MM` of `at`. */
      month: { type: "string", required: true },
      /** When it was written, to the second, as the stream says. */
      at: { type: "string", required: true },
      /** The stream's number of the record, which no other record has; as many digits in all of them. */
      sequence: { type: "string", required: true },
      /** What was changed: the name of its entity, and its id. */
      subject: { type: "string", required: true },
      subject_id: { type: "string", required: true },
      action: { type: AuditAction.options, required: true },
      actor_kind: { type: AuditActorKind.options, required: true },
      actor_id: { type: "string", required: true },
      request_id: { type: "string" },
      /** Names of changed fields, for the filter. */
      fields: { type: "list", items: { type: "string" }, required: true },
      /** JSON of the fields that are no personal data: `[field, before, after][]`. */
      changes: { type: "string", required: true },
      /** JSON of those that are, and what proves it: an HMAC-SHA256 by a key of its own. */
      personal: { type: "string" },
      personal_key: { type: "string" },
      personal_proof: { type: "string" },
      /** How the actor was called, and what proves it. */
      actor_name: { type: "string" },
      actor_key: { type: "string" },
      actor_proof: { type: "string" },
      /** Which link of its day's chain holds it. */
      link: { type: "number", required: true },
      /** Seconds since 1970. */
      expires_at_epoch: { type: "number", required: true },
    },
    indexes: {
      primary: {
        pk: { field: "pk", composite: ["month"], template: "audit#${month}", casing: "none" },
        sk: { field: "sk", composite: ["at", "sequence"], template: "${at}#${sequence}", casing: "none" },
      },
      byCustomer: {
        index: "byCustomer",
        pk: {
          field: "gsi1pk",
          composite: ["subject", "subject_id"],
          template: "audit#${subject}#${subject_id}",
          casing: "none",
        },
        sk: { field: "gsi1sk", composite: ["at", "sequence"], template: "${at}#${sequence}", casing: "none" },
      },
      byType: {
        index: "byType",
        pk: { field: "gsi2pk", composite: ["actor_id"], template: "audit_actor#${actor_id}", casing: "none" },
        sk: { field: "gsi2sk", composite: ["at", "sequence"], template: "${at}#${sequence}", casing: "none" },
      },
    },
  },
  table,
);
export type StoredAuditEntry = EntityItem<typeof AuditEntryEntity>;

/** A link of a day's chain: the hashes of some entries of the day, and the hash of the link before. Never changed. */
export const AuditLinkEntity = new Entity(
  {
    model: { service: "success-manager", entity: "audit_link", version: "1" },
    attributes: {
      day: { type: "string", required: true },
      /** From 1 on. */
      position: { type: "number", required: true },
      /** The same as a text that sorts. */
      place: { type: "string", required: true },
      /** `<sort key of the entry> <its hash>` of each entry, in their order. */
      entries: { type: "list", items: { type: "string" }, required: true },
      /** The hash of the link before; of a day's first one where the last day before that ended. */
      previous: { type: "string", required: true },
      hash: { type: "string", required: true },
      expires_at_epoch: { type: "number", required: true },
    },
    indexes: {
      primary: {
        pk: { field: "pk", composite: ["day"], template: "audit_chain#${day}", casing: "none" },
        sk: { field: "sk", composite: ["place"], template: "${place}", casing: "none" },
      },
    },
  },
  table,
);
export type StoredAuditLink = EntityItem<typeof AuditLinkEntity>;

/** Where entries and links stand. */
export const auditPartitions = {
  month: (month: string): Partition => ({ index: "primary", key: `audit#${month}` }),
  of: (subject: string, id: string): Partition => ({ index: "byCustomer", key: `audit#${subject}#${id}` }),
  by: (actor_id: string): Partition => ({ index: "byType", key: `audit_actor#${actor_id}` }),
  chain: (day: string): Partition => ({ index: "primary", key: `audit_chain#${day}` }),
} as const;
