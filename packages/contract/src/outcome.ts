import * as z from "zod";
import { paging } from "./paging.ts";
import {
  amount,
  calendarDate,
  date,
  decimal,
  flag,
  optionalLine,
  optionalText,
  revision,
  timestamp,
} from "./values.ts";
import { OutcomeKind, ReasonId } from "./vocabulary.ts";

/** What the endpoints of customers and those of outcomes share. */

/** What became of a customer, as a version of it says. */
export const Outcome = z
  .object({
    id: z.uuid(),
    customer_id: z.uuid(),
    customer_name: z.string().nullable(),
    kind: OutcomeKind,
    spell: z.int().min(1).nullable().meta({
      description: "1 for the customer's first time with us, 2 after coming back; null when withdrawn",
    }),
    notice_on: calendarDate.nullable(),
    effective_on: calendarDate.meta({ description: "The first day on which it holds" }),
    amount_before: decimal.nullable(),
    amount_after: decimal.nullable(),
    reason: ReasonId.meta({ description: "Of the tree in `/settings/outcomes`" }),
    note: z.string().nullable(),
    competitor: z.string().nullable(),
    voluntary: z.boolean().nullable(),
    reference: z.string().nullable(),
    source: z.enum(["person", "status"]).meta({
      description: "`status`: it follows from a changed status, or from DELETE of the customer",
    }),
    is_withdrawn: z.boolean(),
    created_at: timestamp.meta({ description: "When it was first recorded" }),
    recorded_at: timestamp.meta({ description: "When this version was recorded" }),
    recorded_by: z.string().nullable().meta({ description: "Who recorded this version, by name" }),
    version: z.int().min(1).meta({ description: "1 for the first one; grows with each correction" }),
    revision: revision.nullable().meta({ description: "Equals the ETag; null for a former version" }),
  })
  .meta({ id: "Outcome" });
export type Outcome = z.infer<typeof Outcome>;

const details = {
  notice_on: date.nullish(),
  amount_before: amount.nullish(),
  amount_after: amount.nullish(),
  reason: ReasonId.nullish(),
  note: optionalText(5_000).optional(),
  competitor: optionalLine(255).optional(),
  voluntary: z.boolean().nullish(),
};

export const newOutcome = {
  kind: OutcomeKind,
  effective_on: date,
  ...details,
  reference: optionalLine(100)
    .optional()
    .meta({ description: "What it is called elsewhere: the same once more records nothing" }),
};

export const NewOutcome = z.object(newOutcome).meta({ id: "NewOutcome" });
export type NewOutcome = z.infer<typeof NewOutcome>;

/** An absent key stays; null clears. What happened stays what it was: another kind is another outcome. */
export const OutcomeChanges = z
  .object({ effective_on: date.optional(), ...details })
  .meta({ id: "OutcomeChanges" });
export type OutcomeChanges = z.infer<typeof OutcomeChanges>;

/** For lists and figures: as it was known on a day. */
export const known_on = date.optional().meta({
  description: "As it was known at the end of this day, in UTC: what was recorded later does not count",
});

export const CustomerOutcomeFilter = z.object({
  ...paging(),
  known_on,
  include_withdrawn: flag.default(false),
});
export type CustomerOutcomeFilter = z.infer<typeof CustomerOutcomeFilter>;
