/**
 * The team: accounts, passwords, who may sign in. Lists: `list.ts`; how an account is written: `write.ts`; invitations:
 * `invitations.ts`; mailed links and resets: `password-links.ts`.
 */
import { randomUUID } from "node:crypto";
import type { PasswordChange, Profile } from "@success-manager/contract/auth";
import type { UserActor } from "@success-manager/contract/dsl/endpoint";
import {
  badRequest,
  type IfMatch,
  notFound,
  requireMatch,
  unprocessable,
} from "@success-manager/contract/problem";
import type { User } from "@success-manager/contract/user";
import type { NewUser, UserChanges } from "@success-manager/contract/users";
import { noteFailedSignIn } from "../audit/index.ts";
import { type MailOutcome, trySending } from "../mail/index.ts";
import { addressHash, countDeviceLogin, countLogin, countStrangerLogin } from "../rate-limit/index.ts";
import { settingsOf, settingsRequest } from "../settings/index.ts";
import {
  batchGet,
  currentWriter,
  emailKey,
  type FoundOf,
  getRequest,
  omitNull,
  type StoredUser,
  UserEntity,
} from "../table/index.ts";
import { deleteAvatar } from "./avatar.ts";
import { toUser } from "./list.ts";
import { hashPassword, passwordMatches, refuseWeakPassword, requirePasswords } from "./password.ts";
import { createUser, findLogin, grantedAccess, load, updateUser, wrongPassword } from "./write.ts";

export { readAvatar, removeAvatar, setAvatar, startAvatar } from "./avatar.ts";
export { unlink } from "./identities.ts";
export { invite } from "./invitations.ts";
export { list, toUser } from "./list.ts";
export { getPasswordLink, requestReset, setPassword, validateToken } from "./password-links.ts";

/**
 * Creates an active user.
 * @throws 409 when the address is taken, also by a deactivated user and regardless of case; 422 for a password that
 * would be guessed, and for an admin with less than all customers
 */
export async function create({
  password,
  email,
  full_name,
  phone,
  role,
  access,
  team,
}: NewUser): Promise<User> {
  await refuseWeakPassword("password", password, { email, full_name });
  const password_hash = await hashPassword(password);
  const now = new Date().toISOString();
  const user: StoredUser = {
    id: randomUUID(),
    email,
    full_name,
    ...omitNull({ phone, team }),
    role,
    access: grantedAccess(role, access),
    is_active: true,
    created_at: now,
    updated_at: now,
    written_by: currentWriter(),
    revision: 1,
    session_epoch: 1,
  };
  const answer = toUser(user);
  await createUser(user, { password_hash }, { answer });
  return answer;
}

/** The account itself. */
export const reads = (id: string) => [getRequest(UserEntity, id)] as const;

/** @param found by `reads` @throws 404 */
export async function get([user]: FoundOf<ReturnType<typeof reads>>): Promise<User> {
  if (!user) throw notFound("User");
  return toUser(user);
}

/** A changed user, and what became of the mail about it to the old address; null when there is none. */
export interface ChangedUser {
  readonly user: User;
  readonly notice: MailOutcome | null;
}

type Changed = Awaited<ReturnType<typeof updateUser>>;

/** Tells the old address when another one took its place: whoever is behind that, its owner hears of it. */
async function tellOldAddress(
  { before, after }: Changed,
  remaining: (() => number) | undefined,
): Promise<ChangedUser> {
  const user = toUser(after);
  const moved = emailKey(before.email) !== emailKey(after.email);
  // Who was only invited never used it, and it may be somebody else's by mistake.
  if (!moved || before.invited_at !== undefined) return { user, notice: null };
  const tag = { kind: "notice", subject: user.id, mail_id: randomUUID() } as const;
  const { emailChangedMail } = await import("./mail.ts");
  return { user, notice: await trySending({ to: before.email, ...emailChangedMail(after), tag }, remaining) };
}

/**
 * Changes a user on behalf of an admin. A new password ends their sessions, of one's own all but the caller's.
 * @throws 400 when admins demote or deactivate themselves; 422 for a password that would be guessed; what
 * `updateUser` throws
 */
export async function update(
  id: string,
  { password, ...change }: UserChanges,
  actor: UserActor,
  ifMatch?: IfMatch,
  remaining?: () => number,
): Promise<ChangedUser> {
  const isOwn = id === actor.id;
  if (isOwn && change.is_active === false) throw badRequest("You can't deactivate yourself.");
  if (isOwn && change.role && change.role !== actor.role) throw badRequest("You can't change your own role.");
  if (password) {
    const { email, full_name } = await load(id);
    const person = { email: change.email ?? email, full_name: change.full_name ?? full_name };
    await refuseWeakPassword("password", password, person);
  }
  const password_hash = password ? await hashPassword(password) : undefined;
  const kept_session = isOwn ? actor.session_id : undefined;
  return tellOldAddress(await updateUser(id, { ...change, password_hash, kept_session }, ifMatch), remaining);
}

/** Activates or deactivates a user; deactivation ends all of their sessions. @throws as `update` */
export async function activate(
  id: string,
  is_active: boolean,
  actor: UserActor,
  ifMatch?: IfMatch,
): Promise<User> {
  return (await update(id, { is_active }, actor, ifMatch)).user;
}

