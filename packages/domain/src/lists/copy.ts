import {
  MAX_KEPT_CHARACTERS,
  MAX_KEPT_ROWS,
  type Paging,
  ROW_CHARACTERS,
} from "@success-manager/contract/paging";
import pLimit from "p-limit";
import {
  createSync,
  type Feed,
  type Order,
  readSnapshot,
  refreshed,
  type SnapshotResult,
  takeSnapshot,
  withSnapshot,
} from "../directory/index.ts";
import {
  batchGetItems,
  currentScope,
  equals,
  type Filter,
  formatCursor,
  isScoped,
  MAX_KEY,
  onWritten,
  parseCursor,
  parseInstantCursor,
  partitions,
  passes,
  primaryKey,
  query,
  type Scope,
  testsOf,
} from "../table/index.ts";
import { type Columns, type ColumnTest, createColumns, type Selection, type SortColumn } from "./columns.ts";
import { type KeptEntity, type KeptRow, keptFields, sourceFields, toKeptRow, type Value } from "./kept.ts";
import type { ReadPage } from "./page.ts";
import { type ListDefinition, readRange, toRange } from "./range.ts";

/**
 * What lists filter, search and sort by, in memory, for all that neither an index nor a counter knows. A function that
 * is asked such a thing loads the newest rows of the entity once, from a snapshot where there is one, and then with each
 * request what has changed since: new rows stand at the end of the index by time, of all others the stream has written
 * down which they are (`stream/`). Pages are read from the table itself.
 */

/** A row as it is now; without one, it is gone. */
interface Change {
  readonly changed_at: string;
  readonly id: string;
  readonly row: KeptRow | undefined;
}

const added = (row: KeptRow): Change => ({ changed_at: row.at, id: row.id, row });

type Item = Readonly<Record<string, unknown>>;

const keptOf = (entity: KeptEntity, items: readonly Item[]): KeptRow[] =>
  items.flatMap((item) => toKeptRow(entity, item) ?? []);

/** The rows that are kept of an entity, newest first: as many as a function has room for. */
export async function* keptPages(entity: KeptEntity): AsyncGenerator<{ items: KeptRow[] }, void, void> {
  const pages = query<Item>({
    partition: partitions.type(entity),
    order: "desc",
    fields: sourceFields(entity),
  });
  let rows = 0;
  let characters = 0;
  for await (const page of pages) {
    const items = keptOf(entity, page.items);
    yield { items };
    rows += items.length;
    for (const { search_key } of items) characters += ROW_CHARACTERS + String(search_key ?? "").length;
    if (rows >= MAX_KEPT_ROWS || characters >= MAX_KEPT_CHARACTERS) return;
  }
}

/** Rows that lie ahead are told by the stream; clocks may differ by so much. */
const AHEAD_MS = 60_000;

/** Rows of just now, as the index by time holds them. */
async function newRows(entity: KeptEntity, since: string): Promise<Change[]> {
  const changes: Change[] = [];
  const pages = query<Item>({
    partition: partitions.type(entity),
    from: since,
    to: `${new Date(Date.now() + AHEAD_MS).toISOString()}${MAX_KEY}`,
    fields: sourceFields(entity),
  });
  for await (const { items } of pages) changes.push(...keptOf(entity, items).map(added));
  return changes;
}

const READ_AT_ONCE = 100;
const READERS = 4;

/** Rows as they are now, read from the table itself. @param moments by id: when each is known to have changed */
async function presentRows(entity: KeptEntity, moments: ReadonlyMap<string, string>): Promise<Change[]> {
  const all = [...moments];
  const groups = Array.from({ length: Math.ceil(all.length / READ_AT_ONCE) }, (_, n) =>
    all.slice(n * READ_AT_ONCE, (n + 1) * READ_AT_ONCE),
  );
  const found = await pLimit(READERS).map(groups, async (group) => {
    const items = await batchGetItems(
      group.map(([id]) => primaryKey(entity, id)),
      { consistent: true },
    );
    return group.map(([id, changed_at], n): Change => {
      const item = items[n];
      return { id, changed_at, row: item && toKeptRow(entity, item) };
    });
  });
  return found.flat();
}

/** What the stream has told since a moment: rows by id, with the moment, and the lines that say so. */
async function toldChanges(entity: KeptEntity, since: string, known: ReadonlySet<string>) {
  const moments = new Map<string, string>();
  const lines: string[] = [];
  const pages = query<{ readonly sk: string; readonly ids: readonly string[] }>({
    partition: partitions.listChanges(entity),
    from: since,
  });
  for await (const { items } of pages)
    for (const { sk, ids } of items) {
      if (known.has(sk)) continue;
      lines.push(sk);
      for (const id of ids) moments.set(id, sk.slice(0, since.length));
    }
  return { moments, lines };
}

/** Ids of rows that this process has written since it was last asked; it need not wait for the stream. */
function ownWrites(entity: KeptEntity): () => ReadonlySet<string> {
  let ids = new Set<string>();
  const prefix = `${entity}#`;
  onWritten(({ pk, sk }) => {
    if (sk === entity && pk.startsWith(prefix)) ids.add(pk.slice(prefix.length));
  });
  return () => {
    const taken = ids;
    ids = new Set();
    return taken;
  };
}

