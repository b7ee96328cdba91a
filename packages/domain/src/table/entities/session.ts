import { Entity } from "electrodb";
import { table } from "../client.ts";
import { byId } from "../keys.ts";

/** A device that signed in. It ends by removal, by the user's epoch, or by time (TTL). */
export const SessionEntity = new Entity(
  {
    model: { service: "success-manager", entity: "session", version: "1" },
    attributes: {
      id: { type: "string", required: true },
      user_id: { type: "string", required: true },
      /** The user's `session_epoch` when it was opened. */
      epoch: { type: "number", required: true },
      /** The refresh token that is good now; any older one is a replay. */
      refresh_id: { type: "string", required: true },
      created_at: { type: "string", required: true },
      last_active: { type: "string", required: true },
      /** Seconds since 1970; the table's TTL removes it some time after. */
      expires_at_epoch: { type: "number", required: true },
    },
    indexes: { primary: byId("session", "id") },
  },
  table,
);
