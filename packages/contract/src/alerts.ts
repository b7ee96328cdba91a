import * as z from "zod";
import {
  Alert,
  AlertChanges,
  AlertDetail,
  BulkResolve,
  BulkResolved,
  BulkSnooze,
  BulkSnoozed,
  NewAlert,
  Resolution,
  Snooze,
} from "./alert.ts";
import { accepted, created, get, post, put } from "./dsl/endpoint.ts";
import { group } from "./dsl/group.ts";
import { inOrder, page, paging, SEARCH_NOTE, sorting } from "./paging.ts";
import { backgroundRuns } from "./runs.ts";
import { count, date, flag, searchText, uuid } from "./values.ts";
import { AlertType, Severity } from "./vocabulary.ts";

const bySeverity = <T extends z.ZodType>(value: T) =>
  z.object({ low: value, medium: value, high: value, critical: value });

export const AlertDashboard = z
  .object({
    total_unresolved: count.meta({ description: "Without snoozed ones, as all open counts" }),
    snoozed: count,
    by_severity: bySeverity(count),
    by_type: z.object({
      health_drop: count,
      contract_expiry: count,
      low_csat: count,
      escalation: count,
      inactivity: count,
      usage_drop: count,
      custom: count,
    }),
    recent_critical_alerts: z
      .array(
        Alert.pick({
          id: true,
          customer_id: true,
          customer_name: true,
          alert_type: true,
          severity: true,
          title: true,
          created_at: true,
        }).meta({ id: "RecentAlert" }),
      )
      .meta({ description: "The newest ten open ones of the last 7 days, high or critical" }),
    created_today: count,
    resolved_today: count,
  })
  .meta({ id: "AlertDashboard" });
export type AlertDashboard = z.infer<typeof AlertDashboard>;

export const AlertStats = z
  .object({
    total_alerts: count,
    unresolved: count.meta({ description: "Without snoozed ones" }),
    snoozed: count,
    resolved: count,
    created_last_7_days: count.meta({ description: "Today and the six days before, in UTC" }),
    avg_resolution_hours: z.number().nullable(),
    by_severity: bySeverity(z.object({ total: count, unresolved: count })),
    /** For the badge of the web client: unresolved alerts of each severity. */
    ...bySeverity(count).shape,
  })
  .meta({ id: "AlertStats" });
export type AlertStats = z.infer<typeof AlertStats>;

const countsByCheck = z.object({ contract_expiry: count, license_expiry: count, inactivity: count });

export const ChecksRun = z
  .object({
    message: z.string(),
    alerts_created: countsByCheck,
    alerts_updated: countsByCheck,
    alerts_resolved: countsByCheck,
    runs: backgroundRuns,
  })
  .meta({ id: "ChecksRun" });
export type ChecksRun = z.infer<typeof ChecksRun>;

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
    customer_id: uuid.optional(),
    alert_type: AlertType.optional(),
    severity: Severity.optional(),
    is_resolved: flag.optional().meta({ description: "Snoozed alerts are unresolved" }),
    is_snoozed: flag.optional().meta({ description: "`true` implies `is_resolved=false`" }),
    status: z
      .enum(["active"], "must be active")
      .optional()
      .meta({ description: "Another way to say `is_resolved=false`" }),
    search: searchText.optional().meta({
      description: `Part of the title, the description or the customer's name, without regard to case and accents, ${SEARCH_NOTE}`,
    }),
    date_from: date.optional().meta({ description: CREATED_ON }),
    date_to: date.optional().meta({ description: CREATED_ON }),
  })
  .refine(...inOrder("date_from", "date_to"))
  .refine((query) => query.sort_by === "created_at" || isOpenOnly(query), {
    path: ["sort_by"],
    error: "must be created_at; other orders are there for open alerts: add is_resolved=false",
  });
export type AlertFilter = z.infer<typeof AlertFilter>;

export const CustomerAlertsFilter = z.object({
  ...paging(100, 50),
  include_resolved: flag.default(false),
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
  bulkSnooze: post("/bulk-snooze", {
    summary: "Snooze up to 100 alerts",
    access: "manager",
    body: BulkSnooze,
    returns: BulkSnoozed,
  }),
  runChecks: post("/run-checks", {
    summary: "Look for contracts and licenses that end and for customers nobody spoke with",
    access: "manager",
    costs: { quotas: ["jobs"] },
    returns: accepted(ChecksRun, ({ runs }) => runs !== undefined),
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
