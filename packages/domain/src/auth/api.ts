/** Signing in and staying signed in. Where somebody is signed in: `sessions.ts`; the second factor: `second-factor.ts`. */
import { randomUUID } from "node:crypto";
import type { Actor, UserActor } from "@success-manager/contract/dsl/endpoint";
import { forbidden, unauthorized } from "@success-manager/contract/problem";
import { cleanLine } from "@success-manager/contract/text";
import { DAY_MS } from "../calendar.ts";
import { config } from "../config.ts";
import { hashToken, newToken } from "../link-token.ts";
import { addressHash, codeAttempt } from "../rate-limit/index.ts";
import { settingsOf, settingsRequest } from "../settings/index.ts";
import {
  batchGet,
  commit,
  commitOne,
  conditionCheck,
  continueAs,
  deleteItem,
  equals,
  find,
  type GetRequests,
  getRequest,
  getSession,
  LoginEntity,
  omitNull,
  putItem,
  RETRY,
  SessionEntity,
  SignInTicketEntity,
  type StoredSession,
  type StoredUser,
  UserEntity,
  updateItem,
  type Write,
  withOptimisticRetry,
  withoutWriter,
} from "../table/index.ts";
import { constantTimeEqual } from "../text.ts";
import { accountMail, requirePasswords, toUser, verifyCredentials } from "../users/index.ts";
import { authenticateKey, isApiKey } from "./api-keys.ts";
import { checkCode, factorRequest, isRequired } from "./second-factor.ts";
import { invalidToken, issue, REFRESH_SECONDS, readAccess, readDevice, readRefresh } from "./tokens.ts";

export { endOtherSessions, endSession, listSessions } from "./sessions.ts";

const DEACTIVATED = "This account is deactivated. Ask an admin.";
const ENDED = "This session has ended. Sign in again.";

/** When a session ends in any case, in seconds since 1970. */
const lastSecond = (created_at: string) =>
  Math.floor((Date.parse(created_at) + config().SESSION_DAYS * DAY_MS) / 1000);

/** When a session ends unless it is used, in seconds since 1970. */
const expiry = (created_at: string, now: Date) =>
  Math.min(Math.floor(now.getTime() / 1000) + REFRESH_SECONDS, lastSecond(created_at));

/** How user and session are read, in one strongly consistent request. */
const sessionRequests = (userId: string, sessionId: string) =>
  [getRequest(UserEntity, userId), getSession(userId, sessionId)] as const;

type Loaded = readonly [StoredUser | undefined, StoredSession | undefined, ...unknown[]];

/** The user and session behind a token. @throws 401 when one of them is gone or ended; 403 when the user is deactivated */
function verifySession([user, session]: Loaded): { user: StoredUser; session: StoredSession } {
  if (!user) throw invalidToken();
  if (!user.is_active) throw forbidden(DEACTIVATED);
  const isValid =
    session && session.epoch === user.session_epoch && session.expires_at_epoch > Date.now() / 1000;
  if (!isValid) throw unauthorized(ENDED);
  return { user, session };
}

/**
 * Finds the user of an access token, or the API key, as of this moment: log-out, password change, deactivation and role
 * change count from the next request on, in every process (decision 6).
 *
 * @param ahead what the call reads in the same request, by keys that it names; asked when the token is one of ours, with
 * whose it is
 * @returns who calls, and what was read ahead in this order; at most 98 items
 * @throws 401 when the token is invalid or expired, or its session or user is gone; 403 when the user is deactivated
 */
export async function authenticate(
  token: string,
  ahead: (caller: string) => Promise<GetRequests> = async () => [],
): Promise<{ readonly actor: Actor; readonly found: readonly unknown[] }> {
  if (isApiKey(token)) return authenticateKey(token, ahead);
  const { sub, sid } = await readAccess(token);
  const [stored, storedSession, ...found] = await batchGet(
    ...sessionRequests(sub, sid),
    ...(await ahead(`user:${sub}`)),
  );
  const { user, session } = verifySession([stored, storedSession]);
  const must_set_up_factor = session.must_set_up_factor === true && user.second_factor_at === undefined;
  const actor = { ...toUser(user), kind: "user", session_id: session.id } as const;
  return { actor: { ...actor, ...(must_set_up_factor && { must_set_up_factor }) }, found };
}

