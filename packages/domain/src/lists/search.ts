import type { CustomerRow, Directory } from "../directory/index.ts";
import {
  type ColumnTest,
  type Ranks,
  type Register,
  type SortColumn,
  SortedValues,
  type SortValue,
} from "./columns.ts";

/** All customers of a directory, numbered in the order in which it came to know them. */
interface NumberedCustomers extends Register {
  readonly rows: readonly CustomerRow[];
  /** Their names in order; kept from the first time on that somebody asks. */
  byName(): Ranks;
}

/** Follows a directory. */
function numberCustomers({ customers }: Pick<Directory, "customers">) {
  const rows: CustomerRow[] = [];
  const numbers = new Map<unknown, number>();
  const byName = new SortedValues(true);
  let isSorted = false;
  const nameOf = ({ customer }: CustomerRow): SortValue => customer.company_name || null;
  const numbered: NumberedCustomers = {
    rows,
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
function customersOf(directory: Directory): NumberedCustomers {
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
  const isNamed = (row: CustomerRow | undefined) => row?.search_key.includes(text) ?? false;
  return [
    ...fields.map(
      (field): ColumnTest => ({
        field,
        passes: (value) => typeof value === "string" && value.includes(text),
      }),
    ),
    {
      field: "customer_id",
      passes: (id) => isNamed(directory.customers.get(String(id))),
      register: customers,
      passesNumber: (number) => isNamed(customers.rows[number]),
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
