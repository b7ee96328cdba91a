import type { Position } from "../table/index.ts";

type Value = string | number | boolean | null | undefined;
export type Order = "asc" | "desc";

/**
 * Rows in the order of one column, kept sorted while rows come, change and go.
 * Ties are broken by id; rows without a value come last in both orders (decision 10).
 */
export interface SortedView<T> {
  /** Takes a row out and puts its successor in; undefined for none. */
  replace(before: T | undefined, after: T | undefined): void;
  /**
   * The rows that `keep` keeps, in order. With a question, which says all that `keep` depends on besides the row, the
   * answer is remembered and follows the rows that change: pages of a list ask the same again and again. So read it
   * before anything else can happen, or copy it.
   */
  select(order: Order, keep: (row: T) => boolean, question?: string): readonly T[];
  /** How many of these selected rows come up to and including a position. */
  upperBound(selected: readonly T[], order: Order, position: Position): number;
  /** The position of a row, for a cursor. */
  position(row: T): Position;
}

interface Selection<T> {
  readonly order: Order;
  readonly keep: (row: T) => boolean;
  readonly rows: T[];
}

/** When more than this is to be done between two looks, sorting anew beats moving rows one by one. */
const BULK = 64;
/** A row that keeps its place is as much work as a part of one that moves. */
const IN_PLACE = 1 / 16;

/** Answers that each view remembers: few, because each may name all rows, and there are twenty columns to sort by. */
const REMEMBERED = 4;

const compareValues = (a: string | number, b: string | number) => (a < b ? -1 : a > b ? 1 : 0);

function compare(a: Position, b: Position): number {
  if (a.value === null || b.value === null)
    return Number(a.value === null) - Number(b.value === null) || compareValues(a.id, b.id);
  return compareValues(a.value, b.value) || compareValues(a.id, b.id);
}

/** Descending turns round all but the rows without a value. */
const comparing: Readonly<Record<Order, typeof compare>> = {
  asc: compare,
  desc: (a, b) => (a.value === null || b.value === null ? compare(a, b) : compare(b, a)),
};

/** @param rows where all rows can be had when the view is first needed */
export function sortedView<T>(
  rows: () => Iterable<T>,
  column: (row: T) => Value,
  idOf: (row: T) => string,
): SortedView<T> {
  /** Ascending; undefined until the view is needed. */
  let all: Selection<T> | undefined;
  const remembered = new Map<string, Selection<T>>();
  let work = 0;

  const sortValue = (row: T): string | number | null => {
    const value = column(row);
    return typeof value === "boolean" ? Number(value) : (value ?? null);
  };
  const position = (row: T): Position => ({ value: sortValue(row), id: idOf(row) });

  const upperBound = (selected: readonly T[], order: Order, wanted: Position): number => {
    let [low, high] = [0, selected.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (comparing[order](position(selected[middle] as T), wanted) <= 0) low = middle + 1;
      else high = middle;
    }
    return low;
  };

  const sort = (): Selection<T> => {
    const positions = Array.from(rows(), (row) => ({ row, ...position(row) })).sort(compare);
    all = { order: "asc", keep: () => true, rows: positions.map(({ row }) => row) };
    return all;
  };

  const search = (order: Order, keep: (row: T) => boolean): T[] => {
    const { rows: ascending } = all ?? sort();
    if (order === "asc") return ascending.filter(keep);
    const valued = upperBound(ascending, "asc", { value: null, id: "" });
    const selected: T[] = [];
    for (let i = valued - 1; i >= 0; i--) {
      const row = ascending[i] as T;
      if (keep(row)) selected.push(row);
    }
    for (let i = valued; i < ascending.length; i++) {
      const row = ascending[i] as T;
      if (keep(row)) selected.push(row);
    }
    return selected;
  };

  /** Takes a row out of sorted rows and puts one in. */
  const exchange = ({ order, keep, rows }: Selection<T>, before: T | undefined, after: T | undefined) => {
    const from = before && position(before);
    const to = after && keep(after) ? position(after) : undefined;
    const index = from ? upperBound(rows, order, from) - 1 : -1;
    const found = index >= 0 && idOf(rows[index] as T) === from?.id;
    if (found && from && to && after && compare(from, to) === 0) {
      rows[index] = after;
      return IN_PLACE;
    }
    if (found) rows.splice(index, 1);
    if (to && after) rows.splice(upperBound(rows, order, to), 0, after);
    return 1;
  };

  return {
    position,
    upperBound,
    replace(before, after) {
      if (!all) return;
      work += exchange(all, before, after);
      for (const selection of remembered.values()) exchange(selection, before, after);
      if (work < BULK) return;
      all = undefined;
      remembered.clear();
    },
    select(order, keep, question) {
      work = 0;
      if (question === undefined) return search(order, keep);
      const key = `${order} ${question}`;
      const known = remembered.get(key);
      if (known) return known.rows;
      const selected = search(order, keep);
      if (remembered.size >= REMEMBERED) remembered.clear();
      remembered.set(key, { order, keep, rows: selected });
      return selected;
    },
  };
}
