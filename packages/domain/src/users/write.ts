import { randomUUID } from "node:crypto";
import {
  conflict,
  type IfMatch,
  Problem,
  requireMatch,
  unauthorized,
  unprocessable,
} from "@success-manager/contract/problem";
import type { User } from "@success-manager/contract/user";
import {
  AccountMailEntity,
  type AccountMailKind,
  AdminCountEntity,
  commit,
  conditionCheck,
  currentWriter,
  deleteItem,
  emailKey,
  equals,
  find,
  getOrThrow,
  getRequest,
  IdentityEntity,
  LoginEntity,
  omitNull,
  PasswordLinkEntity,
  putItem,
  RETRY,
  SessionEntity,
  type StoredIdentity,
  type StoredPasswordLink,
  type StoredUser,
  TeamMemberEntity,
  UserEntity,
  updateItem,
  type Write,
  withOptimisticRetry,
} from "../table/index.ts";

/** @throws 404 */
export const load = (id: string): Promise<StoredUser> => getOrThrow(getRequest(UserEntity, id), "User");

/** What proves who holds an address; undefined when nobody does. */
export const findLogin = (email: string) => find(getRequest(LoginEntity, emailKey(email)));

/** The number of active admins is an item of its own, so that the last one can't go, also under concurrency. */
const countAdminIn = () => updateItem(AdminCountEntity.upsert({ role: "admin" }).add({ active: 1 }));
const countAdminOut = () =>
  updateItem(
    AdminCountEntity.patch({ role: "admin" })
      .add({ active: -1 })
      .where((stored, { gt }) => gt(stored.active, 1)),
  );

export const EMAIL_TAKEN = "Another user has this e-mail address already.";
const LAST_ADMIN = "This is the last active admin; make somebody else an admin first.";

export const wrongPassword = (field = "current_password") => unprocessable(field, "is wrong");
export const linkGone = (advice = "Ask for a new one.") =>
  new Problem(410, `This link is no longer valid. ${advice}`);

/** Who was invited and has no password yet can't get in, so the last admin can't leave it to them. */
const countsAsAdmin = ({ role, is_active, invited_at }: StoredUser) =>
  role === "admin" && is_active && invited_at === undefined;

const toTeamMember = (
  { id, full_name, email, role, access, team, is_active, revision, updated_at }: StoredUser,
  changed_at = updated_at,
) => ({
  id,
  full_name,
  email,
  role,
  ...omitNull({ access, team }),
  is_active,
  revision,
  changed_at,
});

const NOTICE_KEPT_SECONDS = 24 * 60 * 60;

/**
 * Notes, in the transaction of a change, that its person is to be told of it (`account-mails.ts`).
 *
 * @param mail_id of what is told once, however often it is noted: its write fails the second time
 */
export function accountMail(
  kind: Exclude<AccountMailKind, "password_reset">,
  { id, email, full_name }: Pick<StoredUser, "id" | "email" | "full_name">,
  created_at: string,
  mail_id: string = randomUUID(),
): Write {
  const expires_at_epoch = Math.floor(Date.parse(created_at) / 1000) + NOTICE_KEPT_SECONDS;
  const mail = { id: mail_id, kind, email, user_id: id, full_name, created_at, expires_at_epoch };
  return putItem(AccountMailEntity.create(mail));
}

/** How a user proves at the first sign-in who they are: by a password, the link that sets one, or a provider. */
type Credential =
  | { readonly password_hash: string }
  | { readonly link: StoredPasswordLink }
  | { readonly identity: StoredIdentity };

/** What a new login holds of a credential. */
function secretOf(credential: Credential) {
  if ("link" in credential) return { password_link_id: credential.link.id };
  if ("identity" in credential) return { identity_id: credential.identity.id };
  return { password_hash: credential.password_hash };
}

/**
 * Writes a new user.
 * @param options.now when the directory hears of it, for a user who is said to have joined earlier
 * @param options.answer as for `commit`
 * @throws 409 when the address is taken, or the person at the provider is somebody here already
 */
