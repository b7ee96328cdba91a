import type { Paging } from "@success-manager/contract/paging";
import { current, type Directory } from "../directory/index.ts";
import { type Asked, type Kind, runOf } from "./kind.ts";
import { isCounted, type Known } from "./known.ts";
import { lookThrough, sortedPage } from "./looked-through.ts";
import { pageOfRun } from "./page.ts";
import type { Run } from "./run.ts";
import { type Stored, searchOf } from "./search.ts";

/** A question for a list. */
export interface Question<Row> extends Asked, Paging {
  readonly search?: string | undefined;
  /** What counters know of it, apart from a text and days of one customer; absent when they know nothing. */
  readonly known?: (() => Promise<Known>) | undefined;
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

/**
 * Rows of a kind, by filter. What is counted reads what it skips and shows; a text, days of one customer and another
 * order than by time look through the newest entries of what is asked for.
 *
 * @param show a row as the API shows it, with its customer's name
 */
export async function listed<Row extends Listed, Shown>(
  kind: Kind<Row>,
  asked: Question<Row>,
  show: (row: Row, customer_name: string | undefined) => Shown,
  directory: Promise<Directory> = current(),
) {
  const { search, column, known } = asked;
  const counted = search === undefined && column === undefined && isCounted(asked) ? known : undefined;
  const [all, { rows, ...page }] = await Promise.all([
    directory,
    counted
      ? counted().then((count) => pageOfRun(runOf(kind, asked), count, asked, kind.time))
      : directory.then((now) => lookedThrough(kind, asked, now)),
  ]);
  const nameOf = ({ customer_id }: Row) => all.customers.get(customer_id)?.customer.company_name;
  return { rows: rows.map((row) => show(row, nameOf(row))), ...page };
}
