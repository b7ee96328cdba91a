import * as z from "zod";
import { created, get, post, put } from "./dsl/endpoint.ts";
import { group } from "./dsl/group.ts";
import { inOrder, page, paging, SEARCH_NOTE, sorting } from "./paging.ts";
import {
  count,
  date,
  email,
  flag,
  line,
  optionalLine,
  revision,
  searchText,
  text,
  timestamp,
  uuid,
} from "./values.ts";
import { TicketPriority, TicketStatus, withAliases } from "./vocabulary.ts";

/** Priorities as Zendesk and Freshdesk call them are taken, too. */
const ticketPriority = withAliases(TicketPriority, { normal: "medium", urgent: "critical" });

/** The same of statuses. */
const ticketStatus = withAliases(TicketStatus, {
  new: "open",
  pending: "waiting",
  on_hold: "waiting",
  waiting_on_customer: "waiting",
  solved: "resolved",
});

export const Ticket = z
  .object({
    id: z.uuid(),
    number: z.string().meta({ description: "For people, such as `T-000123`; in the order of creation" }),
    ticket_number: z.string().meta({ description: "`number` again" }),
    customer_id: z.uuid(),
    customer_name: z.string().nullable(),
    subject: z.string(),
    description: z.string(),
    priority: TicketPriority,
    status: TicketStatus,
    category: z.string().nullable(),
    assigned_to: z.uuid().nullable().meta({ description: "The user who works on it" }),
    assigned_to_name: z.string().nullable(),
    requester_name: z.string().nullable(),
    requester_email: z.string().nullable(),
    created_by: z.uuid().meta({ description: "The user who wrote it down" }),
    created_by_name: z.string(),
    interaction_id: z.uuid().meta({
      description:
        "The contact of type `support_ticket` that it counts as: its subject and text follow the ticket",
    }),
    comment_count: count,
    last_comment_at: timestamp.nullable(),
    first_response_at: timestamp.nullable().meta({
      description: "First public comment; without one, when it was resolved",
    }),
    first_response_due_at: timestamp.meta({
      description: "By the priority; moves on by the time in which it is waiting or resolved",
    }),
    resolved_at: timestamp.nullable(),
    resolution_due_at: timestamp.meta({
      description: "By the priority; moves on by the time in which it is waiting or resolved",
    }),
    closed_at: timestamp.nullable(),
    first_response_breached: z.boolean().meta({ description: "Answered late, or not yet and overdue now" }),
    resolution_breached: z.boolean().meta({ description: "Resolved late, or not yet and overdue now" }),
    sla_breached: z.boolean().meta({ description: "One of the two" }),
    sla_paused: z.boolean().meta({ description: "`waiting`: the time doesn't count" }),
    survey: z
      .object({ id: z.uuid(), score: z.int(), submitted_at: timestamp })
      .nullable()
      .meta({ description: "The newest `post_ticket` survey whose `ticket_reference` is this number" }),
    created_at: timestamp,
    updated_at: timestamp,
    revision,
  })
  .meta({ id: "Ticket" });
export type Ticket = z.infer<typeof Ticket>;

export const TICKET_SORTS = [
  "created_at",
  "updated_at",
  "number",
  "subject",
  "customer_name",
  "assigned_to_name",
  "priority",
  "status",
  "resolution_due_at",
] as const;

const { sort_by, sort_order } = sorting(TICKET_SORTS, "created_at");

const conditions = {
  status: ticketStatus.optional(),
  priority: ticketPriority.optional(),
  is_open: flag.optional().meta({ description: "true: `open`, `in_progress`, `waiting`; false: the others" }),
};

const CREATED_ON = "Day of `created_at` in UTC, included";

export const TicketFilter = z
  .object({
    ...paging(),
    sort_by,
    sort_order,
    customer_id: uuid.optional(),
    ...conditions,
    assigned_to: uuid.optional(),
    unassigned: flag.optional().meta({ description: "Whether nobody works on it" }),
    category: line(100).optional().meta({ description: "Any case" }),
    sla_breached: flag.optional().meta({ description: "As of now" }),
    search: searchText.optional().meta({
      description: `Part of number, subject, description, requester or the customer's name, without regard to case and accents, ${SEARCH_NOTE}`,
    }),
    date_from: date.optional().meta({ description: CREATED_ON }),
    date_to: date.optional().meta({ description: CREATED_ON }),
  })
  .refine(...inOrder("date_from", "date_to"));
export type TicketFilter = z.infer<typeof TicketFilter>;

export const CustomerTicketFilter = z.object({ ...paging(100, 50), ...conditions });
export type CustomerTicketFilter = z.infer<typeof CustomerTicketFilter>;

