import * as z from "zod";
import { created, get, post, put } from "./dsl/endpoint.ts";
import { group } from "./dsl/group.ts";
import { page, paging, SEARCH_NOTE, sorting } from "./paging.ts";
import { askedIn, customMessage, eachSurveyType, optionalEmail, surveyType, target } from "./surveys.ts";
import { count, date, integer, revision, searchText, timestamp, uuid } from "./values.ts";
import { Language, MailStatus, SurveyType } from "./vocabulary.ts";

/** What a request can be; each is in one of them. */
export const SurveyRequestStatus = z
  .enum(
    ["pending", "opened", "completed", "expired", "cancelled", "failed"],
    "must be one of pending, opened, completed, expired, cancelled, failed",
  )
  .meta({
    id: "SurveyRequestStatus",
    description:
      "`pending`: nobody has opened the link yet; `opened`: somebody has looked at the survey; `completed`: answered; `expired`: not answered in time; `cancelled`: by the team; `failed`: its mail could not be sent, the link works all the same",
  });
export type SurveyRequestStatus = z.infer<typeof SurveyRequestStatus>;

/** How often somebody is reminded at most, and how many hours lie between two reminders at least. */
export const MAX_REMINDERS = 3;
export const HOURS_BETWEEN_REMINDERS = 24;
/** Who has not answered after so many days is reminded by itself, unless somebody has done so. */
export const DAYS_UNTIL_REMINDER = 5;

const again = (field: string) => ({ description: `\`${field}\` again` });

/** Somebody who is asked: a survey link, as the team sees it. */
export const SurveyRequest = z
  .object({
    id: z.uuid(),
    customer_id: z.uuid(),
    customer_name: z.string(),
    survey_type: SurveyType,
    status: SurveyRequestStatus,
    product_deployment_id: z.uuid().nullable(),
    ticket_reference: z.string().nullable(),
    recipient_email: z.string().nullable().meta({ description: "null when the link was mailed to nobody" }),
    recipient_name: z.string().nullable(),
    custom_message: z.string().nullable(),
    language: Language.nullable().meta({ description: "In which they are asked; null when nobody said" }),
    created_by: z.uuid(),
    created_by_name: z.string().nullable(),
    created_at: timestamp,
    expires_at: timestamp,
    sent_at: timestamp.nullable().meta({ description: "When its first mail was sent" }),
    mail_status: MailStatus.nullable().meta({
      description:
        "null when nobody was mailed; with `unknown` it may have gone out, with `suppressed` it did not: mail to this address had bounced or was reported as spam, or its owner unsubscribed from surveys",
    }),
    mail_error: z
      .string()
      .nullable()
      .meta({ description: "Why it was not sent, may not have been, or did not arrive, for a person" }),
    opened_at: timestamp.nullable().meta({ description: "When somebody first looked at the survey" }),
    completed_at: timestamp.nullable(),
    cancelled_at: timestamp.nullable(),
    reminder_count: count,
    last_reminder_at: timestamp.nullable(),
    score: z.int().nullable().meta({ description: "Of the response" }),
    response_id: z.uuid().nullable().meta({ description: "For `GET /csat/{survey_id}`" }),
    survey_url: z
      .url()
      .nullable()
      .meta({ description: "The page where it is answered; shown when it is made, and kept nowhere" }),
    target_email: z.string().nullable().meta(again("recipient_email")),
    linked_ticket_id: z.uuid().nullable().meta({ description: "Always null" }),
    linked_ticket_number: z.string().nullable().meta(again("ticket_reference")),
    sent_by_staff_id: z.uuid().meta(again("created_by")),
    sent_by_staff_name: z.string().nullable().meta(again("created_by_name")),
    reminder_sent_at: timestamp.nullable().meta(again("last_reminder_at")),
    csat_response_id: z.uuid().nullable().meta(again("response_id")),
    unique_survey_token: z.string().nullable().meta({ description: "The end of `survey_url`" }),
    revision,
  })
  .meta({ id: "SurveyRequest" });
export type SurveyRequest = z.infer<typeof SurveyRequest>;

export const NewSurveyRequest = z
  .object({
    ...target,
    target_type: z
      .enum(["primary", "all", "specific"], "must be one of primary, all, specific")
      .default("primary")
      .meta({
        description:
          "`primary`: the customer's contact; `all`: the contact and whoever was asked or answered lately, up to 20; `specific`: `target_email`",
      }),
    target_email: optionalEmail.optional().meta({ description: "Only with `specific`" }),
    expires_in_days: integer(1, 90).default(30),
    language: askedIn,
    custom_message: customMessage
      .optional()
      .meta({ description: "Stands above the question, in the mail and on the page" }),
  })
  .superRefine(({ target_type, target_email }, context) => {
    if (target_type === "specific" && !target_email)
      context.addIssue({
        code: "custom",
        path: ["target_email"],
        message: "is required when target_type is specific",
      });
  })
  .meta({ id: "NewSurveyRequest" });
