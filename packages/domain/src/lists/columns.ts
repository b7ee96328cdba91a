import { compareText } from "@success-manager/contract/text";
import type { Order } from "../directory/index.ts";
import type { AttributeTest, Position } from "../table/index.ts";
import type { KeptRow, Value } from "./kept.ts";

/**
 * Rows of a list in memory, by columns: a table of the different values of each field, and for each row the number of
 * its value. A condition is asked once for each value and not for each row, an order compares values once for all
 * requests; going through the rows compares numbers. 200 000 rows take one to ten milliseconds.
 */

type SortValue = string | number | null;

/** Another order than by time. */
export interface SortColumn<Context> {
  /** The fields that it is made of, `at` among them. */
  readonly fields: readonly string[];
  /** What a row is sorted by; rows without a value come last. The row has these fields, `id` and `at`. */
  readonly value: (row: Readonly<Record<string, Value>>, context: Context) => Value | null;
  /** Whether values stand in the order in which people sort. */
  readonly isText?: boolean;
  /**
   * The context's own order of the values of the only field, where it is kept sorted anyway. Must be the same object as
   * long as the order is the same.
   */
  readonly ranked?: (context: Context) => {
    readonly rankOf: (value: Value) => number | undefined;
    readonly values: readonly SortValue[];
  };
  /** Changes when values may have changed without the rows; nothing when they follow from the rows alone. */
  readonly edition?: (context: Context) => unknown;
}

export interface Selection {
  /** Of each of these one test has to pass. */
  readonly tests: readonly (readonly AttributeTest[])[];
  /** The first and the last day, both included. */
  readonly start_date?: string | undefined;
  readonly end_date?: string | undefined;
}

export interface ColumnsPage {
  /** The ids of the page's rows, in its order. */
  readonly ids: readonly string[];
  /** How many rows are selected. */
  readonly total: number;
  /** Where the page ends, when more comes after it. */
  readonly next: Position | undefined;
}

interface PageQuery {
  readonly order: Order;
  /** Rows that are passed over; without effect after a position. */
  readonly skip: number;
  readonly limit: number;
  readonly after?: Position | undefined;
}

export interface Columns {
  /** Takes in a row, in the place of the one with its id. */
  put(row: KeptRow): void;
  remove(id: string): void;
  readonly size: number;
  /** A page in the order of time; ties by id. */
  pageByTime(selection: Selection, query: PageQuery): ColumnsPage;
  /** A page in another order; ties by id, rows without a value last. */
  pageBy<Context>(
    column: SortColumn<Context>,
    context: Context,
    selection: Selection,
    query: PageQuery,
  ): ColumnsPage;
  /** All selected rows, oldest first, with these fields, `id` and `at`. */
  rows(selection: Selection, fields: readonly string[]): Generator<Readonly<Record<string, Value>>>;
}

/** Numbers that become more; outside of the heap, so that the garbage collector need not look at them. */
class Numbers {
  private all = new Uint32Array(1_024);
  at(index: number): number {
    return this.all[index] as number;
  }
  set(index: number, value: number): void {
    if (index >= this.all.length) {
      const larger = new Uint32Array(this.all.length * 2);
      larger.set(this.all);
      this.all = larger;
    }
    this.all[index] = value;
  }
}

/** A field of all rows. */
class Column {
  readonly values: Value[] = [];
  readonly codes = new Numbers();
  private readonly known = new Map<Value, number>();

  put(row: number, value: Value): void {
    let code = this.known.get(value);
    if (code === undefined) {
      code = this.values.length;
      this.known.set(value, code);
      this.values.push(value);
    }
    this.codes.set(row, code);
  }
  of(row: number): Value {
    return this.values[this.codes.at(row)];
  }
}

const sortValue = (value: Value | null): SortValue =>
  typeof value === "boolean" ? Number(value) : (value ?? null);

const compareValues = (a: string | number, b: string | number) => (a < b ? -1 : a > b ? 1 : 0);
type Compare = (a: SortValue, b: SortValue) => number;
const comparing = (isText: boolean | undefined): Compare =>
  isText
    ? (a, b) => compareText(String(a), String(b))
    : (a, b) => (a === null || b === null ? 0 : compareValues(a, b));