export async function createUser(
  user: StoredUser,
  credential: Credential,
  { now = user.updated_at, answer }: { readonly now?: string; readonly answer?: User } = {},
): Promise<void> {
  const writes = [
    putItem(
      LoginEntity.create({ email_key: emailKey(user.email), user_id: user.id, ...secretOf(credential) }),
    ),
    putItem(UserEntity.create(user)),
    putItem(TeamMemberEntity.put(toTeamMember(user, now))),
    ...("link" in credential ? [putItem(PasswordLinkEntity.put(credential.link))] : []),
    ...("identity" in credential ? [putItem(IdentityEntity.create(credential.identity))] : []),
    ...(countsAsAdmin(user) ? [countAdminIn()] : []),
  ];
  const failed = await commit(writes, answer && { answer });
  if (failed.length > 0) throw conflict(EMAIL_TAKEN);
}

/** What `updateUser` may change; a new password and deactivation end all sessions. */
export interface UserChange {
  readonly email?: string | null | undefined;
  readonly full_name?: string | null | undefined;
  /** Null clears it. */
  readonly phone?: string | null | undefined;
  readonly role?: User["role"] | null | undefined;
  readonly access?: User["access"] | null | undefined;
  /** Null clears it. */
  readonly team?: string | null | undefined;
  readonly is_active?: boolean | null | undefined;
  readonly password_hash?: string | undefined;
  /** The hash that the owner of a new password or address proved to know; no other one may be replaced. */
  readonly proven_hash?: string | undefined;
  /** The link by which the password is set; it is used up with it. */
  readonly proven_link?: string | undefined;
  /** The session that goes on when all others end. */
  readonly kept_session?: string | undefined;
  /** A new link for somebody who has no password yet. */
  readonly invitation?: StoredPasswordLink | undefined;
  /** The name of the picture's file; null for none. */
  readonly avatar?: string | null | undefined;
  /** A second factor that is turned on or off with it. */
  readonly second_factor?: SecondFactorChange | undefined;
  /**
   * The person at a provider who holds the address, which has none yet. Password and sessions of before end: nobody
   * has ever proved that whoever set them holds the address.
   */
  readonly identity?: StoredIdentity | undefined;
  /** The person at a provider who is the user no more, and whether a password is left to sign in by. */
  readonly unlinked?: { readonly identity_id: string; readonly has_password: boolean } | undefined;
}

/** How a second factor is turned on or off. */
export interface SecondFactorChange {
  /** Since when it is asked for; null when it is no more. */
  readonly at: string | null;
  /** What is written of the factor itself. Its condition fails when somebody else was faster. */
  readonly write: Write;
  /** What its owner is told. */
  readonly notice: "second_factor_on" | "second_factor_off" | "second_factor_reset";
  /** Whether sessions end with it, but the one that is kept. */
  readonly endsSessions: boolean;
}

/**
 * Whose customers somebody of a role sees: all, unless less is said. Who becomes an admin sees all.
 *
 * @param before what they saw until now
 * @throws 422 for an admin with less
 */
export function grantedAccess(
  role: User["role"],
  asked: User["access"] | null | undefined,
  before: User["access"] = "all",
): User["access"] {
  if (role !== "admin") return asked ?? before;
  if ((asked ?? "all") !== "all") throw unprocessable("access", "must be all for an admin");
  return "all";
}

function applyChange(user: StoredUser, change: UserChange): StoredUser {
  const deactivated = user.is_active && change.is_active === false;
  const hasCredential = change.password_hash !== undefined || change.identity !== undefined;
  const updated_at = new Date().toISOString();
  // Who has nothing left to sign in by is as somebody who was invited: an admin invites them again.
  const uninvited = change.unlinked && !change.unlinked.has_password ? updated_at : undefined;
  return {
    ...user,
    email: change.email ?? user.email,
    full_name: change.full_name ?? user.full_name,
    phone: change.phone === undefined ? user.phone : (change.phone ?? undefined),
    role: change.role ?? user.role,
    access: grantedAccess(change.role ?? user.role, change.access, user.access),
    team: change.team === undefined ? user.team : (change.team ?? undefined),
    is_active: change.is_active ?? user.is_active,
    invited_at: hasCredential ? undefined : (change.invitation?.created_at ?? uninvited ?? user.invited_at),
    updated_at,
    written_by: currentWriter(),
    revision: user.revision + 1,
    avatar: change.avatar === undefined ? user.avatar : (change.avatar ?? undefined),
    second_factor_at: change.second_factor ? (change.second_factor.at ?? undefined) : user.second_factor_at,
    session_epoch:
      user.session_epoch +
      (deactivated || hasCredential || change.unlinked || change.second_factor?.endsSessions ? 1 : 0),
  };
}

