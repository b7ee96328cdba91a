import { type Paging, SCAN_LIMIT } from "@success-manager/contract/paging";
import { type Order, paginate, sortedView } from "../directory/index.ts";
import { query } from "../table/index.ts";
import type { IndexRange } from "./range.ts";

/** The most that one request looks at; the database answers a megabyte anyhow. */
const PAGE_SIZE = 1_000;

/** What was found, and whether everything was looked at for it. */
export interface ScanResult<Row> {
  readonly rows: Row[];
  readonly whole: boolean;
}

/**
 * Rows that nothing counts in advance: those among the newest entries of a range, up to a fixed number, whatever its
 * order. They come newest first.
 *
 * @param matches what rows must meet that the database can't look at
 * @param enough whether what was found so far will do: asked after each thousand of entries
 */
export async function scanRecentUntil<Row>(
  range: IndexRange<Row>,
  matches: (row: Row) => boolean = () => true,
  enough: (rows: readonly Row[]) => boolean = () => false,
): Promise<ScanResult<Row>> {
  const rows: Row[] = [];
  let seen = 0;
  for await (const { items, scanned, next } of query<Row>(
    { ...range, order: "desc" },
    { pageSize: PAGE_SIZE },
  )) {
    rows.push(...items.filter(matches));
    seen += scanned;
    if (seen >= SCAN_LIMIT || enough(rows)) return { rows, whole: next === undefined };
  }
  return { rows, whole: true };
}

/** The rows alone of `scanRecentUntil`. */
export const scanRecent = async <Row>(
  range: IndexRange<Row>,
  matches?: (row: Row) => boolean,
): Promise<Row[]> => (await scanRecentUntil(range, matches)).rows;

/** A page of rows that are all at hand, sorted here. */
export const sortedPage = <Row extends { readonly id: string }>(
  rows: readonly Row[],
  column: (row: Row) => string | number | undefined,
  order: Order,
  paging: Paging,
) =>
  paginate(
    sortedView(
      () => rows,
      column,
      ({ id }) => id,
    ),
    order,
    () => true,
    paging,
  );
