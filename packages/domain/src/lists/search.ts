import type { Directory } from "../directory/index.ts";
import type { AttributeTest } from "../table/index.ts";
import type { SortColumn } from "./columns.ts";

interface SearchQuery {
  readonly search?: string | undefined;
  readonly customer_id?: string | undefined;
}

/** The customers whose name holds the searched text. */
export function customersNamed(
  { customers }: Directory,
  { search: text, customer_id }: SearchQuery,
): ReadonlySet<string> {
  if (text === undefined) return new Set();
  const rows = customer_id === undefined ? customers.values() : [customers.get(customer_id)];
  const found = new Set<string>();
  for (const row of rows) if (row?.search_key.includes(text)) found.add(row.customer.id);
  return found;
}

/**
 * Looks for the searched text in fields, which hold search forms, and in the names that customers have now; undefined
 * when nothing is searched.
 */
export function searchTests(
  fields: readonly string[],
  query: Pick<SearchQuery, "search">,
  directory: Directory,
): readonly AttributeTest[] | undefined {
  const { search: text } = query;
  if (text === undefined) return undefined;
  const { customers } = directory;
  return [
    ...fields.map(
      (field): AttributeTest => ({
        field,
        passes: (value) => typeof value === "string" && value.includes(text),
      }),
    ),
    {
      field: "customer_id",
      passes: (id) => customers.get(String(id))?.search_key.includes(text) ?? false,
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

/** All customers in the order of their names: places by id, and the names. */
function customersInOrder(directory: Directory) {
  return directory.memoize("customers by name, for lists", () => {
    const view = directory.customersBy(
      "company_name",
      Object.assign(({ customer }: { customer: { company_name: string } }) => customer.company_name || null, {
        isText: true,
      }),
    );
    const places = new Map<unknown, number>();
    const values = view
      .select("asc", () => true)
      .map(({ customer }, place) => {
        places.set(customer.id, place);
        return customer.company_name;
      });
    return { rankOf: (id: unknown) => places.get(id), values };
  });
}

/** Sorts by the name that a row's customer has now. */
export const byCustomerName: SortColumn<Directory> = {
  fields: ["customer_id"],
  value: ({ customer_id }, { customers }) =>
    customers.get(String(customer_id))?.customer.company_name || null,
  isText: true,
  ranked: customersInOrder,
};
