import * as z from "zod";
import { Alert, AlertDetail } from "./alert.ts";
import { AlertChanges, BulkResolve, BulkResolved, NewAlert, Resolution, Snooze } from "./alert-changes.ts";
import { AlertDashboard, AlertStats, ChecksRun } from "./alert-figures.ts";
import { created, get, post, put } from "./dsl/endpoint.ts";
import { group } from "./dsl/group.ts";
import { page, paging, SCAN_NOTE, sorting } from "./paging.ts";
import { date, flag, text, uuid } from "./values.ts";
import { AlertType, Severity } from "./vocabulary.ts";

export const ALERT_SORTS = ["created_at", "severity", "alert_type", "customer_name"] as const;

/** Whether a query asks for open alerts only. These are all in memory, so they can be sorted and searched. */
export const isOpenOnly = (query: {
  readonly is_resolved?: boolean | undefined;
  readonly is_snoozed?: boolean | undefined;
  readonly status?: "active" | undefined;
}) => query.is_resolved === false || query.is_snoozed === true || query.status === "active";

const CREATED_ON = "Day of `created_at` in UTC, included";

const { sort_by, sort_order } = sorting(ALERT_SORTS, "created_at");

export const AlertFilter = z
  .object({
    ...paging(),
    sort_by: sort_by.meta({ description: "Others than `created_at` need `is_resolved=false`" }),
    sort_order,
    customer_id: uuid.optional().meta({ description: `Together with days it ${SCAN_NOTE}` }),
    alert_type: AlertType.optional(),
    severity: Severity.optional(),
    is_resolved: flag.optional().meta({ description: "Snoozed alerts are unresolved" }),
    is_snoozed: flag.optional().meta({ description: "`true` implies `is_resolved=false`" }),
    status: z
      .enum(["active"], "must be active")
      .optional()
      .meta({ description: "Another way to say `is_resolved=false`" }),
    search: text(255)
      .optional()
      .meta({
        description: `Part of the title, the description or the customer's name, any case. Unless \`is_resolved=false\` is given, it ${SCAN_NOTE}`,
      }),
    date_from: date.optional().meta({ description: CREATED_ON }),
    date_to: date.optional().meta({ description: CREATED_ON }),
  })
  .refine((query) => query.sort_by === "created_at" || isOpenOnly(query), {
    path: ["sort_by"],
    error: "must be created_at; other orders are there for open alerts: add is_resolved=false",
  });
export type AlertFilter = z.infer<typeof AlertFilter>;

export const CustomerAlertsFilter = z.object({
  ...paging(100, 50),
  include_resolved: flag.default(false).meta({ description: `With resolved ones it ${SCAN_NOTE}` }),
  is_resolved: flag.optional().meta({ description: "Goes before `include_resolved`" }),
  alert_type: AlertType.optional(),
  severity: Severity.optional(),
});
export type CustomerAlertsFilter = z.infer<typeof CustomerAlertsFilter>;

export const alerts = group("alerts", "What needs somebody's attention", {
  list: get("/", {
    summary: "List alerts",
    access: "member",
    query: AlertFilter,
    returns: page("alerts", Alert),
  }),
  create: post("/", {
    summary: "Raise an alert",
    access: "member",
    body: NewAlert,
    returns: created(Alert),
    errors: [404],
  }),
  dashboard: get("/dashboard", {
    summary: "Open alerts at a glance",
    access: "member",
    returns: AlertDashboard,
  }),
  stats: get("/stats", { summary: "Alert figures", access: "member", returns: AlertStats }),
  bulkResolve: post("/bulk-resolve", {
    summary: "Resolve up to 100 alerts",
    access: "manager",
    body: BulkResolve,
    returns: BulkResolved,
  }),
  runChecks: post("/run-checks", {
    summary: "Look for contracts and licenses that end and for customers nobody spoke with",
    access: "manager",
    returns: ChecksRun,
  }),
  byCustomer: get("/customer/{id}", {
    summary: "Alerts of a customer, most severe first, then newest first",
    access: "member",
    query: CustomerAlertsFilter,
    returns: page("alerts", Alert),
    errors: [404],
  }),
  get: get("/{id}", {
    summary: "An alert with its customer",
    access: "member",
    returns: AlertDetail,
    errors: [404],
  }),
  update: put("/{id}", {
    summary: "Change, resolve or reopen an alert",
    access: "member",
    body: AlertChanges,
    returns: Alert,
    errors: [404, 409, 412],
  }),
  resolve: put("/{id}/resolve", {
    summary: "Resolve an alert; again changes nothing",
    access: "member",
    body: Resolution,
    returns: Alert,
    errors: [404, 409, 412],
  }),
  snooze: put("/{id}/snooze", {
    summary: "Leave an unresolved alert out of open counts for a while",
    access: "member",
    body: Snooze,
    returns: Alert,
    errors: [404, 409, 412],
  }),
});
