import { DAY_MS } from "../calendar.ts";
import { createSync, type Feed } from "../directory/follow.ts";
import { snapshotFeed } from "../directory/snapshot/followed.ts";
import { type SortedView, sortedView } from "../directory/sorted.ts";
import type { AlertState } from "../table/index.ts";
import { compact } from "./compact.ts";

/** All conditions that are open or that a person has dealt with, in memory: there are a few for each customer. */
export interface AlertCache {
  /** Brings the book up to date: loads everything once, then only what changed. */
  refresh(): Promise<void>;
  /** Of one customer. */
  of(customer_id: string): readonly AlertState[];
  /** Of all customers. */
  all(): Iterable<AlertState>;
  /** Open ones in the order of a column; the view is kept sorted from its first use on. */
  openBy(name: string, column: (open: AlertState) => string | number): SortedView<AlertState>;
  /** How often something changed: what is made of the book holds as long as this stays the same. */
  readonly version: number;
}

/** How long after its end a condition is remembered, so that an older word about it is known to be old. */
const REMEMBERED_MS = DAY_MS;

/** The condition while it has an open alert. */
const whileOpen = (condition: AlertState | undefined) =>
  condition?.state === "open" ? condition : undefined;

/** @param feed where conditions come from; `now` in milliseconds */
export function createAlertCache(feed: Feed<AlertState>, now: () => number = Date.now): AlertCache {
  const customers = new Map<string, Map<string, AlertState>>();
  const over = new Set<AlertState>();
  const views = new Map<string, SortedView<AlertState>>();
  let edition = 0;

  const keep = (item: AlertState) => {
    const conditions = customers.get(item.customer_id) ?? new Map<string, AlertState>();
    const known = conditions.get(item.condition);
    if (known && known.revision >= item.revision) return;
    const kept = compact(item);
    customers.set(kept.customer_id, conditions.set(kept.condition, kept));
    if (known) over.delete(known);
    if (kept.state === "over") over.add(kept);
    for (const view of views.values()) view.replace(whileOpen(known), whileOpen(kept));
    edition += 1;
  };

  const forget = () => {
    const limit = new Date(now() - REMEMBERED_MS).toISOString();
    for (const item of over) {
      if (item.changed_at >= limit) continue;
      over.delete(item);
      const conditions = customers.get(item.customer_id);
      conditions?.delete(item.condition);
      if (conditions?.size === 0) customers.delete(item.customer_id);
    }
  };

  function* all() {
    for (const conditions of customers.values())
      for (const item of conditions.values()) if (item.state !== "over") yield item;
  }

  function* allOpen() {
    for (const item of all()) if (item.state === "open") yield item;
  }

  return {
    refresh: createSync(feed, { receive: (items) => items.forEach(keep), settle: forget }, now),
    of: (customer_id) =>
      [...(customers.get(customer_id)?.values() ?? [])].filter(({ state }) => state !== "over"),
    all,
    openBy(name, column) {
      const existing = views.get(name);
      if (existing) return existing;
      const made = sortedView(allOpen, column, ({ alert_id }) => alert_id);
      views.set(name, made);
      return made;
    },
    get version() {
      return edition;
    },
  };
}

/** The container's book. */
const book = createAlertCache(snapshotFeed<AlertState>("alert_condition"));

/** The book as of now: one small query; on a container's first request all of it, from a snapshot if there is one. */
export async function getAlertCache(): Promise<AlertCache> {
  await book.refresh();
  return book;
}
