import { randomUUID } from "node:crypto";
import type { Actor } from "@success-manager/contract/dsl/endpoint";
import { forbidden, unauthorized } from "@success-manager/contract/problem";
import { countLogin } from "../rate-limit/index.ts";
import {
  batchGet,
  commit,
  commitOne,
  conditionCheck,
  deleteItem,
  emailKey,
  equals,
  getRequest,
  LoginEntity,
  putItem,
  SessionEntity,
  type StoredUser,
  UserEntity,
  updateItem,
} from "../table/index.ts";
import { toUser, verifyCredentials } from "../users/index.ts";
import { invalidToken, issue, REFRESH_SECONDS, readAccess, readRefresh } from "./tokens.ts";

const DEACTIVATED = "This account is deactivated. Ask an admin.";
const ENDED = "This session has ended. Sign in again.";

const expiry = () => Math.floor(Date.now() / 1000) + REFRESH_SECONDS;

/** User and session in one strongly consistent request. */
const load = (userId: string, sessionId: string) =>
  batchGet(getRequest(UserEntity, userId), getRequest(SessionEntity, sessionId));

type Loaded = Awaited<ReturnType<typeof load>>;

/** The user and session behind a token. @throws 401 when one of them is gone or ended; 403 when the user is deactivated */
function verifySession([user, session]: Loaded): { user: StoredUser; session: NonNullable<Loaded[1]> } {
  if (!user) throw invalidToken();
  if (!user.is_active) throw forbidden(DEACTIVATED);
  const isValid =
    session &&
    session.user_id === user.id &&
    session.epoch === user.session_epoch &&
    session.expires_at_epoch > Date.now() / 1000;
  if (!isValid) throw unauthorized(ENDED);
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
  const { user, session } = verifySession(await load(sub, sid));
  return { ...toUser(user), session_id: session.id };
}

/**
 * Signs in: checks address and password and opens a session.
 *
 * @param sourceIp the gateway's view of the caller's address
 * @throws 401 for an unknown address or wrong password alike; 403 when deactivated; 429 after too many tries
 */
export async function signIn(
  { username, password }: { username: string; password: string },
  sourceIp: string,
) {
  await countLogin(sourceIp, emailKey(username));
  const verified = await verifyCredentials(username, password);
  if (!verified) throw unauthorized("E-mail address or password is wrong.");
  const { user, login } = verified;
  if (!user.is_active) throw forbidden(DEACTIVATED);
  const [id, refresh_id, now] = [randomUUID(), randomUUID(), new Date().toISOString()];
  const failed = await commit([
    updateItem(
      UserEntity.patch({ id: user.id })
        .set({ last_login: now })
        .where(({ session_epoch, is_active }, { eq }) =>
          [eq(session_epoch, user.session_epoch), eq(is_active, true)].join(" AND "),
        ),
    ),
    // The user was read after the password was compared: it may have been changed in between.
    conditionCheck(getRequest(LoginEntity, login.email_key), equals({ password_hash: login.password_hash })),
    putItem(
      SessionEntity.create({
        id,
        user_id: user.id,
        epoch: user.session_epoch,
        refresh_id,
        created_at: now,
        last_active: now,
        expires_at_epoch: expiry(),
      }),
    ),
  ]);
  if (failed.length > 0) throw unauthorized("Your account was changed just now. Sign in again.");
  return issue(user.id, id, refresh_id);
}

/** Ends a session whose refresh token came twice. Not `remove`, which fails when another replay was faster. */
async function replayed(id: string) {
  await commitOne(deleteItem(SessionEntity.delete({ id })));
  return unauthorized("This refresh token was used before, so its session has been ended. Sign in again.");
}

/**
 * Exchanges a refresh token for new tokens. A token that was used before has leaked: its session ends.
 * @throws 401; 403 when the user is deactivated
 */
export async function refresh(refresh_token: string) {
  const { sub, sid, jti } = await readRefresh(refresh_token);
  const { session } = verifySession(await load(sub, sid));
  const next = randomUUID();
  const rotation = SessionEntity.patch({ id: session.id })
    .set({ refresh_id: next, last_active: new Date().toISOString(), expires_at_epoch: expiry() })
    .where(({ refresh_id }, { eq }) => eq(refresh_id, jti));
  if (!(await commitOne(updateItem(rotation)))) {
    const [, current] = await load(sub, sid);
    // The SDK repeats a write whose answer was lost; then it is our own token that stands there.
    if (current?.refresh_id !== next) throw await replayed(sid);
  }
  return issue(sub, sid, next);
}

/** Ends a session: its tokens stop working with the next request. Doing it again changes nothing. */
export async function signOut(actor: Actor): Promise<{ message: string }> {
  await commitOne(deleteItem(SessionEntity.delete({ id: actor.session_id })));
  return { message: "You are signed out." };
}