/** What stood against a change. */
type Obstacle =
  | "changed"
  | "taken"
  | "last admin"
  | "other password"
  | "other link"
  | "other factor"
  | "other identity"
  | "session ended";

/** Why a write of a change fails when it does. */
type ReasonedWrite = readonly [Write, Obstacle];

function userWrites(before: StoredUser, after: StoredUser): ReasonedWrite[] {
  const { id, email, full_name, phone, role, access, team, is_active, invited_at, avatar, second_factor_at } =
    after;
  const { updated_at, revision, session_epoch } = after;
  const patch = UserEntity.patch({ id })
    .set({ email, full_name, role, is_active, updated_at, revision, session_epoch })
    .set(omitNull({ phone, access, team, invited_at, avatar, second_factor_at }))
    .remove([
      ...(phone === undefined ? (["phone"] as const) : []),
      ...(team === undefined ? (["team"] as const) : []),
      ...(invited_at === undefined ? (["invited_at"] as const) : []),
      ...(avatar === undefined ? (["avatar"] as const) : []),
      ...(second_factor_at === undefined ? (["second_factor_at"] as const) : []),
    ])
    .where((stored, { eq }) => eq(stored.revision, before.revision));
  return [
    [updateItem(patch), "changed"],
    [putItem(TeamMemberEntity.put(toTeamMember(after))), "changed"],
  ];
}

/** Moves a login to another address. A link that was mailed to the old one is left behind. */
async function moveLogin(
  { id, email }: StoredUser,
  email_key: string,
  { password_hash, proven_hash }: UserChange,
): Promise<ReasonedWrite[] | Obstacle> {
  const login = await findLogin(email);
  if (login?.user_id !== id) return "changed";
  if (proven_hash !== undefined && login.password_hash !== proven_hash) return "other password";
  const { password_link_id: _, ...kept } = login;
  const moved = { ...kept, email_key, ...(password_hash && { password_hash }) };
  const old = LoginEntity.remove({ email_key: login.email_key }).where((stored, { eq, notExists }) =>
    login.password_hash === undefined
      ? notExists(stored.password_hash)
      : eq(stored.password_hash, login.password_hash),
  );
  return [
    [putItem(LoginEntity.create(moved)), "taken"],
    [deleteItem(old), "changed"],
  ];
}

/** Sets a password, a link that may, or who it is at a provider. */
function loginWrites(
  { id, email }: StoredUser,
  { password_hash, proven_hash, proven_link, invitation, identity, unlinked }: UserChange,
  now: string,
): ReasonedWrite[] {
  const login = LoginEntity.patch({ email_key: emailKey(email) });
  if (invitation)
    return [
      [putItem(PasswordLinkEntity.put(invitation)), "changed"],
      [
        updateItem(
          login
            .set({ password_link_id: invitation.id })
            .where((stored, { eq, notExists }) =>
              [eq(stored.user_id, id), notExists(stored.password_hash)].join(" AND "),
            ),
        ),
        "taken",
      ],
    ];
  if (unlinked)
    return [
      [deleteItem(IdentityEntity.delete({ id: unlinked.identity_id })), "other identity"],
      [
        updateItem(
          login
            .remove(["identity_id"])
            .where((stored, { eq, exists, notExists }) =>
              [
                eq(stored.user_id, id),
                eq(stored.identity_id, unlinked.identity_id),
                (unlinked.has_password ? exists : notExists)(stored.password_hash),
              ].join(" AND "),
            ),
        ),
        "other identity",
      ],
    ];
  if (identity)
    return [
      [putItem(IdentityEntity.create(identity)), "taken"],
      [
        updateItem(
          login
            .set({ identity_id: identity.id })
            .remove(["password_hash", "password_link_id"])
            .where((stored, { eq, notExists }) =>
              [eq(stored.user_id, id), notExists(stored.identity_id)].join(" AND "),
            ),
        ),
        "taken",
      ],
    ];
  if (!password_hash)
    return proven_hash
      ? [
          [
            conditionCheck(
              getRequest(LoginEntity, emailKey(email)),
              equals({ user_id: id, password_hash: proven_hash }),
            ),
            "other password",
          ],
        ]
      : [];
  const set = login
    .set({ password_hash })
    .remove(["password_link_id"])
    .where((stored, { eq }) =>
      [
        eq(stored.user_id, id),
        ...(proven_hash ? [eq(stored.password_hash, proven_hash)] : []),
        ...(proven_link ? [eq(stored.password_link_id, proven_link)] : []),
      ].join(" AND "),
    );
  const used = proven_link && PasswordLinkEntity.patch({ id: proven_link }).set({ used_at: now });
  return [
    [updateItem(set), proven_link ? "other link" : "other password"],
    ...(used ? ([[updateItem(used), "other link"]] as const) : []),
  ];
}

