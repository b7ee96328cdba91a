/**
 * Which customers somebody sees, decided in one place. Lists, figures and reads take it from here: the directory that a
 * use case gets within a scope holds these customers alone.
 */
import type { KeyActor } from "@success-manager/contract/dsl/endpoint";
import { uniqueForm } from "@success-manager/contract/text";
import type { User } from "@success-manager/contract/user";
import type { Scope, StoredCustomer } from "../table/index.ts";
import type { Directory } from "./directory.ts";
import { nameForm } from "./people.ts";
import type { CustomerRow, DeploymentRow } from "./rows.ts";
import { type Column, type SortedView, sortedView } from "./sorted.ts";

/** What is looked at of a customer. */
export type VisibleBy = Pick<CustomerRow, "customer" | "manager"> &
  Partial<Pick<CustomerRow, "industry_key">>;

/** A selection of customers: that of a user, or of a key with a filter. */
export interface Visibility {
  /** The same for whoever sees the same customers. */
  readonly key: string;
  shows(row: VisibleBy): boolean;
}

/** A user who sees customers. */
export type Viewer = Pick<User, "id" | "role" | "access" | "team">;

/** Whether a customer's account manager is a user: linked, or named by the text (`people.ts`). */
const isManagedBy = ({ customer, manager }: VisibleBy, id: string) =>
  (customer.account_manager_id ?? manager?.id) === id;

/**
 * What a user sees: `owned` is whom they manage, `team` is whom somebody of the same team manages, also somebody whose
 * account is deactivated: their customers are the team's until they are handed on. Who has no team sees their own.
 * Two spellings of a team are one, as of an industry.
 *
 * @returns undefined for who sees all customers
 */
export function visibilityOf({ id, role, access, team }: Viewer): Visibility | undefined {
  if (role === "admin" || access === "all") return undefined;
  const teamKey = access === "team" && team !== null ? nameForm(team) : "";
  if (teamKey === "") return { key: `owned ${id}`, shows: (row) => isManagedBy(row, id) };
  return {
    // The user's own, too, whatever the directory knows of their team by now.
    key: `team ${teamKey} ${id}`,
    shows: (row) =>
      isManagedBy(row, id) || (row.manager?.team !== undefined && nameForm(row.manager.team) === teamKey),
  };
}

/**
 * What an API key sees: customers that match each list of its filter, by account manager as users own them, and by
 * industry in any spelling.
 *
 * @returns undefined for a key without a filter, which sees all customers
 */
export function visibilityOfKey({ customers }: Pick<KeyActor, "customers">): Visibility | undefined {
  if (!customers) return undefined;
  const { account_manager_ids: managers, industries } = customers;
  const keys = industries && new Set(industries.map(uniqueForm));
  return {
    key: `filter ${JSON.stringify([managers?.toSorted(), keys && [...keys].sort()])}`,
    shows: (row) =>
      (managers === undefined || managers.some((id) => isManagedBy(row, id))) &&
      (keys === undefined || keys.has(row.industry_key ?? uniqueForm(row.customer.industry ?? ""))),
  };
}

/** The directory of some customers. */
export interface VisibleDirectory extends Directory {
  /** That of all. For lists alone, which know by then which rows they show: names and orders are kept for everybody. */
  readonly whole: Directory;
  /** Whether a customer is among them whose item was read just now. */
  showsStored(customer: StoredCustomer): boolean;
}

/** By directory and key. Of more selections than this at a time the oldest are made anew. */
const known = new WeakMap<Directory, Map<string, VisibleDirectory>>();
const MAX_SELECTIONS = 50;

/** What is memoized of a selection at a time, at most. */
const MAX_FIGURES = 200;

/**
 * The directory of the customers that a visibility shows. Made by going through all rows, a millisecond for 10 000 of
 * them, and kept until a row changes. It says no totals: those are of everybody.
 */
export function visibleDirectory(all: Directory, visibility: Visibility): VisibleDirectory {
  const selections = known.get(all) ?? new Map<string, VisibleDirectory>();
  known.set(all, selections);
  const existing = selections.get(visibility.key);
  if (existing?.version === all.version) return existing;
  const made = select(all, visibility);
  selections.delete(visibility.key);
  selections.set(visibility.key, made);
  const [oldest] = selections.keys();
  if (selections.size > MAX_SELECTIONS && oldest !== undefined) selections.delete(oldest);
  return made;
}

function select(all: Directory, { shows }: Visibility): VisibleDirectory {
  const customers = new Map<string, CustomerRow>();
  for (const [id, row] of all.customers) if (shows(row)) customers.set(id, row);
  const deployments = new Map<string, DeploymentRow>();
  for (const { deployments: own } of customers.values())
    for (const { id } of own) {
      const row = all.deployments.get(id);
      if (row) deployments.set(id, row);
    }
  const views = new Map<string, unknown>();
  const figures = new Map<string, unknown>();
  // A name stands for one column of one kind of rows, as in the directory of all.
  const view = <T>(name: string, make: () => SortedView<T>): SortedView<T> => {
    const made = (views.get(name) as SortedView<T> | undefined) ?? make();
    views.set(name, made);
    return made;
  };
  return {
    whole: all,
    version: all.version,
    refresh: all.refresh,
    customers,
    deployments,
    team: all.team,
    userNamed: all.userNamed,
    managerOf: all.managerOf,
    totals() {
      throw new Error("Totals of everybody are not for who sees some customers");
    },
    invalidRows: () => [],
    memoize<T>(cacheKey: string, compute: () => T): T {
      if (figures.has(cacheKey)) return figures.get(cacheKey) as T;
      const figure = compute();
      if (figures.size >= MAX_FIGURES) figures.clear();
      figures.set(cacheKey, figure);
      return figure;
    },
    customersBy: (name: string, column: Column<CustomerRow>) =>
      view(`customers ${name}`, () =>
        sortedView(
          () => customers.values(),
          column,
          (row) => row.customer.id,
        ),
      ),
    deploymentsBy: (name: string, column: Column<DeploymentRow>) =>
      view(`deployments ${name}`, () =>
        sortedView(
          () => deployments.values(),
          column,
          (row) => row.deployment.id,
        ),
      ),
    showsStored: (customer) => shows({ customer, manager: all.managerOf(customer) }),
  };
}

/** What the use cases of a scope get for the directory. */
const ofScope = new WeakMap<Scope, Directory>();

export const bindDirectory = (scope: Scope, directory: Directory): void => void ofScope.set(scope, directory);

/** @throws when nobody has said which customers a scope shows */
export function directoryOf(scope: Scope): Directory {
  const bound = ofScope.get(scope);
  if (!bound) throw new Error("A scope without a directory");
  return bound;
}

/** The directory of all customers behind that of some. */
export const wholeDirectory = (directory: Directory): Directory =>
  (directory as Partial<VisibleDirectory>).whole ?? directory;
