import * as z from "zod";
import { accepted, created, del, get, post, put, redirect } from "./dsl/endpoint.ts";
import { group } from "./dsl/group.ts";
import { inOrder, page, paging } from "./paging.ts";
import { MISPLACED_FILTERS, misplaced, ReportFilters, validateFilters } from "./report-filters.ts";
import {
  NewReportSchedule,
  ReportSchedule,
  ReportScheduleChanges,
  ReportScheduleFilter,
} from "./report-schedules.ts";
import { backgroundRuns } from "./runs.ts";
import { calendarDate, count, date, flag, line, message, timestamp, uuid } from "./values.ts";
import { Language, MailStatus, ReportStatus, ReportType } from "./vocabulary.ts";

export const ReportDelivery = z
  .object({
    recipient: z.string(),
    status: z.enum(["pending", ...MailStatus.options, "left", "deactivated", "unchanged"]).meta({
      description:
        "Who is `unknown` may have got it: the mail service has not said whether it took it, and nothing sends it again by itself. `sent` becomes `delivered`, or `bounced`, `soft_bounced`, `rejected`, `complained`. When it would have been sent, mail to who is `suppressed` had bounced before or was reported as spam, who is `left` was no longer a recipient, who is `deactivated` a user who can't sign in any more. `unchanged`: the report says what the last one said, and its schedule skips such mails (`skip_unchanged`)",
    }),
    sent_at: timestamp.nullable(),
    error: z
      .string()
      .nullable()
      .meta({ description: "Why it was not sent, may not have been, or did not arrive, for a person" }),
  })
  .meta({ id: "ReportDelivery" });
export type ReportDelivery = z.infer<typeof ReportDelivery>;

export const Report = z
  .object({
    id: z.uuid(),
    scheduled_report_id: z.uuid().nullable().meta({ description: "null when somebody asked for it" }),
    report_name: z.string(),
    report_type: ReportType,
    filters: ReportFilters.nullable(),
    language: Language,
    date_from: calendarDate.meta({ description: "First day of its period, UTC" }),
    date_to: calendarDate,
    status: ReportStatus,
    file_path: z
      .string()
      .nullable()
      .meta({ description: "The file's name in our storage; null without one" }),
    file_size: count.meta({ description: "Bytes; 0 without a file" }),
    has_tables: z.boolean().meta({
      description:
        "Whether its tables can be loaded as CSV: where its schedule attaches them (`attach_csv`), and it has some",
    }),
    error_message: z.string().nullable().meta({ description: "What went wrong last, for a person" }),
    generated_at: timestamp.nullable().meta({ description: "When the last attempt ended" }),
    created_at: timestamp,
    triggered_by: z.string().meta({ description: "Name of who asked for it, or Schedule" }),
    triggered_by_id: z.uuid().nullable(),
    attempts: count.meta({ description: "How often it was tried, five times at most" }),
    next_attempt_at: timestamp.nullable().meta({ description: "null when nothing is left to do" }),
    deliveries: z.array(ReportDelivery),
  })
  .meta({ id: "Report" });
export type Report = z.infer<typeof Report>;

/** Null and blank count as absent: forms send them for empty fields. */
const optionalField = <T extends z.ZodType>(field: T, error: string) =>
  z
    .union([field, z.null(), z.literal("")], error)
    .optional()
    .transform((value): z.output<T> | undefined => (value === null || value === "" ? undefined : value));

/** `date_from` and so on beside `filters` mean the same as in them, and go before; other filters belong into them. */
export const NewReport = z
  .object({
    ...MISPLACED_FILTERS,
    async: misplaced("the query"),
    report_type: ReportType,
    filters: ReportFilters.nullish(),
    language: optionalField(Language, `must be one of ${Language.options.join(", ")}`),
    date_from: optionalField(date, "must be a date like 2026-01-31"),
    date_to: optionalField(date, "must be a date like 2026-01-31"),
    customer_id: optionalField(uuid, "must be a UUID"),
    backtest_id: optionalField(uuid, "must be a UUID"),
    sections: ReportFilters.shape.sections.nullish(),
  })
  .transform(
    ({ report_type, filters, language, date_from, date_to, customer_id, backtest_id, sections }) => ({
      report_type,
      ...(language !== undefined && { language }),
      filters: {
        ...filters,
        ...(date_from !== undefined && { date_from }),
        ...(date_to !== undefined && { date_to }),
        ...(customer_id !== undefined && { customer_id }),
        ...(backtest_id !== undefined && { backtest_id }),
        ...(sections && { sections }),
      },
    }),
  )
  .superRefine(({ report_type, filters }, context) => {
    for (const { filter, message } of validateFilters(report_type, filters))
      context.addIssue({ code: "custom", path: ["filters", filter], message });
  })
  .meta({ id: "NewReport" });
export type NewReport = z.infer<typeof NewReport>;

