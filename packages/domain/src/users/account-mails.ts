/** Mails to people about their own account, sent by what follows the table's stream. */
import { randomUUID } from "node:crypto";
import { config } from "../config.ts";
import { MailError, type Message, send } from "../mail/index.ts";
import {
  AccountMailEntity,
  commitOne,
  ENTITY_NAME,
  type StoredAccountMail,
  updateItem,
} from "../table/index.ts";
import { issueReset } from "./password-links.ts";

/** Mails that nobody could send by then are old. */
const KEEPS_TRYING_MS = 60 * 60 * 1000;
type Item = Readonly<Record<string, unknown>>;

/** A record of the table's stream, as far as it is of use here. */
interface Change {
  readonly before: Item | undefined;
  readonly after: Item | undefined;
}

/** The mail that a change has asked for. */
function askedBy({ before, after }: Change): StoredAccountMail | undefined {
  if (before || after?.[ENTITY_NAME] !== "account_mail") return undefined;
  return AccountMailEntity.parse({ Item: after }).data ?? undefined;
}

interface Addressed {
  readonly to: string;
  readonly user_id: string;
  readonly message: Message;
}

/** Takes a mail up, which somebody does once; undefined when it was, or when there is nobody to tell. */
async function takeUp(asked: StoredAccountMail, now: Date): Promise<Addressed | undefined> {
  const { noticeMail, resetMail } = await import("./mail.ts");
  if (asked.kind === "password_reset") {
    const origin = config().PUBLIC_URL ?? config().GATEWAY_URL;
    const issued = origin && (await issueReset(asked, now));
    if (!issued) return undefined;
    const { user, token } = issued;
    return { to: user.email, user_id: user.id, message: resetMail(user, `${origin}/password/${token}`) };
  }
  const taken = await commitOne(
    updateItem(
      AccountMailEntity.patch({ id: asked.id })
        .set({ handled_at: now.toISOString() })
        .where((stored, { notExists }) => notExists(stored.handled_at)),
    ),
  );
  const { user_id, email: to, full_name = "", kind, created_at } = asked;
  if (!taken || user_id === undefined) return undefined;
  return { to, user_id, message: noticeMail(kind, { full_name, at: created_at }) };
}

/** Once it is sent, nothing of the person is left here; that it was sent is, lest it is sent again. */
const forgetPerson = ({ id }: StoredAccountMail) =>
  commitOne(updateItem(AccountMailEntity.patch({ id }).set({ email: "" }).remove(["full_name"])));

const release = ({ id }: StoredAccountMail) =>
  commitOne(updateItem(AccountMailEntity.patch({ id }).remove(["handled_at"])));

async function mailOnce(
  asked: StoredAccountMail,
  now: Date,
  remaining: () => number,
): Promise<"done" | "retry"> {
  const mail = await takeUp(asked, now);
  if (!mail) return "done";
  const tag = { kind: "notice", subject: mail.user_id, mail_id: randomUUID() } as const;
  try {
    await send({ to: mail.to, ...mail.message, tag }, remaining);
  } catch (error) {
    if (!(error instanceof MailError) || error.retryable) {
      await release(asked);
      if (error instanceof MailError) return "retry";
      throw error;
    }
  }
  await forgetPerson(asked);
  return "done";
}

/** A change whose mail the mail service did not take. */
interface FailedChange<C> {
  readonly change: C;
  readonly error: unknown;
  readonly again: boolean;
}

/**
 * Sends the mails to people about their accounts that changes of the table ask for, each once.
 *
 * @param remaining milliseconds until the caller is cut off
 * @returns the changes whose mail the mail service surely did not take: they are to come again, for an hour
 */
export async function mailAccountChanges<C extends Change>(
  changes: readonly C[],
  remaining: () => number,
  now = new Date(),
): Promise<FailedChange<C>[]> {
  const failed: FailedChange<C>[] = [];
  for (const change of changes) {
    const asked = askedBy(change);
    if (!asked) continue;
    const again = now.getTime() - Date.parse(asked.created_at) < KEEPS_TRYING_MS;
    if (again && (await mailOnce(asked, now, remaining)) === "retry")
      failed.push({ change, error: new Error("The mail service takes no mail"), again });
  }
  return failed;
}
