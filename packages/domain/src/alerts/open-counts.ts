import type { AlertState } from "../table/index.ts";
import type { AlertCache } from "./open-alerts.ts";
import { isSnoozed } from "./serialize.ts";

/** Open alerts, snoozed ones included, newest first; remembered until one of them changes. */
export const byNewest = (cache: AlertCache): readonly AlertState[] =>
  cache.openBy("created_at", ({ created_at }) => created_at).select("desc", () => true, "all");

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
    by_type: { health_drop: 0, contract_expiry: 0, low_csat: 0, escalation: 0, inactivity: 0 },
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