export type NewSurveyRequest = z.infer<typeof NewSurveyRequest>;

export const SURVEY_REQUEST_SORTS = [
  "created_at",
  "expires_at",
  "customer_name",
  "recipient_email",
  "survey_type",
  "status",
] as const;

const { sort_by, sort_order } = sorting(SURVEY_REQUEST_SORTS, "created_at");

const CREATED_ON = "Day of `created_at` in UTC, included";

/** What requests can be narrowed down to. */
const selection = {
  customer_id: uuid.optional(),
  survey_type: surveyType.optional(),
  start_date: date.optional().meta({ description: CREATED_ON }),
  end_date: date.optional().meta({ description: CREATED_ON }),
};

const inOrder = (query: { start_date?: string | undefined; end_date?: string | undefined }) =>
  !query.start_date || !query.end_date || query.start_date <= query.end_date;
const OUT_OF_ORDER = { path: ["end_date"], error: "must not be before start_date" };

export const SurveyRequestFilter = z
  .object({
    ...paging(),
    sort_by,
    sort_order,
    ...selection,
    status: SurveyRequestStatus.optional(),
    search: searchText.optional().meta({
      description: `Part of recipient, message, ticket or company name, without regard to case and accents, ${SEARCH_NOTE}`,
    }),
  })
  .refine(inOrder, OUT_OF_ORDER);
export type SurveyRequestFilter = z.infer<typeof SurveyRequestFilter>;

export const SurveyRequestStatsFilter = z
  .object(selection)
  .refine(inOrder, OUT_OF_ORDER)
  .meta({ description: "Without filters, all requests" });
export type SurveyRequestStatsFilter = z.infer<typeof SurveyRequestStatsFilter>;

const rate = z
  .number()
  .min(0)
  .max(100)
  .nullable()
  .meta({ description: "Completed of all that were made, in percent, 1 decimal; null when none were made" });

export const SurveyRequestStats = z
  .object({
    total: count.meta({ description: "All that were made: the sum of the statuses" }),
    total_sent: count.meta(again("total")),
    pending: count,
    opened: count,
    completed: count,
    expired: count,
    cancelled: count,
    failed: count,
    open: count.meta({ description: "That can still be answered: `pending`, `opened` and `failed`" }),
    response_rate: rate,
    completion_rate: rate.meta(again("response_rate")),
    by_survey_type: eachSurveyType(z.object({ total: count, completed: count, response_rate: rate }))
      .partial()
      .meta({ description: "Types that nobody was asked are left out" }),
  })
  .meta({ id: "SurveyRequestStats" });
export type SurveyRequestStats = z.infer<typeof SurveyRequestStats>;

const remind = {
  summary: `Mail a reminder, which has a link of its own: ${MAX_REMINDERS} at most, ${HOURS_BETWEEN_REMINDERS} hours apart. One goes out by itself after ${DAYS_UNTIL_REMINDER} days without an answer, unless somebody has sent one`,
  access: "manager",
  costs: { quotas: ["mails"] },
  returns: SurveyRequest,
  errors: [404, 409, 412, 429],
} as const;

const cancel = {
  summary: "Withdraw a request that nobody has answered; again changes nothing",
  access: "manager",
  returns: SurveyRequest,
  errors: [404, 409, 412],
} as const;

export const surveyRequests = group("survey-requests", "Who was asked for an opinion: the survey links", {
  list: get("/", {
    summary: "List requests, newest first",
    access: "member",
    query: SurveyRequestFilter,
    returns: page("requests", SurveyRequest),
  }),
  create: post("/", {
    summary: "Ask people of a customer for their opinion: one request and one mail for each address",
    access: "manager",
    body: NewSurveyRequest,
    returns: created(z.array(SurveyRequest)),
    // A mail of the quota for each address, which are only known by then.
    errors: [404, 409, 429],
  }),
  stats: get("/stats", {
    summary: "How many were asked, and how many answered",
    access: "member",
    query: SurveyRequestStatsFilter,
    returns: SurveyRequestStats,
  }),
  get: get("/{id}", {
    summary: "A request",
    access: "member",
    returns: SurveyRequest,
    errors: [404],
  }),
  remind: put("/{id}/reminder", remind),
  cancel: put("/{id}/cancel", cancel),
  postReminder: post("/{id}/reminder", {
    ...remind,
    summary: "`PUT` of the same path, as a client sends it",
  }),
  postCancel: post("/{id}/cancel", { ...cancel, summary: "`PUT` of the same path, as a client sends it" }),
});
