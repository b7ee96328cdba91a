import { AlertType, Severity } from "@success-manager/contract/vocabulary";
import { DAY_MS } from "../calendar.ts";
import {
  createSync,
  type Feed,
  refreshed,
  type SortedView,
  snapshotFeed,
  sortedView,
} from "../directory/index.ts";
import { type AlertState, currentScope, type Scope } from "../table/index.ts";

/** Is told of an open alert that comes, changes or goes: what it was and what it is, undefined for not open. */
type Follower = (before: AlertState | undefined, after: AlertState | undefined) => void;

/** The states that are open or acknowledged, in memory: a few for each customer. */
export interface AlertCache {
  /** Brings the cache up to date: loads everything once, then only what changed. */
  refresh(): Promise<void>;
  /** Of one customer. */
  of(customer_id: string): readonly AlertState[];
  /** Of all customers. */
  all(): Iterable<AlertState>;
  /** Open ones in the order of a column; the view is kept sorted from its first use on. */
  openBy(name: string, column: (open: AlertState) => string | number): SortedView<AlertState>;
  /** Open ones, in no order. */
  open(): Iterable<AlertState>;
  /** Tells from now on what becomes of open ones. */
  follow(follower: Follower): void;
  /** Grows with every change: what is computed from the cache holds as long as this stays the same. */
  readonly version: number;
}

/** The code's own copies of enum values, by value. */
const INTERNED = new Map<string, string>(
  [...AlertType.options, ...Severity.options, "open", "acknowledged", "cleared"].map((value) => [
    value,
    value,
  ]),
);

/** What is parsed from a response is a new string each time, which is slow as a key. */
const intern = <V extends string>(value: V): V => (INTERNED.get(value) as V | undefined) ?? value;

/**
 * A state as it is kept in memory: without the table's keys, and all made by one literal. Attributes come from the
 * database in any order, and going through objects that were put together in different orders is slow.
 */
const normalize = (row: AlertState): AlertState => ({
  customer_id: row.customer_id,
  condition: row.condition,
  alert_type: intern(row.alert_type),
  severity: intern(row.severity),
  title: row.title,
  description: row.description,
  created_at: row.created_at,
  created_by: row.created_by,
  band: row.band,
  snoozed_until: row.snoozed_until,
  snoozed_by: row.snoozed_by,
  snooze_reason: row.snooze_reason,
  snoozed_level: row.snoozed_level,
  unsnooze_reason: row.unsnooze_reason,
  alert_id: row.alert_id,
  alert_revision: row.alert_revision,
  state: intern(row.state),
  found: row.found,
  reference: row.reference,
  changed_at: row.changed_at,
  revision: row.revision,
  expires_at_epoch: row.expires_at_epoch,
});

/** How long a cleared state is kept, so that an older revision that arrives late is known to be old. */
const KEEP_CLEARED_MS = DAY_MS;

const ifOpen = (state: AlertState | undefined) => (state?.state === "open" ? state : undefined);

/**
 * @param feed where states come from
 * @param now in milliseconds
 */
export function createAlertCache(feed: Feed<AlertState>, now: () => number = Date.now): AlertCache {
  const customers = new Map<string, Map<string, AlertState>>();
  const cleared = new Set<AlertState>();
  const views = new Map<string, SortedView<AlertState>>();
  const followers: Follower[] = [];
  let version = 0;

  const put = (row: AlertState) => {
    const states = customers.get(row.customer_id) ?? new Map<string, AlertState>();
    const before = states.get(row.condition);
    if (before && before.revision >= row.revision) return;
    const after = normalize(row);
    customers.set(after.customer_id, states.set(after.condition, after));
    if (before) cleared.delete(before);
    if (after.state === "cleared") cleared.add(after);
    for (const view of views.values()) view.replace(ifOpen(before), ifOpen(after));
    for (const follower of followers) follower(ifOpen(before), ifOpen(after));
    version += 1;
  };

  const evictCleared = () => {
    const limit = new Date(now() - KEEP_CLEARED_MS).toISOString();
    for (const state of cleared) {
      if (state.changed_at >= limit) continue;
      cleared.delete(state);
      const states = customers.get(state.customer_id);
      states?.delete(state.condition);
      if (states?.size === 0) customers.delete(state.customer_id);
    }
  };

  function* all() {
    for (const states of customers.values())
      for (const state of states.values()) if (state.state !== "cleared") yield state;
  }

  function* allOpen() {
    for (const state of all()) if (state.state === "open") yield state;
  }

  return {
    refresh: createSync(feed, { receive: (rows) => rows.forEach(put), onSynced: evictCleared }, now),
    of: (customer_id) =>
      [...(customers.get(customer_id)?.values() ?? [])].filter(({ state }) => state !== "cleared"),
    all,
    openBy(name, column) {
      const existing = views.get(name);
      if (existing) return existing;
      const view = sortedView(allOpen, column, ({ alert_id }) => alert_id);
      views.set(name, view);
      return view;
    },
    open: allOpen,
    follow: (follower) => void followers.push(follower),
    get version() {
      return version;
    },
  };
}

/** The function instance's cache. */
const cache = createAlertCache(snapshotFeed<AlertState>("alert_condition"));

/**
 * The cache as of now, within a scope of what its caller sees: one small query; with an instance's first request everything, from a snapshot if there is one.
 */
export async function getAlertCache(): Promise<AlertCache> {
  await refreshed(cache.refresh);
  const scope = currentScope();
  return scope ? cacheInScope(cache, scope) : cache;
}

/** The states of customers that a caller sees, as they are now: a cache that does not follow. */
function cacheInScope(all: AlertCache, scope: Scope): AlertCache {
  const shown = [...all.all()].filter(({ customer_id }) => scope.shows(customer_id));
  const open = shown.filter(({ state }) => state === "open");
  return {
    refresh: async () => undefined,
    of: (customer_id) => (scope.shows(customer_id) ? all.of(customer_id) : []),
    all: () => shown,
    open: () => open,
    openBy: (_, column) =>
      sortedView(
        () => open,
        column,
        ({ alert_id }) => alert_id,
      ),
    follow: () => undefined,
    version: all.version,
  };
}
