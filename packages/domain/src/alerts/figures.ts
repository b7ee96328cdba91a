import type { AlertDashboard, AlertStats } from "@success-manager/contract/alerts";
import type { Severity } from "@success-manager/contract/vocabulary";
import { DAY_MS, dateOf, daysAfter } from "../calendar.ts";
import { countersBetween, countersRequest, dayOf, sumCounters } from "../counters/index.ts";
import { getDirectory } from "../directory/index.ts";
import { oneDecimal } from "../figures.ts";
import { type AlertState, batchGet } from "../table/index.ts";
import { isWorse } from "./detection.ts";
import { type AlertCache, getAlertCache } from "./open-alerts.ts";
import { customerIdOf, isSnoozed } from "./serialize.ts";

/** Open alerts, snoozed ones included, newest first; remembered until one of them changes. */
export const byNewest = (cache: AlertCache): readonly AlertState[] =>
  cache.openBy("created_at", ({ created_at }) => created_at).select("desc", () => true);

/** Sorts after every instant. */
const NEVER = "\uffff";

/** Remembers what is computed of the open alerts until one of them changes or a snooze ends. */
function memoize<T>(
  compute: (open: readonly AlertState[], now: Date) => T,
): (cache: AlertCache, now: Date) => T {
  const results = new WeakMap<AlertCache, { version: number; from: string; until: string; value: T }>();
  return (cache, now) => {
    const instant = now.toISOString();
    const last = results.get(cache);
    if (last?.version === cache.version && last.from <= instant && instant < last.until) return last.value;
    const open = byNewest(cache);
    let until = NEVER;
    for (const { snoozed_until: end } of open)
      if (end !== undefined && end > instant && end < until) until = end;
    const value = compute(open, now);
    results.set(cache, { version: cache.version, from: instant, until, value });
    return value;
  };
}

const noSeverities = () => ({ low: 0, medium: 0, high: 0, critical: 0 });

/** Counts open alerts as of now; snoozed ones apart, which are left out of open counts (decision 17). */
export const countOpen = memoize((open, now) => {
  const counts = {
    total: 0,
    snoozed: 0,
    by_severity: noSeverities(),
    by_type: {
      health_drop: 0,
      contract_expiry: 0,
      low_csat: 0,
      escalation: 0,
      inactivity: 0,
      usage_drop: 0,
      custom: 0,
    },
    /** With snoozed ones. */
    all_by_severity: noSeverities(),
  };
  for (const state of open) {
    counts.all_by_severity[state.severity] += 1;
    if (isSnoozed(state, now)) {
      counts.snoozed += 1;
      continue;
    }
    counts.total += 1;
    counts.by_severity[state.severity] += 1;
    counts.by_type[state.alert_type] += 1;
  }
  return counts;
});

/** Open alerts by customer; a customer without any is missing. */
export type OpenByCustomer = ReadonlyMap<string, number>;

/** How many open alerts each customer has now, without snoozed ones. */
export const openByCustomer = memoize((open, now): OpenByCustomer => {
  const counts = new Map<string, number>();
  for (const state of open)
    if (!isSnoozed(state, now)) counts.set(state.customer_id, (counts.get(state.customer_id) ?? 0) + 1);
  return counts;
});

const RECENT_MS = 7 * DAY_MS;
const RECENT = 10;

/** The newest open alerts of the last seven days that are high or critical. */
function recentCritical(cache: AlertCache, now: Date): readonly AlertState[] {
  const since = new Date(now.getTime() - RECENT_MS).toISOString();
  return byNewest(cache)
    .filter((open) => open.created_at >= since && isWorse(open.severity, "medium") && !isSnoozed(open, now))
    .slice(0, RECENT);
}

/** Open alerts at a glance. */
export async function dashboard(): Promise<AlertDashboard> {
  const now = new Date();
  const today = dayOf(dateOf(now));
  const [cache, { customers }, [created, resolved]] = await Promise.all([
    getAlertCache(),
    getDirectory(),
    batchGet(countersRequest("alert", today), countersRequest("alert_resolved", today)),
  ]);
  const open = countOpen(cache, now);
  return {
    total_unresolved: open.total,
    snoozed: open.snoozed,
    by_severity: open.by_severity,
    by_type: open.by_type,
    recent_critical_alerts: recentCritical(cache, now).map((alert) => ({
      id: alert.alert_id,
      customer_id: customerIdOf(alert),
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
  const today = dateOf(now);
  const [cache, { totals }, days] = await Promise.all([
    getAlertCache(),
    getDirectory(),
    countersBetween("alert", dayOf(daysAfter(today, 1 - WEEK_DAYS)), dayOf(today)),
  ]);
  const open = countOpen(cache, now);
  const [ever, resolutions] = await Promise.all([totals("alert"), totals("alert_resolved")]);
  const resolved = (severity?: Severity) =>
    sumCounters(ever, (name) => name.endsWith(severity === undefined ? "|1" : `|${severity}|1`));
  const figuresOf = (severity: Severity) => ({
    total: open.all_by_severity[severity] + resolved(severity),
    unresolved: open.by_severity[severity],
  });
  return {
    total_alerts: open.total + open.snoozed + resolved(),
    unresolved: open.total,
    snoozed: open.snoozed,
    resolved: resolved(),
    created_last_7_days: [...days.values()].reduce((sum, day) => sum + sumCounters(day), 0),
    avg_resolution_hours: resolutions.count
      ? oneDecimal((resolutions.ms ?? 0) / resolutions.count / HOUR_MS)
      : null,
    by_severity: {
      low: figuresOf("low"),
      medium: figuresOf("medium"),
      high: figuresOf("high"),
      critical: figuresOf("critical"),
    },
    ...open.by_severity,
  };
}
