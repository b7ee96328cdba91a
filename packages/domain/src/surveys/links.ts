/**
 * Survey links as the team handles them: making, mailing, revoking. Who was asked, and reminders: `requests.ts`. What
 * their holders do: `public.ts`.
 */
import { randomUUID } from "node:crypto";
import type { Actor } from "@success-manager/contract/dsl/endpoint";
import { conflict } from "@success-manager/contract/problem";
import type { NewSurveyLink, SurveyLink } from "@success-manager/contract/surveys";
import { searchForm } from "@success-manager/contract/text";
import { DAY_MS } from "../calendar.ts";
import { config } from "../config.ts";
import { newToken } from "../link-token.ts";
import {
  MAY_HAVE_GONE_OUT,
  type MailEvent,
  type MailRequest,
  type Message,
  outranks,
  trySending,
} from "../mail/index.ts";
import { loadBrand } from "../settings/index.ts";
import {
  commit,
  commitOne,
  emailKey,
  find,
  getOrThrow,
  getRequest,
  isScoped,
  omitNull,
  put,
  RETRY,
  type StoredSurveyLink,
  SurveyLinkEntity,
  updateItem,
  withOptimisticRetry,
} from "../table/index.ts";
import { toInvitation } from "./public.ts";
import { loadTarget, type SurveyTarget } from "./write.ts";

/**
 * Makes a link through which a customer answers once, and mails it when asked to. A mail that can't be sent does not
 * lose the link: the answer says what happened.
 *
 * @throws 404 for an unknown customer; 409 for one who has left; 422 when the deployment is not one of theirs
 */
export async function create(
  input: NewSurveyLink,
  actor: Actor,
  request: MailRequest,
  now = new Date(),
): Promise<SurveyLink> {
  const { link, token } = await createLink(input, await loadTarget(input), actor, request, now);
  return {
    id: link.id,
    token,
    survey_url: surveyUrl(request.origin, token),
    customer_name: link.customer_name,
    survey_type: link.survey_type,
    expires_at: link.expires_at,
    language: link.language ?? null,
    sent_to: link.sent_to ?? null,
    mail_status: link.mail_status ?? null,
    mail_error: link.mail_error ?? null,
  };
}

/** The address of the page on which the holder of a token answers. */
export const surveyUrl = (origin: string, token: string) => `${origin}/survey/${token}`;

/** What a link is made of, beside what the caller of `create` says. */
interface NewLink extends NewSurveyLink {
  readonly recipient_name?: string | undefined;
}

/**
 * What every new link passes, whichever endpoint it is made by.
 *
 * @param target as `loadTarget` found it
 * @returns the link as it is stored, and its token, which nobody can find out later
 * @throws 409 for a customer who has left
 */
export async function createLink(
  input: NewLink,
  target: SurveyTarget,
  actor: Actor,
  request: MailRequest,
  now: Date,
): Promise<{ readonly link: StoredSurveyLink; readonly token: string }> {
  const { customer, deployment } = target;
  if (customer.status === "churned") throw hasLeft(customer.id);
  const { token, ...record } = newToken();
  const { customer_id, survey_type, expires_in_days, send_to } = input;
  const contact =
    send_to && emailKey(send_to) === emailKey(customer.contact_email ?? "") ? customer : undefined;
  const recipient_name = input.recipient_name ?? contact?.contact_name;
  const language = input.language ?? contact?.contact_language;
  const { product_deployment_id, ticket_reference, custom_message } = input;
  const link = toStoredLink({
    ...record,
    customer_id,
    customer_name: customer.company_name,
    survey_type,
    ...omitNull({ product_deployment_id, ticket_reference, custom_message }),
    ...omitNull({ sent_to: send_to, recipient_name, language }),
    ...(send_to && newMail(randomUUID())),
    ...(deployment && { product: deployment.product_name }),
    created_by: actor.id,
    created_by_name: actor.full_name,
    created_at: now.toISOString(),
    expires_at: new Date(now.getTime() + expires_in_days * DAY_MS).toISOString(),
    revision: 1,
  });
  // The id is new: a put that the SDK repeats after a lost answer writes the same again.
  await commitOne(put(SurveyLinkEntity, link));
  if (!send_to) return { link, token };
  const mailed = await mailLink(send_to, link, token, request, now);
  return { link: { ...link, ...mailed }, token };
}

/** Why nobody at a customer is asked, or reminded. */
export const hasLeft = (customer_id: string) =>
  conflict(
    "This customer has left, so nobody there is asked any more. To bring them back, set their status: " +
      `PUT /customers/${customer_id} with a status of active or onboarding.`,
  );