export const ReportHistoryFilter = z
  .object({
    ...paging(100, 50),
    scheduled_report_id: uuid.optional(),
    report_type: line(100).optional().meta({ description: "An unknown type has no reports" }),
    status: z
      .enum([...ReportStatus.options, "processing"], `must be one of ${ReportStatus.options.join(", ")}`)
      .transform((status): ReportStatus => (status === "processing" ? "generating" : status))
      .optional()
      .meta({ override: { type: "string", enum: [...ReportStatus.options] } }),
    date_from: date.optional().meta({ description: "First day on which they were asked for, UTC" }),
    date_to: date.optional(),
  })
  .refine(...inOrder("date_from", "date_to"));
export type ReportHistoryFilter = z.infer<typeof ReportHistoryFilter>;

export const ReportDashboard = z
  .object({
    total_scheduled: count,
    active_scheduled: count,
    generated_this_month: count.meta({ description: "Asked for this UTC month and completed" }),
    failed_this_month: count,
    by_type: z.record(ReportType, count).meta({ description: "Schedules of each type" }),
  })
  .meta({ id: "ReportDashboard" });
export type ReportDashboard = z.infer<typeof ReportDashboard>;

export const ScheduledReportsRun = z
  .object({
    message: z.string(),
    results: z.object({
      total_due: count,
      generated: count,
      failed: count,
      errors: z.array(z.object({ report_id: z.uuid(), report_name: z.string(), error: z.string() })),
    }),
    runs: backgroundRuns,
  })
  .meta({ id: "ScheduledReportsRun" });
export type ScheduledReportsRun = z.infer<typeof ScheduledReportsRun>;

export const reports = group("reports", "Reports as PDF: on demand, by schedule, by mail", {
  listSchedules: get("/scheduled", {
    summary: "List schedules",
    access: "member",
    query: ReportScheduleFilter,
    returns: page("reports", ReportSchedule),
  }),
  createSchedule: post("/scheduled", {
    summary: "Schedule a report",
    access: "manager",
    body: NewReportSchedule,
    returns: created(ReportSchedule),
    errors: [404],
  }),
  getSchedule: get("/scheduled/{id}", {
    summary: "A schedule",
    access: "member",
    returns: ReportSchedule,
    errors: [404],
  }),
  updateSchedule: put("/scheduled/{id}", {
    summary: "Change a schedule",
    access: "manager",
    body: ReportScheduleChanges,
    returns: ReportSchedule,
    errors: [404, 409, 412],
  }),
  removeSchedule: del("/scheduled/{id}", {
    summary: "Remove a schedule; its history stays",
    access: "manager",
    returns: message,
    errors: [404, 412],
  }),
  toggleSchedule: put("/scheduled/{id}/toggle", {
    summary: "Pause a schedule, or go on with it",
    access: "manager",
    returns: ReportSchedule,
    errors: [404, 409, 412],
  }),
  generate: post("/generate", {
    summary: "Generate a report now",
    access: "member",
    query: z.object({
      async: flag
        .default(false)
        .meta({ description: "Answer at once with 202, and generate it in the background" }),
    }),
    body: NewReport,
    costs: { quotas: ["reports"] },
    returns: accepted(Report, ({ status }) => status === "pending" || status === "generating"),
    errors: [404, 409],
  }),
  listHistory: get("/history", {
    summary: "List reports, newest first",
    access: "member",
    query: ReportHistoryFilter,
    returns: page("history", Report),
  }),
  getHistory: get("/history/{id}", {
    summary: "A report",
    access: "member",
    returns: Report,
    errors: [404],
  }),
  download: get("/history/{id}/download", {
    summary: "The PDF of a report",
    access: "member",
    returns: redirect("application/pdf"),
    errors: [404, 413],
  }),
  tables: get("/history/{id}/tables", {
    summary: "The tables of a report as CSV, in a ZIP",
    access: "member",
    returns: redirect("application/zip"),
    errors: [404, 413],
  }),
  sendAgain: post("/history/{id}/send", {
    summary:
      "Mail a report again to those whom it has not reached, as far as anybody knows: `unknown`, `bounced`, `soft_bounced`, `suppressed`",
    access: "manager",
    costs: { quotas: ["mails"] },
    returns: accepted(Report, ({ deliveries }) => deliveries.some(({ status }) => status === "pending")),
    errors: [404, 409],
  }),
  dashboard: get("/dashboard", {
    summary: "Figures of schedules and of this month's reports",
    access: "member",
    returns: ReportDashboard,
  }),
  runScheduled: post("/run-scheduled", {
    summary: "Generate and mail all reports that are due",
    access: "manager",
    sees: "all",
    costs: { quotas: ["jobs", "mails"] },
    returns: accepted(ScheduledReportsRun, ({ runs }) => runs !== undefined),
  }),
});
