import {
  InteractionType,
  Sentiment,
  TicketPriority,
  TicketStatus,
} from "@success-manager/contract/vocabulary";
import { Entity, type EntityItem } from "electrodb";
import { table } from "../client.ts";
import { byDueDate, byId, customerTimeline, inDirectory, typeByTime } from "../keys.ts";

/** Where a follow-up without a date stands among those with one: last. */
export const NO_DUE_DATE = "9999-12-31";

/** Whether something is to follow, with a customer who has not left. */
const isOpenFollowUp = ({
  follow_up_required,
  follow_up_paused,
}: {
  readonly follow_up_required?: boolean | undefined;
  readonly follow_up_paused?: boolean | undefined;
}) => follow_up_required === true && !follow_up_paused;

export const InteractionEntity = new Entity(
  {
    model: { service: "success-manager", entity: "interaction", version: "1" },
    attributes: {
      id: { type: "string", required: true },
      customer_id: { type: "string", required: true },
      interaction_type: { type: InteractionType.options, required: true },
      subject: { type: "string", required: true },
      description: { type: "string", required: true },
      sentiment: { type: Sentiment.options, required: true },
      /** The sentiment was read from the words, not given by a person: other words are read anew. */
      sentiment_analysed: { type: "boolean" },
      /** As typed; the author is stored beside it (decision 18). */
      performed_by: { type: "string", required: true },
      /** Only where `performed_by` is the id of a user: the name that this user had then. */
      performed_by_name: { type: "string" },
      /** The user who performed it, where that is known: figures count people, not names. */
      performed_by_id: { type: "string" },
      author_id: { type: "string" },
      author_name: { type: "string" },
      interaction_date: { type: "string", required: true },
      follow_up_required: { type: "boolean", required: true },
      follow_up_date: { type: "string" },
      /** The customer has left: the follow-up is not open until they return. */
      follow_up_paused: { type: "boolean" },
      /** `follow_up_date` or `NO_DUE_DATE`: what open follow-ups are sorted by. */
      follow_up_due: { type: "string", required: true },
      /** The performer's name in lower case: what the filter `performed_by` looks at. */
      performer_key: { type: "string", required: true },
      /** Subject and description in lower case: what `search` looks at, besides the performer. */
      search_key: { type: "string", required: true },
      /** Where it stands for a ticket: the ticket's id and number, and what the timeline shows of it. */
      ticket_id: { type: "string" },
      ticket_number: { type: "string" },
      ticket_status: { type: TicketStatus.options },
      ticket_priority: { type: TicketPriority.options },
      created_at: { type: "string", required: true },
      updated_at: { type: "string", required: true },
      revision: { type: "number", required: true },
    },
    indexes: {
      primary: byId("interaction", "id"),
      byCustomer: customerTimeline("interaction_date"),
      byType: typeByTime("interaction", "interaction_date"),
      byDueDate: byDueDate("follow_up", "follow_up_due", isOpenFollowUp),
    },
  },
  table,
);
export type StoredInteraction = EntityItem<typeof InteractionEntity>;

/**
 * When somebody last spoke with a customer, in the directory: what the inactivity check asks of all customers
 * at once. Apart from the customer, so that logging an interaction never meets somebody's edit.
 */
export const LastInteractionEntity = new Entity(
  {
    model: { service: "success-manager", entity: "last_contact", version: "1" },
    attributes: {
      customer_id: { type: "string", required: true },
      /** ISO instants, newest first: the newest that has passed, and before it those that lie ahead. */
      dates: { type: "list", items: { type: "string" }, required: true },
      changed_at: { type: "string", required: true },
      revision: { type: "number", required: true },
    },
    indexes: { primary: byId("last_contact", "customer_id"), byType: inDirectory("customer_id") },
  },
  table,
);
export type LastInteraction = EntityItem<typeof LastInteractionEntity>;

/** The newest interaction that has passed, an ISO instant; undefined when there was none. */
export const lastInteractionAt = (last: Pick<LastInteraction, "dates"> | undefined, now: Date) =>
  last?.dates.find((date) => date <= now.toISOString());

/** How many future interactions are retained. */
const MAX_FUTURE_DATES = 20;

/** The dates that are worth storing: all that lie ahead, up to 20, and the newest that has passed; newest first. */
export function retainedDates(dates: readonly string[], now: Date): string[] {
  const instant = now.toISOString();
  const newestFirst = [...new Set(dates)].sort().reverse();
  const future = newestFirst.filter((date) => date > instant).slice(-MAX_FUTURE_DATES);
  return [...future, ...newestFirst.filter((date) => date <= instant).slice(0, 1)];
}
