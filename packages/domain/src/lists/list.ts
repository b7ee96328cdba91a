import type { Paging } from "@success-manager/contract/paging";
import { type Directory, getDirectory } from "../directory/index.ts";
import { type CounterFilter, countsOf, countsOfCustomer, isCounted } from "./counts.ts";
import { type ListDefinition, type Selection, toRange } from "./definition.ts";
import type { IndexRange } from "./index-range.ts";
import { readPage } from "./page.ts";
import { scanRecent, sortedPage } from "./scan-recent.ts";
import { type Stored, searchOf } from "./search.ts";

/** A question for a list. */
export interface ListQuery<Row> extends Selection, Paging {
  readonly search?: string | undefined;
  /** The counters of what is asked for, apart from a text and days of one customer; absent when there are none. */
  readonly takes?: CounterFilter | undefined;
  /** How many rows the counters take that are not asked for. */
  readonly less?: (() => Promise<number>) | undefined;
  /** What it is sorted by; by time when absent. */
  readonly column?: ((row: Row, directory: Directory) => string | number | undefined) | undefined;
}

interface Listed {
  readonly id: string;
  readonly customer_id: string;
}

async function lookedThrough<Row extends Listed>(
  kind: ListDefinition<Row>,
  asked: ListQuery<Row>,
  directory: Directory,
) {
  const { column = kind.time, sort_order } = asked;
  const { filter, keeps } = searchOf(kind.texts, asked, directory);
  const run: IndexRange<Row & Stored> = {
    ...toRange(kind, { ...asked, filter: [...asked.filter, ...filter] }),
    ...(keeps && { fields: [...new Set([...kind.fields, ...kind.texts.fields])] }),
  };
  const rows = await scanRecent(run, keeps);
  return sortedPage(rows, (row) => column(row, directory), sort_order, asked);
}

/** How a row is shown, with its customer's name. */
type Show<Row, Shown> = (row: Row, customer_name: string | undefined) => Shown;

/** Rows of one customer: nobody else's name is needed. */
async function ofCustomer<Row extends Listed, Shown>(
  kind: ListDefinition<Row>,
  asked: ListQuery<Row>,
  customer_id: string,
  takes: CounterFilter,
  show: Show<Row, Shown>,
) {
  const [{ name, known }, less = 0] = await Promise.all([
    countsOfCustomer(kind.entity, customer_id, takes),
    asked.less?.(),
  ]);
  const counted = { ...known, total: known.total - less };
  const { rows, ...page } = await readPage(toRange(kind, asked), counted, asked, kind.time);
  return { rows: rows.map((row) => show(row, name)), ...page };
}

async function counted<Row extends Listed>(
  kind: ListDefinition<Row>,
  asked: ListQuery<Row>,
  takes: CounterFilter,
  directory: Promise<Directory>,
) {
  const known = Promise.all([countsOf(kind.entity, asked, takes, directory), asked.less?.()]).then(
    ([all, less = 0]) => ({ ...all, total: all.total - less }),
  );
  return readPage(toRange(kind, asked), known, asked, kind.time);
}

/**
 * Rows of a kind, by filter. What is counted reads what it skips and shows; a text, days of one customer and another
 * order than by time look through the newest entries of what is asked for.
 *
 * @param known the directory, when the caller has asked for it already
 */
export async function listRows<Row extends Listed, Shown>(
  kind: ListDefinition<Row>,
  asked: ListQuery<Row>,
  show: Show<Row, Shown>,
  known?: Promise<Directory>,
) {
  const { search, column, customer_id } = asked;
  const takes = search === undefined && column === undefined && isCounted(asked) ? asked.takes : undefined;
  if (takes && customer_id !== undefined) return ofCustomer(kind, asked, customer_id, takes, show);
  const directory = known ?? getDirectory();
  const [{ customers }, { rows, ...page }] = await Promise.all([
    directory,
    takes ? counted(kind, asked, takes, directory) : directory.then((now) => lookedThrough(kind, asked, now)),
  ]);
  const nameOf = (row: Row) => customers.get(row.customer_id)?.customer.company_name;
  return { rows: rows.map((row) => show(row, nameOf(row))), ...page };
}
