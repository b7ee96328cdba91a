import type { Counters, DirectorySeries } from "../counters/index.ts";
import {
  currentScope,
  DIRECTORY,
  type StoredCustomer,
  type StoredDeployment,
  type TeamMember,
} from "../table/index.ts";
import { latestRows } from "./latest-rows.ts";
import {
  type CustomerRow,
  type CustomerState,
  customerRow,
  type DeploymentRow,
  type DirectoryItem,
  deploymentRow,
  isEqual,
} from "./rows.ts";
import { refreshed, snapshotFeed } from "./snapshot/read.ts";
import { type Column, type SortedView, sortedView } from "./sorted.ts";
import { createSync, type Feed } from "./sync.ts";
import { collectInvalidRows, type InvalidRow } from "./validate.ts";
import { directoryOf } from "./visibility.ts";

/** All customers, their latest scores and deployments, and the names of the team, in memory. */
export interface Directory {
  /** Brings the copy up to date: loads everything once, then only what changed. */
  refresh(): Promise<void>;
  /** Grows when rows change. */
  readonly version: number;
  readonly customers: ReadonlyMap<string, CustomerRow>;
  readonly deployments: ReadonlyMap<string, DeploymentRow>;
  readonly team: ReadonlyMap<string, TeamMember>;
  /** The one active user of this name, however it is spelled; undefined when there is none, or more than one. */
  userNamed(name: string): TeamMember | undefined;
  /** Who manages a customer: the linked user, else the one whom the text names. */
  managerOf(customer: Pick<StoredCustomer, "account_manager_id" | "account_manager">): TeamMember | undefined;
  /** Counters of all time; nothing when nothing has been counted yet. Within a scope, of what its caller sees. */
  totals(series: DirectorySeries): Counters | Promise<Counters>;
  /** Rows about customers that are not what they should be. They are left out; an earlier one stays. */
  invalidRows(): Iterable<InvalidRow>;
  /**
   * A figure of all customers, kept until a row changes; only the date of a last interaction may. Some figures of
   * 10 000 customers take 10 ms, longer than a whole answer may.
   *
   * @param cacheKey all that the figure depends on besides the rows
   */
  memoize<T>(cacheKey: string, compute: () => T): T;
  /** Customers in the order of a column; the view is kept sorted from its first use on. */
  customersBy(name: string, column: Column<CustomerRow>): SortedView<CustomerRow>;
  deploymentsBy(name: string, column: Column<DeploymentRow>): SortedView<DeploymentRow>;
}

/** Rows that no memoized figure is made of. */
const NO_FIGURES: ReadonlySet<DirectoryItem["__edb_e__"]> = new Set(["last_contact", "totals"]);
/** Far more than there are figures at a time; those of earlier days go with them. */
const MAX_FIGURES = 200;

/** The earliest of some instants in milliseconds. */
function firstOf(instants: Iterable<number>): number {
  let first = Number.POSITIVE_INFINITY;
  for (const instant of instants) if (instant < first) first = instant;
  return first;
}

/** @param feed where rows come from; `now` in milliseconds */
export function createDirectory(feed: Feed<DirectoryItem>, now: () => number = Date.now): Directory {
  const { team, totals, update } = latestRows();
  const customers = new Map<string, CustomerRow>();
  const deployments = new Map<string, DeploymentRow>();
  const customerViews = new Map<string, SortedView<CustomerRow>>();
  const deploymentViews = new Map<string, SortedView<DeploymentRow>>();
  const figures = new Map<string, unknown>();
  const invalid = collectInvalidRows();
  /** What has changed since the rows were last put together. */
  const touched = new Set<CustomerState>();
  /** Whose score somebody has set, and until when that holds (milliseconds); the first end of all. */
  const overrides = new Map<CustomerState, number>();
  let firstEnd = Number.POSITIVE_INFINITY;
  let outdated = false;
  let version = 0;

  const rebuildDeployment = (deployment: StoredDeployment, row: CustomerRow | undefined) => {
    const before = deployments.get(deployment.id);
    const after = deploymentRow(deployment, row);
    if (before && isEqual(before, after)) return;
    deployments.set(deployment.id, after);
    for (const view of deploymentViews.values()) view.replace(before, after);
  };

  /** Puts together anew what the lists see of a customer. */
  const rebuild = (state: CustomerState) => {
    const { customer } = state;
    const after = customer && customerRow(customer, state, team, new Date(now()).toISOString());
    const end = Date.parse(after?.score?.override?.ends_at ?? "");
    if (Number.isNaN(end)) overrides.delete(state);
    else overrides.set(state, end);
    if (after) {
      const before = customers.get(state.id);
      customers.set(state.id, after);
      for (const view of customerViews.values()) view.replace(before, after);
    }
    for (const deployment of state.deployments) rebuildDeployment(deployment, after);
  };

  /** Overrides end while nobody writes anything. */
  const endOverrides = () => {
    if (firstEnd > now()) return;
    for (const [state, end] of overrides) if (end <= now()) touched.add(state);
    outdated = true;
  };

  const receive = (item: DirectoryItem) => {
    try {
      const states = update(item);
      if (!states) return;
      invalid.clear(item);
      outdated ||= !NO_FIGURES.has(item.__edb_e__);
      for (const state of states) touched.add(state);
    } catch (error) {
      invalid.add(item, error);
    }
  };

  const view = <T>(
    views: Map<string, SortedView<T>>,
    rows: ReadonlyMap<string, T>,
    idOf: (row: T) => string,
    name: string,
    column: Column<T>,
  ): SortedView<T> => {
    const existing = views.get(name);
    if (existing) return existing;
    const made = sortedView(() => rows.values(), column, idOf);
    views.set(name, made);
    return made;
  };

  return {
    refresh: createSync(
      feed,
      {
        receive: (page) => page.forEach(receive),
        // Also after a broken read: what arrived is kept and will not count as new again.
        onSynced() {
          endOverrides();
          if (touched.size > 0) version += 1;
          touched.forEach(rebuild);
          if (touched.size > 0) firstEnd = firstOf(overrides.values());
          touched.clear();
          if (outdated) figures.clear();
          outdated = false;
        },
      },
      now,
    ),
    get version() {
      return version;
    },
    customers,
    deployments,
    team: team.byId,
    userNamed: team.named,
    managerOf: team.managerOf,
    totals,
    invalidRows: invalid.rows,
    memoize<T>(cacheKey: string, compute: () => T): T {
      // Each key is one use case's, which gets its own figure back.
      if (figures.has(cacheKey)) return figures.get(cacheKey) as T;
      const figure = compute();
      if (figures.size >= MAX_FIGURES) figures.clear();
      figures.set(cacheKey, figure);
      return figure;
    },
    customersBy: (name, column) => view(customerViews, customers, (row) => row.customer.id, name, column),
    deploymentsBy: (name, column) =>
      view(deploymentViews, deployments, (row) => row.deployment.id, name, column),
  };
}

/** The container's copy. */
const copy = createDirectory(snapshotFeed<DirectoryItem>(DIRECTORY));

/**
 * The directory as of now. Within a scope: of the customers that its caller sees, as of when it was opened. Else one small query; on a container's first request all of it, from a snapshot if there is one.
 *
 * Who reads something else meanwhile may fail before they wait for it. That nobody hears then that it failed as well
 * must not end the process, as a rejection without a handler does.
 */
export function getDirectory(): Promise<Directory> {
  const scope = currentScope();
  if (scope) return Promise.resolve(directoryOf(scope));
  const loading = refreshed(copy.refresh).then(() => copy);
  loading.catch(() => undefined);
  return loading;
}
