import type { Actor } from "@success-manager/contract/dsl/endpoint";
import { UserEntity } from "../table/index.ts";
import { hashPassword, passwordMatches } from "./password.ts";
import { loginOf } from "./stored.ts";
import { revise, wrongPassword } from "./write.ts";

/** Comparing takes long: what relies on it is written on condition that the login is still the one compared. */

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
  if (!matches || login?.user_id !== actor.id) throw wrongPassword();
  const password_hash = await hashPassword(new_password);
  await revise(actor.id, { password_hash, proven_hash: login.password_hash });
  return { message: "Your password is changed. Sign in again with the new one." };
}

/**
 * The user who holds this address and password, whether active or not, and the login that was compared;
 * undefined otherwise. Takes the same time in both cases.
 */
export async function verify(email: string, password: string) {
  const login = await loginOf(email);
  if (!(await passwordMatches(password, login?.password_hash)) || !login) return undefined;
  const { data: user } = await UserEntity.get({ id: login.user_id }).go({ consistent: true });
  return user ? { user, login } : undefined;
}
