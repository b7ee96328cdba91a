/**
 * The mailed links by which people set a password: the first one (`invitations.ts`), or another one instead of one that
 * they have forgotten.
 */
import { randomUUID } from "node:crypto";
import { conflict, notFound, Problem } from "@success-manager/contract/problem";
import { DAY_MS } from "../calendar.ts";
import { hashToken, newToken } from "../link-token.ts";
import { passwordCall, resetMailCount, type UncountedCall } from "../rate-limit/index.ts";
import {
  AccountMailEntity,
  batchGet,
  commit,
  emailKey,
  find,
  getRequest,
  LoginEntity,
  PasswordLinkEntity,
  putItem,
  type StoredAccountMail,
  type StoredPasswordLink,
  type StoredUser,
  UserEntity,
  updateItem,
} from "../table/index.ts";
import { constantTimeEqual } from "../text.ts";
import { hashPassword, refuseWeakPassword, requirePasswords } from "./password.ts";
import { linkGone, updateUser } from "./write.ts";

type Purpose = NonNullable<StoredPasswordLink["purpose"]>;

const HOUR_MS = 60 * 60 * 1000;
/** How long a link is good. */
const LIFETIME_MS: Readonly<Record<Purpose, number>> = { invitation: 2 * DAY_MS, reset: HOUR_MS };
/** Afterwards holders of a link are still told what became of it. */
const REMEMBERED_DAYS = 30;

/** A link for a person, and the token that only their mail holds. */
export function newLink(
  purpose: Purpose,
  { id, email }: Pick<StoredUser, "id" | "email">,
  now: Date,
): { token: string; link: StoredPasswordLink } {
  const { token, ...record } = newToken();
  const expires = now.getTime() + LIFETIME_MS[purpose];
  const link = {
    ...record,
    user_id: id,
    email_key: emailKey(email),
    purpose,
    created_at: now.toISOString(),
    expires_at: new Date(expires).toISOString(),
    expires_at_epoch: Math.floor((expires + REMEMBERED_DAYS * DAY_MS) / 1000),
  };
  return { token, link };
}

/** What has become of a link, and whom it is for. */
export type PasswordLinkStatus =
  | { readonly status: "unknown" }
  | { readonly status: "used" | "expired" | "revoked"; readonly purpose: Purpose }
  | { readonly status: "open"; readonly link: StoredPasswordLink; readonly user: StoredUser };

/** The link of a token, strongly consistent. Never throws for a token. */
export async function getPasswordLink(token: string, now = new Date()): Promise<PasswordLinkStatus> {
  const record = hashToken(token);
  const link = record && (await find(getRequest(PasswordLinkEntity, record.id)));
  if (!link || !constantTimeEqual(link.token_hash, record.token_hash)) return { status: "unknown" };
  const { purpose = "invitation" } = link;
  if (link.used_at) return { status: "used", purpose };
  const [login, user] = await batchGet(
    getRequest(LoginEntity, link.email_key),
    getRequest(UserEntity, link.user_id),
  );
  const isCurrent = login?.user_id === link.user_id && login.password_link_id === link.id;
  if (!isCurrent || !user?.is_active) return { status: "revoked", purpose };
  return link.expires_at > now.toISOString()
    ? { status: "open", link, user }
    : { status: "expired", purpose };
}

/** What there is to do about a link that is good no more. */
const ADVICE: Readonly<Record<Purpose, string>> = {
  invitation: "Ask an admin for a new one.",
  reset: "Ask for a new one.",
};

/** @throws 404 unknown; 409 used; 410 expired or revoked */
function openLink(found: PasswordLinkStatus) {
  switch (found.status) {
    case "open":
      return found;
    case "unknown":
      throw notFound("Link");
    case "used":
      throw conflict("This link has been used already. Sign in with the password that was set.");
    case "expired":
      throw new Problem(410, `This link has expired. ${ADVICE[found.purpose]}`);
    case "revoked":
      throw linkGone(ADVICE[found.purpose]);
  }
}

