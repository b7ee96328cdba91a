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
import { config } from "../config.ts";
import { hashToken } from "../link-token.ts";
import { Suppressions } from "../mail/index.ts";
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
import { surveyQuestion } from "./question.ts";
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
  language: link.language ?? null,
  expires_at: link.expires_at,
  scale: { ...scaleOf(link.survey_type) },
});

/** Whom a link was mailed to. */
export interface Recipient {
  /** Undefined where nobody said. */
  readonly name: string | undefined;
  readonly email: string;
}

/** The status of a link and what its holder is asked, for the page. Notes nothing, and never throws for a token. */
export async function getLinkStatus(
  token: string,
  now = new Date(),
): Promise<
  | {
      readonly status: LinkStatus;
      readonly survey: Invitation;
      /** Undefined for a link that was mailed to nobody: who answers says who they are. */
      readonly recipient: Recipient | undefined;
      /** Whether somebody has looked at it before. */
      readonly isOpened: boolean;
    }
  | { readonly status: "unknown"; readonly survey?: undefined }
> {
  const link = await findLink(token);
  if (!link) return { status: "unknown" };
  const { sent_to: email, recipient_name: name } = link;
  const recipient = email === undefined ? undefined : { name, email };
  return {
    status: linkStatus(link, now),
    survey: toInvitation(link),
    recipient,
    isOpened: link.opened_at !== undefined,
  };
}

/** Notes that somebody looks at the survey of a link, the first time. @throws 404 for an unknown token */
export async function noteLook(token: string, now = new Date()): Promise<void> {
  const link = await findLink(token);
  if (!link) throw notFound("Survey");
  await noteOpened(link, now);
}

/** How the recipient of a survey stands to further ones; nobody for a link that was mailed to nobody, or is none. */
export type Subscription = (
  | { readonly state: "subscribed" | "unsubscribed"; readonly email: string }
  | { readonly state: "nobody" }
) &
  Partial<Pick<Invitation, "customer_name" | "language">>;

const subscription = (link: StoredSurveyLink | undefined, isUnsubscribed: boolean): Subscription => {
  if (!link) return { state: "nobody" };
  const { customer_name, language = null, sent_to: email } = link;
  if (email === undefined) return { state: "nobody", language };
  return { state: isUnsubscribed ? "unsubscribed" : "subscribed", email, customer_name, language };
};

/** Whether the recipient of a link still gets surveys. */
export async function getSubscription(token: string): Promise<Subscription> {
  const link = await findLink(token);
  return subscription(link, !!link?.sent_to && (await Suppressions.isUnsubscribed(link.sent_to)));
}

/** Sends the recipient of a link no more surveys; again changes nothing. @throws 409 when others keep changing that */
export async function unsubscribe(token: string): Promise<Subscription> {
  const link = await findLink(token);
  if (link?.sent_to) await Suppressions.unsubscribe(link.sent_to);
  return subscription(link, true);
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
  const { surveyTexts } = await import("../messages/index.ts");
  const texts = surveyTexts(link.language ?? config().DEFAULT_LANGUAGE);
  return {
    ...asked,
    question: surveyQuestion({ ...asked, ticket_reference }, texts),
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
    (link) => ({
      score,
      feedback_text,
      ...personOf(link, { name: submitter_name, email: submitter_email }, "submitter"),
    }),
    now,
    surveyCall(sourceIp),
  );

/** What somebody says of themselves; nothing where they are known. */
interface Person {
  readonly name: string | null | undefined;
  readonly email: string | null | undefined;
}

/** Who answers: who says so, else the person who was asked. @throws 422 when it is neither */
function personOf({ sent_to, recipient_name }: StoredSurveyLink, { name, email }: Person, field: string) {
  const submitted_by_email = email ?? sent_to;
  const submitted_by_name = name ?? recipient_name ?? sent_to;
  if (!submitted_by_email) throw unprocessable(`${field}_email`, "is required");
  if (!submitted_by_name) throw unprocessable(`${field}_name`, "is required");
  return { submitted_by_email, submitted_by_name };
}

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

/** What the form of the page says: whom the link was mailed to need not say who they are. */
export type FormAnswer = Omit<SurveyAnswer, "submitted_by_name" | "submitted_by_email"> &
  Partial<Pick<SurveyAnswer, "submitted_by_name" | "submitted_by_email">>;

/**
 * Responds through a link: response, used link and the alert of a low score are written together or not at all, so of
 * many at once exactly one is.
 *
 * @throws 404 unknown; 409 answered; 410 expired or revoked; 422 when the score is not on the survey's scale, or nobody
 * knows who answers
 */
export const respond = (
  token: string,
  { submitted_by_name: name, submitted_by_email: email, ...answer }: FormAnswer,
  now = new Date(),
): Promise<PublicSurvey> =>
  respondOnce(token, (link) => ({ ...answer, ...personOf(link, { name, email }, "submitted_by") }), now);

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
      const answer = toPublicSurvey(survey, link.customer_name);
      const failed = await commit([...writes, ...(call ? [call.write] : [])], { answer });
      if (failed.length === 0) return answer;
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
 * Notes that the holder of a link looks at the survey, the first time. The page's script tells so, or a client of the
 * API: programs that fetch links in mails run no scripts. Whoever else is faster, with a response even, is left alone.
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
