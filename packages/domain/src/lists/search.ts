import { type CustomerRow, type Directory, wholeDirectory } from "../directory/index.ts";
import {
  type ColumnTest,
  type Ranks,
  type Register,
  type SortColumn,
  SortedValues,
  type SortValue,
} from "./columns.ts";

/** So many names are joined. */
const BLOCK = 1_000;
/** Stands in no name, as search forms have blanks alone. */
const SEPARATOR = "\n";

/** Names one behind the other, and where each begins: one long text is looked through far sooner than many short ones. */
interface NameBlock {
  readonly text: string;
  readonly starts: Uint32Array;
}

function joinNames(names: readonly string[]): NameBlock {
  const starts = new Uint32Array(names.length);
  let start = 0;
  for (const [n, name] of names.entries()) {
    starts[n] = start;
    start += name.length + SEPARATOR.length;
  }
  return { text: names.join(SEPARATOR), starts };
}

/** Marks which names of a block hold a text, from a place on. */
function markNamed({ text, starts }: NameBlock, part: string, marks: Uint8Array, from: number): void {
  let n = 0;
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, starts[n])) {
    while (n < starts.length && (starts[n] as number) <= at) n += 1;
    marks[from + n - 1] = 1;
    // The next one, if there is one.
    if (n === starts.length) return;
  }
}

/** All customers of a directory, numbered in the order in which it came to know them. */
interface NumberedCustomers extends Register {
  /** By number 1 for those whose names hold a text, which is a search form. */
  named(text: string): Uint8Array;
  /** Their names in order; kept from the first time on that somebody asks. */
  byName(): Ranks;
}

/** Follows a directory. */
function numberCustomers({ customers }: Pick<Directory, "customers">) {
  const rows: CustomerRow[] = [];
  const numbers = new Map<unknown, number>();
  const byName = new SortedValues(true);
  let isSorted = false;
  /** Made when they are looked through. */
  const blocks: (NameBlock | undefined)[] = [];
  const nameOf = ({ customer }: CustomerRow): SortValue => customer.company_name || null;
  const numbered: NumberedCustomers = {
    named(text) {
      const marks = new Uint8Array(rows.length);
      if (text.includes(SEPARATOR)) return marks;
      for (let from = 0, n = 0; from < rows.length; from += BLOCK, n++) {
        blocks[n] ??= joinNames(rows.slice(from, from + BLOCK).map(({ search_key }) => search_key));
        markNamed(blocks[n] as NameBlock, text, marks, from);
      }
      return marks;
    },
    get size() {
      return rows.length;
    },
    numberOf: (id) => numbers.get(id),
    byName() {
      if (!isSorted) byName.update(new Map(rows.map((row, number) => [number, nameOf(row)])), rows.length);
      isSorted = true;
      return byName;
    },
  };
  return {
    numbered,
    update() {
      const renamed = new Map<number, SortValue>();
      let next = 0;
      for (const [id, row] of customers) {
        // Nobody leaves the directory, so that customers keep the places where they were put first.
        const number = next++;
        const before = rows[number];
        if (before === row) continue;
        if (before && before.customer.id !== id) throw new Error("A customer has left the directory");
        if (!before) numbers.set(id, number);
        if (!before || nameOf(before) !== nameOf(row)) renamed.set(number, nameOf(row));
        if (before?.search_key !== row.search_key) blocks[Math.floor(number / BLOCK)] = undefined;
        rows[number] = row;
      }
      if (isSorted && renamed.size > 0) byName.update(renamed, rows.length);
    },
  };
}

interface Follower extends ReturnType<typeof numberCustomers> {
  /** Changes with the directory's rows. */
  seen?: object;
}
const followers = new WeakMap<Directory, Follower>();

/** The customers of a directory as of now. When a row has changed, all are gone through, and new names put in. */
function customersOf(given: Directory): NumberedCustomers {
  // Which rows are shown is decided by then: names and orders are kept once, for everybody.
  const directory = wholeDirectory(given);
  const follower: Follower = followers.get(directory) ?? numberCustomers(directory);
  followers.set(directory, follower);
  const seen = directory.memoize("rows of customers, for lists", () => ({}));
  if (follower.seen !== seen) follower.update();
  follower.seen = seen;
  return follower.numbered;
}

/**
 * Looks for the searched text in fields, which hold search forms, and in the names that customers have now; undefined
 * when nothing is searched.
 */
export function searchTests(
  fields: readonly string[],
  { search: text }: { readonly search?: string | undefined },
  directory: Directory,
): readonly ColumnTest[] | undefined {
  if (text === undefined) return undefined;
  const customers = customersOf(directory);
  let named: Uint8Array | undefined;
  return [
    ...fields.map(
      (field): ColumnTest => ({
        field,
        passes: (value) => typeof value === "string" && value.includes(text),
      }),
    ),
    {
      field: "customer_id",
      passes: (id) => directory.customers.get(String(id))?.search_key.includes(text) ?? false,
      register: customers,
      passesNumber(number) {
        named ??= customers.named(text);
        return named[number] === 1;
      },
    },
  ];
}

/** Sorts by the values of a field. */
export const byField = (field: string): SortColumn<unknown> => ({
  fields: [field],
  value: (row) => row[field],
});

/** Sorts by typed text, in the order in which people sort; empty counts as no value. */
export const byText = (field: string): SortColumn<unknown> => ({
  fields: [field],
  value: (row) => row[field] || null,
  isText: true,
});

/** Sorts by the name that a row's customer has now. */
export const byCustomerName: SortColumn<Directory> = {
  fields: ["customer_id"],
  value: ({ customer_id }, { customers }) =>
    customers.get(String(customer_id))?.customer.company_name || null,
  isText: true,
  ranked(directory) {
    const register = customersOf(directory);
    return { register, order: register.byName() };
  },
};
