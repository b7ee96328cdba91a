import { randomUUID } from "node:crypto";
import type { Actor } from "@success-manager/contract/dsl/endpoint";
import { badRequest } from "@success-manager/contract/problem";
import type { User } from "@success-manager/contract/user";
import type { NewUser, UserChanges } from "@success-manager/contract/users";
import type { StoredUser } from "../table/index.ts";
import { hashPassword } from "./password.ts";
import { shown } from "./shown.ts";
import { stored } from "./stored.ts";
import { insert, revise } from "./write.ts";

export { changePassword, verify } from "./credentials.ts";
export { list } from "./list.ts";
export { shown } from "./shown.ts";

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
  await insert(user, password_hash);
  return shown(user);
}

/** @throws 404 */
export async function get(id: string): Promise<User> {
  return shown(await stored(id));
}

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
