import * as z from "zod";
import { get, post } from "./dsl/endpoint.ts";
import { group } from "./dsl/group.ts";
import { SurveyRequestStatus } from "./survey-requests.ts";
import { Invitation, optionalEmail, PublicSurvey, SurveyAnswer } from "./surveys.ts";
import { optionalLine, timestamp } from "./values.ts";
import { Language, Product, SurveyType } from "./vocabulary.ts";

/** What the web client's own survey page shows: also when the survey can't be answered any more. No ids (decision 15). */
export const PortalSurvey = z
  .object({
    survey_type: SurveyType,
    customer_name: z.string(),
    question: z.string().meta({ description: "What the survey asks, in a sentence" }),
    scale: Invitation.shape.scale,
    product: Product.nullable(),
    custom_message: z.string().nullable(),
    linked_ticket_number: z.string().nullable().meta({ description: "The link's `ticket_reference`" }),
    linked_ticket_subject: z.string().nullable().meta({ description: "Always null" }),
    language: Language.nullable().meta({ description: "Of `question`; null for the stage's" }),
    expires_at: timestamp,
    status: SurveyRequestStatus.exclude(["pending", "failed"]).meta({
      description: "`opened`: to be answered",
    }),
    is_completed: z.boolean(),
    is_expired: z
      .boolean()
      .meta({ description: "Whether it is too late, also because the team withdrew it" }),
    is_cancelled: z.boolean(),
  })
  .meta({ id: "PortalSurvey" });
export type PortalSurvey = z.infer<typeof PortalSurvey>;

/** Name and address may be left out: then they are those of the person who was asked. */
export const PortalAnswer = z
  .object({
    score: SurveyAnswer.shape.score,
    feedback_text: SurveyAnswer.shape.feedback_text,
    submitter_name: optionalLine(255).optional(),
    submitter_email: optionalEmail.optional(),
  })
  .meta({ id: "PortalAnswer" });
export type PortalAnswer = z.infer<typeof PortalAnswer>;

/** Any text: one that is no token of ours is answered like a token that was never given out. */
const token = z.string().meta({ description: "From the link that the customer got" });

export const portal = group("portal", "The web client's page for customers who answer a survey", {
  viewSurvey: get("/surveys/view/{token}", {
    summary: "What the holder of a link is asked, and whether they still can answer",
    access: "public",
    params: { token },
    returns: PortalSurvey,
    errors: [404, 429],
  }),
  submitSurvey: post("/surveys/submit/{token}", {
    summary: "Answer through a link, once",
    access: "public",
    params: { token },
    body: PortalAnswer,
    returns: PublicSurvey,
    errors: [404, 409, 410, 429],
  }),
});