/** How many of so many sorted things come first: those for which this holds. */
function countFirst(length: number, isBefore: (place: number) => boolean): number {
  let [low, high] = [0, length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBefore(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The order of the values of a column: the rank of each code, -1 for no value, and the values by rank. */
interface Ranking {
  readonly rankOf: (row: number) => number;
  readonly values: readonly SortValue[];
}

/** What was sorted once, and follows what comes. */
interface CachedRanking {
  readonly edition: unknown;
  /** By code. */
  readonly byCode: SortValue[];
  /** Codes that have a value, in its order. */
  readonly sorted: number[];
  ranks: Int32Array;
  values: SortValue[];
}

/** When more values than this are new, sorting anew beats putting them in one by one. */
const MAX_INSERTS = 500;

/** Ranks of sorted values; equal ones share theirs. */
function rankedValues(sorted: readonly number[], byCode: readonly SortValue[], compare: Compare) {
  const ranks = new Int32Array(byCode.length).fill(-1);
  const values: SortValue[] = [];
  for (const code of sorted) {
    const value = byCode[code] ?? null;
    const last = values.at(-1);
    if (last === undefined || compare(last, value) !== 0) values.push(value);
    ranks[code] = values.length - 1;
  }
  return { ranks, values };
}

const DAY_MS = 24 * 60 * 60 * 1000;
export function createColumns(fields: readonly string[]): Columns {
  const columns = new Map(fields.map((field) => [field, new Column()]));
  const numbers = new Map<string, number>();
  const ids: string[] = [];
  const times: number[] = [];
  const free: number[] = [];
  /** All rows by time; undefined until it is needed. */
  let byTime: number[] | undefined;
  let moves = 0;
  const rankings = new Map<SortColumn<never>, CachedRanking>();
  /** Ranks by code, of orders that the context keeps: as long as it does. */
  const rankedCodes = new WeakMap<object, Int32Array>();

  const columnOf = (field: string): Column => {
    const column = columns.get(field);
    if (!column) throw new Error(`${field} is not kept`);
    return column;
  };
  const idOf = (row: number) => ids[row] as string;
  const timeOf = (row: number) => times[row] as number;
  const compareRows = (a: number, b: number) =>
    timeOf(a) - timeOf(b) || (idOf(a) < idOf(b) ? -1 : idOf(a) > idOf(b) ? 1 : 0);
  const inTime = () => {
    byTime ??= [...numbers.values()].sort(compareRows);
    moves = 0;
    return byTime;
  };
  /** How many rows by time come before a moment and id. */
  const placeOf = (rows: readonly number[], time: number, id: string, equal: boolean) =>
    countFirst(rows.length, (place) => {
      const row = rows[place] as number;
      return (timeOf(row) - time || (idOf(row) < id ? -1 : idOf(row) > id ? 1 : equal ? -1 : 0)) < 0;
    });

  const moved = (change: (rows: number[]) => void) => {
    if (!byTime) return;
    moves += 1;
    if (moves > MAX_INSERTS) byTime = undefined;
    else change(byTime);
  };
  const takeOut = (row: number) =>
    moved((rows) => rows.splice(placeOf(rows, timeOf(row), idOf(row), false), 1));
  const putIn = (row: number) =>
    moved((rows) => rows.splice(placeOf(rows, timeOf(row), idOf(row), false), 0, row));

  /** A test of rows by number, each value asked once. */
  const compiled = ({ tests }: Selection): ((row: number) => boolean) => {
    const all = tests.map((some) => {
      const each = some.map(({ field, passes }) => {
        const { values, codes } = columnOf(field);
        const known = new Uint8Array(values.length);
        return (row: number) => {
          const code = codes.at(row);
          if (known[code] === 0) known[code] = passes(values[code]) ? 2 : 1;
          return known[code] === 2;
        };
      });
      const [only] = each;
      return each.length === 1 && only ? only : (row: number) => each.some((test) => test(row));
    });
    const [first, second, third] = all;
    if (!first) return () => true;
    if (!second) return first;
    if (!third) return (row) => first(row) && second(row);
    return (row) => all.every((test) => test(row));
  };

  /** The rows of the days, by time, and where they begin and end. */
  const within = ({ start_date, end_date }: Selection) => {
    const rows = inTime();
    const from = start_date === undefined ? 0 : placeOf(rows, Date.parse(start_date), "", false);
    const to = end_date === undefined ? rows.length : placeOf(rows, Date.parse(end_date) + DAY_MS, "", false);
    return { rows, from, to };
  };

  const rowWith = (row: number, of: readonly string[]) =>
    Object.fromEntries([
      ...of.flatMap((field): [string, Value][] => (field === "at" ? [] : [[field, columnOf(field).of(row)]])),
      ["id", idOf(row)],
      ["at", new Date(timeOf(row)).toISOString()],
    ]);

  /** Follows new values of the field; sorts all when many are new or the context has changed. */
  const cachedRanking = <Context>(
    column: SortColumn<Context>,
    field: string,
    context: Context,
    compare: Compare,
  ): CachedRanking => {
    const { values } = columnOf(field);
    const edition = column.edition?.(context);
    let cached = rankings.get(column as SortColumn<never>);
    if (cached && (cached.edition !== edition || values.length - cached.byCode.length > MAX_INSERTS))
      cached = undefined;
    if (cached?.byCode.length === values.length) return cached;
    const byCode: SortValue[] = cached?.byCode ?? [];
    const sorted: number[] = cached?.sorted ?? [];
    const isNew = !cached;
    for (let code = byCode.length; code < values.length; code++) {
      const value = sortValue(column.value({ [field]: values[code] }, context));
      byCode.push(value);
      if (value === null) continue;
      if (isNew) sorted.push(code);
      else {
        const valueAt = (place: number) => byCode[sorted[place] as number] ?? null;
        sorted.splice(
          countFirst(sorted.length, (place) => compare(valueAt(place), value) <= 0),
          0,
          code,
        );
      }
    }
    if (isNew) sorted.sort((a, b) => compare(byCode[a] ?? null, byCode[b] ?? null));
    const made = { edition, byCode, sorted, ...rankedValues(sorted, byCode, compare) };
    rankings.set(column as SortColumn<never>, made);
    return made;
  };

  const rankingOf = <Context>(
    column: SortColumn<Context>,
    context: Context,
    rows: readonly number[],
    compare: Compare,
  ): Ranking => {
    const [field, second] = column.fields;
    if (field !== undefined && second === undefined && column.ranked) {
      const ranking = column.ranked(context);
      const known = columnOf(field);
      let ranks = rankedCodes.get(ranking);
      if (ranks?.length !== known.values.length) {
        ranks = Int32Array.from(known.values, (value) => ranking.rankOf(value) ?? -1);
        rankedCodes.set(ranking, ranks);
      }
      const byCode = ranks;
      return { values: ranking.values, rankOf: (row) => byCode[known.codes.at(row)] as number };
    }
    if (field !== undefined && field !== "at" && second === undefined) {
      const { ranks, values } = cachedRanking(column, field, context, compare);
      const { codes } = columnOf(field);
      return { values, rankOf: (row) => ranks[codes.at(row)] as number };
    }
    // Of several fields: asked for each row, so for what few rows have or cheap ones.
    const ofRow = new Map(
      rows.map((row) => [row, sortValue(column.value(rowWith(row, column.fields), context))]),
    );
    const values = [...new Set(ofRow.values())].filter((value) => value !== null).sort(compare);
    const rank = new Map<SortValue, number>(values.map((value, n) => [value, n]));
    return { values, rankOf: (row) => rank.get(ofRow.get(row) ?? null) ?? -1 };
  };

  return {
    put(row) {
      const known = numbers.get(row.id);
      const time = Date.parse(row.at);
      const number = known ?? free.pop() ?? ids.length;
      const isMoved = known === undefined || timeOf(known) !== time;
      if (known !== undefined && isMoved) takeOut(known);
      ids[number] = row.id;
      times[number] = time;
      for (const [field, column] of columns) column.put(number, row[field]);
      numbers.set(row.id, number);
      if (isMoved) putIn(number);
    },
    remove(id) {
      const row = numbers.get(id);
      if (row === undefined) return;
      takeOut(row);
      numbers.delete(id);
      free.push(row);
    },
    get size() {
      return numbers.size;
    },
    *rows(selection, of) {
      const matches = compiled(selection);
      const { rows, from, to } = within(selection);
      for (let place = from; place < to; place++) {
        const row = rows[place] as number;
        if (matches(row)) yield rowWith(row, of);
      }
    },
    pageByTime(selection, { order, skip, limit, after }) {
      const matches = compiled(selection);
      const { rows, from, to } = within(selection);
      const down = order === "desc";
      // Where the page's part of the range begins, seen in its direction.
      const start = after
        ? placeOf(rows, Date.parse(String(after.value)), after.id, !down)
        : down
          ? to
          : from;
      const first = after ? 0 : skip;
      const found: number[] = [];
      let total = 0;
      let passed = 0;
      for (let step = 0; step < to - from; step++) {
        const place = down ? to - 1 - step : from + step;
        const row = rows[place] as number;
        if (!matches(row)) continue;
        total += 1;
        if (down ? place >= start : place < start) continue;
        passed += 1;
        if (passed > first && found.length <= limit) found.push(row);
      }
      const page = found.slice(0, limit);
      const last = page.at(-1);
      return {
        ids: page.map(idOf),
        total,
        next:
          last !== undefined && found.length > limit
            ? { value: new Date(timeOf(last)).toISOString(), id: idOf(last) }
            : undefined,
      };
    },
    pageBy(column, context, selection, { order, skip, limit, after }) {
      const matches = compiled(selection);
      const { rows, from, to } = within(selection);
      const selected: number[] = [];
      for (let place = from; place < to; place++) {
        const row = rows[place] as number;
        if (matches(row)) selected.push(row);
      }
      const compare = comparing(column.isText);
      const { rankOf, values } = rankingOf(column, context, selected, compare);
      const down = order === "desc";
      // Rows without a value come last, as if their rank were the last one in both orders.
      const none = values.length;
      const ranks = new Uint32Array(selected.length);
      const counts = new Uint32Array(none + 1);
      for (let n = 0; n < selected.length; n++) {
        const ascending = rankOf(selected[n] as number);
        const rank = ascending < 0 ? none : down ? none - 1 - ascending : ascending;
        ranks[n] = rank;
        counts[rank] = (counts[rank] as number) + 1;
      }
      const before = (rank: number) => {
        let count = 0;
        for (let one = 0; one < rank; one++) count += counts[one] as number;
        return count;
      };
      /** Rows by rank, of these ranks. */
      const withRanks = (least: number, most: number) => {
        const found = new Map<number, number[]>();
        for (let n = 0; n < selected.length; n++) {
          const rank = ranks[n] as number;
          if (rank < least || rank > most) continue;
          const group = found.get(rank);
          if (group) group.push(selected[n] as number);
          else found.set(rank, [selected[n] as number]);
        }
        return found;
      };
      const byId = (a: number, b: number) => (idOf(a) < idOf(b) ? -1 : 1);
      const ties = (rank: number) => (down && rank < none ? (a: number, b: number) => byId(b, a) : byId);
      /** How many rows come up to and including a position. */
      const upTo = ({ value, id }: Position): number => {
        const first = countFirst(none, (n) => compare(values[n] ?? null, value) < 0);
        const isThere = first < none && compare(values[first] ?? null, value) === 0;
        if (value !== null && !isThere) return before(down ? none - first : first);
        const rank = value === null ? none : down ? none - 1 - first : first;
        const isUpTo =
          down && rank < none ? (row: number) => idOf(row) >= id : (row: number) => idOf(row) <= id;
        return before(rank) + (withRanks(rank, rank).get(rank) ?? []).filter(isUpTo).length;
      };
      const start = after ? upTo(after) : skip;
      const end = Math.min(start + limit, selected.length);
      /** The ranks of the page, with how many rows come before each. */
      const parts: { readonly rank: number; readonly passed: number }[] = [];
      for (let rank = 0, passed = 0; rank <= none && passed < end; rank++) {
        const count = counts[rank] as number;
        if (count > 0 && passed + count > start) parts.push({ rank, passed });
        passed += count;
      }
      const groups = withRanks(parts[0]?.rank ?? none, parts.at(-1)?.rank ?? 0);
      const page = parts.flatMap(({ rank, passed }) =>
        smallest(groups.get(rank) ?? [], end - passed, ties(rank)).slice(Math.max(start - passed, 0)),
      );
      const last = page.at(-1);
      const rank = last === undefined ? -1 : rankOf(last);
      return {
        ids: page.map(idOf),
        total: selected.length,
        next:
          last !== undefined && end < selected.length
            ? { value: rank < 0 ? null : (values[rank] ?? null), id: idOf(last) }
            : undefined,
      };
    },
  };
}

/** The first of some things in their order; quicker than sorting all, where few are wanted of many. */
function smallest<T>(all: readonly T[], count: number, compare: (a: T, b: T) => number): T[] {
  const room = Math.max(4 * count, 256);
  let kept: T[] = [];
  let most: T | undefined;
  for (const one of all) {
    if (most !== undefined && compare(one, most) > 0) continue;
    kept.push(one);
    if (kept.length < room) continue;
    kept = kept.sort(compare).slice(0, count);
    most = kept.at(-1);
  }
  return kept.sort(compare).slice(0, count);
}
