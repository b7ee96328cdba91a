import * as z from "zod";
import { target } from "./surveys.ts";
import { email, timestamp } from "./values.ts";
import { Product, SurveyType } from "./vocabulary.ts";

const days = z
  .int({ error: ({ input }) => (input === undefined ? undefined : "must be a whole number") })
  .min(1, "must be at least 1")
  .max(30, "must be at most 30");

export const NewSurveyLink = z
  .object({
    ...target,
    expires_in_days: days.default(7),
    send_to: email.nullish().meta({ description: "Whom to mail the link; nobody when absent" }),
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
    sent_to: z.string().nullable(),
    mail_status: z.enum(["sent", "failed"]).nullable().meta({ description: "null when nobody was mailed" }),
    mail_error: z.string().nullable().meta({ description: "Why it was not sent, for a person" }),
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
    expires_at: timestamp,
    scale: z.object({ min: z.int(), max: z.int() }).meta({ description: "Worst and best score" }),
  })
  .meta({ id: "Invitation" });
export type Invitation = z.infer<typeof Invitation>;
