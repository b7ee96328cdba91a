import { searchForm, uniqueForm } from "@success-manager/contract/text";
import {
  InteractionEntity,
  partitions,
  SurveyEntity,
  SurveyLinkEntity,
  TicketEntity,
} from "../table/index.ts";
import { type Attributes, defineMigration } from "./define.ts";

const text = (value: unknown) => (typeof value === "string" ? value : "");
const lines = (...values: readonly unknown[]) => searchForm(values.map(text).join("\n"));

/**
 * The first versions stored what searches look at in lower case; since searches disregard diacritics, width and the like
 * (decision 8), they find of those items only what is written plainly. Survey links of the very first had none.
 */
const FORMS: Readonly<Record<string, (item: Attributes) => Attributes>> = {
  interaction: (item) => ({
    performer_key: lines(item.performed_by_name ?? item.performed_by),
    search_key: lines(item.subject, item.description),
  }),
  // The customer's name of that time stands in it alone.
  survey: (item) => ({ search_key: lines(item.search_key) }),
  survey_link: (item) => ({
    search_key: lines(
      item.customer_name,
      item.sent_to,
      item.recipient_name,
      item.ticket_reference,
      item.custom_message,
    ),
  }),
  ticket: (item) => ({
    search_key: lines(item.number, item.subject, item.description, item.requester_name, item.requester_email),
    ...(item.category !== undefined && { category_key: uniqueForm(text(item.category)) }),
  }),
};

export const searchForms = defineMigration({
  name: "20261128-111358-search-forms",
  description: "Searches find interactions, surveys, survey links and tickets of the first versions, too.",
  kind: "backfill",
  items: {
    of: [InteractionEntity, SurveyEntity, SurveyLinkEntity, TicketEntity],
    from: ["interaction", "survey", "survey_link", "ticket"].map(partitions.type),
  },
  change: (item, entity) => ({ ...item, ...FORMS[entity]?.(item) }),
});
