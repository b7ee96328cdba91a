/** Renewals of customers' terms, and what is to be expected of them. Endpoints of the group `outcomes`. */
import * as z from "zod";
import { inOrder, paging, sorting } from "./paging.ts";
import {
  amount,
  calendarDate,
  count,
  date,
  decimal,
  optionalLine,
  optionalText,
  revision,
  timestamp,
  uuid,
} from "./values.ts";
import { HealthRisk, ReasonId, RenewalStage } from "./vocabulary.ts";

/** The score and its band at a time. */
const scoreAt = z
  .object({ on: calendarDate, score: z.int().min(0).max(100).nullable(), band: HealthRisk })
  .meta({ id: "RenewalScore" });

export const TermRenewal = z
  .object({
    id: z.uuid(),
    customer_id: z.uuid(),
    customer_name: z.string(),
    spell: z.int().min(1).meta({ description: "1 for the customer's first time with us" }),
    term_end: calendarDate,
    former_term_ends: z.array(calendarDate),
    days_left: z.int(),
    stage: RenewalStage,
    amount: decimal.nullable(),
    is_amount_set: z.boolean(),
    next_step: z.string().nullable(),
    next_step_due: calendarDate.nullable(),
    owner_id: z.uuid().nullable(),
    owner_name: z.string().nullable(),
    owner_is_active: z.boolean().nullable(),
    is_owner_set: z.boolean(),
    account_manager_id: z.uuid().nullable(),
    account_manager: z.string().nullable(),
    score: z.int().min(0).max(100).nullable(),
    band: HealthRisk,
    score_at_creation: scoreAt.nullable(),
    score_at_lead: scoreAt.nullable(),
    ended_on: calendarDate.nullable(),
    outcome_id: z.uuid().nullable(),
    reason: ReasonId.nullable(),
    amount_after: decimal.nullable(),
    created_at: timestamp.nullable(),
    updated_at: timestamp.nullable(),
    revision,
  })
  .meta({ id: "TermRenewal" });
export type TermRenewal = z.infer<typeof TermRenewal>;

/** What a closed renewal records as its outcome. */
export const RenewalEnd = z
  .object({
    effective_on: date.optional(),
    notice_on: date.nullish(),
    amount_after: amount.nullish(),
    reason: ReasonId.nullish(),
    note: optionalText(5_000).optional(),
    competitor: optionalLine(255).optional(),
    voluntary: z.boolean().nullish(),
    contract_end_date: date.optional(),
  })
  .meta({ id: "RenewalEnd" });
export type RenewalEnd = z.infer<typeof RenewalEnd>;

/** An absent key stays; null clears. */
export const RenewalChanges = z
  .object({
    stage: RenewalStage.optional(),
    amount: amount.nullish(),
    next_step: optionalText(1_000).optional(),
    next_step_due: date.nullish(),
    owner_id: uuid.nullish(),
    outcome: RenewalEnd.optional(),
  })
  .meta({ id: "RenewalChanges" });
export type RenewalChanges = z.infer<typeof RenewalChanges>;

export const RENEWAL_SORTS = [
  "term_end",
  "amount",
  "customer_name",
  "score",
  "next_step_due",
  "stage",
] as const;

export const RenewalFilter = z
  .object({
    ...paging(),
    ...sorting(RENEWAL_SORTS, "term_end", "asc"),
    stage: RenewalStage.optional(),
    state: z.enum(["open", "ended"], "must be open or ended").optional(),
    owner_id: uuid.optional(),
    account_manager_id: uuid.optional(),
    customer_id: uuid.optional(),
    band: HealthRisk.optional(),
    term_end_from: date.optional(),
    term_end_to: date.optional(),
  })
  .refine(...inOrder("term_end_from", "term_end_to"));
export type RenewalFilter = z.infer<typeof RenewalFilter>;

const QUARTER = /^(?:(?:19|2\d)\d{2}-Q[1-4]|current|next)$/;

