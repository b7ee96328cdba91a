import * as z from "zod";
import { accepted, created, del, get, post, put, redirect } from "./dsl/endpoint.ts";
import { group } from "./dsl/group.ts";
import { page } from "./paging.ts";
import {
  NewReport,
  Report,
  ReportDashboard,
  ReportHistoryFilter,
  ScheduledReportsRun,
} from "./report-history.ts";
import {
  NewReportSchedule,
  ReportSchedule,
  ReportScheduleChanges,
  ReportScheduleFilter,
} from "./report-schedules.ts";
import { flag, message } from "./values.ts";

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
    errors: [404],
  }),
  toggleSchedule: put("/scheduled/{id}/toggle", {
    summary: "Pause a schedule, or go on with it",
    access: "manager",
    returns: ReportSchedule,
    errors: [404, 409],
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
    returns: accepted(Report, ({ status }) => status === "pending" || status === "generating"),
    errors: [404],
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
    returns: redirect(),
    errors: [404],
  }),
  dashboard: get("/dashboard", {
    summary: "Figures of schedules and of this month's reports",
    access: "member",
    returns: ReportDashboard,
  }),
  runScheduled: post("/run-scheduled", {
    summary: "Generate and mail all reports that are due",
    access: "manager",
    returns: ScheduledReportsRun,
  }),
});
