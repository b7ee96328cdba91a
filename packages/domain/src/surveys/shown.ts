import type { PublicSurvey, Survey } from "@success-manager/contract/surveys";
import type { StoredSurvey } from "../table/index.ts";

/** What answers are made of: lists read no more than this. */
export const SHOWN = [
  "id",
  "customer_id",
  "product_deployment_id",
  "product",
  "survey_type",
  "score",
  "feedback_text",
  "submitted_by_name",
  "submitted_by_email",
  "submitted_at",
  "ticket_reference",
  "submitted_via",
  "author_id",
] as const satisfies readonly (keyof StoredSurvey)[];

export type ShownRow = Pick<StoredSurvey, (typeof SHOWN)[number]>;

/** An answer as the customer who gave it sees it. Field by field: nothing else of the item may leave. */
export const publicShown = (survey: ShownRow, customer_name: string | null): PublicSurvey => ({
  survey_type: survey.survey_type,
  score: survey.score,
  feedback_text: survey.feedback_text ?? null,
  submitted_by_name: survey.submitted_by_name,
  submitted_by_email: survey.submitted_by_email ?? null,
  submitted_at: survey.submitted_at,
  ticket_reference: survey.ticket_reference ?? null,
  submitted_anonymously: false,
  submitted_via: survey.submitted_via,
  customer_name,
  product: survey.product ?? null,
  feedback: survey.feedback_text ?? null,
  submitted_by: survey.submitted_by_name,
  respondent_email: survey.submitted_by_email ?? null,
});

/** An answer as the API shows it to the team; null where there is no such thing yet. */
export const shown = (survey: ShownRow, customer_name: string | undefined): Survey => ({
  id: survey.id,
  customer_id: survey.customer_id,
  product_deployment_id: survey.product_deployment_id ?? null,
  ...publicShown(survey, customer_name ?? null),
  linked_ticket_id: null,
  survey_request_id: null,
  submitted_by_customer_user_id: null,
  entered_by_staff_id: survey.author_id ?? null,
});