/** A link as it is stored, with what search and index look at. */
export const toStoredLink = (input: Omit<StoredSurveyLink, "search_key" | "due_key">): StoredSurveyLink => ({
  ...input,
  search_key: searchForm(
    [
      input.customer_name,
      input.sent_to ?? "",
      input.recipient_name ?? "",
      input.ticket_reference ?? "",
      input.custom_message ?? "",
    ].join("\n"),
  ),
  due_key: input.answered_at || input.revoked_at ? "" : input.expires_at,
});

/**
 * The mail of a link, in the language of who is asked, else in the stage's.
 *
 * @param url of the page, with a token of the link
 * @param remindsOf when the survey was first mailed
 */
export async function mailOf(link: StoredSurveyLink, url: string, remindsOf?: string): Promise<Message> {
  const { DEFAULT_LANGUAGE, SCHEDULE_TIMEZONE: timeZone } = config();
  const [{ surveyMail }, { organization: sender }] = await Promise.all([
    import("./survey-mail.ts"),
    loadBrand(),
  ]);
  const language = link.language ?? DEFAULT_LANGUAGE;
  return surveyMail(toInvitation(link), url, { language, timeZone, sender, remindsOf });
}

/** How a link says that a mail goes out now. Who dies meanwhile leaves it so. */
export const newMail = (mail_id: string) =>
  ({ mail_id, mail_status: "unknown", mail_error: MAY_HAVE_GONE_OUT }) as const;

/**
 * Notes what SES tells of the newest mail of a link. Doing it again changes nothing.
 *
 * @returns whether that is news; false also for a link that is gone
 * @throws 409 when others keep changing the link
 */
export const settleMail = (id: string, mail_id: string, event: MailEvent): Promise<boolean> =>
  withOptimisticRetry(async () => {
    const link = await find(getRequest(SurveyLinkEntity, id));
    if (link?.mail_id !== mail_id || !outranks(event.status, link.mail_status ?? "unknown")) return false;
    const { status: mail_status, message_id, error, sent_at } = event;
    const patch = SurveyLinkEntity.patch({ id })
      .set({ mail_status, message_id, sent_at: link.sent_at ?? sent_at, ...(error && { mail_error: error }) })
      .remove(error ? [] : ["mail_error"])
      .add({ revision: 1 })
      .where(({ revision }, { eq }) => eq(revision, link.revision));
    // A transaction, so that a write that the SDK repeats after a lost answer is known to the database.
    return (await commit([updateItem(patch)])).length === 0 ? true : RETRY;
  });

type Mailed = Pick<StoredSurveyLink, "mail_status" | "mail_error" | "message_id" | "sent_at" | "revision">;

/**
 * Mails a new link and notes what came of it, unless SES has told more by then. A mail that is not sent is reported,
 * not thrown: the link is worth more than the mail.
 */
async function mailLink(
  to: string,
  link: StoredSurveyLink,
  token: string,
  { origin, remaining }: MailRequest,
  now: Date,
): Promise<Mailed> {
  const mail = await mailOf(link, surveyUrl(origin, token));
  const { id, mail_id = "" } = link;
  const outcome = await trySending({ to, ...mail, tag: { kind: "survey", subject: id, mail_id } }, remaining);
  const isSent = outcome.mail_status === "sent";
  const result = { ...outcome, ...(isSent && { sent_at: now.toISOString() }) };
  const noted = await commitOne(
    updateItem(
      SurveyLinkEntity.patch({ id })
        .set(result)
        .remove(isSent ? ["mail_error"] : [])
        .add({ revision: 1 })
        .where(({ mail_id: newest, mail_status }, { eq }) =>
          [eq(newest, mail_id), eq(mail_status, "unknown")].join(" AND "),
        ),
    ),
  );
  if (noted) return { mail_error: undefined, ...result, revision: link.revision + 1 };
  const stored = await getOrThrow(getRequest(SurveyLinkEntity, id), "Survey link");
  const { mail_status, mail_error, message_id, sent_at, revision } = stored;
  return { mail_status, mail_error, message_id, sent_at, revision };
}

/**
 * Makes a link useless. Doing it again changes nothing.
 *
 * @throws 404; 409 when it has been answered
 */
export async function revoke(id: string, now = new Date()): Promise<{ message: string }> {
  // The write looks at nothing of the customer: for who sees some, a read has to.
  if (isScoped()) await getOrThrow(getRequest(SurveyLinkEntity, id), "Survey link");
  const revoked = await commitOne(
    updateItem(
      SurveyLinkEntity.patch({ id })
        .set({ revoked_at: now.toISOString(), due_key: "" })
        .add({ revision: 1 })
        .where(({ answered_at, revoked_at }, { notExists }) =>
          [notExists(answered_at), notExists(revoked_at)].join(" AND "),
        ),
    ),
  );
  if (!revoked) {
    const { answered_at } = await getOrThrow(getRequest(SurveyLinkEntity, id), "Survey link");
    if (answered_at) throw conflict("This survey has been answered already, so its link is used up.");
  }
  return { message: "The link is revoked: nobody can answer through it any more." };
}
