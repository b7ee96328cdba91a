import { TicketPriority, TicketStatus } from "@success-manager/contract/vocabulary";
import { CustomAttributeType, Entity, type EntityItem } from "electrodb";
import { table } from "../client.ts";
import { byId, customersOwn, typeByTime } from "../keys.ts";

/** The survey response about a ticket, as the ticket shows it. */
export interface TicketSurvey {
  readonly id: string;
  readonly score: number;
  readonly submitted_at: string;
}

/** A support ticket. The interaction that stands for it has the same id. */
export const TicketEntity = new Entity(
  {
    model: { service: "success-manager", entity: "ticket", version: "1" },
    attributes: {
      id: { type: "string", required: true },
      number: { type: "string", required: true },
      customer_id: { type: "string", required: true },
      subject: { type: "string", required: true },
      description: { type: "string", required: true },
      priority: { type: TicketPriority.options, required: true },
      status: { type: TicketStatus.options, required: true },
      category: { type: "string" },
      assigned_to: { type: "string" },
      /** As that user was called when the ticket was assigned. */
      assigned_to_name: { type: "string" },
      requester_name: { type: "string" },
      requester_email: { type: "string" },
      created_by: { type: "string", required: true },
      created_by_name: { type: "string", required: true },
      comment_count: { type: "number", required: true },
      last_comment_at: { type: "string" },
      /** What is promised, and what was kept of it: `tickets/sla.ts`. */
      first_response_due_at: { type: "string", required: true },
      first_response_at: { type: "string" },
      first_response_late: { type: "boolean" },
      resolution_due_at: { type: "string", required: true },
      resolved_at: { type: "string" },
      closed_at: { type: "string" },
      stopped_at: { type: "string" },
      stopped_ms: { type: "number", required: true },
      breach_at: { type: "string" },
      survey: { type: CustomAttributeType<TicketSurvey>("any") },
      /** What `search` looks at, besides the customer's name. */
      search_key: { type: "string", required: true },
      /** What the filter `category` looks at. */
      category_key: { type: "string" },
      created_at: { type: "string", required: true },
      updated_at: { type: "string", required: true },
      revision: { type: "number", required: true },
    },
    indexes: {
      primary: byId("ticket", "id"),
      byCustomer: customersOwn("tickets"),
      byType: typeByTime("ticket", "created_at"),
    },
  },
  table,
);
export type StoredTicket = EntityItem<typeof TicketEntity>;

/** Leads from a number to its ticket, and keeps the number to it. */
export const TicketNumberEntity = new Entity(
  {
    model: { service: "success-manager", entity: "ticket_number", version: "1" },
    attributes: {
      number: { type: "string", required: true },
      ticket_id: { type: "string", required: true },
      customer_id: { type: "string", required: true },
    },
    indexes: { primary: byId("ticket_number", "number") },
  },
  table,
);

/** What somebody said about a ticket. Never changed. */
export const TicketCommentEntity = new Entity(
  {
    model: { service: "success-manager", entity: "ticket_comment", version: "1" },
    attributes: {
      id: { type: "string", required: true },
      ticket_id: { type: "string", required: true },
      body: { type: "string", required: true },
      is_internal: { type: "boolean", required: true },
      author_id: { type: "string", required: true },
      author_name: { type: "string", required: true },
      created_at: { type: "string", required: true },
    },
    indexes: {
      primary: {
        pk: {
          field: "pk",
          composite: ["ticket_id"],
          template: "ticket_comments#${ticket_id}",
          casing: "none",
        },
        sk: {
          field: "sk",
          composite: ["created_at", "id"],
          template: "${created_at}#${id}",
          casing: "none",
        },
      },
    },
  },
  table,
);
export type StoredTicketComment = EntityItem<typeof TicketCommentEntity>;
