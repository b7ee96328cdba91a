import * as z from "zod";
import { timestamp } from "./values.ts";
import { SurveyType } from "./vocabulary.ts";

export const Survey = z
  .object({
    id: z.uuid(),
    customer_id: z.uuid(),
    product_deployment_id: z.uuid().nullable(),
    survey_type: SurveyType,
    score: z.int().min(0).max(10),
    feedback_text: z.string().nullable(),
    submitted_by_name: z.string(),
    submitted_by_email: z.string().nullable(),
    submitted_at: timestamp,
    ticket_reference: z.string().nullable(),
  })
  .meta({ id: "Survey" });
export type Survey = z.infer<typeof Survey>;
