/** Invitations to the team. What their links do: `password-links.ts`. */
import { randomUUID } from "node:crypto";
import type { UserActor } from "@success-manager/contract/dsl/endpoint";
import { conflict, Problem } from "@success-manager/contract/problem";
import type { Invitation, InvitedUser } from "@success-manager/contract/users";
import { config } from "../config.ts";
import { type MailRequest, trySending } from "../mail/index.ts";
import {
  currentWriter,
  omitNull,
  RETRY,
  type StoredPasswordLink,
  type StoredUser,
  withOptimisticRetry,
} from "../table/index.ts";
import { toUser } from "./list.ts";
import { newLink } from "./password-links.ts";
import { createUser, EMAIL_TAKEN, findLogin, grantedAccess, load, updateUser } from "./write.ts";

interface Invited {
  readonly user: StoredUser;
  readonly token: string;
  readonly link: StoredPasswordLink;
}

/** @throws 409 when somebody has the address meanwhile */
async function inviteNew(
  { email, full_name, phone, role, access, team }: Invitation,
  now: Date,
): Promise<Invited> {
  const id = randomUUID();
  const created_at = now.toISOString();
  const { token, link } = newLink("invitation", { id, email }, now);
  const user: StoredUser = {
    id,
    email,
    full_name,
    ...omitNull({ phone, team }),
    role,
    access: grantedAccess(role, access),
    is_active: true,
    invited_at: created_at,
    created_at,
    updated_at: created_at,
    written_by: currentWriter(),
    revision: 1,
    session_epoch: 1,
  };
  await createUser(user, { link });
  return { user, token, link };
}

/** @throws 409 for somebody who has a password already, or is deactivated */
async function inviteAgain(
  id: string,
  { full_name, phone, role, access, team }: Invitation,
  now: Date,
): Promise<Invited> {
  const known = await load(id);
  if (!known.is_active) throw conflict("This user is deactivated. Reactivate them first, then invite them.");
  if (known.invited_at === undefined) throw conflict(EMAIL_TAKEN);
  const { token, link } = newLink("invitation", known, now);
  const { after } = await updateUser(id, { full_name, phone, role, access, team, invitation: link });
  return { user: after, token, link };
}

/**
 * Creates a user without a password and mails a link to set one; where nobody signs in by one, a link to where they sign
 * in. Once more, for somebody who has not set one yet, it
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
  const { PASSWORD_LOGIN, WEB_APP_URL } = config();
  const { invitationMail } = await import("./mail.ts");
  // Where nobody signs in by a password, there is none to be set: they come by the provider, who knows their address.
  const mail =
    PASSWORD_LOGIN === "off"
      ? invitationMail(user, actor, { kind: "sign_in", url: WEB_APP_URL ?? origin })
      : invitationMail(user, actor, {
          ...{ kind: "set_password", url: `${origin}/password/${token}`, expires_at: link.expires_at },
        });
  const { mail_status, mail_error = null } = await trySending(
    { to: user.email, ...mail, tag: { kind: "invitation", subject: user.id, mail_id: randomUUID() } },
    remaining,
  );
  return { ...result, mail_status, mail_error };
}
