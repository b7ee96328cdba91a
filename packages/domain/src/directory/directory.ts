import type { Product } from "@success-manager/contract/vocabulary";
import type { StoredCustomer } from "../customer/entity.ts";
import type { StoredDeployment } from "../deployment/entity.ts";
import type { LatestScore } from "../health/entity.ts";
import type { LastContact } from "../interaction/entity.ts";
import {
  compactContact,
  compactCustomer,
  compactDeployment,
  compactScore,
  compactTeammate,
} from "./compact.ts";
import type { DirectoryItem, Teammate } from "./feed.ts";
import { type Feed, follower } from "./follow.ts";
import { type SortedView, sortedView } from "./sorted.ts";

/** A customer with everything that lists and portfolio figures ask about. Never changed, only replaced. */
export interface CustomerRow {
  readonly customer: StoredCustomer;
  /** What `search` looks at. */
  readonly search_key: string;
  /** The linked user, if any. */
  readonly manager: Teammate | undefined;
  /** The linked user's name, else the free text, else empty. */
  readonly account_manager_name: string;
  readonly score: LatestScore | undefined;
  /** Undefined until somebody speaks with the customer. */
  readonly contact: LastContact | undefined;
  readonly deployments: readonly StoredDeployment[];
  /** Distinct products of active deployments, sorted. */
  readonly products: readonly Product[];
}

export interface DeploymentRow {
  readonly deployment: StoredDeployment;
  readonly customer: StoredCustomer | undefined;
  readonly manager_name: string;
  readonly score: LatestScore | undefined;
}

/** All customers, their newest scores and deployments, and the names of the team, in memory. */
export interface Directory {
  /** Brings the copy up to date: loads everything once, then only what changed. */
  refresh(): Promise<void>;
  readonly customers: ReadonlyMap<string, CustomerRow>;
  readonly deployments: ReadonlyMap<string, DeploymentRow>;
  readonly team: ReadonlyMap<string, Teammate>;
  /** What `compute` makes of the rows, kept until one of them changes; `question` says all that it depends on. */
  remember<T>(question: string, compute: () => T): T;
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

const revisionOf = (item: DirectoryItem | undefined) => item?.revision ?? 0;

/** @param feed where rows come from; `now` in milliseconds */
export function directory(feed: Feed<DirectoryItem>, now: () => number = Date.now): Directory {
  const items = {
    customer: new Map<string, StoredCustomer>(),
    latest_score: new Map<string, LatestScore>(),
    last_contact: new Map<string, LastContact>(),
    teammate: new Map<string, Teammate>(),
  };
  const deploymentsOf = new Map<string, Map<string, StoredDeployment>>();
  const customers = new Map<string, CustomerRow>();
  const deployments = new Map<string, DeploymentRow>();
  const customerViews = new Map<string, SortedView<CustomerRow>>();
  const deploymentViews = new Map<string, SortedView<DeploymentRow>>();
  const remembered = new Map<string, unknown>();

  const newer = (item: DirectoryItem, known: { revision: number } | undefined) =>
    revisionOf(item) > (known?.revision ?? 0);

  const customerRow = (customer: StoredCustomer): CustomerRow => {
    const all = [...(deploymentsOf.get(customer.id)?.values() ?? [])];
    const manager = customer.account_manager_id ? items.teammate.get(customer.account_manager_id) : undefined;
    return {
      customer,
      search_key: customer.company_name.toLowerCase(),
      manager,
      account_manager_name: manager?.full_name ?? customer.account_manager ?? "",
      score: items.latest_score.get(customer.id),
      contact: items.last_contact.get(customer.id),
      deployments: all,
      products: [...new Set(all.filter((d) => d.is_active).map((d) => d.product_name))].sort(),
    };
  };

  const rebuildDeployment = (deployment: StoredDeployment, row: CustomerRow | undefined) => {
    const before = deployments.get(deployment.id);
    const after: DeploymentRow = {
      deployment,
      customer: row?.customer,
      manager_name: row?.account_manager_name ?? "",
      score: row?.score,
    };
    deployments.set(deployment.id, after);
    for (const view of deploymentViews.values()) view.replace(before, after);
  };

  /** Puts together anew what the lists see of a customer. */
  const rebuild = (customerId: string) => {
    const customer = items.customer.get(customerId);
    const before = customers.get(customerId);
    const after = customer && customerRow(customer);
    if (after) {
      customers.set(customerId, after);
      for (const view of customerViews.values()) view.replace(before, after);
    }
    for (const deployment of deploymentsOf.get(customerId)?.values() ?? [])
      rebuildDeployment(deployment, after);
  };

  /** Keeps a row when it is newer than the known one; answers whose customers it touches. */
  const keep = (item: DirectoryItem): readonly string[] => {
    switch (item.__edb_e__) {
      case "customer":
        if (!newer(item, items.customer.get(item.id))) return [];
        items.customer.set(item.id, compactCustomer(item));
        return [item.id];
      case "latest_score":
        if (!newer(item, items.latest_score.get(item.customer_id))) return [];
        items.latest_score.set(item.customer_id, compactScore(item));
        return [item.customer_id];
      case "last_contact":
        if (!newer(item, items.last_contact.get(item.customer_id))) return [];
        items.last_contact.set(item.customer_id, compactContact(item));
        return [item.customer_id];
      case "deployment": {
        const siblings = deploymentsOf.get(item.customer_id) ?? new Map<string, StoredDeployment>();
        if (!newer(item, siblings.get(item.id))) return [];
        deploymentsOf.set(item.customer_id, siblings.set(item.id, compactDeployment(item)));
        return [item.customer_id];
      }
      case "teammate": {
        if (!newer(item, items.teammate.get(item.id))) return [];
        items.teammate.set(item.id, compactTeammate(item));
        const managed = [...items.customer.values()].filter((c) => c.account_manager_id === item.id);
        return managed.map(({ id }) => id);
      }
    }
  };

  const touched = new Set<string>();
  const refresh = follower(
    feed,
    {
      receive(page) {
        for (const item of page) for (const id of keep(item)) touched.add(id);
      },
      // Also after a broken read: what arrived is kept and will not count as new again.
      settle() {
        for (const id of touched) rebuild(id);
        if (touched.size > 0) remembered.clear();
        touched.clear();
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
    team: items.teammate,
    remember<T>(question: string, compute: () => T): T {
      if (!remembered.has(question)) remembered.set(question, compute());
      // Each question is asked by one use case, which gets its own answer back.
      return remembered.get(question) as T;
    },
    customersBy: (name, column) => view(customerViews, customers, (row) => row.customer.id, name, column),
    deploymentsBy: (name, column) =>
      view(deploymentViews, deployments, (row) => row.deployment.id, name, column),
  };
}
