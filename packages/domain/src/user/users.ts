import { randomUUID } from "node:crypto";
import type { Actor } from "@success-manager/contract/dsl/endpoint";
import type { Paging } from "@success-manager/contract/paging";
import {
  badRequest,
  conflict,
  notFound,
  preconditionFailed,
  unauthorized,
} from "@success-manager/contract/problem";
import type { User } from "@success-manager/contract/user";
import type { NewUser, UserChanges, UserFilter } from "@success-manager/contract/users";
import { createWriteTransaction } from "electrodb";
import { CHANGED, cursorOf, instantOf, optimistically, transact } from "../table/index.ts";
import {
  emailKey,
  LoginEntity,
  QuorumEntity,
  type StoredUser,
  TeammateEntity,
  UserEntity,
} from "./entity.ts";
import { hashPassword, passwordMatches } from "./password.ts";

const entities = { user: UserEntity, login: LoginEntity, quorum: QuorumEntity, teammate: TeammateEntity };

const EMAIL_TAKEN = "Another user has this e-mail address already.";
const LAST_ADMIN = "This is the last active admin; make somebody else an admin first.";

/** A user as the API shows it. */
export function shown({ session_epoch: _, last_login, ...user }: StoredUser): User {
  return { ...user, last_login: last_login ?? null };
}

const countsAsAdmin = (user: Pick<StoredUser, "role" | "is_active">) =>
  user.role === "admin" && user.is_active;

const teammateOf = ({ id, full_name, email, role, is_active, revision, updated_at }: StoredUser) => ({
  id,
  full_name,
  email,
  role,
  is_active,
  revision,
  changed_at: updated_at,
});

/**
 * Creates an active user.
 * @throws 409 when the address is taken, also by a deactivated user and regardless of case
 */
export async function create({ password, email, full_name, role }: NewUser): Promise<User> {
  const password_hash = await hashPassword(password);
  const now = new Date().toISOString();
  const user: StoredUser = {
    id: randomUUID(),
    email,
    full_name,
    role,
    is_active: true,
    created_at: now,
    updated_at: now,
    revision: 1,
    session_epoch: 1,
  };
  const failed = await transact(() =>
    createWriteTransaction(entities, ({ user: users, login, quorum, teammate }) => [
      login.create({ email_key: emailKey(email), user_id: user.id, password_hash }).commit(),
      users.create(user).commit(),
      teammate.put(teammateOf(user)).commit(),
      ...(countsAsAdmin(user) ? [quorum.upsert({ role: "admin" }).add({ active: 1 }).commit()] : []),
    ]),
  );
  if (failed.length > 0) throw conflict(EMAIL_TAKEN);
  return shown(user);
}

/** @throws 404 */
export async function get(id: string): Promise<User> {
  return shown(await stored(id));
}

async function stored(id: string): Promise<StoredUser> {
  const { data } = await UserEntity.get({ id }).go({ consistent: true });
  if (!data) throw notFound("User");
  return data;
}

/** All users, newest first. A team is small: this reads one page of about a thousand. */
async function all(): Promise<StoredUser[]> {
  const { data } = await UserEntity.query.byType({}).go({ order: "desc", pages: "all" });
  return data;
}

/** Newest first; `search` is part of the address or the name, any case. */
export async function list({ skip, limit, cursor, search, role, is_active }: UserFilter) {
  const needle = search?.toLowerCase();
  const matching = (await all()).filter(
    (user) =>
      (role === undefined || user.role === role) &&
      (is_active === undefined || user.is_active === is_active) &&
      (needle === undefined ||
        user.email.toLowerCase().includes(needle) ||
        user.full_name.toLowerCase().includes(needle)),
  );
  return pageOf(matching, { skip, limit, cursor });
}

/** Where a page starts: right behind the position of the cursor, whether or not that user still matches. */
function startOf(users: StoredUser[], cursor: string): number {
  const last = instantOf(cursor);
  const index = users.findIndex(
    ({ created_at, id }) => created_at < last.value || (created_at === last.value && id < last.id),
  );
  return index < 0 ? users.length : index;
}

function pageOf(users: StoredUser[], { skip, limit, cursor }: Paging) {
  const start = cursor === undefined ? skip : startOf(users, cursor);
  const page = users.slice(start, start + limit);
  const last = page.at(-1);
  return {
    users: page.map(shown),
    total: users.length,
    skip,
    limit,
    next_cursor:
      last && start + limit < users.length ? cursorOf({ value: last.created_at, id: last.id }) : null,
  };
}

/** What `revise` may change; a new password and deactivation end all sessions. */
interface Revision {
  readonly email?: string | null | undefined;
  readonly full_name?: string | null | undefined;
  readonly role?: User["role"] | null | undefined;
  readonly is_active?: boolean | null | undefined;
  readonly password_hash?: string | undefined;
}

