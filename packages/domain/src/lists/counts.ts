import {
  ALL_DAYS,
  type Counters,
  countersBetween,
  countersRequest,
  dayOf,
  sumCounters,
} from "../counters/index.ts";
import type { Directory } from "../directory/index.ts";
import { batchGet, primaryKey } from "../table/index.ts";
import { type Entity, isBeside, type Selection } from "./range.ts";

/** What counters know of a range; they lag a write for a moment. */
export interface Counts {
  /** Rows that meet its filter. */
  readonly total: number;
  /** All that stands there. */
  readonly entries: number;
}

/** Whether a counter `<part>|<part>|…` counts rows that a query asks for. */
export type CounterFilter = (parts: readonly string[]) => boolean;

/** Counters whose parts are these, yes and no as 1 and 0; undefined matches any. */
export const partsMatch =
  (...expected: readonly (string | boolean | undefined)[]): CounterFilter =>
  (parts) =>
    expected.every(
      (part, n) => part === undefined || parts[n] === (typeof part === "string" ? part : part ? "1" : "0"),
    );

/** How a customer's counters are read in a batch. */
export const customerCounters = (customer_id: string) => countersRequest(`customer#${customer_id}`, ALL_DAYS);

/**
 * What counters say; nothing counted yet is 0.
 *
 * @param entity whose counters are meant, where a customer's counters hold those of all
 */
export function countsFrom(
  counters: readonly (Counters | undefined)[],
  matches: CounterFilter,
  entity?: Entity,
): Counts {
  const prefix = entity === undefined ? "" : `${entity}|`;
  const sum = (counts?: (name: string) => boolean) =>
    counters.reduce((total, some) => total + sumCounters(some, counts), 0);
  return {
    total: sum((name) => name.startsWith(prefix) && matches(name.slice(prefix.length).split("|"))),
    entries: sum(entity === undefined ? undefined : (name) => isBeside(entity, name)),
  };
}

type CountedSelection = Pick<Selection, "customer_id" | "start_date" | "end_date">;

/** Days of one customer are the one selection that nobody counts. */
export const isCounted = ({ customer_id, start_date, end_date }: CountedSelection) =>
  customer_id === undefined || (start_date ?? end_date) === undefined;

/** The days' counters of a selection. */
async function daysBetween(entity: Entity, { start_date, end_date }: CountedSelection) {
  const [first, last] = [dayOf(start_date ?? "0000"), dayOf(end_date ?? "9999")];
  // The database refuses an inverted range.
  return first > last ? [] : (await countersBetween(entity, first, last)).values();
}

/** What counters know of a selection of all customers: of all time at hand, of days one request. */
export async function countsOf(
  entity: Entity,
  selected: CountedSelection,
  matches: CounterFilter,
  directory: Promise<Directory>,
): Promise<Counts> {
  const allTime = (selected.start_date ?? selected.end_date) === undefined;
  const counters = allTime ? [await (await directory).totals(entity)] : await daysBetween(entity, selected);
  return countsFrom([...counters], matches);
}

/** What counters know of a customer's rows, and the customer's name, if there is one; one request. */
export async function countsOfCustomer(entity: Entity, customer_id: string, matches: CounterFilter) {
  const [name, counters] = await batchGet(
    {
      key: primaryKey("customer", customer_id),
      parse: ({ Item }) => ({ data: String(Item.company_name) }),
    },
    customerCounters(customer_id),
  );
  return { name, counts: countsFrom([counters], matches, entity) };
}
