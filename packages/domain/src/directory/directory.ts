import type { Counters, DirectorySeries } from "../counters/index.ts";
import type { StoredDeployment } from "../table/index.ts";
import type { DirectoryItem, TeamMember } from "./feed.ts";
import { createSync, type Feed } from "./follow.ts";
import { type Known, newestRows } from "./known.ts";
import { rememberedAnswers } from "./remembered.ts";
import { type CustomerRow, customerRow, type DeploymentRow, deploymentRow, looksTheSame } from "./rows.ts";
import { type SortedView, sortedView } from "./sorted.ts";
import { type InvalidRow, unreadableRows } from "./unreadable.ts";

/** What rows are about. */
export type Kind = DirectoryItem["__edb_e__"];

/** What figures are made of, unless they say otherwise: everything but when customers were last spoken with. */
const FIGURES: readonly Kind[] = ["customer", "deployment", "latest_score", "teammate"];
/** What shows with a customer who appears. */
const WITH_CUSTOMER: readonly Kind[] = ["latest_score", "last_contact"];

/** All customers, their newest scores and deployments, and the names of the team, in memory. */
export interface Directory {
  /** Brings the copy up to date: loads everything once, then only what changed. */
  refresh(): Promise<void>;
  readonly customers: ReadonlyMap<string, CustomerRow>;
  readonly deployments: ReadonlyMap<string, DeploymentRow>;
  readonly team: ReadonlyMap<string, TeamMember>;
  /** Counters of all time; nothing when nothing has been counted yet. */
  totals(series: DirectorySeries): Counters;
  /** Rows about customers that are not what they should be. They are left out; an earlier one stays. */
  invalidRows(): Iterable<InvalidRow>;
  /**
   * What `compute` makes of the rows, kept until one of them changes; `question` says all that it depends on besides.
   *
   * @param of the kinds of rows that it looks at; all but last contacts when absent
   */
  memoize<T>(question: string, compute: () => T, of?: readonly Kind[]): T;
  /** Customers in the order of a column; the view is kept sorted from its first use on. */
  customersBy(
    name: string,
    column: (row: CustomerRow) => string | number | null | undefined,
  ): SortedView<CustomerRow>;
  deploymentsBy(
    name: string,
    column: (row: DeploymentRow) => string | number | boolean | null | undefined,
  ): SortedView<DeploymentRow>;
}

/** @param feed where rows come from; `now` in milliseconds */
export function directory(feed: Feed<DirectoryItem>, now: () => number = Date.now): Directory {
  const { team, totals, keep } = newestRows();
  const customers = new Map<string, CustomerRow>();
  const deployments = new Map<string, DeploymentRow>();
  const customerViews = new Map<string, SortedView<CustomerRow>>();
  const deploymentViews = new Map<string, SortedView<DeploymentRow>>();
  const { changed, remember } = rememberedAnswers<Kind>();
  const unreadable = unreadableRows();
  /** What has changed since the rows were last put together. */
  const touched = new Set<Known>();
  const kinds = new Set<Kind>();

  const rebuildDeployment = (deployment: StoredDeployment, row: CustomerRow | undefined) => {
    const before = deployments.get(deployment.id);
    const after = deploymentRow(deployment, row);
    if (before && looksTheSame(before, after)) return;
    deployments.set(deployment.id, after);
    for (const view of deploymentViews.values()) view.replace(before, after);
  };

  /** Puts together anew what the lists see of a customer. */
  const rebuild = (known: Known) => {
    const { customer } = known;
    const manager = customer?.account_manager_id ? team.get(customer.account_manager_id) : undefined;
    const after = customer && customerRow(customer, known, manager);
    if (after) {
      const before = customers.get(known.id);
      if (!before) for (const kind of WITH_CUSTOMER) kinds.add(kind);
      customers.set(known.id, after);
      for (const view of customerViews.values()) view.replace(before, after);
    }
    for (const deployment of known.deployments) rebuildDeployment(deployment, after);
  };

  const take = (item: DirectoryItem) => {
    try {
      const kept = keep(item);
      if (!kept) return;
      unreadable.forget(item);
      kinds.add(item.__edb_e__);
      for (const known of kept) touched.add(known);
    } catch (error) {
      unreadable.add(item, error);
    }
  };
  const refresh = createSync(
    feed,
    {
      receive: (page) => page.forEach(take),
      // Also after a broken read: what arrived is kept and will not count as new again.
      settle() {
        touched.forEach(rebuild);
        kinds.forEach(changed);
        touched.clear();
        kinds.clear();
      },
    },
    now,
  );

  const view = <T>(
    views: Map<string, SortedView<T>>,
    rows: ReadonlyMap<string, T>,
    idOf: (row: T) => string,
    name: string,
    column: (row: T) => string | number | boolean | null | undefined,
  ): SortedView<T> => {
    const existing = views.get(name);
    if (existing) return existing;
    const made = sortedView(() => rows.values(), column, idOf);
    views.set(name, made);
    return made;
  };

  return {
    refresh,
    customers,
    deployments,
    team,
    totals,
    invalidRows: unreadable.rows,
    memoize: (question, compute, of = FIGURES) => remember(question, of, compute),
    customersBy: (name, column) => view(customerViews, customers, (row) => row.customer.id, name, column),
    deploymentsBy: (name, column) =>
      view(deploymentViews, deployments, (row) => row.deployment.id, name, column),
  };
}