function revised(user: StoredUser, change: Revision): StoredUser {
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

async function loginOf(email: string) {
  const { data } = await LoginEntity.get({ email_key: emailKey(email) }).go({ consistent: true });
  return data;
}

/** One attempt to write a revision: what stood against it, if anything. */
async function write(before: StoredUser, after: StoredUser, password_hash: string | undefined) {
  const [oldKey, newKey] = [emailKey(before.email), emailKey(after.email)];
  const admins = Number(countsAsAdmin(after)) - Number(countsAsAdmin(before));
  const moved = oldKey === newKey ? null : await loginOf(before.email);
  if (oldKey !== newKey && moved?.user_id !== before.id) return "changed";
  const { id, email, full_name, role, is_active, updated_at, revision, session_epoch } = after;
  const failed = await transact(() =>
    createWriteTransaction(entities, ({ user, login, quorum, teammate }) => [
      user
        .patch({ id })
        .set({ email, full_name, role, is_active, updated_at, revision, session_epoch })
        .where((stored, { eq }) => eq(stored.revision, before.revision))
        .commit(),
      teammate.put(teammateOf(after)).commit(),
      ...(moved
        ? [
            login
              .create({ email_key: newKey, user_id: id, password_hash: password_hash ?? moved.password_hash })
              .commit(),
            login
              .remove({ email_key: oldKey })
              .where((stored, { eq }) => eq(stored.password_hash, moved.password_hash))
              .commit(),
          ]
        : password_hash
          ? [login.patch({ email_key: oldKey }).set({ password_hash }).commit()]
          : []),
      ...(admins === 1 ? [quorum.upsert({ role: "admin" }).add({ active: 1 }).commit()] : []),
      ...(admins === -1
        ? [
            quorum
              .patch({ role: "admin" })
              .add({ active: -1 })
              .where((stored, { gt }) => gt(stored.active, 1))
              .commit(),
          ]
        : []),
    ]),
  );
  if (failed.length === 0) return "written";
  if (failed.includes(0)) return "changed";
  return moved && failed.includes(2) ? "taken" : moved && failed.includes(3) ? "changed" : "last admin";
}

/**
 * Changes a user on the newest revision; another change in between is merged by trying again.
 * @throws 404; 409 when the address is taken or the last active admin would go; 412 when `ifMatch` is outdated
 */
const revise = (id: string, change: Revision, ifMatch?: number): Promise<StoredUser> =>
  optimistically(async () => {
    const before = await stored(id);
    if (ifMatch !== undefined && before.revision !== ifMatch) throw preconditionFailed();
    const after = revised(before, change);
    const result = await write(before, after, change.password_hash);
    if (result === "taken") throw conflict(EMAIL_TAKEN);
    if (result === "last admin") throw conflict(LAST_ADMIN);
    return result === "written" ? after : CHANGED;
  });

/**
 * Changes a user on behalf of an admin.
 * @throws 400 when admins demote or deactivate themselves; what `revise` throws
 */
export async function update(
  id: string,
  { password, phone: _, ...change }: UserChanges,
  actor: Actor,
  ifMatch?: number,
): Promise<User> {
  if (id === actor.id && change.is_active === false) throw badRequest("You can't deactivate yourself.");
  if (id === actor.id && change.role && change.role !== actor.role)
    throw badRequest("You can't change your own role.");
  const password_hash = password ? await hashPassword(password) : undefined;
  return shown(await revise(id, { ...change, password_hash }, ifMatch));
}

/** Activates or deactivates a user; deactivation ends all of their sessions. */
export const activate = (id: string, is_active: boolean, actor: Actor) => update(id, { is_active }, actor);

/** Deactivates a user for good; the address stays reserved. Doing it again changes nothing. */
export async function remove(id: string, actor: Actor): Promise<{ message: string }> {
  if (id === actor.id) throw badRequest("You can't delete yourself.");
  const user = await stored(id);
  if (user.is_active) await revise(id, { is_active: false });
  return { message: `${user.full_name} can no longer sign in.` };
}

/** Changes the actor's own name and address. */
export async function updateProfile(
  actor: Actor,
  { email, full_name }: { email?: string | null | undefined; full_name?: string | null | undefined },
  ifMatch?: number,
): Promise<User> {
  return shown(await revise(actor.id, { email, full_name }, ifMatch));
}

/**
 * Changes the actor's own password. Every session ends, this one too.
 * @throws 401 when the current password is wrong
 */
export async function changePassword(
  actor: Actor,
  { current_password, new_password }: { current_password: string; new_password: string },
): Promise<{ message: string }> {
  const login = await loginOf(actor.email);
  const matches = await passwordMatches(current_password, login?.password_hash);
  if (!matches || login?.user_id !== actor.id) throw unauthorized("The current password is wrong.");
  await revise(actor.id, { password_hash: await hashPassword(new_password) });
  return { message: "Your password is changed. Sign in again with the new one." };
}

/**
 * The user who holds this address and password, whether active or not, and the login that was compared;
 * undefined otherwise. Takes the same time in both cases.
 *
 * Comparing takes long: whoever relies on the password writes on condition that the login is still the same.
 */
export async function verify(email: string, password: string) {
  const login = await loginOf(email);
  if (!(await passwordMatches(password, login?.password_hash)) || !login) return undefined;
  const { data: user } = await UserEntity.get({ id: login.user_id }).go({ consistent: true });
  return user ? { user, login } : undefined;
}
