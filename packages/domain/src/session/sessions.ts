import { randomUUID } from "node:crypto";
import type { Actor } from "@success-manager/contract/dsl/endpoint";
import { forbidden, unauthorized } from "@success-manager/contract/problem";
import { createWriteTransaction } from "electrodb";
import { batchGet, conditionFailed, primaryKey, transact } from "../table/index.ts";
import { countLogin } from "../throttle/index.ts";
import { emailKey, LoginEntity, type StoredUser, UserEntity, Users } from "../user/index.ts";
import { shown } from "../user/shown.ts";
import { SessionEntity } from "./entity.ts";
import { invalidToken, issue, REFRESH_SECONDS, readAccess, readRefresh } from "./tokens.ts";

const DEACTIVATED = "This account is deactivated. Ask an admin.";
const ENDED = "This session has ended. Sign in again.";

const expiry = () => Math.floor(Date.now() / 1000) + REFRESH_SECONDS;

/** User and session in one strongly consistent request. */
const load = (userId: string, sessionId: string) =>
  batchGet(
    { key: primaryKey("user", userId), parse: (found) => UserEntity.parse(found) },
    { key: primaryKey("session", sessionId), parse: (found) => SessionEntity.parse(found) },
  );

type Loaded = Awaited<ReturnType<typeof load>>;

/** The user and session behind a token, when both still stand. */
function standing([user, session]: Loaded): { user: StoredUser; session: NonNullable<Loaded[1]> } {
  if (!user) throw invalidToken();
  if (!user.is_active) throw forbidden(DEACTIVATED);
  const stands =
    session &&
    session.user_id === user.id &&
    session.epoch === user.session_epoch &&
    session.expires_at_epoch > Date.now() / 1000;
  if (!stands) throw unauthorized(ENDED);
  return { user, session };
}

/**
 * Finds the user of an access token, as of this moment: log-out, password change, deactivation and role
 * change count from the next request on, in every process (decision 6).
 *
 * @throws 401 when the token is invalid or expired, or its session or user is gone; 403 when the user is deactivated
 */
export async function authenticate(token: string): Promise<Actor> {
  const { sub, sid } = await readAccess(token);
  const { user, session } = standing(await load(sub, sid));
  return { ...shown(user), session_id: session.id };
}

/**
 * Signs in: checks address and password and opens a session.
 *
 * @param sourceIp the gateway's view of the caller's address
 * @throws 401 for an unknown address or wrong password alike; 403 when deactivated; 429 after too many tries
 */
export async function open({ username, password }: { username: string; password: string }, sourceIp: string) {
  await countLogin(sourceIp, emailKey(username));
  const verified = await Users.verify(username, password);
  if (!verified) throw unauthorized("E-mail address or password is wrong.");
  const { user, login } = verified;
  if (!user.is_active) throw forbidden(DEACTIVATED);
  const [id, refresh_id, now] = [randomUUID(), randomUUID(), new Date().toISOString()];
  const failed = await transact(() =>
    createWriteTransaction({ user: UserEntity, login: LoginEntity, session: SessionEntity }, (entities) => [
      entities.user
        .patch({ id: user.id })
        .set({ last_login: now })
        .where(({ session_epoch, is_active }, { eq }) =>
          [eq(session_epoch, user.session_epoch), eq(is_active, true)].join(" AND "),
        )
        .commit(),
      // The user was read after the password was compared: it may have been changed in between.
      entities.login
        .check({ email_key: login.email_key })
        .where(({ password_hash }, { eq }) => eq(password_hash, login.password_hash))
        .commit(),
      entities.session
        .create({
          id,
          user_id: user.id,
          epoch: user.session_epoch,
          refresh_id,
          created_at: now,
          last_active: now,
          expires_at_epoch: expiry(),
        })
        .commit(),
    ]),
  );
  if (failed.length > 0) throw unauthorized("Your account was changed just now. Sign in again.");
  return issue(user.id, id, refresh_id);
}

/** Ends a session whose refresh token came twice. Not `remove`, which fails when another replay was faster. */
async function replayed(id: string) {
  await SessionEntity.delete({ id }).go();
  return unauthorized("This refresh token was used before, so its session has been ended. Sign in again.");
}

/**
 * Exchanges a refresh token for new tokens. A token that was used before has leaked: its session ends.
 * @throws 401; 403 when the user is deactivated
 */
export async function refresh(refresh_token: string) {
  const { sub, sid, jti } = await readRefresh(refresh_token);
  const { session } = standing(await load(sub, sid));
  const next = randomUUID();
  try {
    await SessionEntity.patch({ id: session.id })
      .set({ refresh_id: next, last_active: new Date().toISOString(), expires_at_epoch: expiry() })
      .where(({ refresh_id }, { eq }) => eq(refresh_id, jti))
      .go();
  } catch (error) {
    if (!conditionFailed(error)) throw error;
    const [, current] = await load(sub, sid);
    // The SDK repeats a write whose answer was lost; then it is our own token that stands there.
    if (current?.refresh_id !== next) throw await replayed(sid);
  }
  return issue(sub, sid, next);
}

/** Ends a session: its tokens stop working with the next request. Doing it again changes nothing. */
export async function close(actor: Actor): Promise<{ message: string }> {
  await SessionEntity.delete({ id: actor.session_id }).go();
  return { message: "You are signed out." };
}
