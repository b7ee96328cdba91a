import { Product, SurveyType } from "@success-manager/contract/vocabulary";
import { Entity, type EntityItem } from "electrodb";
import { table } from "../client.ts";
import { byId, customerTimeline, typeByTime } from "../keys.ts";

export const SurveyEntity = new Entity(
  {
    model: { service: "success-manager", entity: "survey", version: "1" },
    attributes: {
      id: { type: "string", required: true },
      customer_id: { type: "string", required: true },
      product_deployment_id: { type: "string" },
      /** The product of that deployment when the answer came: analytics count by it. */
      product: { type: Product.options },
      survey_type: { type: SurveyType.options, required: true },
      score: { type: "number", required: true },
      feedback_text: { type: "string" },
      submitted_by_name: { type: "string", required: true },
      submitted_by_email: { type: "string" },
      submitted_at: { type: "string", required: true },
      ticket_reference: { type: "string" },
      /** The ticket of this customer that `ticket_reference` names. */
      ticket_id: { type: "string" },
      submitted_via: { type: ["manual_entry", "email_link"] as const, required: true },
      /** The user who typed it in. */
      author_id: { type: "string" },
      author_name: { type: "string" },
      /** The link that it came through. */
      survey_link_id: { type: "string" },
      /** What `search` looks at, in lower case. */
      search_key: { type: "string", required: true },
    },
    indexes: {
      primary: byId("survey", "id"),
      byCustomer: customerTimeline("submitted_at"),
      byType: typeByTime("survey", "submitted_at"),
    },
  },
  table,
);
export type StoredSurvey = EntityItem<typeof SurveyEntity>;

/** What customers wrote about a product, newest first: the newest few of each are read at once. */
export const FeedbackEntity = new Entity(
  {
    model: { service: "success-manager", entity: "feedback", version: "1" },
    attributes: {
      survey_id: { type: "string", required: true },
      customer_id: { type: "string", required: true },
      product: { type: Product.options, required: true },
      survey_type: { type: SurveyType.options, required: true },
      score: { type: "number", required: true },
      comment: { type: "string", required: true },
      submitted_at: { type: "string", required: true },
    },
    indexes: {
      primary: {
        pk: { field: "pk", composite: ["product"], template: "feedback#${product}", casing: "none" },
        sk: {
          field: "sk",
          composite: ["submitted_at", "survey_id"],
          template: "${submitted_at}#${survey_id}",
          casing: "none",
        },
      },
    },
  },
  table,
);
export type StoredFeedback = EntityItem<typeof FeedbackEntity>;

/** An invitation to answer a survey, once. Its token is never stored: the id follows from it (`token.ts`). */
export const SurveyLinkEntity = new Entity(
  {
    model: { service: "success-manager", entity: "survey_link", version: "1" },
    attributes: {
      id: { type: "string", required: true },
      /** SHA-256 of the token, base64url. */
      token_hash: { type: "string", required: true },
      customer_id: { type: "string", required: true },
      /** As the company was called when the link was made. */
      customer_name: { type: "string", required: true },
      survey_type: { type: SurveyType.options, required: true },
      product_deployment_id: { type: "string" },
      product: { type: Product.options },
      ticket_reference: { type: "string" },
      sent_to: { type: "string" },
      created_by: { type: "string", required: true },
      created_at: { type: "string", required: true },
      expires_at: { type: "string", required: true },
      answered_at: { type: "string" },
      revoked_at: { type: "string" },
      revision: { type: "number", required: true },
    },
    indexes: { primary: byId("survey_link", "id"), byType: typeByTime("survey_link", "created_at") },
  },
  table,
);
export type StoredSurveyLink = EntityItem<typeof SurveyLinkEntity>;
