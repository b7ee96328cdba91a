import type { Directory } from "../directory/index.ts";
import type { AttributeTest } from "../table/index.ts";
import type { SortColumn } from "./columns.ts";

/** Whether a customer bears the searched text in their name, by id. Asked only for customers of rows that fit. */
export const isNamed =
  ({ customers }: Directory, text: string | undefined) =>
  (customer_id: string): boolean =>
    text !== undefined && (customers.get(customer_id)?.search_key.includes(text) ?? false);

/**
 * Looks for the searched text in fields, which hold search forms, and in the names that customers have now; undefined
 * when nothing is searched.
 */
export function searchTests(
  fields: readonly string[],
  { search: text }: { readonly search?: string | undefined },
  directory: Directory,
): readonly AttributeTest[] | undefined {
  if (text === undefined) return undefined;
  const named = isNamed(directory, text);
  return [
    ...fields.map(
      (field): AttributeTest => ({
        field,
        passes: (value) => typeof value === "string" && value.includes(text),
      }),
    ),
    { field: "customer_id", passes: (id) => named(String(id)) },
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
