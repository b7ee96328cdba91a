import type { DirectoryItem } from "./feed.ts";

/** A row about a customer that could not be read, and why: a sentence for people. */
export interface InvalidRow {
  readonly kind: DirectoryItem["__edb_e__"];
  readonly customer_id: string;
  readonly error: string;
}

/** What people call the rows of a customer. */
const NAMES: ReadonlyMap<string, string> = new Map([
  ["customer", "The customer's own record"],
  ["deployment", "A deployment of the customer"],
  ["latest_score", "The customer's newest score"],
  ["last_contact", "When the customer was last spoken with"],
]);

const customerOf = (item: DirectoryItem): unknown =>
  "customer_id" in item ? item.customer_id : "id" in item ? item.id : undefined;
const placeOf = (item: DirectoryItem) => `${item.__edb_e__} ${"id" in item ? item.id : customerOf(item)}`;

/** Rows that are not what they should be, until they are. */
export function unreadableRows() {
  const found = new Map<string, InvalidRow>();
  return {
    add(item: DirectoryItem, error: unknown) {
      const customer_id = customerOf(item);
      const name = NAMES.get(item.__edb_e__);
      if (name === undefined || typeof customer_id !== "string") return;
      const reason = error instanceof Error ? error.message : "it is damaged";
      found.set(placeOf(item), {
        kind: item.__edb_e__,
        customer_id,
        error: `${name} can't be read: ${reason}.`,
      });
    },
    /** A row has been read after all. */
    forget(item: DirectoryItem) {
      if (found.size > 0) found.delete(placeOf(item));
    },
    rows: (): Iterable<InvalidRow> => found.values(),
  };
}
