/** Survey responses: recording and reading. Rules: `write.ts` (low scores), `nps.ts`; links: `links.ts`, `public.ts`. */
import { randomUUID } from "node:crypto";
import type { Actor } from "@success-manager/contract/dsl/endpoint";
import { notFound } from "@success-manager/contract/problem";
import type { NewSurvey, Survey } from "@success-manager/contract/surveys";
import {
  CustomerEntity,
  commitAll,
  type FoundOf,
  find,
  getRequest,
  omitNull,
  SurveyEntity,
} from "../table/index.ts";
import { toStoredSurvey, toSurvey } from "./serialize.ts";
import { loadTarget, responseWrites, type targetReads, ticketOf } from "./write.ts";

export { analytics } from "./analytics.ts";
export { list } from "./list.ts";
export { summary, summaryReads } from "./summary.ts";
export { targetReads } from "./write.ts";

/**
 * Records a response that a team member was told, and opens an alert when its score is low. One item, mostly; a
 * transaction of up to four with an alert or a ticket.
 *
 * @param found by `targetReads`
 * @throws 404 for an unknown customer; 422 when the deployment is not one of theirs
 */
export async function create(
  input: NewSurvey,
  actor: Actor,
  found: FoundOf<ReturnType<typeof targetReads>>,
  now = new Date(),
): Promise<Survey> {
  const { customer, deployment } = await loadTarget(input, found);
  const { product_deployment_id, ticket_reference, feedback_text, ...others } = input;
  const about = { ...others, ...omitNull({ product_deployment_id, ticket_reference, feedback_text }) };
  const survey = toStoredSurvey(
    {
      ...about,
      ...(await ticketOf(about)),
      ...(deployment && { product: deployment.product_name }),
      id: randomUUID(),
      submitted_at: now.toISOString(),
      author_id: actor.id,
      author_name: actor.full_name,
    },
    customer.company_name,
  );
  // The id is new: a put that the SDK repeats after a lost answer writes the same again.
  const answer = toSurvey(survey, customer.company_name);
  await commitAll(responseWrites(survey, customer.company_name, now), { answer });
  return answer;
}

/** The response itself. */
export const reads = (id: string) => [getRequest(SurveyEntity, id)] as const;

/** A response with the present name of its customer. @param found by `reads` @throws 404 */
export async function get([survey]: FoundOf<ReturnType<typeof reads>>): Promise<Survey> {
  if (!survey) throw notFound("Survey");
  const customer = await find(getRequest(CustomerEntity, survey.customer_id));
  return toSurvey(survey, customer?.company_name);
}
