import type { AlertState } from "../table/index.ts";
import type { AlertCache } from "./book.ts";
import { isSnoozed } from "./shown.ts";

/** Open alerts, snoozed ones included, newest first; remembered until one of them changes. */
export const newestFirst = (book: AlertCache): readonly AlertState[] =>
  book.openBy("created_at", ({ created_at }) => created_at).select("desc", () => true, "all");

type Figure<T> = (open: readonly AlertState[], now: Date) => T;

/** Sorts after every instant. */
const NEVER = "\uffff";

/** Remembers a figure of the open alerts until one of them changes or a snooze ends. */
function remembered<T>(compute: Figure<T>): (book: AlertCache, now: Date) => T {
  const known = new WeakMap<AlertCache, { edition: number; from: string; until: string; figure: T }>();
  return (book, now) => {
    const instant = now.toISOString();
    const last = known.get(book);
    if (last?.edition === book.version && last.from <= instant && instant < last.until) return last.figure;
    const open = newestFirst(book);
    let until = NEVER;
    for (const { snoozed_until: end } of open)
      if (end !== undefined && end > instant && end < until) until = end;
    const figure = compute(open, now);
    known.set(book, { edition: book.version, from: instant, until, figure });
    return figure;
  };
}

const nothing = () => ({ low: 0, medium: 0, high: 0, critical: 0 });

function count(open: readonly AlertState[], now: Date) {
  const counts = {
    total: 0,
    snoozed: 0,
    by_severity: nothing(),
    by_type: { health_drop: 0, contract_expiry: 0, low_csat: 0, escalation: 0, inactivity: 0 },
    /** With snoozed ones. */
    all_by_severity: nothing(),
  };
  for (const condition of open) {
    counts.all_by_severity[condition.severity] += 1;
    if (isSnoozed(condition, now)) {
      counts.snoozed += 1;
      continue;
    }
    counts.total += 1;
    counts.by_severity[condition.severity] += 1;
    counts.by_type[condition.alert_type] += 1;
  }
  return counts;
}

/** Open alerts by customer; a customer without any is missing. */
export type OpenByCustomer = ReadonlyMap<string, number>;

function countByCustomer(open: readonly AlertState[], now: Date): OpenByCustomer {
  const counts = new Map<string, number>();
  for (const condition of open)
    if (!isSnoozed(condition, now))
      counts.set(condition.customer_id, (counts.get(condition.customer_id) ?? 0) + 1);
  return counts;
}

/** Counts open alerts as of now; snoozed ones apart, which are left out of open counts (decision 17). */
export const countOpen = remembered(count);

/** How many open alerts each customer has now, without snoozed ones. */
export const openByCustomer = remembered(countByCustomer);