/** One attempt to write a change: what stood against it, if anything. */
async function write(
  before: StoredUser,
  after: StoredUser,
  change: UserChange,
): Promise<Obstacle | undefined> {
  const newKey = emailKey(after.email);
  const login =
    emailKey(before.email) === newKey
      ? loginWrites(before, change, after.updated_at)
      : await moveLogin(before, newKey, change);
  if (typeof login === "string") return login;
  const { kept_session, second_factor } = change;
  const session =
    kept_session !== undefined &&
    after.session_epoch !== before.session_epoch &&
    SessionEntity.patch({ user_id: after.id, id: kept_session }).set({ epoch: after.session_epoch });
  // Who sets the first one is at it.
  const isNewPassword = change.password_hash !== undefined && before.invited_at === undefined;
  const admins = Number(countsAsAdmin(after)) - Number(countsAsAdmin(before));
  const writes: ReasonedWrite[] = [
    ...userWrites(before, after),
    ...login,
    ...(session ? ([[updateItem(session), "session ended"]] as const) : []),
    ...(second_factor
      ? ([
          [second_factor.write, "other factor"],
          [accountMail(second_factor.notice, before, after.updated_at), "changed"],
        ] as const)
      : []),
    ...(isNewPassword
      ? ([[accountMail("password_changed", before, after.updated_at), "changed"]] as const)
      : []),
    ...(admins === 1 ? ([[countAdminIn(), "last admin"]] as const) : []),
    ...(admins === -1 ? ([[countAdminOut(), "last admin"]] as const) : []),
  ];
  const failed = await commit(writes.map(([one]) => one));
  return writes.find((_, index) => failed.includes(index))?.[1];
}

/**
 * Changes a user on the newest revision; another change in between is merged by trying again. Answers the user before
 * and after.
 *
 * @throws 401 when the session that is kept has ended; 404; 409 when the address is taken or the last active admin
 * would go, or the second factor is not as it was; 410 when the proven link is no longer the user's; 412 when `ifMatch` is outdated; 422 when the proven
 * password is no longer the user's
 */
export const updateUser = (id: string, change: UserChange, ifMatch?: IfMatch) =>
  withOptimisticRetry(async () => {
    const before = await load(id);
    requireMatch(before.revision, ifMatch);
    const after = applyChange(before, change);
    switch (await write(before, after, change)) {
      case undefined:
        return { before, after };
      case "changed":
        return RETRY;
      case "taken":
        throw conflict(EMAIL_TAKEN);
      case "last admin":
        throw conflict(LAST_ADMIN);
      case "other password":
        throw wrongPassword();
      case "other link":
        throw linkGone();
      case "other factor":
        throw conflict("The second factor was changed just now.");
      case "other identity":
        throw conflict("How this user signs in was changed just now. Try again.");
      case "session ended":
        throw unauthorized("This session has ended. Sign in again.");
    }
  });
