import { Language, MailStatus, Product, SurveyType } from "@success-manager/contract/vocabulary";
import { Entity, type EntityItem } from "electrodb";
import { table } from "../client.ts";
import { besideCounters, byDueDate, byId, customersOwn, customerTimeline, typeByTime } from "../keys.ts";

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

/**
 * The newest feedback about a product, newest first. It stands among the counters of responses, so that one query reads
 * both; the stream keeps it (`counters/stream/feedback.ts`).
 */
export const RecentFeedbackEntity = new Entity(
  {
    model: { service: "success-manager", entity: "recent_feedback", version: "1" },
    attributes: {
      product: { type: Product.options, required: true },
      responses: {
        type: "list",
        required: true,
        items: {
          type: "map",
          properties: {
            survey_id: { type: "string", required: true },
            customer_id: { type: "string", required: true },
            survey_type: { type: SurveyType.options, required: true },
            score: { type: "number", required: true },
            comment: { type: "string", required: true },
            submitted_at: { type: "string", required: true },
          },
        },
      },
      revision: { type: "number", required: true },
    },
    indexes: { primary: besideCounters("survey", "recent", "product") },
  },
  table,
);
export type RecentFeedback = EntityItem<typeof RecentFeedbackEntity>;

/**
 * An invitation to answer a survey, once: a survey link, which the team sees as a survey request. No token of it is
 * ever stored: the id follows from the first one, and is part of those that reminders bring (`token.ts`).
 */
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
      custom_message: { type: "string" },
      /** Who is mailed the link; nobody when absent. */
      sent_to: { type: "string" },
      recipient_name: { type: "string" },
      /** In which they are asked; what the page or the stage say when absent. */
      language: { type: Language.options },
      /** What came of its newest mail, and when the first one was sent. */
      mail_status: { type: MailStatus.options },
      mail_error: { type: "string" },
      /** Our own id of its newest mail, noted before it goes out (`mail/status.ts`). */
      mail_id: { type: "string" },
      /** SES's id of its newest mail that was sent. */
      message_id: { type: "string" },
      sent_at: { type: "string" },
      reminder_count: { type: "number" },
      last_reminder_at: { type: "string" },
      /** SHA-256 of the tokens that reminders brought, oldest first: a few. They open the link as the first one does. */
      reminder_hashes: { type: "list", items: { type: "string" } },
      created_by: { type: "string", required: true },
      created_by_name: { type: "string" },
      created_at: { type: "string", required: true },
      expires_at: { type: "string", required: true },
      /** When its holder first looked at the survey. */
      opened_at: { type: "string" },
      answered_at: { type: "string" },
      /** The response, and its score. */
      response_id: { type: "string" },
      score: { type: "number" },
      revoked_at: { type: "string" },
      /** What `search` looks at, in its search form. */
      search_key: { type: "string" },
      /** `expires_at` as long as it is neither answered nor revoked, then empty: for the index. */
      due_key: { type: "string", default: "" },
      revision: { type: "number", required: true },
    },
    indexes: {
      primary: byId("survey_link", "id"),
      byCustomer: customersOwn("survey_links"),
      byType: typeByTime("survey_link", "created_at"),
      byDueDate: byDueDate(
        "survey_link",
        "due_key",
        ({ due_key = "" }: { due_key?: string | undefined }) => due_key !== "",
      ),
    },
  },
  table,
);
export type StoredSurveyLink = EntityItem<typeof SurveyLinkEntity>;
