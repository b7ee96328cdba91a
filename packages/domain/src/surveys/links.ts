/** Survey links as the team handles them: making, mailing, revoking. What their holders do: `public.ts`. */
import type { Actor } from "@success-manager/contract/dsl/endpoint";
import { conflict } from "@success-manager/contract/problem";
import type { NewSurveyLink, SurveyLink } from "@success-manager/contract/surveys";
import { DAY_MS } from "../calendar.ts";
import { MailError, send } from "../mail/index.ts";
import {
  commitOne,
  getOrThrow,
  getRequest,
  omitNull,
  putItem,
  type StoredSurveyLink,
  SurveyLinkEntity,
  updateItem,
} from "../table/index.ts";
import { surveyMail } from "./mail.ts";
import { toInvitation } from "./public.ts";
import { newToken } from "./token.ts";
import { loadTarget } from "./write.ts";

/**
 * Makes a link through which a customer answers once, and mails it when asked to. A mail that can't be sent does not
 * lose the link: the answer says what happened.
 *
 * @param origin where the API is reached, for the absolute address of the page
 * @throws 404 for an unknown customer; 409 for one who has left; 422 when the deployment is not one of theirs
 */
export async function create(
  input: NewSurveyLink,
  actor: Actor,
  origin: string,
  now = new Date(),
): Promise<SurveyLink> {
  const { customer, deployment } = await loadTarget(input);
  if (customer.status === "churned") throw hasLeft(customer.id);
  const { token, ...record } = newToken();
  const { customer_id, survey_type, product_deployment_id, ticket_reference, expires_in_days, send_to } =
    input;
  const link: StoredSurveyLink = {
    ...record,
    customer_id,
    customer_name: customer.company_name,
    survey_type,
    ...omitNull({ product_deployment_id, ticket_reference, sent_to: send_to }),
    ...(deployment && { product: deployment.product_name }),
    created_by: actor.id,
    created_at: now.toISOString(),
    expires_at: new Date(now.getTime() + expires_in_days * DAY_MS).toISOString(),
    revision: 1,
  };
  // The id is new: a put that the SDK repeats after a lost answer writes the same again.
  await commitOne(putItem(SurveyLinkEntity.put(link)));
  const survey_url = `${origin}/survey/${token}`;
  return {
    id: link.id,
    token,
    survey_url,
    customer_name: link.customer_name,
    survey_type,
    expires_at: link.expires_at,
    sent_to: send_to ?? null,
    ...(send_to ? await sendLink(send_to, link, survey_url) : { mail_status: null, mail_error: null }),
  };
}

const hasLeft = (customer_id: string) =>
  conflict(
    "This customer has left, so nobody there is asked any more. To bring them back, set their status: " +
      `PUT /customers/${customer_id} with a status of active or onboarding.`,
  );

type MailResult = Pick<SurveyLink, "mail_status" | "mail_error">;

/** Mails a link. A mail that is not sent is reported, not thrown: the link is worth more than the mail. */
async function sendLink(to: string, link: StoredSurveyLink, survey_url: string): Promise<MailResult> {
  try {
    await send({ to, ...surveyMail(toInvitation(link), survey_url) });
    return { mail_status: "sent", mail_error: null };
  } catch (error) {
    if (!(error instanceof MailError)) throw error;
    return { mail_status: "failed", mail_error: error.message };
  }
}

/**
 * Makes a link useless. Doing it again changes nothing.
 *
 * @throws 404; 409 when it has been answered
 */
export async function revoke(id: string, now = new Date()): Promise<{ message: string }> {
  const revoked = await commitOne(
    updateItem(
      SurveyLinkEntity.patch({ id })
        .set({ revoked_at: now.toISOString() })
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
