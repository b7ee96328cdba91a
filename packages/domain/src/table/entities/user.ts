import { Role } from "@success-manager/contract/vocabulary";
import { Entity, type EntityItem } from "electrodb";
import { table } from "../client.ts";
import { byId, inDirectory, typeByTime } from "../keys.ts";

/** A person of the team. Holds no secret, so that reading users never reads password hashes. */
export const UserEntity = new Entity(
  {
    model: { service: "success-manager", entity: "user", version: "1" },
    attributes: {
      id: { type: "string", required: true },
      email: { type: "string", required: true },
      full_name: { type: "string", required: true },
      role: { type: Role.options, required: true },
      is_active: { type: "boolean", required: true },
      last_login: { type: "string" },
      created_at: { type: "string", required: true },
      updated_at: { type: "string", required: true },
      revision: { type: "number", required: true },
      /** Sessions opened under an older epoch have ended. */
      session_epoch: { type: "number", required: true },
    },
    indexes: { primary: byId("user", "id"), byType: typeByTime("user", "created_at") },
  },
  table,
);
export type StoredUser = EntityItem<typeof UserEntity>;

/** Keeps an e-mail address to one user, and the secret that proves who it is. Keyed regardless of case. */
export const LoginEntity = new Entity(
  {
    model: { service: "success-manager", entity: "login", version: "1" },
    attributes: {
      email_key: { type: "string", required: true },
      user_id: { type: "string", required: true },
      password_hash: { type: "string", required: true },
    },
    indexes: { primary: byId("login", "email_key") },
  },
  table,
);

/** How many active admins there are: the last one can't be removed. */
export const AdminCountEntity = new Entity(
  {
    model: { service: "success-manager", entity: "quorum", version: "1" },
    attributes: {
      role: { type: "string", required: true },
      active: { type: "number", required: true },
    },
    indexes: { primary: byId("quorum", "role") },
  },
  table,
);

/** What the directory knows of a user: enough to name an account manager. */
export const TeamMemberEntity = new Entity(
  {
    model: { service: "success-manager", entity: "teammate", version: "1" },
    attributes: {
      id: { type: "string", required: true },
      full_name: { type: "string", required: true },
      email: { type: "string", required: true },
      role: { type: Role.options, required: true },
      is_active: { type: "boolean", required: true },
      changed_at: { type: "string", required: true },
      revision: { type: "number", required: true },
    },
    indexes: { primary: byId("teammate", "id"), byType: inDirectory("id") },
  },
  table,
);
export type TeamMember = EntityItem<typeof TeamMemberEntity>;

/** What keys a login: two spellings of one address have one key (decision 8). */
export { emailKey } from "@success-manager/contract/email";

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
