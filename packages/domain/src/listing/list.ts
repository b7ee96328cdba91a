import type { Paging } from "@success-manager/contract/paging";
import { current, type Directory } from "../directory/index.ts";
import { type Asked, type Kind, runOf } from "./kind.ts";
import { isCounted, knownOf, knownOfCustomer, type Takes } from "./known.ts";
import { lookThrough, sortedPage } from "./looked-through.ts";
import { pageOfRun } from "./page.ts";
import type { Run } from "./run.ts";
import { type Stored, searchOf } from "./search.ts";

/** A question for a list. */
export interface Question<Row> extends Asked, Paging {
  readonly search?: string | undefined;
  /** The counters of what is asked for, apart from a text and days of one customer; absent when there are none. */
  readonly takes?: Takes | undefined;
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
  kind: Kind<Row>,
  asked: Question<Row>,
  directory: Directory,
) {
  const { column = kind.time, sort_order } = asked;
  const { filter, keeps } = searchOf(kind.texts, asked, directory);
  const run: Run<Row & Stored> = {
    ...runOf(kind, { ...asked, filter: [...asked.filter, ...filter] }),
    ...(keeps && { columns: [...new Set([...kind.columns, ...kind.texts.columns])] }),
  };
  const rows = await lookThrough(run, keeps);
  return sortedPage(rows, (row) => column(row, directory), sort_order, asked);
}

/** How a row is shown, with its customer's name. */
type Show<Row, Shown> = (row: Row, customer_name: string | undefined) => Shown;

/** Rows of one customer: nobody else's name is needed. */
async function ofCustomer<Row extends Listed, Shown>(
  kind: Kind<Row>,
  asked: Question<Row>,
  customer_id: string,
  takes: Takes,
  show: Show<Row, Shown>,
) {
  const [{ name, known }, less = 0] = await Promise.all([
    knownOfCustomer(kind.entity, customer_id, takes),
    asked.less?.(),
  ]);
  const counted = { ...known, total: known.total - less };
  const { rows, ...page } = await pageOfRun(runOf(kind, asked), counted, asked, kind.time);
  return { rows: rows.map((row) => show(row, name)), ...page };
}

async function counted<Row extends Listed>(
  kind: Kind<Row>,
  asked: Question<Row>,
  takes: Takes,
  directory: Promise<Directory>,
) {
  const known = Promise.all([knownOf(kind.entity, asked, takes, directory), asked.less?.()]).then(
    ([all, less = 0]) => ({ ...all, total: all.total - less }),
  );
  return pageOfRun(runOf(kind, asked), known, asked, kind.time);
}

/**
 * Rows of a kind, by filter. What is counted reads what it skips and shows; a text, days of one customer and another
 * order than by time look through the newest entries of what is asked for.
 *
 * @param known the directory, when the caller has asked for it already
 */
export async function listed<Row extends Listed, Shown>(
  kind: Kind<Row>,
  asked: Question<Row>,
  show: Show<Row, Shown>,
  known?: Promise<Directory>,
) {
  const { search, column, customer_id } = asked;
  const takes = search === undefined && column === undefined && isCounted(asked) ? asked.takes : undefined;
  if (takes && customer_id !== undefined) return ofCustomer(kind, asked, customer_id, takes, show);
  const directory = known ?? current();
  const [{ customers }, { rows, ...page }] = await Promise.all([
    directory,
    takes ? counted(kind, asked, takes, directory) : directory.then((now) => lookedThrough(kind, asked, now)),
  ]);
  const nameOf = (row: Row) => customers.get(row.customer_id)?.customer.company_name;
  return { rows: rows.map((row) => show(row, nameOf(row))), ...page };
}
