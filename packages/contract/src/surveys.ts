import * as z from "zod";
import { inOrder, paging, SEARCH_NOTE, sorting } from "./paging.ts";
import { isVisible } from "./text.ts";
import {
  date,
  email,
  integer,
  line,
  optionalLine,
  optionalText,
  searchText,
  timestamp,
  uuid,
} from "./values.ts";
import { Language, MailStatus, Product, SurveyType } from "./vocabulary.ts";

/** NPS runs from 0 to 10, everything else from 1 to 5; the two are never averaged together (decision 14). */
export const scaleOf = (survey_type: SurveyType) =>
  survey_type === "nps" ? ({ min: 0, max: 10 } as const) : ({ min: 1, max: 5 } as const);

/** What is wrong with a score of this type; undefined when nothing is. */
export function validateScore(survey_type: SurveyType, score: number): string | undefined {
  const { min, max } = scaleOf(survey_type);
  if (score < min) return `must be at least ${min}`;
  return score > max ? `must be at most ${max}` : undefined;
}

const percentOrNull = z.number().min(0).max(100).nullable();

const sample = {
  n: z.int().min(0).meta({ description: "Answers that it is of" }),
  response_rate: percentOrNull.meta({
    description:
      "Of the survey links of these types that were made in the period of the figure (of a month, in it; of 90 days, in these; else ever) and are about its product, how many percent have been answered since, 1 decimal; null without links",
  }),
};

export const NpsFigure = z
  .object({
    shown: z.boolean().meta({
      description: "Whether there are five answers: below, one more or less would turn the score around",
    }),
    value: z.int().min(-100).max(100).nullable().meta({ description: "null unless it is shown" }),
    low: z.int().min(-100).max(100).nullable().meta({ description: "null where there is no value" }),
    high: z.int().min(-100).max(100).nullable().meta({ description: "null where there is no value" }),
    ...sample,
  })
  .meta({ id: "NpsFigure" });
export type NpsFigure = z.infer<typeof NpsFigure>;

export const MeanFigure = z
  .object({
    value: z.number().nullable().meta({ description: "2 decimals; null without answers" }),
    low: z.number().nullable().meta({ description: "null where there is no value" }),
    high: z.number().nullable().meta({ description: "null where there is no value" }),
    ...sample,
  })
  .meta({ id: "MeanFigure" });
export type MeanFigure = z.infer<typeof MeanFigure>;

export const FigureChange = z
  .object({
    difference: z.number().nullable().meta({ description: "null unless both figures have a value" }),
    low: z.number().nullable().meta({ description: "null where there is no value" }),
    high: z.number().nullable().meta({ description: "null where there is no value" }),
    clear: z.boolean().meta({ description: "Whether the interval leaves 0 out: more than chance" }),
  })
  .meta({ id: "FigureChange" });
export type FigureChange = z.infer<typeof FigureChange>;

/** The fields of a response that everybody may read. */
const fields = {
  survey_type: SurveyType,
  score: z.int().min(0).max(10).meta({ description: "0 to 10 for `nps`, else 1 to 5" }),
  feedback_text: z.string().nullable(),
  submitted_by_name: z.string(),
  submitted_by_email: z.string().nullable(),
  submitted_at: timestamp,
  ticket_reference: z.string().nullable(),
  submitted_anonymously: z.boolean(),
  submitted_via: z.enum(["manual_entry", "email_link"]),
  customer_name: z.string().nullable(),
  product: Product.nullable().meta({ description: "Of the deployment that it is about" }),
  feedback: z.string().nullable().meta({ description: "`feedback_text` again" }),
  submitted_by: z.string().meta({ description: "`submitted_by_name` again" }),
  respondent_email: z.string().nullable().meta({ description: "`submitted_by_email` again" }),
};

export const Survey = z
  .object({
    id: z.uuid(),
    customer_id: z.uuid(),
    product_deployment_id: z.uuid().nullable(),
    ...fields,
    linked_ticket_id: z.uuid().nullable().meta({
      description: "Of `post_ticket`: the customer's ticket whose number `ticket_reference` is",
    }),
    survey_request_id: z
      .uuid()
      .nullable()
      .meta({ description: "The request (survey link) that it came through" }),
    submitted_by_customer_user_id: z.uuid().nullable().meta({ description: "Always null" }),
    entered_by_staff_id: z.uuid().nullable().meta({ description: "The user who typed it in" }),
  })
  .meta({ id: "Survey" });
export type Survey = z.infer<typeof Survey>;

/** A response as the customer who gave it sees it: no ids (decision 15). */
export const PublicSurvey = z.object(fields).meta({ id: "PublicSurvey" });
export type PublicSurvey = z.infer<typeof PublicSurvey>;

/** Other names of survey types that clients send (decision 14). */
const ALIASES = {
  quarterly_review: "quarterly",
  ticket_followup: "post_ticket",
  support: "post_ticket",
  feature: "product_feedback",
} as const satisfies Readonly<Record<string, SurveyType>>;

const ALIAS_NOTE = Object.entries(ALIASES)
  .map(([name, type]) => `\`${name}\` means \`${type}\``)
  .join(", ");

const isAlias = (name: string): name is keyof typeof ALIASES => Object.hasOwn(ALIASES, name);

/** An object with something for each type of survey. */
export const eachSurveyType = <T extends z.ZodType>(value: T) =>
  z.object(Object.fromEntries(SurveyType.options.map((type) => [type, value])) as Record<SurveyType, T>);

