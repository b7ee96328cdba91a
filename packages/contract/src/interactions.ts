import * as z from "zod";
import { created, del, get, post, put } from "./dsl/endpoint.ts";
import { group } from "./dsl/group.ts";
import { inOrder, page, paging, SEARCH_NOTE, sorting } from "./paging.ts";
import {
  calendarDate,
  count,
  date,
  flag,
  instant,
  line,
  message,
  revision,
  searchText,
  text,
  timestamp,
  uuid,
} from "./values.ts";
import { InteractionType, Sentiment, withAliases } from "./vocabulary.ts";

/** The web client calls support tickets `support`. */
const interactionType = withAliases(InteractionType, { support: "support_ticket" });

export const Interaction = z
  .object({
    id: z.uuid(),
    customer_id: z.uuid(),
    customer_name: z.string().nullable(),
    interaction_type: InteractionType,
    subject: z.string(),
    description: z.string(),
    sentiment: Sentiment,
    performed_by: z.string().meta({ description: "As it was typed" }),
    performed_by_name: z
      .string()
      .meta({ description: "The user's name where `performed_by` is the id of one, else the same" }),
    performed_by_id: z
      .uuid()
      .nullable()
      .meta({ description: "The user who performed it; null where only a name is known" }),
    author_name: z.string().nullable().meta({ description: "Who wrote it down" }),
    interaction_date: timestamp,
    follow_up_required: z.boolean(),
    follow_up_date: calendarDate.nullable(),
    ticket_id: z
      .uuid()
      .nullable()
      .meta({ description: "The ticket that it stands for; type, subject, text and date are the ticket's" }),
    ticket_number: z.string().nullable(),
    created_at: timestamp,
    updated_at: timestamp,
    revision,
  })
  .meta({ id: "Interaction" });
export type Interaction = z.infer<typeof Interaction>;

export const InteractionFilter = z
  .object({
    ...paging(),
    ...sorting(["interaction_date"], "interaction_date"),
    customer_id: uuid.optional(),
    interaction_type: interactionType.optional(),
    sentiment: Sentiment.optional(),
    performed_by: searchText.optional().meta({
      description: "Part of who spoke with the customer, without regard to case and accents",
    }),
    search: searchText.optional().meta({
      description: `Part of subject, description, performer or the customer's name, without regard to case and accents, ${SEARCH_NOTE}`,
    }),
    start_date: date.optional().meta({ description: "First day of `interaction_date`, in UTC" }),
    end_date: date.optional().meta({ description: "Last day, included" }),
    follow_up_required: flag.optional(),
  })
  .refine(...inOrder("start_date", "end_date"));
export type InteractionFilter = z.infer<typeof InteractionFilter>;

export const CustomerInteractionFilter = z.object({
  ...paging(100, 50),
  interaction_type: interactionType.optional(),
});
export type CustomerInteractionFilter = z.infer<typeof CustomerInteractionFilter>;

export const FollowUpFilter = z.object({
  ...paging(),
  include_overdue: flag
    .default(true)
    .meta({ description: "false leaves out what is overdue, and what has no date" }),
});
export type FollowUpFilter = z.infer<typeof FollowUpFilter>;

/** Characters; four printed pages. */
const MAX_DESCRIPTION = 10_000;

/** A date that can be empty; forms send a blank for none. */
const clearableDate = z
  .union([z.literal(""), date, z.null()], "must be a date like 2026-01-31, between 1900 and 2999")
  .transform((value) => value || null)
  .meta({ override: { type: ["string", "null"], format: "date" } });

const fields = {
  interaction_type: interactionType,
  subject: line(500),
  description: text(MAX_DESCRIPTION),
};

export const NewInteraction = z
  .object({
    customer_id: uuid,
    ...fields,
    sentiment: Sentiment.optional().meta({ description: "Without it, it is read from the words" }),
    performed_by: line(255)
      .optional()
      .meta({ description: "A name, or the id of a user; without it, the author" }),
    interaction_date: instant.optional(),
    follow_up_required: z
      .boolean()
      .default(false)
      .meta({ description: "With a customer who has left, the follow-up waits until they are back" }),
    follow_up_date: clearableDate.optional(),
  })
  .meta({ id: "NewInteraction" });
export type NewInteraction = z.infer<typeof NewInteraction>;

