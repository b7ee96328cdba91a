/** What the holder of a survey link can do without signing in: see what is asked, and respond once. */
import { randomUUID } from "node:crypto";
import type { PortalAnswer, PortalSurvey } from "@success-manager/contract/portal";
import { conflict, notFound, Problem, unprocessable } from "@success-manager/contract/problem";
import {
  type Invitation,
  type PublicSurvey,
  type SurveyAnswer,
  scaleOf,
  validateScore,
} from "@success-manager/contract/surveys";
import { hashToken } from "../link-token.ts";
import { countCall, countSurveyCall, surveyCall, type UncountedCall } from "../rate-limit/index.ts";
import {
  commit,
  commitOne,
  equals,
  find,
  getRequest,
  omitNull,
  put,
  RETRY,
  type StoredSurvey,
  type StoredSurveyLink,
  SurveyLinkEntity,
  updateItem,
  type Write,
  withOptimisticRetry,
} from "../table/index.ts";
import { constantTimeEqual } from "../text.ts";
import { surveyQuestion } from "./mail.ts";
import { toPublicSurvey, toStoredSurvey } from "./serialize.ts";
import { responseWrites, ticketOf } from "./write.ts";

export type LinkStatus = "open" | "answered" | "expired" | "revoked";

/** The status of a link at a moment. What a customer or the team has done counts more than time. */
export function linkStatus(
  link: Pick<StoredSurveyLink, "answered_at" | "revoked_at" | "expires_at">,
  now: Date,
): LinkStatus {
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
  custom_message: link.custom_message ?? null,
  expires_at: link.expires_at,
  scale: { ...scaleOf(link.survey_type) },
});

/**
 * The status of a link and what its holder is asked, for the page. The first look is noted. Never throws for a token.
 */
export async function getLinkStatus(
  token: string,
  now = new Date(),
): Promise<
  | { readonly status: LinkStatus; readonly survey: Invitation }
  | { readonly status: "unknown"; readonly survey?: undefined }
> {
  const link = await findLink(token);
  if (!link) return { status: "unknown" };
  await noteOpened(link, now);
  return { status: linkStatus(link, now), survey: toInvitation(link) };
}

/** What the holder of a link is asked. @throws as `respond`, and 429 after too many calls of an address */
export async function info(token: string, sourceIp: string, now = new Date()): Promise<Invitation> {
  const link = await counted(sourceIp, loadOpenLink(token, now));
  await noteOpened(link, now);
  return toInvitation(link);
}

/**
 * What the holder of a link is asked, for the web client's page: also when it is too late.
 *
 * @throws 404 for an unknown token; 429 after too many calls of an address
 */
export async function view(token: string, sourceIp: string, now = new Date()): Promise<PortalSurvey> {
  const link = await counted(sourceIp, findLink(token));
  if (!link) throw notFound("Survey");
  await noteOpened(link, now);
  const status = linkStatus(link, now);
  const { expires_at, ticket_reference, ...asked } = toInvitation(link);
  return {
    ...asked,
    question: surveyQuestion({ ...asked, ticket_reference }),
    linked_ticket_number: ticket_reference,
    linked_ticket_subject: null,
    expires_at,
    status: PORTAL_STATUS[status],
    is_completed: status === "answered",
    is_expired: status === "expired" || status === "revoked",
    is_cancelled: status === "revoked",
  };
}

const PORTAL_STATUS = {
  open: "opened",
  answered: "completed",
  expired: "expired",
  revoked: "cancelled",
} as const satisfies Readonly<Record<LinkStatus, PortalSurvey["status"]>>;

/**
 * Responds as the web client's page does. Who leaves out name or address is the person who was asked.
 *
 * @throws as `submit`; 422 when nobody was asked by name or address either
 */
export const submitPortal = (
  token: string,
  { score, feedback_text, submitter_name, submitter_email }: PortalAnswer,
  sourceIp: string,
  now = new Date(),
): Promise<PublicSurvey> =>
  respondOnce(
    token,
    ({ sent_to, recipient_name }) => {
      const submitted_by_email = submitter_email ?? sent_to;
      const submitted_by_name = submitter_name ?? recipient_name ?? sent_to;
      if (!submitted_by_email) throw unprocessable("submitter_email", "is required");
      if (!submitted_by_name) throw unprocessable("submitter_name", "is required");
      return { score, feedback_text, submitted_by_name, submitted_by_email };
    },
    now,
    surveyCall(sourceIp),
  );

