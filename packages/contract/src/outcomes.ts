import * as z from "zod";
import { del, get, post, put } from "./dsl/endpoint.ts";
import { group } from "./dsl/group.ts";
import { known_on, newOutcome, Outcome, OutcomeChanges } from "./outcome.ts";
import { inOrder, page, paging, sorting } from "./paging.ts";
import {
  ForecastFilter,
  ForecastRecord,
  ForecastSnapshot,
  RenewalChanges,
  RenewalFilter,
  RenewalForecast,
  SnapshotFilter,
  TermRenewal,
} from "./renewals.ts";
import { calendarDate, count, date, decimal, flag, line, uuid } from "./values.ts";
import { OutcomeKind, ReasonId } from "./vocabulary.ts";

export { CustomerOutcomeFilter, NewOutcome, Outcome, OutcomeChanges } from "./outcome.ts";

/** A transaction holds a customer's all. */
export const MAX_IMPORTED = 40;

export const OutcomeImport = z
  .object({
    outcomes: z
      .array(z.object({ customer_id: uuid, ...newOutcome }).meta({ id: "ImportedOutcome" }))
      .min(1, "must not be empty")
      .max(MAX_IMPORTED, `must be at most ${MAX_IMPORTED}`),
  })
  .meta({ id: "OutcomeImport" });
export type OutcomeImport = z.infer<typeof OutcomeImport>;

export const OutcomeImported = z
  .object({
    recorded: count,
    unchanged: count.meta({ description: "There already, by `reference` or with the same facts" }),
    failed: z.array(
      z
        .object({
          index: count.meta({ description: "In the body's `outcomes`, from 0" }),
          customer_id: z.uuid(),
          detail: z.string(),
        })
        .meta({ id: "FailedOutcome" }),
    ),
  })
  .meta({ id: "OutcomeImported" });
export type OutcomeImported = z.infer<typeof OutcomeImported>;

export const OUTCOME_SORTS = ["effective_on", "recorded_at"] as const;

const PERIOD_OF = "Included";

export const OutcomeFilter = z
  .object({
    ...paging(),
    ...sorting(OUTCOME_SORTS, "effective_on"),
    kind: OutcomeKind.optional(),
    reason: ReasonId.optional().meta({
      description: "One of the upper level stands for those below it, too",
    }),
    customer_id: uuid.optional(),
    effective_from: date.optional().meta({ description: PERIOD_OF }),
    effective_to: date.optional().meta({ description: PERIOD_OF }),
    recorded_from: date.optional().meta({ description: "Day in UTC, included" }),
    recorded_to: date.optional().meta({ description: "Day in UTC, included" }),
    known_on,
    include_withdrawn: flag.default(false),
  })
  .refine(...inOrder("effective_from", "effective_to"))
  .refine(...inOrder("recorded_from", "recorded_to"));
export type OutcomeFilter = z.infer<typeof OutcomeFilter>;

/** A year, a quarter, a month, or the last one of these that is over. */
const PERIOD = /^(?:(?:19|2\d)\d{2}(?:-(?:0[1-9]|1[0-2])|-Q[1-4])?|month|quarter|year)$/;

export const RetentionGroup = z.enum(["industry", "account_manager", "products", "size"]);
export type RetentionGroup = z.infer<typeof RetentionGroup>;

const retentionOf = {
  period: z
    .string()
    .regex(PERIOD, "must be like 2026, 2026-Q3 or 2026-09, or month, quarter or year")
    .default("quarter")
    .meta({ description: "`month`, `quarter` and `year` are the last ones that are over" }),
  by: RetentionGroup.optional().meta({ description: "Customers as they are now, in groups" }),
  known_on,
};

export const RetentionFilter = z.object(retentionOf);
export type RetentionFilter = z.infer<typeof RetentionFilter>;

/** Customers, and what they pay together. */
const share = z
  .object({ customers: count, amount: decimal })
  .meta({ id: "RetentionShare", description: "Customers, and an amount of theirs" });

const percentage = z.number().min(0).nullable();

const figures = {
  start: share.meta({ description: "The cohort: customers on the day before the period" }),
  churned: share.meta({ description: "Of the cohort, those who left in the period, with what they paid" }),
  contracted: share.meta({ description: "Of the cohort, those who pay less at the end, by so much" }),
  expanded: share.meta({ description: "Of the cohort, those who pay more at the end, by so much" }),
  end: share.meta({ description: "What is left of the cohort, and pays at the end" }),
  new: share.meta({ description: "Customers at the end for the first time; in no rate" }),
  reactivated: share.meta({ description: "Customers at the end who came back in the period; in no rate" }),
  grr: percentage.meta({
    description: "Gross revenue retention in percent: (start − churned − contracted) ÷ start",
  }),
  nrr: percentage.meta({ description: "Net revenue retention in percent: end ÷ start" }),
  logo_retention: percentage.meta({ description: "Customers of the cohort who stayed, in percent" }),
  without_amount: count.meta({ description: "Of the cohort: nobody knows what they paid; they count as 0" }),
};

export const RetentionFigures = z.object(figures);
export type RetentionFigures = z.infer<typeof RetentionFigures>;

