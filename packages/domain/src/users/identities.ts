/** Who people of a provider of log-ins are here: users that are found, linked or made when somebody signs in. */
import { createHash, randomUUID } from "node:crypto";
import type { Actor } from "@success-manager/contract/dsl/endpoint";
import { badRequest, forbidden, notFound, Problem } from "@success-manager/contract/problem";
import type { User } from "@success-manager/contract/user";
import {
  find,
  getRequest,
  IdentityEntity,
  RETRY,
  type StoredIdentity,
  type StoredUser,
  withOptimisticRetry,
} from "../table/index.ts";
import { createUser, findLogin, load, updateUser } from "./write.ts";

/** What a provider vouches for. */
export interface ProvenPerson {
  readonly issuer: string;
  /** Theirs for ever at this issuer, unlike the address. */
  readonly subject: string;
  /** That they hold it is proved. */
  readonly email: string;
  readonly full_name: string;
  /** What the provider's word for their role means here; undefined where roles are given here alone. */
  readonly role: User["role"] | undefined;
  /** The role of who comes for the first time, where the provider says none; undefined where an admin has to invite. */
  readonly first_role: User["role"] | undefined;
}

/** Neither of the two can hold a line break (URL; OpenID Connect Core 2: 255 ASCII characters). */
const identityId = ({ issuer, subject }: ProvenPerson) =>
  createHash("sha256").update(`${issuer}\n${subject}`).digest("base64url");

const DEACTIVATED = "This account is deactivated. Ask an admin.";
const OTHER_PERSON =
  "Somebody else of your organization's log-in has this e-mail address here already. Ask an admin.";

const NOT_INVITED = "You have no account here yet. Ask an admin.";

const isConflict = (error: unknown) => error instanceof Problem && error.status === 409;

/** @throws 403 when deactivated */
function requireActive(user: StoredUser): StoredUser {
  if (!user.is_active) throw forbidden(DEACTIVATED);
  return user;
}

/** Makes the person a user, or the user who has their address. `RETRY` when somebody else was faster. */
async function introduce(person: ProvenPerson, now: string): Promise<StoredUser | typeof RETRY> {
  const { issuer, subject, email, full_name, role, first_role } = person;
  const link = (user_id: string): StoredIdentity => ({
    ...{ id: identityId(person), issuer, subject },
    ...{ user_id, created_at: now },
  });
  const login = await findLogin(email);
  try {
    if (login) {
      const user = requireActive(await load(login.user_id));
      if (login.identity_id === identityId(person)) return RETRY;
      if (login.identity_id !== undefined) throw forbidden(OTHER_PERSON);
      return (await updateUser(user.id, { identity: link(user.id) })).after;
    }
    const given = role ?? first_role;
    if (given === undefined) throw forbidden(NOT_INVITED);
    const user: StoredUser = {
      ...{ id: randomUUID(), email, full_name, role: given, is_active: true },
      ...{ created_at: now, updated_at: now, revision: 1, session_epoch: 1 },
    };
    await createUser(user, { identity: link(user.id) });
    return user;
  } catch (error) {
    if (isConflict(error)) return RETRY;
    throw error;
  }
}

/** Gives the role that the provider says. The last active admin stays one: nobody could undo it here. */
async function withRole(user: StoredUser, role: ProvenPerson["role"]): Promise<StoredUser> {
  if (role === undefined || role === user.role) return user;
  try {
    return (await updateUser(user.id, { role })).after;
  } catch (error) {
    if (isConflict(error)) return user;
    throw error;
  }
}

/**
 * The user that a person of a provider is. Known by issuer and subject; who comes for the first time is linked to the
 * user with the same address, once, or becomes a user. Of many log-ins of a new person at once, all find the one user.
 *
 * @throws 403 when the user is deactivated, the address belongs to another person of the provider, or nobody has invited
 * who may not come by themselves
 */
export async function findOrCreate(person: ProvenPerson): Promise<StoredUser> {
  const user = await withOptimisticRetry(async () => {
    const known = await find(getRequest(IdentityEntity, identityId(person)));
    if (known) return requireActive(await load(known.user_id));
    return introduce(person, new Date().toISOString());
  });
  return withRole(user, person.role);
}

/**
 * Ends that somebody of a provider is a user here, on behalf of an admin: for who has another account there now, or came
 * by one that was not theirs. All of their sessions end. Who is left without a password has to be invited again; whoever
 * holds the address at the provider is linked with the next log-in. To keep somebody out, deactivate them.
 *
 * @throws 400 for oneself; 404 when there is no such user, or nobody of a provider is them; 409 for the last active
 * admin, and when somebody else has changed it
 */
export async function unlink(id: string, actor: Actor): Promise<{ message: string }> {
  if (id === actor.id) throw badRequest("You can't unlink your own log-in. Ask another admin.");
  const user = await load(id);
  const login = await findLogin(user.email);
  if (login?.user_id !== id || login.identity_id === undefined) throw notFound("Log-in with a provider");
  const has_password = login.password_hash !== undefined;
  await updateUser(id, { unlinked: { identity_id: login.identity_id, has_password } });
  const next = has_password
    ? "They sign in by their password."
    : "Invite them again, so that they can sign in.";
  return { message: `${user.full_name} is no longer linked to your organization's log-in. ${next}` };
}
