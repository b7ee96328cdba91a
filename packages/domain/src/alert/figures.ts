import type { AlertDashboard, AlertStats } from "@success-manager/contract/alert-figures";
import type { Severity } from "@success-manager/contract/vocabulary";
import { DAY_MS, dateOf, daysAfter } from "../calendar/index.ts";
import { current } from "../directory/index.ts";
import { ALL_DAYS, countersGet, dayOf, sumOf } from "../rollup/index.ts";
import { batchGet } from "../table/index.ts";
import { type AlertBook, currentAlerts } from "./book.ts";
import { isWorse } from "./condition.ts";
import type { Condition } from "./entity.ts";
import { isSnoozed } from "./shown.ts";

const nothing = () => ({ low: 0, medium: 0, high: 0, critical: 0 });

/** Open alerts, snoozed ones included, newest first; remembered until one of them changes. */
const newestFirst = (book: AlertBook): readonly Condition[] =>
  book.openBy("created_at", ({ created_at }) => created_at).select("desc", () => true, "all");

/** Counts open alerts as of now; snoozed ones apart, which are left out of open counts (decision 17). */
function countOpen(book: AlertBook, now: Date) {
  const open = {
    total: 0,
    snoozed: 0,
    by_severity: nothing(),
    by_type: { health_drop: 0, contract_expiry: 0, low_csat: 0, escalation: 0, inactivity: 0 },
    /** With snoozed ones. */
    all_by_severity: nothing(),
  };
  for (const condition of newestFirst(book)) {
    open.all_by_severity[condition.severity] += 1;
    if (isSnoozed(condition, now)) {
      open.snoozed += 1;
      continue;
    }
    open.total += 1;
    open.by_severity[condition.severity] += 1;
    open.by_type[condition.alert_type] += 1;
  }
  return open;
}

const RECENT_MS = 7 * DAY_MS;
const RECENT = 10;

/** The newest open alerts of the last seven days that are high or critical. */
function recentCritical(book: AlertBook, now: Date): readonly Condition[] {
  const since = new Date(now.getTime() - RECENT_MS).toISOString();
  return newestFirst(book)
    .filter((open) => open.created_at >= since && isWorse(open.severity, "medium") && !isSnoozed(open, now))
    .slice(0, RECENT);
}

/** Open alerts at a glance. */
export async function dashboard(): Promise<AlertDashboard> {
  const now = new Date();
  const today = dayOf(dateOf(now));
  const [book, { customers }, [created, resolved]] = await Promise.all([
    currentAlerts(),
    current(),
    batchGet(countersGet("alert", today), countersGet("alert_resolved", today)),
  ]);
  const open = countOpen(book, now);
  return {
    total_unresolved: open.total,
    snoozed: open.snoozed,
    by_severity: open.by_severity,
    by_type: open.by_type,
    recent_critical_alerts: recentCritical(book, now).map((alert) => ({
      id: alert.alert_id,
      customer_id: alert.customer_id,
      customer_name: customers.get(alert.customer_id)?.customer.company_name ?? null,
      alert_type: alert.alert_type,
      severity: alert.severity,
      title: alert.title,
      created_at: alert.created_at,
    })),
    created_today: sumOf(created),
    resolved_today: resolved?.count ?? 0,
  };
}

const HOUR_MS = 60 * 60 * 1000;
const WEEK_DAYS = 7;

const oneDecimal = (value: number) => Math.round(value * 10) / 10;

/** Figures of all alerts: open ones as of now, the others as they are counted. */
export async function stats(): Promise<AlertStats> {
  const now = new Date();
  const week = Array.from({ length: WEEK_DAYS }, (_, n) => dayOf(daysAfter(dateOf(now), -n)));
  const [book, [ever, resolutions, ...days]] = await Promise.all([
    currentAlerts(),
    batchGet(
      countersGet("alert", ALL_DAYS),
      countersGet("alert_resolved", ALL_DAYS),
      ...week.map((day) => countersGet("alert", day)),
    ),
  ]);
  const open = countOpen(book, now);
  const resolved = (severity?: Severity) =>
    sumOf(ever, (name) => name.endsWith(severity === undefined ? "|1" : `|${severity}|1`));
  const figures = (severity: Severity) => ({
    total: open.all_by_severity[severity] + resolved(severity),
    unresolved: open.by_severity[severity],
  });
  return {
    total_alerts: open.total + open.snoozed + resolved(),
    unresolved: open.total,
    snoozed: open.snoozed,
    resolved: resolved(),
    created_last_7_days: days.reduce((sum, day) => sum + sumOf(day), 0),
    avg_resolution_hours: resolutions?.count
      ? oneDecimal((resolutions.ms ?? 0) / resolutions.count / HOUR_MS)
      : null,
    by_severity: {
      low: figures("low"),
      medium: figures("medium"),
      high: figures("high"),
      critical: figures("critical"),
    },
    ...open.by_severity,
  };
}
