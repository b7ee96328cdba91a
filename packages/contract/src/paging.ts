import * as z from "zod";
import { count, integer } from "./values.ts";

/** Nobody turns pages this far; a larger `skip` is refused. */
const MAX_SKIP = 1_000_000_000;

/** A cursor holds the sort value of a row; a company name of 255 characters takes 1078. */
const MAX_CURSOR = 4096;

/** How many rows a list gives. Who asks for more than the most gets the most, and the answer's `limit` says so. */
export const rowLimit = (max: number, usual = max) =>
  integer(1, Number.MAX_SAFE_INTEGER)
    .transform((wanted) => Math.min(wanted, max))
    .meta({
      override: { type: "integer", minimum: 1, description: `At most ${max}; more counts as ${max}` },
    })
    .default(usual);

/** `skip`, `limit` and `cursor` of a list; the largest and the usual page differ per list. */
export const paging = (max = 100, usual = max) => ({
  skip: integer(0, MAX_SKIP).default(0),
  limit: rowLimit(max, usual),
  cursor: z
    .string()
    .max(MAX_CURSOR)
    .optional()
    .meta({ description: "`next_cursor` of the page before; then `skip` is ignored" }),
});

/** `sort_by` from a whitelist, `sort_order` asc or desc. Ties are broken by id, nulls come last. */
export const sorting = <const C extends readonly [string, ...string[]]>(
  columns: C,
  usual: C[number],
  order: "asc" | "desc" = "desc",
) => ({
  sort_by: z.enum<C>(columns, `must be one of ${columns.join(", ")}`).default(() => usual),
  sort_order: z.enum(["asc", "desc"], "must be asc or desc").default(order),
});

/**
 * Arguments of `refine` that refuse a range whose end lies before its beginning; days compare as texts, numbers as
 * numbers. Every filter with two ends says it like this: an empty page would hide a mistake.
 */
export const inOrder = <const F extends string, const T extends string, V extends string | number>(
  from: F,
  to: T,
  word = "before",
): [
  isOrdered: (query: { readonly [K in F | T]?: V | undefined }) => boolean,
  options: { path: string[]; error: string },
] => [
  ({ [from]: least, [to]: most }) => least === undefined || most === undefined || least <= most,
  { path: [to], error: `must not be ${word} ${from}` },
];

/** `{<items>: [...], total, skip, limit, next_cursor}`: `total` counts before paging. */
export const page = <const K extends string, T extends z.ZodType>(items: K, row: T) =>
  z.object({
    ...({ [items]: z.array(row) } as Record<K, z.ZodArray<T>>),
    total: count,
    skip: count,
    limit: count,
    next_cursor: z.string().nullable().meta({ description: "Opaque; null on the last page" }),
  });

/** How many entries are read at most of what neither an index nor a counter knows, such as a customer's days. */
export const SCAN_LIMIT = 5_000;

/**
 * How many rows of a list a function keeps in memory, the newest, for filters, texts and orders that neither an index
 * nor a counter knows.
 */
export const MAX_KEPT_ROWS = 500_000;
/** Fewer rows are kept when they are long: each counts as so many characters and its text, and these are the most. */
export const ROW_CHARACTERS = 100;
export const MAX_KEPT_CHARACTERS = 100_000_000;

/** What the docs say of a search. */
export const SEARCH_NOTE = `among the newest ${MAX_KEPT_ROWS} entries`;

/** What a list reads of its query. */
export interface Paging {
  readonly skip: number;
  readonly limit: number;
  readonly cursor?: string | undefined;
}
