import type { AlertDashboard, AlertStats } from "@success-manager/contract/alerts";
import type { Severity } from "@success-manager/contract/vocabulary";
import { DAY_MS, dateOf, daysAfter } from "../calendar.ts";
import { ALL_DAYS, countersRequest, dayOf, sumCounters } from "../counters/index.ts";
import { getDirectory } from "../directory/index.ts";
import { oneDecimal } from "../figures.ts";
import { type AlertState, batchGet } from "../table/index.ts";
import { type AlertCache, getAlertCache } from "./book.ts";
import { isWorse } from "./condition.ts";
import { countOpen, newestFirst } from "./open-count.ts";
import { isSnoozed } from "./shown.ts";

const RECENT_MS = 7 * DAY_MS;
const RECENT = 10;

/** The newest open alerts of the last seven days that are high or critical. */
function recentCritical(book: AlertCache, now: Date): readonly AlertState[] {
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
    getAlertCache(),
    getDirectory(),
    batchGet(countersRequest("alert", today), countersRequest("alert_resolved", today)),
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
    created_today: sumCounters(created),
    resolved_today: resolved?.count ?? 0,
  };
}

const HOUR_MS = 60 * 60 * 1000;
const WEEK_DAYS = 7;

/** Figures of all alerts: open ones as of now, the others as they are counted. */
export async function stats(): Promise<AlertStats> {
  const now = new Date();
  const week = Array.from({ length: WEEK_DAYS }, (_, n) => dayOf(daysAfter(dateOf(now), -n)));
  const [book, [ever, resolutions, ...days]] = await Promise.all([
    getAlertCache(),
    batchGet(
      countersRequest("alert", ALL_DAYS),
      countersRequest("alert_resolved", ALL_DAYS),
      ...week.map((day) => countersRequest("alert", day)),
    ),
  ]);
  const open = countOpen(book, now);
  const resolved = (severity?: Severity) =>
    sumCounters(ever, (name) => name.endsWith(severity === undefined ? "|1" : `|${severity}|1`));
  const figures = (severity: Severity) => ({
    total: open.all_by_severity[severity] + resolved(severity),
    unresolved: open.by_severity[severity],
  });
  return {
    total_alerts: open.total + open.snoozed + resolved(),
    unresolved: open.total,
    snoozed: open.snoozed,
    resolved: resolved(),
    created_last_7_days: days.reduce((sum, day) => sum + sumCounters(day), 0),
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
