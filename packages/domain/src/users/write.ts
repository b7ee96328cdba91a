import { conflict, type IfMatch, requireMatch, unauthorized } from "@success-manager/contract/problem";
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
  putItem,
  RETRY,
  type StoredUser,
  TeamMemberEntity,
  UserEntity,
  updateItem,
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

const EMAIL_TAKEN = "Another user has this e-mail address already.";
const LAST_ADMIN = "This is the last active admin; make somebody else an admin first.";

export const wrongPassword = () => unauthorized("The current password is wrong.");

const countsAsAdmin = (user: Pick<StoredUser, "role" | "is_active">) =>
  user.role === "admin" && user.is_active;

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

/**
 * Writes a new user.
 * @param now when the directory hears of it, for a user who is said to have joined earlier
 * @throws 409 when the address is taken
 */
export async function createUser(
  user: StoredUser,
  password_hash: string,
  now = user.updated_at,
): Promise<void> {
  const failed = await commit([
    putItem(LoginEntity.create({ email_key: emailKey(user.email), user_id: user.id, password_hash })),
    putItem(UserEntity.create(user)),
    putItem(TeamMemberEntity.put(toTeamMember(user, now))),
    ...(countsAsAdmin(user) ? [countAdminIn()] : []),
  ]);
  if (failed.length > 0) throw conflict(EMAIL_TAKEN);
}

/** What `updateUser` may change; a new password and deactivation end all sessions. */
export interface UserChange {
  readonly email?: string | null | undefined;
  readonly full_name?: string | null | undefined;
  readonly role?: User["role"] | null | undefined;
  readonly is_active?: boolean | null | undefined;
  readonly password_hash?: string | undefined;
  /** The hash that the new password's owner proved to know; no other one may be replaced. */
  readonly proven_hash?: string | undefined;
}

function applyChange(user: StoredUser, change: UserChange): StoredUser {
  const deactivated = user.is_active && change.is_active === false;
  return {
    ...user,
    email: change.email ?? user.email,
    full_name: change.full_name ?? user.full_name,
    role: change.role ?? user.role,
    is_active: change.is_active ?? user.is_active,
    updated_at: new Date().toISOString(),
    revision: user.revision + 1,
    session_epoch: user.session_epoch + (deactivated || change.password_hash ? 1 : 0),
  };
}

type Written = "written" | "changed" | "taken" | "last admin" | "other password";

/** One attempt to write a change: what stood against it, if anything. */
async function write(before: StoredUser, after: StoredUser, change: UserChange): Promise<Written> {
  const { password_hash, proven_hash } = change;
  const [oldKey, newKey] = [emailKey(before.email), emailKey(after.email)];
  const admins = Number(countsAsAdmin(after)) - Number(countsAsAdmin(before));
  const moved = oldKey === newKey ? undefined : await findLogin(before.email);
  if (oldKey !== newKey && moved?.user_id !== before.id) return "changed";
  const { id, email, full_name, role, is_active, updated_at, revision, session_epoch } = after;
  const failed = await commit([
    updateItem(
      UserEntity.patch({ id })
        .set({ email, full_name, role, is_active, updated_at, revision, session_epoch })
        .where((stored, { eq }) => eq(stored.revision, before.revision)),
    ),
    putItem(TeamMemberEntity.put(toTeamMember(after))),
    ...(moved
      ? [
          putItem(
            LoginEntity.create({
              email_key: newKey,
              user_id: id,
              password_hash: password_hash ?? moved.password_hash,
            }),
          ),
          deleteItem(
            LoginEntity.remove({ email_key: oldKey }).where((stored, { eq }) =>
              eq(stored.password_hash, moved.password_hash),
            ),
          ),
        ]
      : password_hash
        ? [
            updateItem(
              LoginEntity.patch({ email_key: oldKey })
                .set({ password_hash })
                .where((stored, { eq, exists }) =>
                  proven_hash ? eq(stored.password_hash, proven_hash) : exists(stored.password_hash),
                ),
            ),
          ]
        : []),
    ...(admins === 1 ? [countAdminIn()] : []),
    ...(admins === -1 ? [countAdminOut()] : []),
  ]);
  if (failed.length === 0) return "written";
  if (failed.includes(0)) return "changed";
  if (moved && failed.includes(2)) return "taken";
  if (moved && failed.includes(3)) return "changed";
  return password_hash && failed.includes(2) ? "other password" : "last admin";
}

/**
 * Changes a user on the newest revision; another change in between is merged by trying again.
 * @throws 401 when the proven password is no longer the user's; 404; 409 when the address is taken or the last
 * active admin would go; 412 when `ifMatch` is outdated
 */
export const updateUser = (id: string, change: UserChange, ifMatch?: IfMatch): Promise<StoredUser> =>
  withOptimisticRetry(async () => {
    const before = await load(id);
    requireMatch(before.revision, ifMatch);
    const after = applyChange(before, change);
    const result = await write(before, after, change);
    if (result === "taken") throw conflict(EMAIL_TAKEN);
    if (result === "last admin") throw conflict(LAST_ADMIN);
    if (result === "other password") throw wrongPassword();
    return result === "written" ? after : RETRY;
  });
