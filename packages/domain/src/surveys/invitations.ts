import { randomUUID } from "node:crypto";
import { unprocessable } from "@success-manager/contract/problem";
import {
  type Invitation,
  type PublicSurvey,
  type SurveyAnswer,
  validateScore,
} from "@success-manager/contract/surveys";
import { countSurveyCall } from "../rate-limit/index.ts";
import { commit, omitNull, type StoredSurveyLink, SurveyLinkEntity, updateItem } from "../table/index.ts";
import { closedLink, invitationOf, type LinkState, linkOf, stateOf, unknownLink } from "./link-state.ts";
import { publicShown } from "./shown.ts";
import { toStoredSurvey } from "./stored.ts";
import { answerWrites } from "./write.ts";

/** What became of a link, and what its holder is asked; for the page. Never throws for a token. */
export async function inspect(
  token: string,
  at = new Date(),
): Promise<
  | { readonly state: LinkState; readonly survey: Invitation }
  | { readonly state: "unknown"; readonly survey?: undefined }
> {
  const link = await linkOf(token);
  return link ? { state: stateOf(link, at), survey: invitationOf(link) } : { state: "unknown" };
}

/** The link of a token that can be answered. @throws 404 unknown, 409 answered, 410 expired or revoked */
async function openLink(token: string, at: Date): Promise<StoredSurveyLink> {
  const link = await linkOf(token);
  if (!link) throw unknownLink();
  const state = stateOf(link, at);
  if (state !== "open") throw closedLink(state);
  return link;
}

/** Marks a link as answered, on the condition that it can be. */
const answeredWrite = ({ id }: StoredSurveyLink, now: string) =>
  updateItem(
    SurveyLinkEntity.patch({ id })
      .set({ answered_at: now })
      .add({ revision: 1 })
      .where(({ answered_at, revoked_at, expires_at }, { notExists, gt }) =>
        [notExists(answered_at), notExists(revoked_at), gt(expires_at, now)].join(" AND "),
      ),
  );

/**
 * Answers through a link: answer, used link, feedback and the alert of a low score are written together or not at
 * all, so of many at once exactly one is.
 *
 * @throws 404 unknown; 409 answered; 410 expired or revoked; 422 when the score is not on the survey's scale
 */
export async function answer(token: string, input: SurveyAnswer, at = new Date()): Promise<PublicSurvey> {
  const link = await openLink(token, at);
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
      submitted_at: at.toISOString(),
      submitted_via: "email_link",
      survey_link_id: link.id,
    },
    customer_name,
  );
  const failed = await commit([
    answeredWrite(link, at.toISOString()),
    ...answerWrites(survey, customer_name, at),
  ]);
  if (failed.length === 0) return publicShown(survey, customer_name);
  // Somebody was faster, with an answer or by revoking it.
  await openLink(token, at);
  throw closedLink("answered");
}

/** What the holder of a link is asked. @throws as `answer`, and 429 after too many calls of an address */
export async function info(token: string, sourceIp: string): Promise<Invitation> {
  await countSurveyCall(sourceIp);
  return invitationOf(await openLink(token, new Date()));
}

/** `answer`, counted. @throws as `answer`, and 429 after too many calls of an address */
export async function submit(token: string, input: SurveyAnswer, sourceIp: string): Promise<PublicSurvey> {
  await countSurveyCall(sourceIp);
  return answer(token, input);
}