/** Who calls, as their sessions are listed. */
export interface Device {
  /** The gateway's view of the caller's address. */
  readonly sourceIp: string;
  /** As the caller sends it. */
  readonly userAgent?: string | undefined;
}

const MAX_USER_AGENT = 255;

/** What a header says of a device: one line without signs that can't be seen, of some length. */
const cleanUserAgent = (userAgent: string | undefined) =>
  cleanLine(userAgent ?? "")
    .replace(/\s+/g, " ")
    .slice(0, MAX_USER_AGENT)
    .toWellFormed() || null;

const deviceFields = ({ sourceIp, userAgent }: Device) =>
  omitNull({ ip_address: sourceIp, user_agent: cleanUserAgent(userAgent) });

/**
 * RFC 9562, version 7: begins with the time, so that a user's sessions stand by age. Node's own `randomUUIDv7` came
 * with 24.16, which Lambda may not have.
 */
function newSessionId(now: Date): string {
  const time = now.getTime().toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`;
}

const KNOWN_ADDRESSES = 20;

type Verified = NonNullable<Awaited<ReturnType<typeof verifyCredentials>>>;
type Login = Pick<Verified["login"], "email_key" | "password_hash" | "is_known" | "known_addresses">;

/** The login is still the one that was compared, and knows the address from now on. */
function rememberAddress({ email_key, password_hash, is_known, known_addresses }: Login, sourceIp: string) {
  if (is_known) return conditionCheck(getRequest(LoginEntity, email_key), equals({ password_hash }));
  const newest = [addressHash(sourceIp), ...known_addresses].slice(0, KNOWN_ADDRESSES);
  return withoutWriter(
    updateItem(
      LoginEntity.patch({ email_key })
        .set({ known_addresses: newest })
        .where((stored, { eq }) => eq(stored.password_hash, password_hash)),
    ),
  );
}

const CHANGED = "Your account was changed just now. Sign in again.";

/**
 * Opens a session of a user who has proven who they are, if nothing has changed since.
 *
 * @param proofs writes of the same transaction: they use up what proves it, or check that it still does
 * @returns its tokens, or the indexes of the `proofs` that failed: of none when the account was changed
 * @throws 403 when deactivated
 */
export async function openSession(
  user: StoredUser,
  device: Device,
  proofs: readonly Write[],
  must_set_up_factor = false,
): Promise<Awaited<ReturnType<typeof issue>> | readonly number[]> {
  if (!user.is_active) throw forbidden(DEACTIVATED);
  const now = new Date();
  const created_at = now.toISOString();
  const session: StoredSession = {
    id: newSessionId(now),
    user_id: user.id,
    epoch: user.session_epoch,
    refresh_id: randomUUID(),
    created_at,
    last_active: created_at,
    ...(must_set_up_factor && { must_set_up_factor }),
    ...deviceFields(device),
    expires_at_epoch: expiry(created_at, now),
  };
  continueAs({ kind: "user", id: user.id, name: user.full_name });
  const failed = await commit([
    ...proofs,
    withoutWriter(
      updateItem(
        UserEntity.patch({ id: user.id })
          .set({ last_login: created_at })
          .where(({ session_epoch, is_active }, { eq }) =>
            [eq(session_epoch, user.session_epoch), eq(is_active, true)].join(" AND "),
          ),
      ),
    ),
    putItem(SessionEntity.create(session)),
  ]);
  return failed.length === 0 ? issue(session) : failed.filter((index) => index < proofs.length);
}

/**
 * Signs in: checks address and password and opens a session, or gives a ticket where a second factor is to follow. A
 * refresh token of before shows that the device is known.
 *
 * @throws 401 for an unknown address or wrong password alike; 403 when deactivated, or where nobody signs in so; 429 after too many tries
 */
export async function signIn(
  {
    username,
    password,
    refresh_token,
  }: { username: string; password: string; refresh_token?: string | undefined },
  sourceIp: string,
  userAgent?: string,
) {
  requirePasswords();
  const device = refresh_token ? await readDevice(refresh_token) : undefined;
  const verified = await verifyCredentials(username, password, sourceIp, device);
  if (!verified) throw unauthorized("E-mail address or password is wrong.");
  const { user, login, security } = verified;
  if (!user.is_active) throw forbidden(DEACTIVATED);
  if (user.second_factor_at !== undefined) return issueTicket(user, login.email_key);
  // The user was read after the password was compared: it may have been changed in between.
  const proof = rememberAddress(login, sourceIp);
  const opened = await openSession(user, { sourceIp, userAgent }, [proof], isRequired(security, user));
  if (!("access_token" in opened)) throw unauthorized(CHANGED);
  return opened;
}

/** Time to find the phone. */
const TICKET_SECONDS = 5 * 60;
/** Codes that may be tried with a ticket. */
const CODES_PER_TICKET = 5;

/** What somebody gets for the right password who has a second factor: it is worth nothing without a code. */
async function issueTicket({ id, session_epoch }: StoredUser, email_key: string) {
  const { token, ...record } = newToken();
  const expires_at_epoch = Math.floor(Date.now() / 1000) + TICKET_SECONDS;
  const ticket = { ...record, user_id: id, email_key, epoch: session_epoch, attempts: 0, expires_at_epoch };
  await commitOne(putItem(SignInTicketEntity.create(ticket)));
  return { second_factor_required: true as const, ticket: token, expires_in: TICKET_SECONDS };
}

const TICKET_ENDED = "This sign-in has ended. Sign in with your password again.";
const WRONG_CODE = "The code is wrong, or was used before.";

/** Tells somebody, once an hour, that their password is known to who has no code. */
async function tellOfGuessing(user: StoredUser): Promise<void> {
  const now = new Date().toISOString();
  await commitOne(accountMail("codes_guessed", user, now, `codes_guessed-${user.id}-${now.slice(0, 13)}`));
}

/**
 * Signs in with a ticket and a code of the app, or a recovery code. Both are used up then; a wrong code uses up one of
 * the ticket's five tries.
 *
 * @throws 401 when the ticket has ended or the code is wrong; 403 when deactivated; 429 after too many tries
 */
export async function signInWithCode(
  { ticket: token, code }: { readonly ticket: string; readonly code: string },
  device: Device,
) {
  const record = hashToken(token);
  const ticket = record && (await find(getRequest(SignInTicketEntity, record.id)));
  if (!ticket || !constantTimeEqual(ticket.token_hash, record.token_hash)) throw unauthorized(TICKET_ENDED);
  const [user, factor, login] = await batchGet(
    getRequest(UserEntity, ticket.user_id),
    factorRequest(ticket.user_id),
    getRequest(LoginEntity, ticket.email_key),
  );
  const isGood =
    ticket.expires_at_epoch > Date.now() / 1000 &&
    user?.session_epoch === ticket.epoch &&
    login?.user_id === ticket.user_id &&
    login.password_hash !== undefined &&
    factor?.enabled_at !== undefined;
  if (!isGood) throw unauthorized(TICKET_ENDED);
  if (!user.is_active) throw forbidden(DEACTIVATED);
  const { known_addresses = [], password_hash = "" } = login;
  const is_known = known_addresses.includes(addressHash(device.sourceIp));
  const attempt = codeAttempt(user.id, is_known ? device : "stranger");
  // Counted before it is looked at: who tries many at once has no more tries.
  const [failed] = await commit([
    updateItem(
      SignInTicketEntity.patch({ id: ticket.id })
        .add({ attempts: 1 })
        .where((stored, { lt }) => lt(stored.attempts, CODES_PER_TICKET)),
    ),
    attempt.write,
  ]);
  if (failed === 0) throw unauthorized(TICKET_ENDED);
  if (failed === 1) {
    if (!is_known) await tellOfGuessing(user);
    throw attempt.refusal();
  }
  const used = await checkCode(factor, code);
  if (!used) throw unauthorized(WRONG_CODE);
  const opened = await openSession(user, device, [
    deleteItem(SignInTicketEntity.remove({ id: ticket.id })),
    used.write,
    rememberAddress(
      { email_key: login.email_key, password_hash, is_known, known_addresses },
      device.sourceIp,
    ),
    ...(used.isRecovery ? [accountMail("recovery_code_used", user, new Date().toISOString())] : []),
  ]);
  if ("access_token" in opened) return opened;
  throw unauthorized(opened.includes(0) ? TICKET_ENDED : opened.includes(1) ? WRONG_CODE : CHANGED);
}

/** How long a refresh token that was exchanged still gives the one that took its place (decision 6). */
const GRACE_MS = 30_000;
/** Exchanges within that time that are remembered; after so many the newest token stays the newest. */
const MAX_FORMER = 20;

/** What a refresh token of a session is good for. */
export function judgeRefresh(
  { refresh_id, former_refresh_ids = [] }: Pick<StoredSession, "refresh_id" | "former_refresh_ids">,
  presented: string,
  now: number,
):
  | { readonly verdict: "rotate"; readonly former: typeof former_refresh_ids }
  | { readonly verdict: "repeat" }
  | { readonly verdict: "replay" } {
  const recent = former_refresh_ids.filter(({ rotated_at }) => now - rotated_at < GRACE_MS);
  if (presented !== refresh_id)
    return { verdict: recent.some(({ id }) => id === presented) ? "repeat" : "replay" };
  if (recent.length >= MAX_FORMER) return { verdict: "repeat" };
  return { verdict: "rotate", former: [...recent, { id: presented, rotated_at: now }] };
}

/**
 * Exchanges a refresh token for new tokens. For 30 seconds it gives the same successor again, to the second tab of a
 * browser or after a lost answer; later it has leaked, and its session ends.
 *
 * @throws 401; 403 when the user is deactivated
 */
export async function refresh(refresh_token: string, device: Device) {
  const { sub, sid, jti } = await readRefresh(refresh_token);
  return withOptimisticRetry(async () => {
    const [stored, storedSession, security] = await batchGet(
      ...sessionRequests(sub, sid),
      settingsRequest("security"),
    );
    const { user, session } = verifySession([stored, storedSession]);
    const now = new Date();
    if (lastSecond(session.created_at) <= now.getTime() / 1000) throw unauthorized(ENDED);
    const judged = judgeRefresh(session, jti, now.getTime());
    if (judged.verdict === "repeat") return issue(session);
    if (judged.verdict === "replay") {
      // Not `remove`, which fails when another replay was faster.
      await commitOne(deleteItem(SessionEntity.delete({ user_id: sub, id: sid })));
      throw unauthorized("This refresh token was used before, so its session has been ended. Sign in again.");
    }
    const change = {
      refresh_id: randomUUID(),
      former_refresh_ids: judged.former,
      last_active: now.toISOString(),
      // As the team asks for it now: sessions that are open are not spared.
      must_set_up_factor:
        user.second_factor_at === undefined && isRequired(settingsOf("security", security), user),
      ...deviceFields(device),
      expires_at_epoch: expiry(session.created_at, now),
    };
    const rotation = SessionEntity.patch({ user_id: sub, id: sid })
      .set(change)
      .where(({ refresh_id }, { eq }) => eq(refresh_id, jti));
    // A transaction of one: it waits for another one that ends all other sessions of the user.
    const failed = await commit([updateItem(rotation)]);
    return failed.length === 0 ? issue({ ...session, ...change }) : RETRY;
  });
}

/** Ends a session: its tokens stop working with the next request. Doing it again changes nothing. */
export async function signOut(actor: UserActor): Promise<{ message: string }> {
  await commitOne(deleteItem(SessionEntity.delete({ user_id: actor.id, id: actor.session_id })));
  return { message: "You are signed out." };
}
