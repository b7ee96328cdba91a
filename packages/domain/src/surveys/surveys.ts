import { randomUUID } from "node:crypto";
import type { Actor } from "@success-manager/contract/dsl/endpoint";
import { notFound } from "@success-manager/contract/problem";
import type { NewSurvey, Survey } from "@success-manager/contract/surveys";
import { CustomerEntity, commit, omitNull, SurveyEntity } from "../table/index.ts";
import { shown } from "./shown.ts";
import { toStoredSurvey } from "./stored.ts";
import { subjectOf } from "./subject.ts";
import { answerWrites } from "./write.ts";

export { analytics } from "./analytics.ts";
export { list } from "./list.ts";
export { summary } from "./summary.ts";

/**
 * Records an answer that somebody of the team was told, with its alert when it is low.
 *
 * @throws 404 for an unknown customer; 422 when the deployment is not one of theirs
 */
export async function create(input: NewSurvey, actor: Actor, at = new Date()): Promise<Survey> {
  const { customer, deployment } = await subjectOf(input);
  const { product_deployment_id, ticket_reference, feedback_text, ...rest } = input;
  const survey = toStoredSurvey(
    {
      ...rest,
      ...omitNull({ product_deployment_id, ticket_reference, feedback_text }),
      ...(deployment && { product: deployment.product_name }),
      id: randomUUID(),
      submitted_at: at.toISOString(),
      author_id: actor.id,
      author_name: actor.full_name,
    },
    customer.company_name,
  );
  await commit(answerWrites(survey, customer.company_name, at));
  return shown(survey, customer.company_name);
}

/** An answer with the omitNull name of its customer. @throws 404 */
export async function get(id: string): Promise<Survey> {
  const { data: survey } = await SurveyEntity.get({ id }).go({ consistent: true });
  if (!survey) throw notFound("Survey");
  const { data: customer } = await CustomerEntity.get({ id: survey.customer_id }).go({ consistent: true });
  return shown(survey, customer?.company_name);
}
