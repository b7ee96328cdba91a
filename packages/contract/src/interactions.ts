import * as z from "zod";
import { calendarDate, timestamp } from "./values.ts";
import { InteractionType, Sentiment } from "./vocabulary.ts";

export const Interaction = z
  .object({
    id: z.uuid(),
    customer_id: z.uuid(),
    interaction_type: InteractionType,
    subject: z.string(),
    description: z.string(),
    sentiment: Sentiment,
    performed_by: z.string(),
    interaction_date: timestamp,
    follow_up_required: z.boolean(),
    follow_up_date: calendarDate.nullable(),
  })
  .meta({ id: "Interaction" });
export type Interaction = z.infer<typeof Interaction>;
