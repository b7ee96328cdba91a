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
   * The rows that `keep` keeps, in order. With a question, which says all that `keep` depends on, the answer is
   * remembered until a row changes: pages of a list ask the same again and again.
   */
  select(order: Order, keep: (row: T) => boolean, question?: string): readonly T[];
  /** How many of these selected rows come up to and including a position. */
  countThrough(selected: readonly T[], order: Order, position: Position): number;
  /** The position of a row, for a cursor. */
  position(row: T): Position;
}

/** When more rows than this change between two looks, sorting anew beats moving one by one. */
const BULK = 64;

const compareValues = (a: string | number, b: string | number) => (a < b ? -1 : a > b ? 1 : 0);

/** Answers that each view remembers: few, because each may name all rows, and there are twenty columns to sort by. */
const REMEMBERED = 4;

/** @param rows where all rows can be had when the view is first needed */
export function sortedView<T>(
  rows: () => Iterable<T>,
  column: (row: T) => Value,
  idOf: (row: T) => string,
): SortedView<T> {
  let valued: T[] | undefined;
  let empty: T[] = [];
  let changed = 0;
  const remembered = new Map<string, readonly T[]>();

  const sortValue = (row: T): string | number | null => {
    const value = column(row);
    return typeof value === "boolean" ? Number(value) : (value ?? null);
  };
  const compare = (a: Position, b: Position): number => {
    if (a.value === null || b.value === null)
      return Number(a.value === null) - Number(b.value === null) || compareValues(a.id, b.id);
    return compareValues(a.value, b.value) || compareValues(a.id, b.id);
  };
  const position = (row: T): Position => ({ value: sortValue(row), id: idOf(row) });

  /** Where a position stands or would stand, among rows sorted ascending. */
  const find = (among: readonly T[], wanted: Position): number => {
    let [low, high] = [0, among.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compare(position(among[middle] as T), wanted) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  };

  const sort = (): T[] => {
    const positions = Array.from(rows(), (row) => ({ row, ...position(row) })).sort(compare);
    const firstEmpty = positions.findIndex(({ value }) => value === null);
    const all = positions.map(({ row }) => row);
    valued = firstEmpty < 0 ? all : all.slice(0, firstEmpty);
    empty = firstEmpty < 0 ? [] : all.slice(firstEmpty);
    changed = 0;
    return valued;
  };

  const search = (order: Order, keep: (row: T) => boolean): T[] => {
    const ascending = valued ?? sort();
    changed = 0;
    const selected: T[] = [];
    if (order === "asc") for (const row of ascending) if (keep(row)) selected.push(row);
    if (order === "desc")
      for (let i = ascending.length - 1; i >= 0; i--) {
        const row = ascending[i] as T;
        if (keep(row)) selected.push(row);
      }
    for (const row of empty) if (keep(row)) selected.push(row);
    return selected;
  };

  return {
    position,
    replace(before, after) {
      remembered.clear();
      if (!valued) return;
      if (++changed > BULK) {
        valued = undefined;
        return;
      }
      if (before) {
        const at = position(before);
        const among = at.value === null ? empty : valued;
        const index = find(among, at);
        if (among[index] !== undefined && idOf(among[index]) === at.id) among.splice(index, 1);
      }
      if (after) {
        const at = position(after);
        const among = at.value === null ? empty : valued;
        among.splice(find(among, at), 0, after);
      }
    },
    select(order, keep, question) {
      const key = question === undefined ? undefined : `${order} ${question}`;
      const known = key === undefined ? undefined : remembered.get(key);
      if (known) return known;
      const selected = search(order, keep);
      if (key !== undefined) {
        if (remembered.size >= REMEMBERED) remembered.clear();
        remembered.set(key, selected);
      }
      return selected;
    },
    countThrough(selected, order, wanted) {
      const before = (row: T) => {
        const at = position(row);
        const bothValued = at.value !== null && wanted.value !== null;
        const sign = order === "desc" && bothValued ? -1 : 1;
        return sign * compare(at, wanted) <= 0;
      };
      let [low, high] = [0, selected.length];
      while (low < high) {
        const middle = (low + high) >>> 1;
        if (before(selected[middle] as T)) low = middle + 1;
        else high = middle;
      }
      return low;
    },
  };
}