/** Lines that are remembered as read: far more than come within the time that is looked at again and again. */
const MAX_LINES = 5_000;

/** The name of an entity's snapshot; another one when what is kept of a row becomes another. */
const snapshotName = (entity: KeptEntity) => `${entity}_list_3`;

function feedOf(entity: KeptEntity): Feed<Change> {
  const own = ownWrites(entity);
  const known = new Set<string>();
  /** Rows that were told of. The index may still show what they were before, so they are not taken from there. */
  const told = new Set<string>();
  return withSnapshot<Change>(
    {
      async loadAll(receive) {
        for await (const { items } of keptPages(entity)) receive(items.map(added));
      },
      async loadSince(since, receive) {
        if (known.size > MAX_LINES) {
          known.clear();
          told.clear();
        }
        const written = own();
        const [{ moments, lines }, fresh] = await Promise.all([
          toldChanges(entity, since, known),
          newRows(entity, since),
        ]);
        for (const id of written) moments.set(id, moments.get(id) ?? since);
        const changed = await presentRows(entity, moments);
        // Only now: what breaks off is read again.
        for (const line of lines) known.add(line);
        for (const { id } of changed) told.add(id);
        receive(changed);
        receive(fresh.filter(({ id }) => !told.has(id)));
      },
    },
    (receive) => readSnapshot<KeptRow>(snapshotName(entity), (rows) => receive(rows.map(added))),
  );
}

/** Takes a snapshot of what is kept of an entity, if one is due or wanted; from the table itself. */
export const takeListSnapshot = (
  entity: KeptEntity,
  now = new Date(),
  { force }: { readonly force?: boolean } = {},
): Promise<SnapshotResult> =>
  takeSnapshot(entity, now, { name: snapshotName(entity), pages: keptPages(entity), force });

export interface ListCopy {
  readonly columns: Columns;
  /** Brings it up to date: loads everything once, then only what changed. */
  refresh(): Promise<void>;
}

/** @param feed where rows come from; `now` in milliseconds */
export function createCopy(
  entity: KeptEntity,
  feed: Feed<Change> = feedOf(entity),
  now: () => number = Date.now,
): ListCopy {
  const columns = createColumns(keptFields(entity));
  const receive = (changes: readonly Change[]) => {
    for (const { id, row } of changes) {
      if (row) columns.put(row);
      else columns.remove(id);
    }
  };
  return { columns, refresh: createSync(feed, { receive, onSynced() {} }, now) };
}

/** The function instance's copies. */
const copies = new Map<KeptEntity, ListCopy>();

/** The columns of an entity as of now; within a scope, of the rows that its caller sees. */
export async function getColumns(entity: KeptEntity): Promise<Columns> {
  const columns = await getWholeColumns(entity);
  const scope = currentScope();
  return scope ? columnsInScope(columns, entity, scope) : columns;
}

async function getWholeColumns(entity: KeptEntity): Promise<Columns> {
  const copy = copies.get(entity) ?? createCopy(entity);
  copies.set(entity, copy);
  await refreshed(copy.refresh);
  return copy.columns;
}

/** Which rows of an entity a caller sees: as the table shows single ones (`table/scope.ts`). */
function testsOfScope(entity: KeptEntity, scope: Scope): readonly (readonly ColumnTest[])[] {
  const { caller_id } = scope;
  if (entity === "report_schedule") return testsOf(equals({ created_by_id: caller_id }));
  if (entity === "report") return testsOf(equals({ owner_id: caller_id, is_narrowed: true }));
  return [[{ field: "customer_id", passes: (id) => typeof id === "string" && scope.shows(id) }]];
}

/** Columns of which only the rows are told that a caller sees. */
function columnsInScope(columns: Columns, entity: KeptEntity, scope: Scope): Columns {
  const own = testsOfScope(entity, scope);
  const narrowed = (selection: Selection): Selection => ({
    ...selection,
    tests: [...own, ...selection.tests],
  });
  const readOnly = () => {
    throw new Error("A copy of a list is not changed within a scope");
  };
  return {
    put: readOnly,
    remove: readOnly,
    get size() {
      return columns.count({ tests: own });
    },
    version: columns.version,
    pageByTime: (selection, query) => columns.pageByTime(narrowed(selection), query),
    pageBy: (column, context, selection, query) =>
      columns.pageBy(column, context, narrowed(selection), query),
    count: (selection) => columns.count(narrowed(selection)),
    countBy: (selection, filters, field) => columns.countBy(narrowed(selection), filters, field),
    rows: (selection, fields) => columns.rows(narrowed(selection), fields),
  };
}

