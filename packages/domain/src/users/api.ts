/** The team: accounts, passwords, who may sign in. Lists: `list.ts`; how an account is written: `write.ts`. */
import { randomUUID } from "node:crypto";
import type { Actor } from "@success-manager/contract/dsl/endpoint";
import { badRequest, type IfMatch, requireMatch } from "@success-manager/contract/problem";
import type { User } from "@success-manager/contract/user";
import type { NewUser, UserChanges } from "@success-manager/contract/users";
import { find, getRequest, type StoredUser, UserEntity } from "../table/index.ts";
import { toUser } from "./list.ts";
import { hashPassword, passwordMatches } from "./password.ts";
import { createUser, findLogin, load, updateUser, wrongPassword } from "./write.ts";

export { list, toUser } from "./list.ts";

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
  await createUser(user, password_hash);
  return toUser(user);
}

/** @throws 404 */
export async function get(id: string): Promise<User> {
  return toUser(await load(id));
}

/**
 * Changes a user on behalf of an admin.
 * @throws 400 when admins demote or deactivate themselves; what `updateUser` throws
 */
export async function update(
  id: string,
  { password, phone: _, ...change }: UserChanges,
  actor: Actor,
  ifMatch?: IfMatch,
): Promise<User> {
  if (id === actor.id && change.is_active === false) throw badRequest("You can't deactivate yourself.");
  if (id === actor.id && change.role && change.role !== actor.role)
    throw badRequest("You can't change your own role.");
  const password_hash = password ? await hashPassword(password) : undefined;
  return toUser(await updateUser(id, { ...change, password_hash }, ifMatch));
}

/** Activates or deactivates a user; deactivation ends all of their sessions. */
export const activate = (id: string, is_active: boolean, actor: Actor, ifMatch?: IfMatch) =>
  update(id, { is_active }, actor, ifMatch);

/** Deactivates a user for good; the address stays reserved. Doing it again changes nothing. */
export async function remove(id: string, actor: Actor, ifMatch?: IfMatch): Promise<{ message: string }> {
  if (id === actor.id) throw badRequest("You can't delete yourself.");
  const user = await load(id);
  requireMatch(user.revision, ifMatch);
  if (user.is_active) await updateUser(id, { is_active: false }, ifMatch);
  return { message: `${user.full_name} can no longer sign in.` };
}

/** Changes the actor's own name and address. */
export async function updateProfile(
  actor: Actor,
  { email, full_name }: { email?: string | null | undefined; full_name?: string | null | undefined },
  ifMatch?: IfMatch,
): Promise<User> {
  return toUser(await updateUser(actor.id, { email, full_name }, ifMatch));
}

/** Comparing takes long: what relies on it is written on condition that the login is still the one compared. */

/**
 * Changes the actor's own password. Every session ends, this one too.
 * @throws 401 when the current password is wrong
 */
export async function changePassword(
  actor: Actor,
  { current_password, new_password }: { current_password: string; new_password: string },
): Promise<{ message: string }> {
  const login = await findLogin(actor.email);
  const matches = await passwordMatches(current_password, login?.password_hash);
  if (!matches || login?.user_id !== actor.id) throw wrongPassword();
  const password_hash = await hashPassword(new_password);
  await updateUser(actor.id, { password_hash, proven_hash: login.password_hash });
  return { message: "Your password is changed. Sign in again with the new one." };
}

/**
 * The user who holds this address and password, whether active or not, and the login that was compared;
 * undefined otherwise. Takes the same time in both cases.
 */
export async function verifyCredentials(email: string, password: string) {
  const login = await findLogin(email);
  if (!(await passwordMatches(password, login?.password_hash)) || !login) return undefined;
  const user = await find(getRequest(UserEntity, login.user_id));
  return user ? { user, login } : undefined;
}
