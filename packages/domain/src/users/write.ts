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
  AdminCountEntity,
  commit,
  deleteItem,
  emailKey,
  find,
  getOrThrow,
  getRequest,
  LoginEntity,
  PasswordLinkEntity,
  putItem,
  RETRY,
  SessionEntity,
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

export const wrongPassword = () => unprocessable("current_password", "is wrong");
export const linkGone = () => new Problem(410, "This link is no longer valid. Ask an admin for a new one.");

/** Who was invited and has no password yet can't get in, so the last admin can't leave it to them. */
const countsAsAdmin = ({ role, is_active, invited_at }: StoredUser) =>
  role === "admin" && is_active && invited_at === undefined;

const toTeamMember = (
  { id, full_name, email, role, is_active, revision, updated_at }: StoredUser,
  changed_at = updated_at,
) => ({
  id,
  full_name,
  email,
  role,
  is_active,
  revision,
  changed_at,
});

/** How a user proves at the first sign-in who they are: by a password, or by the link that sets one. */
type Credential = { readonly password_hash: string } | { readonly link: StoredPasswordLink };

/**
 * Writes a new user.
 * @param options.now when the directory hears of it, for a user who is said to have joined earlier
 * @param options.answer as for `commit`
 * @throws 409 when the address is taken
 */
export async function createUser(
  user: StoredUser,
  credential: Credential,
  { now = user.updated_at, answer }: { readonly now?: string; readonly answer?: object } = {},
): Promise<void> {
  const secret =
    "link" in credential
      ? { password_link_id: credential.link.id }
      : { password_hash: credential.password_hash };
  const writes = [
    putItem(LoginEntity.create({ email_key: emailKey(user.email), user_id: user.id, ...secret })),
    putItem(UserEntity.create(user)),
    putItem(TeamMemberEntity.put(toTeamMember(user, now))),
    ...("link" in credential ? [putItem(PasswordLinkEntity.put(credential.link))] : []),
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
}

function applyChange(user: StoredUser, change: UserChange): StoredUser {
  const deactivated = user.is_active && change.is_active === false;
  return {
    ...user,
    email: change.email ?? user.email,
    full_name: change.full_name ?? user.full_name,
    phone: change.phone === undefined ? user.phone : (change.phone ?? undefined),
    role: change.role ?? user.role,
    is_active: change.is_active ?? user.is_active,
    invited_at: change.password_hash ? undefined : (change.invitation?.created_at ?? user.invited_at),
    updated_at: new Date().toISOString(),
    revision: user.revision + 1,
    session_epoch: user.session_epoch + (deactivated || change.password_hash ? 1 : 0),
  };
}

/** What stood against a change. */
type Obstacle = "changed" | "taken" | "last admin" | "other password" | "other link" | "session ended";

/** Why a write of a change fails when it does. */
type ReasonedWrite = readonly [Write, Obstacle];

function userWrites(before: StoredUser, after: StoredUser): ReasonedWrite[] {
  const { id, email, full_name, phone, role, is_active, invited_at, updated_at, revision, session_epoch } =
    after;
  const patch = UserEntity.patch({ id })
    .set({ email, full_name, role, is_active, updated_at, revision, session_epoch })
    .set({ ...(phone !== undefined && { phone }), ...(invited_at !== undefined && { invited_at }) })
    .remove([
      ...(phone === undefined ? (["phone"] as const) : []),
      ...(invited_at === undefined ? (["invited_at"] as const) : []),
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

/** Sets a password, or a link that may. */
function loginWrites(
  { id, email }: StoredUser,
  { password_hash, proven_hash, proven_link, invitation }: UserChange,
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
  if (!password_hash) return [];
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
  const { kept_session } = change;
  const session =
    kept_session !== undefined &&
    after.session_epoch !== before.session_epoch &&
    SessionEntity.patch({ user_id: after.id, id: kept_session }).set({ epoch: after.session_epoch });
  const admins = Number(countsAsAdmin(after)) - Number(countsAsAdmin(before));
  const writes: ReasonedWrite[] = [
    ...userWrites(before, after),
    ...login,
    ...(session ? ([[updateItem(session), "session ended"]] as const) : []),
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
 * would go; 410 when the proven link is no longer the user's; 412 when `ifMatch` is outdated; 422 when the proven
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
      case "session ended":
        throw unauthorized("This session has ended. Sign in again.");
    }
  });
