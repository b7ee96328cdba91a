import * as z from "zod";
import { paging, sorting } from "./paging.ts";
import { MISPLACED_FILTERS, misplaced, ReportFilters, validateFilters } from "./report-filters.ts";
import { flag, instant, line, recipients, revision, timestamp, uuid, wholeNumber } from "./values.ts";
import { Language, ReportFrequency, ReportType } from "./vocabulary.ts";

/**
 * When a report runs, for callers who do not compute `next_scheduled_at` themselves. Without any of it: 06:00 UTC
 * (decision 19). Null counts as absent: a schedule carries it where its frequency has no use for a field.
 */
const timing = {
  time: z
    .string()
    .regex(/^([01]\d|2[0-3]):[0-5]\d$/, "must be a time like 06:00")
    .meta({ description: "UTC" })
    .nullish(),
  day_of_week: wholeNumber(0, 6).meta({ description: "0 is Sunday; for weekly reports" }).nullish(),
  day_of_month: wholeNumber(1, 31)
    .meta({ description: "The last day where a month is shorter; for monthly and quarterly reports" })
    .nullish(),
  quarter_month: wholeNumber(1, 3).meta({ description: "1 is the first of a quarter" }).nullish(),
};

/** What becomes of a schedule's mails. */
const mailing = {
  skip_unchanged: z.boolean("must be true or false").meta({
    description:
      "Mail a report only when it says something new: not while customers, scores, contracts and alerts are as in the last one that was mailed, and nothing happened in its period. It stands in the history all the same",
  }),
  attach_csv: z
    .boolean("must be true or false")
    .meta({ description: "Attach the tables of the report as CSV, whole" }),
};

export const ReportSchedule = z
  .object({
    id: z.uuid(),
    report_name: z.string(),
    report_type: ReportType,
    frequency: ReportFrequency,
    recipients: z.array(z.string()),
    deactivated_recipients: z.array(z.string()).meta({
      description:
        "Those of `recipients` who are deactivated users: they get nothing until they are reactivated",
    }),
    notice: z.string().nullable().meta({ description: "A sentence for a person when nobody would get it" }),
    filters: ReportFilters.nullable(),
    next_scheduled_at: timestamp,
    is_active: z.boolean(),
    ...mailing,
    language: Language.nullable(),
    last_generated_at: timestamp.nullable(),
    time: z.string().meta({ description: "Of `next_scheduled_at`" }),
    day_of_week: z.int().nullable().meta({ description: "0 is Sunday; null unless weekly" }),
    day_of_month: z.int().nullable().meta({ description: "null unless monthly or quarterly" }),
    quarter_month: z.int().nullable().meta({ description: "null unless quarterly" }),
    customer_id: z.uuid().nullable().meta({ description: "Of `filters`" }),
    created_by: z.string().meta({ description: "Name of who made it" }),
    created_by_id: z.uuid(),
    created_at: timestamp,
    updated_at: timestamp,
    name: z.string().meta({ description: "`report_name` again" }),
    last_generated: timestamp.nullable().meta({ description: "`last_generated_at` again" }),
    next_scheduled: timestamp.meta({ description: "`next_scheduled_at` again" }),
    revision,
  })
  .meta({ id: "ReportSchedule" });
export type ReportSchedule = z.infer<typeof ReportSchedule>;

/** Filters beside `filters`: a customer is taken, as schedules show it there; the others belong into them. */
const besideFilters = {
  ...MISPLACED_FILTERS,
  date_from: misplaced("filters"),
  date_to: misplaced("filters"),
  sections: misplaced("filters"),
  backtest_id: misplaced("filters"),
  customer_id: z
    .union([uuid, z.null(), z.literal("")], "must be a UUID")
    .transform((id) => id || null)
    .optional()
    .meta({ description: "As in `filters`" }),
};

export const NewReportSchedule = z
  .object({
    ...besideFilters,
    report_name: line(255),
    report_type: ReportType,
    frequency: ReportFrequency,
    recipients: recipients(0)
      .nullish()
      .meta({ description: "When nobody is named, the default recipients of /settings/reports" }),
    filters: ReportFilters.nullish(),
    next_scheduled_at: instant
      .nullish()
      .meta({ description: "First run; later ones keep its time and day. In the past: with the next run" }),
    ...timing,
    is_active: z.boolean().default(true),
    skip_unchanged: mailing.skip_unchanged.default(false),
    attach_csv: mailing.attach_csv.default(false),
    language: Language.nullish(),
  })
  .superRefine(({ report_type, filters, customer_id }, context) => {
    if (customer_id && filters?.customer_id && filters.customer_id !== customer_id)
      context.addIssue({
        code: "custom",
        path: ["customer_id"],
        message: "must not be another one than filters.customer_id",
      });
    for (const { filter, message } of validateFilters(report_type, filters ?? {}))
      context.addIssue({ code: "custom", path: ["filters", filter], message });
  })
  .meta({ id: "NewReportSchedule" });
export type NewReportSchedule = z.infer<typeof NewReportSchedule>;

/** An absent key stays; null clears the filters, or the customer alone. */
export const ReportScheduleChanges = z
  .object({
    ...besideFilters,
    report_name: line(255).optional(),
    report_type: ReportType.optional(),
    frequency: ReportFrequency.optional(),
    recipients: recipients(1).optional(),
    filters: ReportFilters.nullish(),
    next_scheduled_at: instant.optional().meta({
      description:
        "Next run; in the past: at once. What the schedule has, or had before a run that is done, changes nothing",
    }),
    ...timing,
    is_active: z.boolean().optional(),
    skip_unchanged: mailing.skip_unchanged.optional(),
    attach_csv: mailing.attach_csv.optional(),
    language: Language.nullish(),
  })
  .meta({ id: "ReportScheduleChanges" });
export type ReportScheduleChanges = z.infer<typeof ReportScheduleChanges>;

export const REPORT_SCHEDULE_SORTS = [
  "created_at",
  "updated_at",
  "report_name",
  "report_type",
  "frequency",
  "next_scheduled_at",
  "last_generated_at",
] as const;

export const ReportScheduleFilter = z.object({
  ...paging(),
  ...sorting(REPORT_SCHEDULE_SORTS, "created_at"),
  report_type: ReportType.optional(),
  frequency: ReportFrequency.optional(),
  is_active: flag.optional(),
});
export type ReportScheduleFilter = z.infer<typeof ReportScheduleFilter>;