const periodFields = {
  period: z.string().meta({ description: "As 2026, 2026-Q3 or 2026-09" }),
  first_day: calendarDate,
  last_day: calendarDate,
  until: calendarDate.meta({ description: "The last day that counts: `last_day`, or today before that" }),
};

export const Retention = z
  .object({
    ...periodFields,
    by: RetentionGroup.nullable(),
    known_on: calendarDate.nullable(),
    ...figures,
    undated: count.meta({
      description:
        "Customers who have left, nobody recorded when: they are in no figure. Always as of now, as a status has no history; `known_on` changes nothing about it",
    }),
    groups: z
      .array(
        z
          .object({
            group: z.string().meta({ description: "For `group` of `/retention/customers`" }),
            label: z.string(),
            ...figures,
          })
          .meta({ id: "RetentionOfGroup" }),
      )
      .meta({ description: "Those who paid most at the start first; empty without `by`" }),
  })
  .meta({ id: "Retention" });
export type Retention = z.infer<typeof Retention>;

export const RetentionFigure = z.enum([
  "start",
  "churned",
  "contracted",
  "expanded",
  "end",
  "new",
  "reactivated",
  "without_amount",
  "undated",
]);
export type RetentionFigure = z.infer<typeof RetentionFigure>;

export const RetentionCustomerFilter = z.object({
  ...paging(),
  ...retentionOf,
  figure: RetentionFigure,
  group: line(500, 0).optional().meta({ description: "Of `groups`, with the same `by`" }),
});
export type RetentionCustomerFilter = z.infer<typeof RetentionCustomerFilter>;

export const RetentionCustomer = z
  .object({
    customer_id: z.uuid(),
    company_name: z.string(),
    amount_before: decimal.nullable().meta({
      description: "On the day before the period; null for who was no customer, or where nobody knows",
    }),
    amount_after: decimal.nullable().meta({
      description:
        "At the end, also of who left and came back; null for who is gone then, or where nobody knows",
    }),
    amount: decimal.meta({ description: "What the customer adds to the figure" }),
    left_on: calendarDate.nullable(),
    reason: ReasonId.nullable().meta({ description: "Why they left; null for who has not" }),
  })
  .meta({ id: "RetentionCustomer" });
export type RetentionCustomer = z.infer<typeof RetentionCustomer>;

export const outcomes = group(
  "outcomes",
  "What became of customers, and what that makes of revenue",
  {
    list: get("/outcomes", {
      summary: "List outcomes of all customers, newest first",
      access: "member",
      query: OutcomeFilter,
      returns: page("outcomes", Outcome),
    }),
    import: post("/outcomes/import", {
      summary: "Record outcomes of the past, all of a customer or none",
      access: "manager",
      body: OutcomeImport,
      returns: OutcomeImported,
      errors: [409],
    }),
    get: get("/outcomes/{id}", { summary: "An outcome", access: "member", returns: Outcome, errors: [404] }),
    correct: put("/outcomes/{id}", {
      summary: "Correct an outcome: a new version, the former ones stay readable",
      access: "manager",
      body: OutcomeChanges,
      returns: Outcome,
      errors: [404, 409, 412],
    }),
    withdraw: del("/outcomes/{id}", {
      summary: "Withdraw an outcome that never was: a last version that says so",
      access: "manager",
      returns: Outcome,
      errors: [404, 409, 412],
    }),
    versions: get("/outcomes/{id}/versions", {
      summary: "All versions of an outcome, newest first",
      access: "member",
      query: z.object(paging()),
      returns: page("versions", Outcome),
      errors: [404],
    }),
    retention: get("/retention", {
      summary: "Gross and net revenue retention of a period",
      access: "member",
      query: RetentionFilter,
      returns: Retention,
    }),
    retentionCustomers: get("/retention/customers", {
      summary: "The customers behind a figure of retention",
      access: "member",
      query: RetentionCustomerFilter,
      returns: page("customers", RetentionCustomer),
    }),
    renewals: get("/renewals", {
      summary: "List renewals of customers' terms, those that end first first",
      access: "member",
      query: RenewalFilter,
      returns: page("renewals", TermRenewal),
    }),
    renewal: get("/renewals/{id}", {
      summary: "A renewal",
      access: "member",
      returns: TermRenewal,
      errors: [404],
    }),
    updateRenewal: put("/renewals/{id}", {
      summary: "Change a renewal, or close it with the outcome that it had",
      access: "manager",
      body: RenewalChanges,
      returns: TermRenewal,
      errors: [404, 409, 412],
    }),
    renewalForecast: get("/renewals/forecast", {
      summary: "What will be renewed in a quarter",
      access: "member",
      query: ForecastFilter,
      returns: RenewalForecast,
    }),
    forecastSnapshots: get("/renewals/forecast/snapshots", {
      summary: "Forecasts as they were each week, newest first",
      access: "member",
      sees: "all",
      query: SnapshotFilter,
      returns: page("snapshots", ForecastSnapshot),
    }),
    forecastRecord: get("/renewals/forecast/record", {
      summary: "How good past forecasts were",
      access: "member",
      sees: "all",
      returns: ForecastRecord,
    }),
  },
  "/api/v1",
);
