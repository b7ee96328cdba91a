/** What the holder of a survey link can do without signing in: see what is asked, and respond once. */
import { randomUUID } from "node:crypto";
import { conflict, notFound, Problem, unprocessable } from "@success-manager/contract/problem";
import {
  type Invitation,
  type PublicSurvey,
  type SurveyAnswer,
  scaleOf,
  validateScore,
} from "@success-manager/contract/surveys";
import { hashToken } from "../link-token.ts";
import { countSurveyCall } from "../rate-limit/index.ts";
import {
  commit,
  find,
  getRequest,
  omitNull,
  type StoredSurveyLink,
  SurveyLinkEntity,
  updateItem,
} from "../table/index.ts";
import { constantTimeEqual } from "../text.ts";
import { toPublicSurvey, toStoredSurvey } from "./serialize.ts";
import { responseWrites } from "./write.ts";

export type LinkStatus = "open" | "answered" | "expired" | "revoked";

/** The status of a link at a moment. What a customer or the team has done counts more than time. */
export function linkStatus(link: StoredSurveyLink, now: Date): LinkStatus {
  if (link.answered_at) return "answered";
  if (link.revoked_at) return "revoked";
  return link.expires_at > now.toISOString() ? "open" : "expired";
}

/** What the holder of a link is asked. No ids (decision 15). */
export const toInvitation = (link: StoredSurveyLink): Invitation => ({
  customer_name: link.customer_name,
  survey_type: link.survey_type,
  product: link.product ?? null,
  ticket_reference: link.ticket_reference ?? null,
  expires_at: link.expires_at,
  scale: { ...scaleOf(link.survey_type) },
});

/** The status of a link and what its holder is asked, for the page. Never throws for a token. */
export async function getLinkStatus(
  token: string,
  now = new Date(),
): Promise<
  | { readonly status: LinkStatus; readonly survey: Invitation }
  | { readonly status: "unknown"; readonly survey?: undefined }
> {
  const link = await findLink(token);
  return link ? { status: linkStatus(link, now), survey: toInvitation(link) } : { status: "unknown" };
}

/** What the holder of a link is asked. @throws as `respond`, and 429 after too many calls of an address */
export async function info(token: string, sourceIp: string): Promise<Invitation> {
  await countSurveyCall(sourceIp);
  return toInvitation(await loadOpenLink(token, new Date()));
}

/** `respond`, rate-limited. @throws as `respond`, and 429 after too many calls of an address */
export async function submit(token: string, input: SurveyAnswer, sourceIp: string): Promise<PublicSurvey> {
  await countSurveyCall(sourceIp);
  return respond(token, input);
}

/**
 * Responds through a link: response, used link, feedback and the alert of a low score are written together or not at
 * all, so of many at once exactly one is.
 *
 * @throws 404 unknown; 409 answered; 410 expired or revoked; 422 when the score is not on the survey's scale
 */
export async function respond(token: string, input: SurveyAnswer, now = new Date()): Promise<PublicSurvey> {
  const link = await loadOpenLink(token, now);
  const fault = validateScore(link.survey_type, input.score);
  if (fault) throw unprocessable("score", fault);
  const { customer_id, customer_name, survey_type, product_deployment_id, product, ticket_reference } = link;
  const { feedback_text, ...person } = input;
  const survey = toStoredSurvey(
    {
      ...person,
      ...omitNull({ feedback_text, product_deployment_id, product, ticket_reference }),
      id: randomUUID(),
      customer_id,
      survey_type,
      submitted_at: now.toISOString(),
      submitted_via: "email_link",
      survey_link_id: link.id,
    },
    customer_name,
  );
  const failed = await commit([markAnswered(link, now), ...responseWrites(survey, customer_name, now)]);
  if (failed.length === 0) return toPublicSurvey(survey, customer_name);
  // Somebody was faster, with a response or by revoking it.
  await loadOpenLink(token, now);
  throw closedLink("answered");
}

/** The link of a token, strongly consistent; undefined when it is not one of ours. */
async function findLink(token: string): Promise<StoredSurveyLink | undefined> {
  const record = hashToken(token);
  if (!record) return undefined;
  const link = await find(getRequest(SurveyLinkEntity, record.id));
  return link && constantTimeEqual(link.token_hash, record.token_hash) ? link : undefined;
}

/** The link of a token that can be answered. @throws 404 unknown, 409 answered, 410 expired or revoked */
async function loadOpenLink(token: string, now: Date): Promise<StoredSurveyLink> {
  const link = await findLink(token);
  if (!link) throw notFound("Survey");
  const status = linkStatus(link, now);
  if (status !== "open") throw closedLink(status);
  return link;
}

/** Why nobody can respond through a link any more. */
function closedLink(status: Exclude<LinkStatus, "open">): Problem {
  switch (status) {
    case "answered":
      return conflict("This survey has been answered already.");
    case "expired":
      return new Problem(410, "This link has expired. Ask for a new one.");
    case "revoked":
      return new Problem(410, "This link is no longer valid. Ask for a new one.");
  }
}

/** Marks a link as answered, on the condition that it can be. */
function markAnswered({ id }: StoredSurveyLink, now: Date) {
  const instant = now.toISOString();
  return updateItem(
    SurveyLinkEntity.patch({ id })
      .set({ answered_at: instant })
      .add({ revision: 1 })
      .where(({ answered_at, revoked_at, expires_at }, { notExists, gt }) =>
        [notExists(answered_at), notExists(revoked_at), gt(expires_at, instant)].join(" AND "),
      ),
  );
}