/** Whether a token can set a password, and whose; for who asks before there is a password. */
export async function validateToken(token: string) {
  const found = await getPasswordLink(token);
  try {
    const { user } = openLink(found);
    return { valid: true, email: user.email, message: null };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return { valid: false, email: null, message: error.message };
  }
}

/**
 * Sets a password by a mailed link, which is used up: of many at once, one succeeds. All sessions of the user end.
 *
 * @throws 403 where nobody signs in by a password; 404 unknown; 409 used; 410 expired or revoked; 422 for a password
 * that would be guessed
 */
export async function setPassword(
  token: string,
  new_password: string,
  field: "password" | "new_password" = "new_password",
): Promise<{ message: string }> {
  requirePasswords();
  const { link, user } = openLink(await getPasswordLink(token));
  await refuseWeakPassword(field, new_password, user);
  const password_hash = await hashPassword(new_password);
  try {
    await updateUser(user.id, { password_hash, proven_link: link.id });
  } catch (error) {
    // Somebody was faster, with the same link or a newer one.
    if (error instanceof Problem && error.status === 410) openLink(await getPasswordLink(token));
    throw error;
  }
  return { message: "Your password is set. You can sign in with it now." };
}

const ASKED =
  "If this address is that of an account with a password, a mail with a link is on its way to it. The link works once, for an hour.";

/** Requests that were taken down stay for so long, whether there was anybody to mail to or not. */
const KEPT_SECONDS = 2 * 60 * 60;

/**
 * Takes down that somebody has forgotten the password of an address: in one write, without a look at whether anybody has
 * it. So the answer says the same of everybody and takes the same time. Who gets a mail is found out later (`issueReset`).
 *
 * @throws 403 where nobody signs in by a password; 429 after too many tries
 */
export async function requestReset(
  email: string,
  sourceIp: string,
  now = new Date(),
): Promise<{ message: string }> {
  requirePasswords();
  const { write, refusal }: UncountedCall = passwordCall(sourceIp, emailKey(email), now.getTime());
  const request: StoredAccountMail = {
    id: randomUUID(),
    kind: "password_reset",
    email,
    created_at: now.toISOString(),
    expires_at_epoch: Math.floor(now.getTime() / 1000) + KEPT_SECONDS,
  };
  const failed = await commit([write, putItem(AccountMailEntity.create(request))]);
  if (failed.length > 0) throw refusal();
  return { message: ASKED };
}

/**
 * Makes the link of a request, instead of any before it; undefined for who has no password to reset (unknown,
 * deactivated, only invited, or signing in elsewhere), after five in an hour, and when it was made before.
 */
export async function issueReset(
  { id, email }: StoredAccountMail,
  now: Date,
): Promise<{ readonly user: StoredUser; readonly token: string } | undefined> {
  const email_key = emailKey(email);
  const [request, login] = await batchGet(
    getRequest(AccountMailEntity, id),
    getRequest(LoginEntity, email_key),
  );
  if (!request || request.handled_at || login?.password_hash === undefined) return undefined;
  const user = await find(getRequest(UserEntity, login.user_id));
  if (!user?.is_active) return undefined;
  const { token, link } = newLink("reset", user, now);
  const failed = await commit([
    updateItem(
      AccountMailEntity.patch({ id })
        .set({ handled_at: link.created_at, is_counted: true })
        .where((stored, { notExists }) => notExists(stored.handled_at)),
    ),
    putItem(PasswordLinkEntity.put(link)),
    updateItem(
      LoginEntity.patch({ email_key })
        .set({ password_link_id: link.id })
        .where((stored, { eq, exists }) =>
          [eq(stored.user_id, user.id), exists(stored.password_hash)].join(" AND "),
        ),
    ),
    ...(request.is_counted ? [] : [resetMailCount(email_key, now.getTime())]),
  ]);
  return failed.length === 0 ? { user, token } : undefined;
}
