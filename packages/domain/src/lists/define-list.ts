import type { Paging } from "@success-manager/contract/paging";
import type { Counters } from "../counters/index.ts";
import { type Directory, getDirectory } from "../directory/index.ts";
import { type Filter, isScoped } from "../table/index.ts";
import type { SortColumn } from "./columns.ts";
import { readCopyPage, readPageOfCustomer } from "./copy.ts";
import { type CounterFilter, countsFrom, countsOf, countsOfCustomer, isCounted } from "./counts.ts";
import { type ReadPage, readCheapPage } from "./page.ts";
import { type ListDefinition, type Selection, toRange } from "./range.ts";
import { searchTests } from "./search.ts";

/**
 * A list endpoint, declared. What is counted is read from the index by time, as long as that reads little more than it
 * shows. All else comes from the copy in memory (`copy.ts`): searches, other orders, days of one customer, filters that
 * nobody counts, rows that are rare or far behind.
 *
 * @typeParam Conditions what a query may ask of a row, besides customer, days, search, order and page
 */
export interface ListOptions<Row, Conditions, Item> extends ListDefinition<Row> {
  /** The fields that a search looks at besides the name that the customer has now; they hold search forms. */
  readonly search: readonly string[];
  /** What `sort_by` may name; by time for everything else. */
  readonly sort?: Readonly<Record<string, SortColumn<Directory>>>;
  /** The conditions, of attributes that are kept in memory too (`kept.ts`). */
  readonly where: (conditions: Conditions) => Filter;
  /** The counters that count what meets the conditions; undefined when none do. */
  readonly countedBy: (conditions: Conditions) => CounterFilter | undefined;
  /** How many of these rows don't meet the conditions, as the counters don't know of one of them; none when absent. */
  readonly excluded?: (conditions: Conditions) => Promise<number> | undefined;
  readonly toItem: (row: Row, customer_name: string | undefined, conditions: Conditions) => Item;
}

/** For so long, and for so many queries, it is remembered that the index by time was asked in vain. */
const MISSED_MS = 60_000;
const MAX_MISSED = 500;

/** What every query may ask. */
interface ListQuery extends Omit<Selection, "filter">, Paging {
  readonly search?: string | undefined;
  readonly sort_by?: string | undefined;
}

export interface List<Row, Conditions, Item> extends ListDefinition<Row> {
  /**
   * A page of the list.
   *
   * @param directory when the caller reads it anyway
   * @throws 422 for a cursor of another list
   */
  page(query: Conditions & ListQuery, directory?: Promise<Directory>): Promise<ReadPage<Item>>;
  /**
   * Rows of one customer, newest first; one query.
   *
   * @param counters of the customer, of all time (`customerCounters`)
   */
  rowsOfCustomer(
    customer_id: string,
    query: Conditions & Paging,
    counters: Counters | undefined,
  ): Promise<ReadPage<Row>>;
}

export function defineList<
  Row extends { readonly id: string; readonly customer_id: string },
  Conditions,
  Item,
>(options: ListOptions<Row, Conditions, Item>): List<Row, Conditions, Item> {
  const { entity, time, fields, search, sort = {}, where, countedBy, excluded, toItem } = options;
  type ThisQuery = Conditions & ListQuery;

  /** What neither an index nor a counter knows. */
  function searchedPage(query: ThisQuery, directory: Promise<Directory>): Promise<ReadPage<Row>> {
    const { customer_id, start_date, end_date, sort_order: order, sort_by } = query;
    const searched = {
      filter: where(query),
      search: (context: Directory) => searchTests(search, query, context),
      column: sort_by === undefined ? undefined : sort[sort_by],
      ...{ start_date, end_date, order, context: directory, paging: query },
    };
    return customer_id === undefined
      ? readCopyPage<Row, Directory>(entity, searched)
      : readPageOfCustomer(options, customer_id, searched);
  }

  /** The customer's name, and the page of the customer's own rows; undefined where that takes too much reading. */
  async function pageOfCustomer(query: ThisQuery, customer_id: string, counterFilter: CounterFilter) {
    const [{ name, counts }, others = 0] = await Promise.all([
      countsOfCustomer(entity, customer_id, counterFilter),
      excluded?.(query),
    ]);
    const range = toRange(options, { ...query, filter: where(query) });
    const page = await readCheapPage(range, { ...counts, total: counts.total - others }, query, time);
    return page && { ...page, rows: page.rows.map((row) => toItem(row, name, query)) };
  }

  /** Filters whose rows were not where counters let them be looked for: rare ones, or such as are all old. */
  const missed = new Map<string, number>();

  /** A counted page, from the index by time; undefined where that takes too much reading, or did a moment ago. */
  async function countedPage(query: ThisQuery, counterFilter: CounterFilter, directory: Promise<Directory>) {
    const filter = where(query);
    const { start_date, end_date, sort_order, skip, cursor } = query;
    const key = JSON.stringify([filter, start_date, end_date, sort_order, skip, cursor]);
    if ((missed.get(key) ?? 0) > Date.now() - MISSED_MS) return undefined;
    const counts = Promise.all([countsOf(entity, query, counterFilter, directory), excluded?.(query)]).then(
      ([all, others = 0]) => ({ ...all, total: all.total - others }),
    );
    // Whoever waits for it hears of its failure. Nobody does where the page can't be read: it must not end the process.
    counts.catch(() => undefined);
    const page = await readCheapPage(toRange(options, { ...query, filter }), counts, query, time);
    if (page) return page;
    if (missed.size >= MAX_MISSED) missed.clear();
    missed.set(key, Date.now());
    return undefined;
  }

  return {
    entity,
    time,
    fields,
    async page(query, given) {
      const isSorted = query.sort_by !== undefined && sort[query.sort_by] !== undefined;
      const isKnown = query.search === undefined && !isSorted && isCounted(query);
      const counterFilter = isKnown ? countedBy(query) : undefined;
      if (counterFilter && query.customer_id !== undefined) {
        const page = await pageOfCustomer(query, query.customer_id, counterFilter);
        if (page) return page;
      }
      const directory = given ?? getDirectory();
      const counted =
        counterFilter && query.customer_id === undefined && !isScoped()
          ? await countedPage(query, counterFilter, directory)
          : undefined;
      const { rows, ...page } = counted ?? (await searchedPage(query, directory));
      const { customers } = await directory;
      const nameOf = (row: Row) => customers.get(row.customer_id)?.customer.company_name;
      return { rows: rows.map((row) => toItem(row, nameOf(row), query)), ...page };
    },
    async rowsOfCustomer(customer_id, query, counters) {
      const range = toRange(options, { customer_id, sort_order: "desc", filter: where(query) });
      const counterFilter = countedBy(query);
      const counts = counterFilter && countsFrom([counters], counterFilter, entity);
      const page = counts && (await readCheapPage(range, counts, query, time));
      return page ?? searchedPage({ ...query, customer_id, sort_order: "desc" }, getDirectory());
    },
  };
}
