import { CustomAttributeType, Entity, type EntityItem } from "electrodb";
import { table } from "../client.ts";
import { type GetRequest, parseBy } from "../read.ts";

/** Whose calls: those of who is signed in, and those of who answers a survey by a link. */
export type CallScope = "idempotency" | "survey_idempotency";

/**
 * A call that carries an `Idempotency-Key`, and its answer once it is done. The scopes are kept apart by key, so that a
 * function which is open to everybody can be refused those of the team.
 */
export const IdempotencyEntity = new Entity(
  {
    model: { service: "success-manager", entity: "idempotency", version: "1" },
    attributes: {
      scope: { type: ["idempotency", "survey_idempotency"] as const, required: true },
      /** SHA-256 of caller and key, hexadecimal: the key itself is not kept. */
      id: { type: "string", required: true },
      /** Keyed hash of path and body, base64url: whether the same is asked. */
      fingerprint: { type: "string", required: true },
      /** The request that has the key. */
      owner: { type: "string", required: true },
      is_done: { type: "boolean", required: true },
      /** The answer: compressed, then encrypted (`idempotency/`). None while it runs, and of what is too large. */
      answer: { type: CustomAttributeType<Uint8Array>("any") },
      /** The version of the signing key from which both are derived. */
      key_id: { type: "string" },
      /** In milliseconds since 1970: from then on the key may be used anew. */
      free_at: { type: "number", required: true },
      /** Seconds since 1970; the table's TTL removes it some time after. */
      expires_at_epoch: { type: "number", required: true },
    },
    indexes: {
      primary: {
        pk: { field: "pk", composite: ["scope", "id"], template: "${scope}#${id}", casing: "none" },
        sk: { field: "sk", composite: [], template: "idempotency", casing: "none" },
      },
    },
  },
  table,
);
export type StoredCall = EntityItem<typeof IdempotencyEntity>;

/** How a call's record is read. */
export const getCall = (scope: CallScope, id: string): GetRequest<StoredCall> => ({
  key: { pk: `${scope}#${id}`, sk: "idempotency" },
  parse: parseBy(IdempotencyEntity),
});