/** A field of a form that may be left blank. */
const clearable = <T extends z.ZodType>(value: T, format: string) =>
  z
    .union([z.literal("").transform(() => null), z.null(), value])
    .meta({ override: { type: ["string", "null"], format } });

const fields = {
  subject: line(255),
  description: text(10_000),
  priority: ticketPriority,
  status: ticketStatus,
  category: optionalLine(100),
  assigned_to: clearable(uuid, "uuid"),
  requester_name: optionalLine(255),
  requester_email: clearable(email, "email"),
};

export const NewTicket = z
  .object({
    customer_id: uuid,
    ...z.object(fields).partial().shape,
    subject: fields.subject,
    description: fields.description,
    priority: fields.priority.default("medium"),
    status: fields.status.default("open"),
  })
  .meta({ id: "NewTicket" });
export type NewTicket = z.infer<typeof NewTicket>;

/** An absent key stays; null clears what can be empty. */
export const TicketChanges = z.object(fields).partial().meta({ id: "TicketChanges" });
export type TicketChanges = z.infer<typeof TicketChanges>;

export const TicketComment = z
  .object({
    id: z.uuid(),
    ticket_id: z.uuid(),
    body: z.string(),
    is_internal: z.boolean().meta({ description: "For the team alone; else an answer to the customer" }),
    author_id: z.uuid(),
    author_name: z.string(),
    created_at: timestamp,
  })
  .meta({ id: "TicketComment" });
export type TicketComment = z.infer<typeof TicketComment>;

export const NewComment = z
  .object({
    body: text(10_000),
    is_internal: z
      .boolean()
      .default(false)
      .meta({ description: "The first comment that is not counts as the first response" }),
  })
  .meta({ id: "NewComment" });
export type NewComment = z.infer<typeof NewComment>;

export const CommentFilter = z.object({
  ...paging(100, 50),
  sort_order: z.enum(["asc", "desc"], "must be asc or desc").default("asc"),
});
export type CommentFilter = z.infer<typeof CommentFilter>;

const hours = z.number().nullable();

export const TicketStats = z
  .object({
    total: count,
    open_tickets: count.meta({ description: "All that are `open`, `in_progress` or `waiting`" }),
    by_status: z.object({ open: count, in_progress: count, waiting: count, resolved: count, closed: count }),
    by_priority: z
      .object({ low: count, medium: count, high: count, critical: count })
      .meta({ description: "Of `open_tickets`" }),
    sla_breached: count.meta({ description: "Of `open_tickets`, as of now" }),
    created_last_30_days: count.meta({ description: "Today and the 29 days before, in UTC; so all below" }),
    resolved_last_30_days: count,
    avg_first_response_hours: hours.meta({
      description: "From creation to the first response, of tickets first answered in the last 30 days",
    }),
    avg_resolution_hours: hours.meta({
      description: "From creation, waiting included, of tickets resolved in the last 30 days",
    }),
  })
  .meta({ id: "TicketStats" });
export type TicketStats = z.infer<typeof TicketStats>;

export const tickets = group("tickets", "Support tickets, how fast they are answered, and comments", {
  list: get("/", {
    summary: "List tickets by date",
    access: "member",
    query: TicketFilter,
    returns: page("tickets", Ticket),
  }),
  create: post("/", {
    summary: "Open a ticket; it counts as a contact of type `support_ticket`",
    access: "member",
    body: NewTicket,
    returns: created(Ticket),
    errors: [404, 409],
  }),
  stats: get("/stats", { summary: "Ticket figures", access: "member", returns: TicketStats }),
  ofCustomer: get("/customer/{id}", {
    summary: "Tickets of a customer, newest first",
    access: "member",
    query: CustomerTicketFilter,
    returns: page("tickets", Ticket),
    errors: [404],
  }),
  get: get("/{id}", { summary: "A ticket", access: "member", returns: Ticket, errors: [404] }),
  update: put("/{id}", {
    summary: "Change, assign, resolve, close or reopen a ticket",
    access: "member",
    body: TicketChanges,
    returns: Ticket,
    errors: [404, 409, 412],
  }),
  listComments: get("/{id}/comments", {
    summary: "Comments of a ticket, oldest first",
    access: "member",
    query: CommentFilter,
    returns: page("comments", TicketComment),
    errors: [404],
  }),
  addComment: post("/{id}/comments", {
    summary: "Comment on a ticket",
    access: "member",
    body: NewComment,
    returns: created(TicketComment),
    errors: [404, 409],
  }),
});