/** `respond`, rate-limited. @throws as `respond`, and 429 after too many calls of an address */
export const submit = (
  token: string,
  input: SurveyAnswer,
  sourceIp: string,
  now = new Date(),
): Promise<PublicSurvey> => respondOnce(token, () => input, now, surveyCall(sourceIp));

/**
 * What is read for a call of an address, which is counted meanwhile. Whoever calls too often learns nothing of it.
 *
 * @throws 429 after too many calls, whatever was found; then as the reading does
 */
async function counted<T>(sourceIp: string, reading: Promise<T>): Promise<T> {
  // Its failure is for later: when it comes first, nobody waits for it yet.
  reading.catch(() => undefined);
  await countSurveyCall(sourceIp);
  return reading;
}

/**
 * Responds through a link: response, used link and the alert of a low score are written together or not at all, so of
 * many at once exactly one is.
 *
 * @throws 404 unknown; 409 answered; 410 expired or revoked; 422 when the score is not on the survey's scale
 */
export const respond = (token: string, input: SurveyAnswer, now = new Date()): Promise<PublicSurvey> =>
  respondOnce(token, () => input, now);

/**
 * @param answerOf what is answered, for the link that the token opens
 * @param call is counted in the transaction of the response, which saves a request; by itself when there is none
 */
async function respondOnce(
  token: string,
  answerOf: (link: StoredSurveyLink) => SurveyAnswer,
  now: Date,
  call?: UncountedCall,
): Promise<PublicSurvey> {
  try {
    return await withOptimisticRetry(async () => {
      const link = await loadOpenLink(token, now);
      const survey = await toResponse(link, answerOf(link), now);
      const writes = [markAnswered(link, survey, now), ...responseWrites(survey, link.customer_name, now)];
      const failed = await commit([...writes, ...(call ? [call.write] : [])]);
      if (failed.length === 0) return toPublicSurvey(survey, link.customer_name);
      if (call && failed.includes(writes.length)) throw call.refusal();
      // Somebody was faster, with a response, by revoking it, or by looking at it.
      return RETRY;
    });
  } catch (error) {
    // Whoever calls too often learns nothing else.
    if (call) await countCall(call);
    throw error;
  }
}

/** A response through a link, as it is stored. @throws 422 when the score is not on the survey's scale */
async function toResponse(link: StoredSurveyLink, input: SurveyAnswer, now: Date): Promise<StoredSurvey> {
  const fault = validateScore(link.survey_type, input.score);
  if (fault) throw unprocessable("score", fault);
  const { customer_id, customer_name, survey_type, product_deployment_id, product, ticket_reference } = link;
  const { feedback_text, ...person } = input;
  return toStoredSurvey(
    {
      ...person,
      ...(await ticketOf(link)),
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
}

/** The link of a token, strongly consistent; undefined when it is not one of ours. */
async function findLink(token: string): Promise<StoredSurveyLink | undefined> {
  const record = hashToken(token);
  if (!record) return undefined;
  const link = await find(getRequest(SurveyLinkEntity, record.id));
  const hashes = link ? [link.token_hash, ...(link.reminder_hashes ?? [])] : [];
  return hashes.some((hash) => constantTimeEqual(hash, record.token_hash)) ? link : undefined;
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

/** Marks a link as answered, on the condition that nobody has changed it since it was read. */
function markAnswered(
  link: StoredSurveyLink,
  response: Pick<StoredSurvey, "id" | "score">,
  now: Date,
): Write {
  const answered_at = now.toISOString();
  const answered = {
    answered_at,
    response_id: response.id,
    score: response.score,
    opened_at: link.opened_at ?? answered_at,
    due_key: "",
    revision: link.revision + 1,
  };
  return put(SurveyLinkEntity, { ...link, ...answered }, equals({ revision: link.revision }));
}

/**
 * Notes that the holder of a link looks at the survey, the first time. Programs that look at links in mails may be
 * taken for people. Whoever else is faster, with a response even, is left alone.
 */
async function noteOpened(link: StoredSurveyLink, now: Date): Promise<void> {
  if (link.opened_at || linkStatus(link, now) !== "open") return;
  await commitOne(
    updateItem(
      SurveyLinkEntity.patch({ id: link.id })
        .set({ opened_at: now.toISOString() })
        .add({ revision: 1 })
        .where(({ opened_at, answered_at, revoked_at }, { notExists }) =>
          [notExists(opened_at), notExists(answered_at), notExists(revoked_at)].join(" AND "),
        ),
    ),
  );
}
