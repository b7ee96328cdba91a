import type { CustomerScope } from "@success-manager/contract/api-keys";
import type { Scope } from "@success-manager/contract/vocabulary";
import { CustomAttributeType, Entity, type EntityItem } from "electrodb";
import { table } from "../client.ts";
import { byId, typeByTime } from "../keys.ts";

/** What is stored of a secret, which itself is nowhere. */
export interface StoredSecret {
  /** SHA-256 of the whole secret, base64url. */
  readonly hash: string;
  /** Its last four characters. */
  readonly ends_in: string;
  readonly created_at: string;
  /** From then on it is refused. */
  readonly expires_at: string;
}

/** A key by which a program calls the API. It stays when it is revoked: its name stands beside what it did. */
export const ApiKeyEntity = new Entity(
  {
    model: { service: "success-manager", entity: "api_key", version: "1" },
    attributes: {
      id: { type: "string", required: true },
      name: { type: "string", required: true },
      scopes: { type: CustomAttributeType<readonly Scope[]>("any"), required: true },
      /** Which customers it sees; all when absent. */
      customers: { type: CustomAttributeType<CustomerScope>("any") },
      /** Newest first, two at most; none of a key that is revoked. */
      secrets: { type: CustomAttributeType<readonly StoredSecret[]>("any"), required: true },
      created_by: { type: "string", required: true },
      created_by_id: { type: "string", required: true },
      created_at: { type: "string", required: true },
      updated_at: { type: "string", required: true },
      revoked_at: { type: "string" },
      revision: { type: "number", required: true },
    },
    indexes: { primary: byId("api_key", "id"), byType: typeByTime("api_key", "created_at") },
  },
  table,
);
export type StoredApiKey = EntityItem<typeof ApiKeyEntity>;

/**
 * When a key was last used. An item of its own: every function that is called with keys writes it, and none of them
 * needs a right to the keys for that.
 */
export const ApiKeyUseEntity = new Entity(
  {
    model: { service: "success-manager", entity: "api_key_use", version: "1" },
    attributes: {
      id: { type: "string", required: true },
      last_used_at: { type: "string", required: true },
    },
    indexes: { primary: byId("api_key_use", "id") },
  },
  table,
);
