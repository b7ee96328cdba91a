import { type Paging, SCAN_LIMIT } from "@success-manager/contract/paging";
import { formatCursor, type Position, parseInstantCursor, query } from "../table/index.ts";
import type { Counts } from "./counts.ts";
import { after, type IndexRange, readRange } from "./range.ts";

/** How many entries are looked at for what counters don't know of: what was written just now comes first. */
const SPARE = 20;

/**
 * How many of an index's entries probably hold so many rows. They are not spread evenly: two standard deviations more
 * than on average are read, because a second request costs more than some entries too many.
 */
function entriesFor(rows: number, { total, entries }: Counts): number {
  if (total >= entries) return rows;
  if (total === 0) return rows + SPARE;
  return Math.ceil((entries / total) * (rows + 2 * Math.sqrt(rows)));
}

/** So many skipped rows are read along without asking first whether they are there. */
const MAX_BLIND_SKIP = 100;

/** So many entries of a customer are read whatever they are: most customers have no more. */
const FEW = 400;

const isUnfiltered = <Row>({ filter }: IndexRange<Row>) => filter.every((condition) => condition === false);

/** A page of a list, and what the API says of it. */
export interface ReadPage<Row> {
  readonly rows: Row[];
  readonly total: number;
  readonly skip: number;
  readonly limit: number;
  readonly next_cursor: string | null;
}

/**
 * A page of a range whose number the counters know. Reads what it skips and shows, and no further than where the
 * counters say that nothing more comes; a cursor skips without reading. Counters lag a write for a moment: what is
 * found is shown all the same, the total is never below that, and a range that was read whole is counted by that.
 *
 * @param sortedBy what the range is sorted by
 * @param positionOf reads a cursor; throws 422 for one that was not made by `formatCursor`
 */
export async function readPage<Row extends { readonly id: string }>(
  range: IndexRange<Row>,
  counting: Counts | Promise<Counts>,
  paging: Paging,
  sortedBy: (row: Row) => string,
  positionOf: (cursor: string) => Position = parseInstantCursor,
): Promise<ReadPage<Row>> {
  const page = await readPageWithin(Number.POSITIVE_INFINITY, range, counting, paging, sortedBy, positionOf);
  if (!page) throw new Error("A page without a limit was not read");
  return page;
}

/** How many times as many entries as rows are read at most, where rows can be found otherwise. */
const MAX_PAST = 4;

/**
 * The same, where it is cheap: few rows are skipped, and it takes one request that does not read many entries past
 * those that it shows. Undefined where it is not; then somebody who knows where the rows stand has to tell.
 */
export const readCheapPage = <Row extends { readonly id: string }>(
  range: IndexRange<Row>,
  counting: Counts | Promise<Counts>,
  paging: Paging,
  sortedBy: (row: Row) => string,
): Promise<ReadPage<Row> | undefined> =>
  readPageWithin(MAX_PAST, range, counting, paging, sortedBy, parseInstantCursor);

async function readPageWithin<Row extends { readonly id: string }>(
  most_past: number,
  range: IndexRange<Row>,
  counting: Counts | Promise<Counts>,
  { skip, limit, cursor }: Paging,
  sortedBy: (row: Row) => string,
  positionOf: (cursor: string) => Position,
): Promise<ReadPage<Row> | undefined> {
  const isBounded = Number.isFinite(most_past);
  const position = cursor === undefined ? undefined : positionOf(cursor);
  const start = position ? 0 : skip;
  // One more than shown tells whether there is a next page.
  const most = start + limit + 1;
  if (isBounded && start > MAX_BLIND_SKIP) return undefined;
  const rest = position ? after(range, `${position.value}#${position.id}`) : range;
  // Where every entry is a row, nobody needs to know how many there are to read some from the start.
  const atOnce = start <= MAX_BLIND_SKIP && isUnfiltered(range) ? readRange(rest, most, most) : undefined;
  const [{ entries, total: counted }] = await Promise.all([counting, atOnce]);
  // What was deleted a moment ago may count as less than none.
  const counts = { entries, total: Math.max(counted, 0) };
  if (start > counts.total) return { rows: [], total: counts.total, skip, limit, next_cursor: null };
  const enough = position ? most : Math.min(most, counts.total);
  const isOfCustomer = range.partition.index === "byCustomer";
  // All of a customer's entries are read at most.
  const entries_read = Math.min(
    entriesFor(most, counts),
    isOfCustomer ? entries + SPARE : Number.POSITIVE_INFINITY,
  );
  const most_read = Math.max(most_past * most + SPARE, isOfCustomer ? FEW : 0);
  if (isBounded && !atOnce && counts.total > 0 && entries_read > most_read) return undefined;
  const found = await (atOnce ?? readRange(rest, enough, entries_read, isBounded ? 1 : undefined));
  if (isBounded && !found.whole && found.rows.length < enough) return undefined;
  const rows = found.rows.slice(start, start + limit);
  const last = rows.at(-1);
  const more = last !== undefined && found.rows.length >= most;
  return {
    rows,
    total: found.whole && !position ? found.rows.length : Math.max(counts.total, found.rows.length),
    skip,
    limit,
    next_cursor: more ? formatCursor({ value: sortedBy(last), id: last.id }) : null,
  };
}

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
