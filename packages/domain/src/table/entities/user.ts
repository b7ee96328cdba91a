import { CustomerAccess, Role } from "@success-manager/contract/vocabulary";
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
      /** Whose customers they see; all when absent. */
      access: { type: CustomerAccess.options },
      team: { type: "string" },
      is_active: { type: "boolean", required: true },
      /** When the last invitation was made, as long as there is no password. */
      invited_at: { type: "string" },
      /** The name of the picture's file. */
      avatar: { type: "string" },
      /** Since when a second factor is asked for. */
      second_factor_at: { type: "string" },
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
      /** Who holds the address at the provider of log-ins; they are linked once. */
      identity_id: { type: "string" },
      /** Hashes of the newest addresses that have signed in (`rate-limit/`). */
      known_addresses: { type: "list", items: { type: "string" } },
    },
    indexes: { primary: byId("login", "email_key") },
  },
  table,
);

/**
 * A mailed link to set a password: the first one by an invitation, another one by a reset. Its token is never stored: the id follows from it (`link-token.ts`). It is good as
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
      /** An invitation when absent. */
      purpose: { type: ["invitation", "reset"] as const },
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

/** What people are told about their account by mail; `password_reset` brings the link that they or somebody else asked for. */
export const ACCOUNT_MAILS = [
  "password_reset",
  "password_changed",
  "second_factor_on",
  "second_factor_off",
  "second_factor_reset",
  "recovery_code_used",
  "codes_guessed",
] as const;
export type AccountMailKind = (typeof ACCOUNT_MAILS)[number];

/**
 * A mail about an account that is to be sent. Written in the transaction of what it tells of; the function that follows
 * the table's stream sends it (`users/account-mails.ts`), so that no caller learns from an answer whether there was
 * anybody to tell.
 */
export const AccountMailEntity = new Entity(
  {
    model: { service: "success-manager", entity: "account_mail", version: "1" },
    attributes: {
      id: { type: "string", required: true },
      kind: { type: ACCOUNT_MAILS, required: true },
      /** Of a reset as somebody typed it, which may be nobody's; else where the mail goes. Empty once it was sent. */
      email: { type: "string", required: true },
      user_id: { type: "string" },
      full_name: { type: "string" },
      created_at: { type: "string", required: true },
      /** When it was taken up for sending: it comes twice, and goes out once. */
      handled_at: { type: "string" },
      /** Whether it counts among the resets of its account already. */
      is_counted: { type: "boolean" },
      /** Seconds since 1970. */
      expires_at_epoch: { type: "number", required: true },
    },
    indexes: { primary: byId("account_mail", "id") },
  },
  table,
);
export type StoredAccountMail = EntityItem<typeof AccountMailEntity>;

/**
 * What proves a second time who a user is: codes of an app (RFC 6238), and recovery codes for who has lost it. In an
 * item of its own, so that reading users never reads it. As long as it has no `enabled_at`, nobody is asked for it.
 */
export const SecondFactorEntity = new Entity(
  {
    model: { service: "success-manager", entity: "second_factor", version: "1" },
    attributes: {
      user_id: { type: "string", required: true },
      /** What app and we have in common, encrypted (`auth/second-factor.ts`). */
      secret: { type: "string", required: true },
      /** The version of the key that it is encrypted with. */
      key_id: { type: "string", required: true },
      created_at: { type: "string", required: true },
      enabled_at: { type: "string" },
      /** The step of 30 seconds, since 1970, of the newest code that was used: that one and older ones are not taken. */
      last_step: { type: "number" },
      /** Salted hashes of the recovery codes that are left. */
      recovery_salt: { type: "string" },
      recovery_hashes: { type: "list", items: { type: "string" } },
      /** Grows with each change but the use of a code of the app; begins anew with another secret. */
      generation: { type: "number", required: true },
    },
    indexes: { primary: byId("second_factor", "user_id") },
  },
  table,
);
export type StoredSecondFactor = EntityItem<typeof SecondFactorEntity>;

/** What somebody gets for the right password who has a second factor. Its token is never stored (`link-token.ts`). */
export const SignInTicketEntity = new Entity(
  {
    model: { service: "success-manager", entity: "sign_in_ticket", version: "1" },
    attributes: {
      id: { type: "string", required: true },
      /** SHA-256 of the token, base64url. */
      token_hash: { type: "string", required: true },
      user_id: { type: "string", required: true },
      email_key: { type: "string", required: true },
      /** The user's `session_epoch` when the password was compared: a changed password ends it. */
      epoch: { type: "number", required: true },
      /** Codes that were tried with it. */
      attempts: { type: "number", required: true },
      /** Seconds since 1970. */
      expires_at_epoch: { type: "number", required: true },
    },
    indexes: { primary: byId("sign_in_ticket", "id") },
  },
  table,
);
export type StoredSignInTicket = EntityItem<typeof SignInTicketEntity>;
/**
 * A person at a provider of log-ins (OpenID Connect Core 2: issuer and subject together name them for ever), and the
 * user that they are here. Its id follows from the two.
 */
export const IdentityEntity = new Entity(
  {
    model: { service: "success-manager", entity: "identity", version: "1" },
    attributes: {
      id: { type: "string", required: true },
      issuer: { type: "string", required: true },
      subject: { type: "string", required: true },
      user_id: { type: "string", required: true },
      created_at: { type: "string", required: true },
    },
    indexes: { primary: byId("identity", "id") },
  },
  table,
);
export type StoredIdentity = EntityItem<typeof IdentityEntity>;

/**
 * A log-in with a provider that has succeeded, until the web app has taken its tokens. Its id follows from the state
 * that it began with, so each state ends one log-in. Neither state nor code is stored.
 */
export const OidcLoginEntity = new Entity(
  {
    model: { service: "success-manager", entity: "oidc_login", version: "1" },
    attributes: {
      id: { type: "string", required: true },
      /** SHA-256 of the code, base64url. */
      token_hash: { type: "string", required: true },
      /** SHA-256 of the verifier that only the web app knows which began it, base64url. */
      code_challenge: { type: "string", required: true },
      user_id: { type: "string", required: true },
      expires_at: { type: "string", required: true },
      used_at: { type: "string" },
      /** Seconds since 1970: from then on, nothing that was signed for the state is accepted. */
      expires_at_epoch: { type: "number", required: true },
    },
    indexes: { primary: byId("oidc_login", "id") },
  },
  table,
);
export type StoredOidcLogin = EntityItem<typeof OidcLoginEntity>;

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

/** What the directory knows of a user: enough to name an account manager, and to tell whose customers they see. */
export const TeamMemberEntity = new Entity(
  {
    model: { service: "success-manager", entity: "teammate", version: "1" },
    attributes: {
      id: { type: "string", required: true },
      full_name: { type: "string", required: true },
      email: { type: "string", required: true },
      role: { type: Role.options, required: true },
      /** Whose customers they see; all when absent. */
      access: { type: CustomerAccess.options },
      team: { type: "string" },
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
      /** Whether its user has to set up a second factor before anything else. */
      must_set_up_factor: { type: "boolean" },
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
