import type { Paging } from "@success-manager/contract/paging";
import type { Counters } from "../counters/index.ts";
import { type Column, type Directory, getDirectory } from "../directory/index.ts";
import type { Filter } from "../table/index.ts";
import { type CounterFilter, countsFrom, countsOf, countsOfCustomer, isCounted } from "./counts.ts";
import { readPage, scanRecent, sortedPage } from "./page.ts";
import { type IndexRange, type ListDefinition, type Selection, toRange } from "./range.ts";
import { type SearchFields, type StoredRow, toSearch } from "./search.ts";

/** A column that may ask the directory, such as for the name of a customer. */
type ListColumn<Row> = Column<Row, [Directory]>;

/**
 * A list endpoint, declared. What is counted reads what it skips and shows; a search, days of one customer and another
 * order than by time look through the newest entries of what is asked for (`page.ts`).
 *
 * @typeParam Conditions what a query may ask of a row, besides customer, days, search, order and page
 */
export interface ListOptions<Row, Conditions, Item> extends ListDefinition<Row> {
  readonly search: SearchFields;
  /** What `sort_by` may name; by time for everything else. */
  readonly sort?: Readonly<Record<string, ListColumn<Row>>>;
  /** The conditions as the database checks them. */
  readonly where: (conditions: Conditions) => Filter;
  /** The counters that count what meets the conditions; undefined when none do. */
  readonly countedBy: (conditions: Conditions) => CounterFilter | undefined;
  /** How many of these rows don't meet the conditions, as the counters don't know of one of them; none when absent. */
  readonly excluded?: (conditions: Conditions) => Promise<number> | undefined;
  readonly toItem: (row: Row, customer_name: string | undefined, conditions: Conditions) => Item;
}

/** What every query may ask. */
interface ListQuery extends Omit<Selection, "filter">, Paging {
  readonly search?: string | undefined;
  readonly sort_by?: string | undefined;
}

interface ListPage<Item> {
  readonly rows: Item[];
  readonly total: number;
  readonly skip: number;
  readonly limit: number;
  readonly next_cursor: string | null;
}

export interface List<Row, Conditions, Item> extends ListDefinition<Row> {
  /**
   * A page of the list.
   *
   * @param directory when the caller reads it anyway
   * @throws 422 for a cursor of another list
   */
  page(query: Conditions & ListQuery, directory?: Promise<Directory>): Promise<ListPage<Item>>;
  /**
   * Rows of one customer, newest first; one query.
   *
   * @param counters of the customer, of all time (`customerCounters`)
   */
  rowsOfCustomer(
    customer_id: string,
    query: Conditions & Paging,
    counters: Counters | undefined,
  ): Promise<ListPage<Row>>;
}

export function defineList<
  Row extends { readonly id: string; readonly customer_id: string },
  Conditions,
  Item,
>(options: ListOptions<Row, Conditions, Item>): List<Row, Conditions, Item> {
  const { entity, time, fields, search, sort = {}, where, countedBy, excluded, toItem } = options;
  type ThisQuery = Conditions & ListQuery;

  const rangeOf = (query: ThisQuery) => toRange(options, { ...query, filter: where(query) });

  /** Rows of one customer: nobody else's name is needed. */
  async function pageOfCustomer(query: ThisQuery, customer_id: string, counterFilter: CounterFilter) {
    const [{ name, counts }, others = 0] = await Promise.all([
      countsOfCustomer(entity, customer_id, counterFilter),
      excluded?.(query),
    ]);
    const { rows, ...page } = await readPage(
      rangeOf(query),
      { ...counts, total: counts.total - others },
      query,
      time,
    );
    return { rows: rows.map((row) => toItem(row, name, query)), ...page };
  }

  async function countedPage(query: ThisQuery, counterFilter: CounterFilter, directory: Promise<Directory>) {
    const counts = Promise.all([countsOf(entity, query, counterFilter, directory), excluded?.(query)]).then(
      ([all, others = 0]) => ({ ...all, total: all.total - others }),
    );
    return readPage(rangeOf(query), counts, query, time);
  }

  async function scannedPage(query: ThisQuery, column: ListColumn<Row>, directory: Directory) {
    const { filter, matches } = toSearch(search, query, directory);
    const range: IndexRange<Row & StoredRow> = {
      ...toRange(options, { ...query, filter: [...where(query), ...filter] }),
      ...(matches && { fields: [...new Set([...fields, ...search.fields])] }),
    };
    const rows = await scanRecent(range, matches);
    const bound = Object.assign((row: Row) => column(row, directory), { isText: column.isText ?? false });
    return sortedPage(rows, bound, query.sort_order, query);
  }

  return {
    entity,
    time,
    fields,
    async page(query, given) {
      const column = query.sort_by === undefined ? undefined : sort[query.sort_by];
      const isScanned = query.search !== undefined || column !== undefined || !isCounted(query);
      const counterFilter = isScanned ? undefined : countedBy(query);
      if (counterFilter && query.customer_id !== undefined)
        return pageOfCustomer(query, query.customer_id, counterFilter);
      const directory = given ?? getDirectory();
      const [{ customers }, { rows, ...page }] = await Promise.all([
        directory,
        counterFilter
          ? countedPage(query, counterFilter, directory)
          : directory.then((now) => scannedPage(query, column ?? time, now)),
      ]);
      const nameOf = (row: Row) => customers.get(row.customer_id)?.customer.company_name;
      return { rows: rows.map((row) => toItem(row, nameOf(row), query)), ...page };
    },
    async rowsOfCustomer(customer_id, query, counters) {
      const range = toRange(options, { customer_id, sort_order: "desc", filter: where(query) });
      const counterFilter = countedBy(query);
      if (!counterFilter) return sortedPage(await scanRecent(range), time, "desc", query);
      return readPage(range, countsFrom([counters], counterFilter, entity), query, time);
    },
  };
}
