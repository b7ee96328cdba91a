import { searchForm } from "@success-manager/contract/text";
import type { Directory } from "../directory/index.ts";
import type { Filter } from "../table/index.ts";

/** What a search looks at of a row, besides the name that its customer has now. */
export interface SearchFields {
  readonly fields: readonly string[];
  /** Whether they hold search forms, so that the database can look; it compares byte by byte. */
  readonly prepared: boolean;
}

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

/** A list in an expression has so many values at most (quotas of DynamoDB). */
const MAX_LIST = 100;

/** A row as it was read, whatever is shown of it. */
export type StoredRow = Readonly<Record<string, unknown>>;

/** What rows must meet: by the database, or where it can't look, in memory. */
interface Search {
  readonly filter: Filter;
  readonly matches?: (row: StoredRow) => boolean;
}

/** Looks for the searched text in rows and in the names of their customers. */
export function toSearch(
  { fields, prepared }: SearchFields,
  query: SearchQuery,
  directory: Directory,
): Search {
  const { search: text } = query;
  if (text === undefined) return { filter: [] };
  const ids = customersNamed(directory, query);
  if (!prepared || ids.size > MAX_LIST)
    return {
      filter: [],
      matches: (row) =>
        ids.has(String(row.customer_id)) ||
        fields.some((name) => searchForm(String(row[name] ?? "")).includes(text)),
    };
  const listed = Object.fromEntries([...ids].map((id, n) => [`:customer${n}`, id]));
  const conditions = [
    ...fields.map((name) => `contains(#${name}, :search)`),
    ...(ids.size > 0 ? [`#customer_id IN (${Object.keys(listed).join(", ")})`] : []),
  ];
  return { filter: [[`(${conditions.join(" OR ")})`, { ":search": text, ...listed }]] };
}