/** An absent key stays; null clears what can be empty. */
export const InteractionChanges = z
  .object({
    ...fields,
    sentiment: Sentiment,
    performed_by: line(255),
    interaction_date: instant,
    follow_up_required: z.boolean(),
    follow_up_date: clearableDate,
  })
  .partial()
  .meta({ id: "InteractionChanges" });
export type InteractionChanges = z.infer<typeof InteractionChanges>;

export const InteractionSummary = z
  .object({
    total_interactions: count.meta({ description: "All, those that lie ahead too" }),
    total: count.meta({ description: "`total_interactions` again" }),
    last_30_days: count.meta({ description: "Today and the 29 days before, in UTC" }),
    last_7_days: count.meta({ description: "Today and the six days before, in UTC" }),
    last_month: count.meta({ description: "The calendar month before this one, in UTC" }),
    this_week: count.meta({ description: "From Monday to today, in UTC" }),
    meetings_this_week: count.meta({
      description: "`meeting`, from Monday to today, in UTC; trainings are none",
    }),
    negative_count: count.meta({ description: "`by_sentiment.negative` again: of the last 30 days" }),
    by_type: z
      .object({
        support_ticket: count,
        meeting: count,
        email: count,
        call: count,
        escalation: count,
        training: count,
      })
      .meta({ description: "Of the last 30 days" }),
    by_sentiment: z
      .object({ positive: count, neutral: count, negative: count })
      .meta({ description: "Of the last 30 days" }),
    pending_followups: count.meta({ description: "Open ones, without those of customers who have left" }),
    overdue_followups: count.meta({ description: "Those of them whose date has passed" }),
    top_performers: z
      .array(
        z.object({
          name: z.string(),
          user_id: z.uuid().nullable().meta({ description: "null for somebody without an account" }),
          email: z.string().nullable().meta({ description: "The user's: it tells two of one name apart" }),
          count,
        }),
      )
      .meta({ description: "The busiest five of the last 30 days" }),
    daily_trend: z
      .array(z.object({ date: calendarDate, count }))
      .meta({ description: "The last seven days, today last" }),
  })
  .meta({ id: "InteractionSummary" });
export type InteractionSummary = z.infer<typeof InteractionSummary>;

export const FollowUp = z
  .object({
    interaction_id: z.uuid(),
    customer_id: z.uuid(),
    customer_name: z.string().nullable(),
    account_manager: z.string().nullable(),
    interaction_type: InteractionType,
    subject: z.string(),
    performed_by: z.string(),
    performed_by_name: z.string(),
    interaction_date: timestamp,
    follow_up_date: calendarDate.nullable(),
    is_overdue: z.boolean(),
    days_until_due: z.int().nullable().meta({ description: "Negative when overdue" }),
  })
  .meta({ id: "FollowUp" });
export type FollowUp = z.infer<typeof FollowUp>;

export const interactions = group("interactions", "Contacts with customers, and what is to follow", {
  list: get("/", {
    summary: "List contacts by date",
    access: "member",
    query: InteractionFilter,
    returns: page("interactions", Interaction),
  }),
  create: post("/", {
    summary: "Log a contact; an escalation raises an alert",
    access: "member",
    body: NewInteraction,
    returns: created(Interaction),
    errors: [404, 409],
  }),
  summary: get("/summary", {
    summary: "Figures of the last days and of open follow-ups",
    access: "member",
    returns: InteractionSummary,
  }),
  pendingFollowups: get("/pending-followups", {
    summary: "Open follow-ups with customers who have not left, soonest first, those without a date last",
    access: "member",
    query: FollowUpFilter,
    returns: page("followups", FollowUp),
  }),
  ofCustomer: get("/customer/{id}", {
    summary: "Contacts with a customer, newest first",
    access: "member",
    query: CustomerInteractionFilter,
    returns: page("interactions", Interaction),
    errors: [404],
  }),
  get: get("/{id}", {
    summary: "A contact",
    access: "member",
    returns: Interaction,
    errors: [404],
  }),
  update: put("/{id}", {
    summary: "Change a contact, or complete its follow-up",
    access: "member",
    body: InteractionChanges,
    returns: Interaction,
    errors: [404, 409, 412],
  }),
  remove: del("/{id}", {
    summary: "Delete a contact that stands for no ticket",
    access: "manager",
    returns: message,
    errors: [404, 409, 412],
  }),
});
