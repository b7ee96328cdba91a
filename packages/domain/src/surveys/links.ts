import type { Actor } from "@success-manager/contract/dsl/endpoint";
import { conflict, notFound } from "@success-manager/contract/problem";
import type { NewSurveyLink, SurveyLink } from "@success-manager/contract/surveys";
import { DAY_MS } from "../calendar.ts";
import { conditionFailed, omitNull, type StoredSurveyLink, SurveyLinkEntity } from "../table/index.ts";
import { invite } from "./invite.ts";
import { invitationOf } from "./link-state.ts";
import { subjectOf } from "./subject.ts";
import { newToken } from "./token.ts";

/**
 * Makes a link through which a customer answers once, and mails it when asked to. A mail that can't be sent does not
 * lose the link: the answer says what happened.
 *
 * @param origin where the API is reached, for the absolute address of the page
 * @throws 404 for an unknown customer; 422 when the deployment is not one of theirs
 */
export async function create(
  input: NewSurveyLink,
  actor: Actor,
  origin: string,
  at = new Date(),
): Promise<SurveyLink> {
  const { customer, deployment } = await subjectOf(input);
  const { token, ...kept } = newToken();
  const { customer_id, survey_type, product_deployment_id, ticket_reference, expires_in_days, send_to } =
    input;
  const link: StoredSurveyLink = {
    ...kept,
    customer_id,
    customer_name: customer.company_name,
    survey_type,
    ...omitNull({ product_deployment_id, ticket_reference, sent_to: send_to }),
    ...(deployment && { product: deployment.product_name }),
    created_by: actor.id,
    created_at: at.toISOString(),
    expires_at: new Date(at.getTime() + expires_in_days * DAY_MS).toISOString(),
    revision: 1,
  };
  // The id is new: a put that the SDK repeats after a lost answer writes the same again.
  await SurveyLinkEntity.put(link).go();
  const survey_url = `${origin}/survey/${token}`;
  return {
    id: link.id,
    token,
    survey_url,
    customer_name: link.customer_name,
    survey_type,
    expires_at: link.expires_at,
    sent_to: send_to ?? null,
    ...(send_to
      ? await invite(send_to, invitationOf(link), survey_url)
      : { mail_status: null, mail_error: null }),
  };
}

/**
 * Makes a link useless. Doing it again changes nothing.
 * @throws 404; 409 when it has been answered
 */
export async function revoke(id: string, at = new Date()): Promise<{ message: string }> {
  try {
    await SurveyLinkEntity.patch({ id })
      .set({ revoked_at: at.toISOString() })
      .add({ revision: 1 })
      .where(({ answered_at, revoked_at }, { notExists }) =>
        [notExists(answered_at), notExists(revoked_at)].join(" AND "),
      )
      .go();
  } catch (error) {
    if (!conditionFailed(error)) throw error;
    const { data: link } = await SurveyLinkEntity.get({ id }).go({ consistent: true });
    if (!link) throw notFound("Survey link");
    if (link.answered_at) throw conflict("This survey has been answered already, so its link is used up.");
  }
  return { message: "The link is revoked: nobody can answer through it any more." };
}
