import { Role } from "@success-manager/contract/vocabulary";
import { CustomAttributeType, Entity, type EntityItem } from "electrodb";
import { table } from "../client.ts";
import { byId, inDirectory, partitions, sessionOfUser, typeByTime } from "../keys.ts";
import { type GetRequest, parseBy } from "../read.ts";
import type { Writer } from "../writer.ts";

/** A person of the team. Holds no secret, so that reading users never reads password hashes. */
export const UserEntity = new Entity(
  {
    model: { service: "success-manager", entity: "user", version: "1" },
    attributes: {
      id: { type: "string", required: true },
      email: { type: "string", required: true },
      full_name: { type: "string", required: true },
      phone: { type: "string" },
      role: { type: Role.options, required: true },
      is_active: { type: "boolean", required: true },
      /** When the last invitation was made, as long as there is no password. */
      invited_at: { type: "string" },
      last_login: { type: "string" },
      created_at: { type: "string", required: true },
      updated_at: { type: "string", required: true },
      revision: { type: "number", required: true },
      /** Sessions opened under an older epoch have ended. */
      session_epoch: { type: "number", required: true },
      /** Who wrote it last (`writer.ts`). */
      written_by: { type: CustomAttributeType<Writer>("any") },
    },
    indexes: { primary: byId("user", "id"), byType: typeByTime("user", "created_at") },
  },
  table,
);
export type StoredUser = EntityItem<typeof UserEntity>;

/**
 * Keeps an e-mail address to one user, and the secret that proves who it is. Keyed regardless of case. Who was
 * invited has no password yet.
 */
export const LoginEntity = new Entity(
  {
    model: { service: "success-manager", entity: "login", version: "1" },
    attributes: {
      email_key: { type: "string", required: true },
      user_id: { type: "string", required: true },
      password_hash: { type: "string" },
      /** The link by which a password may be set: the newest one, until any password is set. */
      password_link_id: { type: "string" },
      /** Hashes of the newest addresses that have signed in (`rate-limit/`). */
      known_addresses: { type: "list", items: { type: "string" } },
    },
    indexes: { primary: byId("login", "email_key") },
  },
  table,
);

/**
 * A mailed link to set a password. Its token is never stored: the id follows from it (`link-token.ts`). It is good as
 * long as the login of its address names it: a newer link, a password and another address each end it.
 */
export const PasswordLinkEntity = new Entity(
  {
    model: { service: "success-manager", entity: "password_link", version: "1" },
    attributes: {
      id: { type: "string", required: true },
      /** SHA-256 of the token, base64url. */
      token_hash: { type: "string", required: true },
      user_id: { type: "string", required: true },
      /** Whose login it sets the password of. */
      email_key: { type: "string", required: true },
      created_at: { type: "string", required: true },
      expires_at: { type: "string", required: true },
      used_at: { type: "string" },
      /** Seconds since 1970, some time after `expires_at`: until then, holders are told what became of it. */
      expires_at_epoch: { type: "number", required: true },
    },
    indexes: { primary: byId("password_link", "id") },
  },
  table,
);
export type StoredPasswordLink = EntityItem<typeof PasswordLinkEntity>;

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

/**
 * A device that signed in. It ends by removal, by the user's epoch, or by time (TTL). Those of a user stand together,
 * by age: their ids begin with the time.
 */
export const SessionEntity = new Entity(
  {
    model: { service: "success-manager", entity: "session", version: "1" },
    attributes: {
      id: { type: "string", required: true },
      user_id: { type: "string", required: true },
      /** The user's `session_epoch` when it was opened. */
      epoch: { type: "number", required: true },
      /** The refresh token that is good now. */
      refresh_id: { type: "string", required: true },
      /** Those before it, with the milliseconds since 1970 when they were exchanged; older ones are replays. */
      former_refresh_ids: {
        type: "list",
        items: {
          type: "map",
          properties: {
            id: { type: "string", required: true },
            rotated_at: { type: "number", required: true },
          },
        },
      },
      created_at: { type: "string", required: true },
      /** When the refresh token that is good now was issued. */
      last_active: { type: "string", required: true },
      user_agent: { type: "string" },
      ip_address: { type: "string" },
      /** Seconds since 1970; the table's TTL removes it some time after. */
      expires_at_epoch: { type: "number", required: true },
    },
    indexes: { primary: sessionOfUser },
  },
  table,
);
export type StoredSession = EntityItem<typeof SessionEntity>;

/** How a session is read: its key needs the user, too. */
export const getSession = (user_id: string, id: string): GetRequest<StoredSession> => ({
  key: { pk: partitions.sessions(user_id).key, sk: id },
  parse: parseBy(SessionEntity),
});
