import type { DirectoryItem } from "./rows.ts";

/**
 * Checks of what stands in the table. Only our own entities write there; a row that came about in another way must not
 * take everybody's lists with it. Each parser answers the very value that it was given. Plain checks rather than
 * zod: a cold start makes them for every attribute of tens of thousands of rows.
 */

/** @throws a sentence for people, without the value */
function fail(name: string, wanted: string): never {
  throw new Error(`${name} is not ${wanted}`);
}

export const parseString = (read: string, name: string): string =>
  typeof read === "string" ? read : fail(name, "a text");

export const parseOptionalString = (read: string | undefined, name: string): string | undefined =>
  read === undefined ? read : parseString(read, name);

export const parseNumber = (read: number, name: string): number =>
  typeof read === "number" ? read : fail(name, "a number");

export const parseOptionalNumber = (read: number | undefined, name: string): number | undefined =>
  read === undefined ? read : parseNumber(read, name);

export const parseBoolean = (read: boolean, name: string): boolean =>
  typeof read === "boolean" ? read : fail(name, "true or false");

export const parseStrings = (read: string[], name: string): string[] =>
  Array.isArray(read) && read.every((one) => typeof one === "string") ? read : fail(name, "a list of texts");

export const parseRecord = <R extends object>(read: R, name: string): R =>
  typeof read === "object" && read !== null ? read : fail(name, "a record");

/**
 * Reads one of some words, as the code has it: comparing another copy goes through its letters, and using it as a key
 * looks it up first.
 */
export function parseEnum<W extends string>(words: readonly W[]) {
  const own = new Map<string, W>(words.map((word) => [word, word]));
  return (read: W, name: string): W => own.get(read) ?? fail(name, `one of ${words.join(", ")}`);
}

/** A row about a customer that could not be read, and why: a sentence for people. */
export interface InvalidRow {
  readonly kind: DirectoryItem["__edb_e__"];
  readonly customer_id: string;
  readonly error: string;
}

/** What people call the rows of a customer. */
const ROW_NAMES: ReadonlyMap<string, string> = new Map([
  ["customer", "The customer's own record"],
  ["deployment", "A deployment of the customer"],
  ["latest_score", "The customer's newest score"],
  ["last_contact", "When the customer was last spoken with"],
  ["outcome_ledger", "What became of the customer"],
  ["renewal", "A renewal of the customer"],
]);

const customerOf = (item: DirectoryItem): unknown =>
  "customer_id" in item ? item.customer_id : "id" in item ? item.id : undefined;
const rowKey = (item: DirectoryItem) => `${item.__edb_e__} ${"id" in item ? item.id : customerOf(item)}`;

/** Collects rows that are not what they should be, until they are. */
export function collectInvalidRows() {
  const found = new Map<string, InvalidRow>();
  return {
    add(item: DirectoryItem, error: unknown) {
      const customer_id = customerOf(item);
      const name = ROW_NAMES.get(item.__edb_e__);
      if (name === undefined || typeof customer_id !== "string") return;
      const reason = error instanceof Error ? error.message : "it is damaged";
      found.set(rowKey(item), {
        kind: item.__edb_e__,
        customer_id,
        error: `${name} can't be read: ${reason}.`,
      });
    },
    /** A row has been read after all. */
    clear(item: DirectoryItem) {
      if (found.size > 0) found.delete(rowKey(item));
    },
    rows: (): Iterable<InvalidRow> => found.values(),
  };
}