export interface CopyQuery<Context> {
  readonly filter: Filter;
  /** Further tests of which one has to pass. */
  readonly search?: ((context: Context) => readonly ColumnTest[] | undefined) | undefined;
  readonly start_date?: string | undefined;
  readonly end_date?: string | undefined;
  readonly order: Order;
  /** By time when absent. */
  readonly column?: SortColumn<Context> | undefined;
  /** What search and order look at besides the rows; it may be under way. */
  readonly context: Context | Promise<Context>;
  readonly paging: Paging;
}

/** Which rows are a page. @throws 422 for a cursor of another list */
export function selectPage<Context>(columns: Columns, query: CopyQuery<Context>, context: Context) {
  const { filter, search, column, start_date, end_date, order, paging } = query;
  const { skip, limit, cursor } = paging;
  const after = cursor === undefined ? undefined : (column ? parseCursor : parseInstantCursor)(cursor);
  const searched = search?.(context);
  const tests = [...testsOf(filter), ...(searched ? [searched] : [])];
  const selection = { tests, start_date, end_date };
  const page = { order, skip, limit, after };
  const { ids, total, next } = column
    ? columns.pageBy(column, context, selection, page)
    : columns.pageByTime(selection, page);
  return { ids, tests, total, skip, limit, next_cursor: next ? formatCursor(next) : null };
}

/**
 * A page of a list from its copy: which rows, from memory; the rows themselves, from the table, in one request. One that
 * is gone by now, or no longer fits, is left out.
 *
 * @typeParam Row what stands in that partition
 * @throws 422 for a cursor of another list
 */
export async function readCopyPage<Row, Context>(
  entity: KeptEntity,
  query: CopyQuery<Context>,
): Promise<ReadPage<Row>> {
  const [columns, context] = await Promise.all([getColumns(entity), query.context]);
  const { ids, tests, total, ...page } = selectPage(columns, query, context);
  const keys = ids.map((id) => primaryKey(entity, id));
  const items = keys.length === 0 ? [] : await batchGetItems(keys, { consistent: false });
  const rows = items.filter((item): item is Item => {
    const row = item && toKeptRow(entity, item);
    return row !== undefined && passes(row, tests);
  });
  return {
    // Only our own entities write to this table.
    rows: rows as Row[],
    total: total - (ids.length - rows.length),
    ...page,
  };
}

/** So many entries of a customer are read whatever they are: most customers have fewer, and the others take 25 units. */
const FEW_ENTRIES = 200;

/** The same among all that happened with one customer; undefined when that is too much to read. */
async function readOwnPage<Row extends { readonly id: string }, Context>(
  definition: ListDefinition<Row>,
  customer_id: string,
  { filter, start_date, end_date, ...query }: CopyQuery<Context>,
): Promise<ReadPage<Row> | undefined> {
  const { entity, fields } = definition;
  const range = toRange(definition, { customer_id, start_date, end_date, sort_order: "desc", filter });
  const all = { ...range, fields: [...new Set<string>([...fields, ...sourceFields(entity)])] };
  const [{ rows, whole }, context] = await Promise.all([
    readRange<Row>(all as typeof range, Number.POSITIVE_INFINITY, FEW_ENTRIES, 1),
    query.context,
  ]);
  if (!whole) return undefined;
  const columns = createColumns(keptFields(entity));
  const byId = new Map(rows.map((row) => [row.id, row]));
  for (const kept of keptOf(entity, rows as readonly Item[])) columns.put(kept);
  const { ids, tests: _, ...page } = selectPage(columns, { ...query, filter: [] }, context);
  return { rows: ids.flatMap((id) => byId.get(id) ?? []), ...page };
}

/** A page of the rows of one customer: from one query where they are few, else from the copy. @throws 422 as there */
export const readPageOfCustomer = async <Row extends { readonly id: string }, Context>(
  definition: ListDefinition<Row>,
  customer_id: string,
  query: CopyQuery<Context>,
): Promise<ReadPage<Row>> =>
  (await readOwnPage(definition, customer_id, query)) ??
  readCopyPage(definition.entity, { ...query, filter: [...equals({ customer_id }), ...query.filter] });

/** Of the selected rows that meet each of these filters, how many have each value of a field. */
export async function countCopyBy(
  entity: KeptEntity,
  { filter, start_date, end_date }: Pick<CopyQuery<never>, "filter" | "start_date" | "end_date">,
  filters: readonly Filter[],
  field: string,
): Promise<Map<Value, number>[]> {
  const columns = await getColumns(entity);
  return columns.countBy({ tests: testsOf(filter), start_date, end_date }, filters, field);
}

/** The newest rows of some days, both included, newest first; one query, within a scope from the copy. */
export async function readLatest<Row>(
  definition: ListDefinition<Row>,
  days: { readonly start_date?: string | undefined; readonly end_date?: string | undefined },
  limit: number,
): Promise<Row[]> {
  if (isScoped()) {
    const newest = { ...days, filter: [], order: "desc", context: undefined } as const;
    const paging = { skip: 0, limit };
    return (await readCopyPage<Row, undefined>(definition.entity, { ...newest, paging })).rows;
  }
  const range = toRange(definition, { ...days, sort_order: "desc", filter: [] });
  return (await readRange(range, limit, limit)).rows;
}