/** Deactivates a user for good and deletes their picture; the address stays reserved. Doing it again changes nothing. */
export async function remove(id: string, actor: UserActor, ifMatch?: IfMatch): Promise<{ message: string }> {
  if (id === actor.id) throw badRequest("You can't delete yourself.");
  const user = await load(id);
  requireMatch(user.revision, ifMatch);
  if (user.is_active || user.avatar !== undefined)
    await deleteAvatar((await updateUser(id, { is_active: false, avatar: null }, ifMatch)).before);
  return { message: `${user.full_name} can no longer sign in.` };
}

/**
 * Changes the actor's own name, phone and address. Another address takes the current password, because it is where
 * whoever holds it can get in.
 *
 * @param request the gateway's view of the caller's address, and the milliseconds until the request is cut off
 * @throws 409 when the address is taken; 412; 422 when the current password is missing or wrong; 429 after too many
 * tries
 */
export async function updateProfile(
  actor: UserActor,
  { email, full_name, phone, current_password }: Profile,
  { sourceIp, remaining }: { readonly sourceIp: string; readonly remaining?: () => number },
  ifMatch?: IfMatch,
): Promise<ChangedUser> {
  const change = { email, full_name, phone };
  if (!email || emailKey(email) === emailKey(actor.email))
    return tellOldAddress(await updateUser(actor.id, change, ifMatch), remaining);
  // An outdated change is no attempt.
  requireMatch(actor.revision, ifMatch);
  if (!current_password) throw unprocessable("current_password", "is required for another e-mail address");
  const proven_hash = await confirmPassword(actor, current_password, sourceIp);
  return tellOldAddress(await updateUser(actor.id, { ...change, proven_hash }, ifMatch), remaining);
}

/**
 * Changes the actor's own password. Every other session ends.
 *
 * @param sourceIp the gateway's view of the caller's address
 * @throws 403 where nobody signs in by one; 422 when the current password is wrong or there is none, or the new one
 * would be guessed; 429 after too many tries
 */
export async function changePassword(
  actor: UserActor,
  { current_password, new_password }: PasswordChange,
  sourceIp: string,
): Promise<{ message: string }> {
  requirePasswords();
  await refuseWeakPassword("new_password", new_password, actor);
  const proven_hash = await confirmPassword(actor, current_password, sourceIp);
  const password_hash = await hashPassword(new_password);
  await updateUser(actor.id, { password_hash, proven_hash, kept_session: actor.session_id });
  return {
    message: "Your password is changed. Wherever else you were signed in, you have to sign in again.",
  };
}

/**
 * The hash of the actor's own password, which the caller knows. Comparing takes long: what relies on it is written on
 * condition that the login is still the one compared (`proven_hash`).
 *
 * @param field of the body that it came in, `current_password` when absent
 * @throws 422 when it is another one; 429 after too many tries
 */
export async function confirmPassword(
  actor: UserActor,
  typed: string,
  sourceIp: string,
  field = "current_password",
): Promise<string> {
  const login = await verifyPassword(actor.email, typed, sourceIp, {
    user_id: actor.id,
    session_id: actor.session_id,
  });
  if (login?.user_id === actor.id) return login.password_hash;
  const { password_hash } = (await findLogin(actor.email)) ?? {};
  // Their own account: nobody learns anything.
  if (password_hash === undefined)
    throw unprocessable(field, "this account has none: you sign in by your organization's log-in");
  throw wrongPassword(field);
}

/** A device on which a user has signed in: that of a session, also of one that has ended. */
interface KnownDevice {
  readonly user_id: string;
  readonly session_id: string;
}

/**
 * The login of an address, when the password is its own; undefined otherwise. Takes the same time in both cases. Every
 * comparison is counted as an attempt first (decision 22).
 *
 * @throws 429 after too many tries
 */
async function verifyPassword(email: string, password: string, sourceIp: string, device?: KnownDevice) {
  const account = emailKey(email);
  await countLogin(sourceIp, account);
  const login = await findLogin(email);
  const known_addresses = login?.known_addresses ?? [];
  const is_known = known_addresses.includes(addressHash(sourceIp));
  if (!is_known) {
    const isTheirs = login !== undefined && login.user_id === device?.user_id;
    await (isTheirs ? countDeviceLogin(device.session_id) : countStrangerLogin(sourceIp, account));
  }
  const matches = await passwordMatches(password, login?.password_hash);
  if (!matches || login?.password_hash === undefined) {
    await noteFailedSignIn(login?.user_id);
    return undefined;
  }
  return { ...login, password_hash: login.password_hash, known_addresses, is_known };
}

/**
 * The user who holds this address and password, whether active or not, the login that was compared, and what the team
 * asks of who signs in; undefined otherwise. Takes the same time in both cases.
 *
 * @throws 429 after too many tries
 */
export async function verifyCredentials(
  email: string,
  password: string,
  sourceIp: string,
  device?: KnownDevice,
) {
  const login = await verifyPassword(email, password, sourceIp, device);
  if (!login) return undefined;
  const [user, security] = await batchGet(getRequest(UserEntity, login.user_id), settingsRequest("security"));
  return user ? { user, login, security: settingsOf("security", security) } : undefined;
}
