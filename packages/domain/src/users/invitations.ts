/** Invitations to the team, and the mailed links by which people set a password. */
import { randomUUID } from "node:crypto";
import type { UserActor } from "@success-manager/contract/dsl/endpoint";
import { conflict, notFound, Problem } from "@success-manager/contract/problem";
import type { Invitation, InvitedUser } from "@success-manager/contract/users";
import { DAY_MS } from "../calendar.ts";
import { hashToken, newToken } from "../link-token.ts";
import { type MailRequest, trySending } from "../mail/index.ts";
import {
  batchGet,
  emailKey,
  find,
  getRequest,
  LoginEntity,
  omitNull,
  PasswordLinkEntity,
  RETRY,
  type StoredPasswordLink,
  type StoredUser,
  UserEntity,
  withOptimisticRetry,
} from "../table/index.ts";
import { constantTimeEqual } from "../text.ts";
import { toUser } from "./list.ts";
import { invitationMail } from "./mail.ts";
import { hashPassword, refuseWeakPassword } from "./password.ts";
import { createUser, EMAIL_TAKEN, findLogin, linkGone, load, updateUser } from "./write.ts";

const INVITATION_DAYS = 2;
/** Afterwards holders of a link are still told what became of it. */
const REMEMBERED_DAYS = 30;

const newLink = (user_id: string, email: string, now: Date): { token: string; link: StoredPasswordLink } => {
  const { token, ...record } = newToken();
  const expires = now.getTime() + INVITATION_DAYS * DAY_MS;
  const link = {
    ...record,
    user_id,
    email_key: emailKey(email),
    created_at: now.toISOString(),
    expires_at: new Date(expires).toISOString(),
    expires_at_epoch: Math.floor((expires + REMEMBERED_DAYS * DAY_MS) / 1000),
  };
  return { token, link };
};

interface Invited {
  readonly user: StoredUser;
  readonly token: string;
  readonly link: StoredPasswordLink;
}

/** @throws 409 when somebody has the address meanwhile */
async function inviteNew({ email, full_name, phone, role }: Invitation, now: Date): Promise<Invited> {
  const id = randomUUID();
  const created_at = now.toISOString();
  const { token, link } = newLink(id, email, now);
  const user: StoredUser = {
    id,
    email,
    full_name,
    ...omitNull({ phone }),
    role,
    is_active: true,
    invited_at: created_at,
    created_at,
    updated_at: created_at,
    revision: 1,
    session_epoch: 1,
  };
  await createUser(user, { link });
  return { user, token, link };
}

/** @throws 409 for somebody who has a password already, or is deactivated */
async function inviteAgain(id: string, { full_name, phone, role }: Invitation, now: Date): Promise<Invited> {
  const known = await load(id);
  if (!known.is_active) throw conflict("This user is deactivated. Reactivate them first, then invite them.");
  if (known.invited_at === undefined) throw conflict(EMAIL_TAKEN);
  const { token, link } = newLink(id, known.email, now);
  const { after } = await updateUser(id, { full_name, phone, role, invitation: link });
  return { user: after, token, link };
}

/**
 * Creates a user without a password and mails a link to set one. Once more, for somebody who has not set one yet, it
 * makes a new link instead of the old one. A mail that can't be sent does not lose the user: the answer says so, and
 * the invitation can be made again.
 *
 * @param request where the page is reached, and how much time is left
 * @throws 409 when the address belongs to somebody who has a password or is deactivated
 */
export async function invite(
  input: Invitation,
  actor: UserActor,
  { origin, remaining }: MailRequest,
  now = new Date(),
): Promise<InvitedUser> {
  const { user, token, link } = await withOptimisticRetry(async () => {
    const login = await findLogin(input.email);
    if (login) return inviteAgain(login.user_id, input, now);
    try {
      return await inviteNew(input, now);
    } catch (error) {
      // Somebody else invited them at the same time: then this is the second time.
      if (error instanceof Problem && error.status === 409) return RETRY;
      throw error;
    }
  });
  const result = { ...toUser(user), invitation_expires_at: link.expires_at };
  const mail = invitationMail(user, actor, `${origin}/password/${token}`, link.expires_at);
  const { mail_status, mail_error = null } = await trySending(
    { to: user.email, ...mail, tag: { kind: "invitation", subject: user.id, mail_id: randomUUID() } },
    remaining,
  );
  return { ...result, mail_status, mail_error };
}

/** What has become of a link, and whom it is for. */
export type PasswordLinkStatus =
  | { readonly status: "unknown" }
  | { readonly status: "used" | "expired" | "revoked" }
  | { readonly status: "open"; readonly link: StoredPasswordLink; readonly user: StoredUser };

/** The link of a token, strongly consistent. Never throws for a token. */
export async function getPasswordLink(token: string, now = new Date()): Promise<PasswordLinkStatus> {
  const record = hashToken(token);
  const link = record && (await find(getRequest(PasswordLinkEntity, record.id)));
  if (!link || !constantTimeEqual(link.token_hash, record.token_hash)) return { status: "unknown" };
  if (link.used_at) return { status: "used" };
  const [login, user] = await batchGet(
    getRequest(LoginEntity, link.email_key),
    getRequest(UserEntity, link.user_id),
  );
  const isCurrent = login?.user_id === link.user_id && login.password_link_id === link.id;
  if (!isCurrent || !user?.is_active) return { status: "revoked" };
  return link.expires_at > now.toISOString() ? { status: "open", link, user } : { status: "expired" };
}

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
      throw new Problem(410, "This link has expired. Ask an admin for a new one.");
    case "revoked":
      throw linkGone();
  }
}

/**
 * Sets a password by a mailed link, which is used up: of many at once, one succeeds. All sessions of the user end.
 *
 * @throws 404 unknown; 409 used; 410 expired or revoked; 422 for a password that would be guessed
 */
export async function setPassword(
  token: string,
  new_password: string,
  field: "password" | "new_password" = "new_password",
): Promise<{ message: string }> {
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