/** A survey type as callers write it. */
export const surveyType = z
  .enum(
    [...SurveyType.options, ...Object.keys(ALIASES).filter(isAlias)],
    `must be one of ${SurveyType.options.join(", ")}`,
  )
  .transform((name): SurveyType => (isAlias(name) ? ALIASES[name] : name))
  .meta({
    description: `Of older names, ${ALIAS_NOTE}`,
    override: { type: "string", enum: [...SurveyType.options] },
  });

/** Aborts, so that an invalid score gets one error and not a second one about its scale. */
const score = z
  .int({
    error: ({ input }) => (input === undefined ? undefined : "must be a whole number"),
    abort: true,
  })
  .min(0, { error: "must be at least 0", abort: true })
  .max(10, { error: "must be at most 10", abort: true });

/** What a respondent says, on paper, on the phone or through a link. */
const answerFields = {
  score: score.meta({ description: "0 to 10 for `nps`, else 1 to 5" }),
  submitted_by_name: line(255),
  submitted_by_email: email,
  feedback_text: optionalText(5_000).optional(),
};

/** The response through a link; customer, type and deployment are those of the link. */
export const SurveyAnswer = z.object(answerFields).meta({ id: "SurveyAnswer" });
export type SurveyAnswer = z.infer<typeof SurveyAnswer>;

/** Whom and what a survey is about. */
export const target = {
  customer_id: uuid,
  survey_type: surveyType,
  product_deployment_id: uuid.nullish().meta({ description: "A deployment of that customer, active or not" }),
  ticket_reference: optionalLine(100).optional(),
};

export const NewSurvey = z
  .object({ ...target, ...answerFields })
  .superRefine((body, context) => {
    const message = validateScore(body.survey_type, body.score);
    if (message) context.addIssue({ code: "custom", path: ["score"], message });
  })
  .meta({ id: "NewSurvey" });
export type NewSurvey = z.infer<typeof NewSurvey>;

export const SURVEY_SORTS = [
  "submitted_at",
  "score",
  "survey_type",
  "customer_name",
  "submitted_by_name",
] as const;

const { sort_by, sort_order } = sorting(SURVEY_SORTS, "submitted_at");

export const SurveyFilter = z
  .object({
    ...paging(),
    sort_by,
    sort_order,
    customer_id: uuid.optional(),
    product_deployment_id: uuid.optional(),
    survey_type: surveyType.optional(),
    start_date: date.optional().meta({ description: "First day, UTC" }),
    end_date: date.optional().meta({ description: "Last day, UTC" }),
    min_score: integer(0, 10).optional(),
    max_score: integer(0, 10).optional(),
    search: searchText.optional().meta({
      description: `Part of feedback, name, e-mail or company name, without regard to case and accents, ${SEARCH_NOTE}`,
    }),
  })
  .refine(...inOrder("start_date", "end_date"))
  .refine(...inOrder("min_score", "max_score", "below"));
export type SurveyFilter = z.infer<typeof SurveyFilter>;

/** An optional address of a form: blank counts as null. */
export const optionalEmail = z
  .string()
  .nullable()
  .transform((typed) => (typed !== null && isVisible(typed) ? typed : null))
  .pipe(email.nullable())
  .meta({ override: { type: ["string", "null"], format: "email", maxLength: 254 } });

/** What the team writes to a customer above a survey; several lines. */
export const customMessage = optionalText(1_000);

/** In which a person is asked. */
export const askedIn = Language.nullish().meta({
  description:
    "Of mail and page. When absent, that of the customer's contact where they are asked; else the mail is in the stage's, and the page in what `?lang=` or the browser says",
});

const days = z
  .int({ error: ({ input }) => (input === undefined ? undefined : "must be a whole number") })
  .min(1, "must be at least 1")
  .max(30, "must be at most 30");

export const NewSurveyLink = z
  .object({
    ...target,
    expires_in_days: days.default(7),
    send_to: email.nullish().meta({
      description: "Whom to mail the link; nobody when absent. Their name and address are not asked then",
    }),
    language: askedIn,
    custom_message: customMessage
      .optional()
      .meta({ description: "Stands above the question, in the mail and on the page" }),
  })
  .meta({ id: "NewSurveyLink" });
export type NewSurveyLink = z.infer<typeof NewSurveyLink>;

export const SurveyLink = z
  .object({
    id: z.uuid().meta({ description: "For revoking it" }),
    token: z.string().meta({ description: "Shown once, kept nowhere" }),
    survey_url: z.url().meta({ description: "The page where the customer answers" }),
    customer_name: z.string(),
    survey_type: SurveyType,
    expires_at: timestamp,
    language: Language.nullable(),
    sent_to: z.string().nullable(),
    mail_status: MailStatus.nullable().meta({
      description:
        "null when nobody was mailed; with `unknown` it may have gone out, with `suppressed` it did not: mail to this address had bounced or was reported as spam, or its owner unsubscribed from surveys",
    }),
    mail_error: z
      .string()
      .nullable()
      .meta({ description: "Why it was not sent, may not have been, or did not arrive, for a person" }),
  })
  .meta({ id: "SurveyLink" });
export type SurveyLink = z.infer<typeof SurveyLink>;

/** What a customer who holds a link is asked. No ids (decision 15). */
export const Invitation = z
  .object({
    customer_name: z.string(),
    survey_type: SurveyType,
    product: Product.nullable(),
    ticket_reference: z.string().nullable(),
    custom_message: z.string().nullable().meta({ description: "What the team wrote; lines end with \\n" }),
    language: Language.nullable().meta({ description: "In which they are asked; null when nobody said" }),
    expires_at: timestamp,
    scale: z.object({ min: z.int(), max: z.int() }).meta({ description: "Worst and best score" }),
  })
  .meta({ id: "Invitation" });
export type Invitation = z.infer<typeof Invitation>;
