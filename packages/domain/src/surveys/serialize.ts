import type { PublicSurvey, Survey } from "@success-manager/contract/surveys";
import { searchForm } from "@success-manager/contract/text";
import type { StoredSurvey } from "../table/index.ts";

/** A response as it comes: recorded by hand, unless it says otherwise. */
export type SurveyInput = Omit<StoredSurvey, "search_key" | "submitted_via"> &
  Partial<Pick<StoredSurvey, "submitted_via">>;

/**
 * A response as it is stored, with the text that a search looks at.
 *
 * @param company_name the customer's name when the response came
 */
export const toStoredSurvey = (input: SurveyInput, company_name: string): StoredSurvey => ({
  submitted_via: "manual_entry",
  ...input,
  search_key: searchForm(
    [input.feedback_text ?? "", input.submitted_by_name, input.submitted_by_email ?? "", company_name].join(
      "\n",
    ),
  ),
});

/** What the API shows of a response: lists read no more than this. */
export const FIELDS = [
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
  "ticket_id",
  "submitted_via",
  "author_id",
  "survey_link_id",
] as const satisfies readonly (keyof StoredSurvey)[];

export type SurveyProjection = Pick<StoredSurvey, (typeof FIELDS)[number]>;

/** A response as the customer who gave it sees it. Field by field: nothing else of the item may leave. */
export const toPublicSurvey = (survey: SurveyProjection, customer_name: string | null): PublicSurvey => ({
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

/** A response as the team sees it; null for what does not apply. */
export const toSurvey = (survey: SurveyProjection, customer_name: string | undefined): Survey => ({
  id: survey.id,
  customer_id: survey.customer_id,
  product_deployment_id: survey.product_deployment_id ?? null,
  ...toPublicSurvey(survey, customer_name ?? null),
  linked_ticket_id: survey.ticket_id ?? null,
  survey_request_id: survey.survey_link_id ?? null,
  submitted_by_customer_user_id: null,
  entered_by_staff_id: survey.author_id ?? null,
});