export const RenewalGroup = z.enum(["band", "stage", "industry", "account_manager", "products", "size"]);
export type RenewalGroup = z.infer<typeof RenewalGroup>;

export const ForecastFilter = z.object({
  period: z
    .string()
    .regex(QUARTER, "must be a quarter like 2026-Q3, or current or next")
    .default("current")
    .meta({ description: "`current` is the quarter of today" }),
  by: RenewalGroup.optional().meta({ description: "Renewals as they are now, in groups" }),
});
export type ForecastFilter = z.infer<typeof ForecastFilter>;

const share = z
  .object({ renewals: count, amount: decimal })
  .meta({ id: "RenewalShare", description: "Renewals, and an amount of theirs" });

const simulated = {
  expected: decimal.meta({ description: "The mean: what has been renewed, and of the rest by its rates" }),
  p10: decimal.meta({ description: "Nine times of ten at least so much will be renewed" }),
  p50: decimal.meta({ description: "Half of the time at least so much" }),
  p90: decimal.meta({ description: "One time of ten at least so much" }),
};

const figures = {
  at_stake: share.meta({ description: "All renewals whose term ends in the period" }),
  renewed: share.meta({ description: "Of them, those that have been renewed" }),
  lost: share.meta({ description: "Of them, those that have been lost" }),
  open: share.meta({ description: "Of them, those that have not ended" }),
  ...simulated,
};

export const RenewalRate = z
  .object({
    band: HealthRisk,
    open: share.meta({ description: "Renewals of the period that have not ended, by their band of now" }),
    renewed: count,
    lost: count,
    n: count,
    rate: z.number().min(0).max(1),
    low: z.number().min(0).max(1),
    high: z.number().min(0).max(1),
  })
  .meta({ id: "RenewalRate" });
export type RenewalRate = z.infer<typeof RenewalRate>;

const periodFields = { period: z.string(), first_day: calendarDate, last_day: calendarDate };

export const RenewalForecast = z
  .object({
    ...periodFields,
    as_of: calendarDate,
    by: RenewalGroup.nullable(),
    ...figures,
    rates: z.array(RenewalRate),
    groups: z.array(
      z.object({ group: z.string(), label: z.string(), ...figures }).meta({ id: "RenewalForecastOfGroup" }),
    ),
  })
  .meta({ id: "RenewalForecast" });
export type RenewalForecast = z.infer<typeof RenewalForecast>;

export const SnapshotFilter = z.object({
  ...paging(),
  period: z
    .string()
    .regex(/^(?:19|2\d)\d{2}-Q[1-4]$/, "must be a quarter like 2026-Q3")
    .optional()
    .meta({ description: "Of this quarter alone" }),
});
export type SnapshotFilter = z.infer<typeof SnapshotFilter>;

export const ForecastSnapshot = z
  .object({
    ...periodFields,
    week: calendarDate.meta({ description: "The Monday of the week in which it was taken" }),
    taken_on: calendarDate,
    weeks_ahead: count,
    ...figures,
    actual: decimal.nullable(),
    held: z.boolean().nullable(),
  })
  .meta({ id: "ForecastSnapshot" });
export type ForecastSnapshot = z.infer<typeof ForecastSnapshot>;

const signedDecimal = z.string().regex(/^-?\d+\.\d{2}$/);

const record = {
  snapshots: count,
  periods: count,
  held: count,
  share: z.number().min(0).max(1).nullable(),
  low: z.number().min(0).max(1),
  high: z.number().min(0).max(1),
  bias: signedDecimal.nullable(),
};

export const ForecastRecord = z
  .object({
    ...record,
    sentence: z.string(),
    leads: z.array(z.object({ weeks_ahead: count, ...record }).meta({ id: "ForecastRecordOfLead" })),
    pending_periods: z.array(z.string()),
  })
  .meta({ id: "ForecastRecord" });
export type ForecastRecord = z.infer<typeof ForecastRecord>;
