import { compareText } from "@success-manager/contract/text";
import type { Order } from "../directory/index.ts";
import { type AttributeTest, type Filter, type Position, testsOf } from "../table/index.ts";
import type { KeptRow, Value } from "./kept.ts";

/**
 * Rows of a list in memory, by columns: a table of the different values of each field, and for each row the number of
 * its value. A condition is asked once for each value and not for each row, an order compares values once for all
 * requests; going through the rows compares numbers, one condition after the other. 200 000 rows take one to ten
 * milliseconds.
 */

export type SortValue = string | number | null;

/** Values in their order, for things that are numbered. */
export interface Ranks {
  /** All different values, in order. */
  readonly values: readonly SortValue[];
  /** Of each thing the place of its value among them; -1 without one. */
  readonly ranks: Int32Array;
}

/** What the values of a field stand for, such as customers: each has a number, which it keeps. */
export interface Register {
  readonly size: number;
  numberOf(value: Value): number | undefined;
}

/** An order by what stands in fields. */
interface ByFields<Context> {
  /** The fields that it is made of, `at` among them. */
  readonly fields: readonly string[];
  /** What a row is sorted by; rows without a value come last. The row has these fields. */
  readonly value: (row: Readonly<Record<string, Value>>, context: Context) => Value | null;
  /** Whether values stand in the order in which people sort. */
  readonly isText?: boolean;
  /** Where the only field names things that somebody else keeps in order: these things, and their order. */
  readonly ranked?: (context: Context) => { readonly register: Register; readonly order: Ranks };
}

/** An order by what conditions say: the value of a row is the one whose filter it meets. */
interface ByFilters<Context> {
  readonly filters: (context: Context) => readonly { readonly value: string; readonly filter: Filter }[];
}

/** Another order than by time. */
export type SortColumn<Context> = ByFields<Context> | ByFilters<Context>;

/** A condition of what the value of a field stands for, asked by its number. */
export interface RegisterTest {
  readonly register: Register;
  readonly passesNumber: (number: number) => boolean;
}

/** A condition of one field. */
export type ColumnTest = AttributeTest & Partial<RegisterTest>;

export interface Selection {
  /** Of each of these one test has to pass. */
  readonly tests: readonly (readonly ColumnTest[])[];
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
  /** Grows when a row comes, changes or goes. */
  readonly version: number;
  /** A page in the order of time; ties by id. */
  pageByTime(selection: Selection, query: PageQuery): ColumnsPage;
  /** A page in another order; ties by id, rows without a value last. */
  pageBy<Context>(
    column: SortColumn<Context>,
    context: Context,
    selection: Selection,
    query: PageQuery,
  ): ColumnsPage;
  count(selection: Selection): number;
  /** Of the selected rows that meet each of these filters, how many have each value of a field. */
  countBy(selection: Selection, filters: readonly Filter[], field: string): Map<Value, number>[];
  /** All selected rows, oldest first, with these fields, `id` and `at`. */
  rows(selection: Selection, fields: readonly string[]): Generator<Readonly<Record<string, Value>>>;
}

/** Numbers that become more; outside of the heap, so that the garbage collector need not look at them. */
class Numbers {
  all = new Uint32Array(1_024);
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
  /** What the values stand for, by code: numbers in a register of so many. */
  numbered: { readonly register: Register; readonly size: number; readonly numbers: Int32Array } | undefined;
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
    return this.values[this.codes.all[row] as number];
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

/** The order of the values of numbered things, which follows what comes and what changes. */
export class SortedValues implements Ranks {
  /** All different values, in order; some of them may be nobody's any more. */
  values: SortValue[] = [];
  ranks = new Int32Array(0);
  private readonly compare: Compare;

  constructor(isText: boolean | undefined) {
    this.compare = comparing(isText);
  }

  /** Takes in values of numbers, new ones and such that have another value now. @param size how many numbers there are */
  update(changes: ReadonlyMap<number, SortValue>, size: number): void {
    const { values: before, compare } = this;
    const found = [...new Set(changes.values())]
      .filter((value) => value !== null)
      .map((value) => {
        const place = countFirst(before.length, (n) => compare(before[n] ?? null, value) < 0);
        return {
          value,
          place,
          isNew: place === before.length || compare(before[place] ?? null, value) !== 0,
        };
      });
    const fresh = found.filter(({ isNew }) => isNew);
    fresh.sort((a, b) => a.place - b.place || compare(a.value, b.value));
    /** Where values stand now: those that were there, by their former place, and those that come, by themselves. */
    const places = new Int32Array(before.length);
    const placeOf = new Map<SortValue, number>();
    const values: SortValue[] = [];
    let next = 0;
    for (let place = 0; place <= before.length; place++) {
      for (let one = fresh[next]; one?.place === place; one = fresh[++next])
        placeOf.set(one.value, values.push(one.value) - 1);
      if (place < before.length) places[place] = values.push(before[place] ?? null) - 1;
    }
    for (const { value, place, isNew } of found) if (!isNew) placeOf.set(value, places[place] as number);
    const ranks = new Int32Array(size).fill(-1);
    for (let number = 0; number < this.ranks.length; number++) {
      const rank = this.ranks[number] as number;
      if (rank >= 0) ranks[number] = places[rank] as number;
    }
    for (const [number, value] of changes) ranks[number] = placeOf.get(value) ?? -1;
    this.values = values;
    this.ranks = ranks;
  }
}

const HEAD = 6;
const BYTE = 256;

/** The beginning of an id as a number, in the same order: comparing numbers is quicker, and seldom leaves a tie. */
function headOf(id: string): number {
  let head = 0;
  for (let n = 0; n < HEAD; n++) head = head * BYTE + Math.min(id.charCodeAt(n) || 0, BYTE - 1);
  return head;
}

/** What is known of a value while a condition is asked; nothing at first. */
const FAILS = 1;
const PASSES = 2;

/** When more rows than this come, sorting anew beats putting them in one by one. */
const MAX_INSERTS = 500;

const DAY_MS = 24 * 60 * 60 * 1000;

export function createColumns(fields: readonly string[]): Columns {
  const columns = new Map(fields.map((field) => [field, new Column()]));
  const numbers = new Map<string, number>();
  const ids: string[] = [];
  const heads: number[] = [];
  const times: number[] = [];
  const free: number[] = [];
  let version = 0;
  /** All rows by time; undefined until it is needed. */
  let byTime: number[] | undefined;
  let moves = 0;
  /** What was sorted once, and follows. */
  const sorted = new Map<ByFields<never>, SortedValues>();

  const columnOf = (field: string): Column => {
    const column = columns.get(field);
    if (!column) throw new Error(`${field} is not kept`);
    return column;
  };
  const idOf = (row: number) => ids[row] as string;
  const timeOf = (row: number) => times[row] as number;
  const compareIds = (a: number, b: number) =>
    (heads[a] as number) - (heads[b] as number) || compareValues(idOf(a), idOf(b));
  const compareRows = (a: number, b: number) => timeOf(a) - timeOf(b) || compareIds(a, b);
  /** Some of these rows, from one place to another, if all were sorted by id: without sorting all. */
  const byId = (rows: readonly number[], from: number, to: number): number[] => {
    if (from >= to) return [];
    const sortedHeads = new Float64Array(rows.length);
    for (let n = 0; n < rows.length; n++) sortedHeads[n] = heads[rows[n] as number] as number;
    sortedHeads.sort();
    const [least, most] = [sortedHeads[from] as number, sortedHeads[to - 1] as number];
    const before = countFirst(sortedHeads.length, (n) => (sortedHeads[n] as number) < least);
    return rows
      .filter((row) => (heads[row] as number) >= least && (heads[row] as number) <= most)
      .sort(compareIds)
      .slice(from - before, to - before);
  };
  const inTime = () => {
    byTime ??= [...numbers.values()].sort(compareRows);
    moves = 0;
    return byTime;
  };
  /** How many rows by time come before a moment and id. */
  const placeOf = (rows: ArrayLike<number>, time: number, id: string, equal: boolean) =>
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

  /** The numbers, by code, of what a field's values stand for; -1 for what nobody knows. */
  const numbersIn = (register: Register, field: string): Int32Array => {
    const column = columnOf(field);
    const { values, numbered: known } = column;
    const { size } = register;
    if (known?.register === register && known.size === size && known.numbers.length === values.length)
      return known.numbers;
    const before = known?.register === register ? known.numbers : new Int32Array(0);
    const found = Int32Array.from(values, (value, code) =>
      (before[code] ?? -1) >= 0 ? (before[code] as number) : (register.numberOf(value) ?? -1),
    );
    column.numbered = { register, size, numbers: found };
    return found;
  };

  /** A test of the values of a field by code. */
  const codeTest = ({ field, passes, register, passesNumber }: ColumnTest): ((code: number) => boolean) => {
    const { values } = columnOf(field);
    if (!register || !passesNumber) return (code) => passes(values[code]);
    const numbered = numbersIn(register, field);
    return (code) => {
      const number = numbered[code] as number;
      return number >= 0 && passesNumber(number);
    };
  };

  /** Marks those of so many rows that pass one of the tests; each value is asked once. */
  const mark = (rows: Uint32Array, count: number, some: readonly ColumnTest[]): Uint8Array => {
    const marks = new Uint8Array(count);
    for (const test of some) {
      const passes = codeTest(test);
      const column = columnOf(test.field);
      const codes = column.codes.all;
      const known = new Uint8Array(column.values.length);
      for (let n = 0; n < count; n++) {
        if (marks[n] === 1) continue;
        const code = codes[rows[n] as number] as number;
        if (known[code] === 0) known[code] = passes(code) ? PASSES : FAILS;
        if (known[code] === PASSES) marks[n] = 1;
      }
    }
    return marks;
  };

  /** Which of the rows pass all tests, in their order. */
  const passing = (all: Uint32Array, tests: Selection["tests"]): Uint32Array => {
    let count = all.length;
    for (const some of tests) {
      const marks = mark(all, count, some);
      let kept = 0;
      for (let n = 0; n < count; n++) if (marks[n] === 1) all[kept++] = all[n] as number;
      count = kept;
    }
    return all.subarray(0, count);
  };

  /** The selected rows, by time. */
  const select = ({ tests, start_date, end_date }: Selection): Uint32Array => {
    const rows = inTime();
    const from = start_date === undefined ? 0 : placeOf(rows, Date.parse(start_date), "", false);
    const to = end_date === undefined ? rows.length : placeOf(rows, Date.parse(end_date) + DAY_MS, "", false);
    return passing(new Uint32Array(from === 0 && to === rows.length ? rows : rows.slice(from, to)), tests);
  };

  const valuesOf = (row: number, of: readonly string[]): Record<string, Value> => {
    const found: Record<string, Value> = {};
    for (const field of of)
      found[field] = field === "at" ? new Date(timeOf(row)).toISOString() : columnOf(field).of(row);
    return found;
  };

  /** The order of the values of a field; it follows new ones. */
  const sortedBy = <Context>(column: ByFields<Context>, field: string, context: Context): Ranks => {
    const { values } = columnOf(field);
    const order = sorted.get(column) ?? new SortedValues(column.isText);
    sorted.set(column, order);
    const fresh = new Map<number, SortValue>();
    for (let code = order.ranks.length; code < values.length; code++)
      fresh.set(code, sortValue(column.value({ [field]: values[code] }, context)));
    if (fresh.size > 0) order.update(fresh, values.length);
    return order;
  };

  /** Of several fields, each combination of values is asked once; with `at` each row, so for few rows. */
  const sortedByAll = <Context>(
    { fields: of, value, isText }: ByFields<Context>,
    context: Context,
    rows: Uint32Array,
  ): Ranks => {
    let combinations = new Int32Array(rows.length);
    /** A row of each combination. */
    let examples: number[] = [];
    for (const field of of) {
      const column = field === "at" ? undefined : columnOf(field);
      const size = column?.values.length ?? rows.length;
      const known = new Map<number, number>();
      const rowsOf: number[] = [];
      combinations = combinations.map((combination, n) => {
        const row = rows[n] as number;
        const key = combination * size + (column ? (column.codes.all[row] as number) : n);
        const number = known.get(key) ?? rowsOf.push(row) - 1;
        known.set(key, number);
        return number;
      });
      examples = rowsOf;
    }
    const found = examples.map((row, n) => [n, sortValue(value(valuesOf(row, of), context))] as const);
    const order = new SortedValues(isText);
    order.update(new Map(found), found.length);
    return { values: order.values, ranks: combinations.map((number) => order.ranks[number] as number) };
  };

  /** Rows by the conditions that they meet. */
  const sortedByFilters = (
    groups: readonly { readonly value: string; readonly filter: Filter }[],
    rows: Uint32Array,
  ): Ranks => {
    const inOrder = groups.toSorted((a, b) => compareValues(a.value, b.value));
    const rankOfRow = new Int32Array(ids.length).fill(-1);
    let rest = rows.slice();
    for (const [rank, { filter }] of inOrder.entries()) {
      for (const row of passing(rest.slice(), testsOf(filter))) rankOfRow[row] = rank;
      let left = 0;
      for (let n = 0; n < rest.length; n++) {
        const row = rest[n] as number;
        if (rankOfRow[row] === -1) rest[left++] = row;
      }
      rest = rest.subarray(0, left);
    }
    const ranks = new Int32Array(rows.length);
    for (let n = 0; n < rows.length; n++) ranks[n] = rankOfRow[rows[n] as number] as number;
    return { values: inOrder.map(({ value }) => value), ranks };
  };

  /** The ranks of rows, one by one, and the values by rank. */
  const rank = <Context>(column: SortColumn<Context>, context: Context, rows: Uint32Array): Ranks => {
    if ("filters" in column) return sortedByFilters(column.filters(context), rows);
    const [field = "", ...others] = column.fields;
    if (others.length > 0 || field === "at") return sortedByAll(column, context, rows);
    const codes = columnOf(field).codes.all;
    const ranks = new Int32Array(rows.length);
    if (!column.ranked) {
      const order = sortedBy(column, field, context);
      for (let n = 0; n < rows.length; n++)
        ranks[n] = order.ranks[codes[rows[n] as number] as number] as number;
      return { values: order.values, ranks };
    }
    const { register, order } = column.ranked(context);
    const numbered = numbersIn(register, field);
    for (let n = 0; n < rows.length; n++) {
      const number = numbered[codes[rows[n] as number] as number] as number;
      ranks[n] = number < 0 ? -1 : (order.ranks[number] as number);
    }
    return { values: order.values, ranks };
  };

  return {
    put(row) {
      const known = numbers.get(row.id);
      const time = Date.parse(row.at);
      const number = known ?? free.pop() ?? ids.length;
      const isMoved = known === undefined || timeOf(known) !== time;
      if (known !== undefined && isMoved) takeOut(known);
      ids[number] = row.id;
      heads[number] = headOf(row.id);
      times[number] = time;
      if (isMoved || fields.some((field) => columnOf(field).of(number) !== row[field])) version += 1;
      for (const [field, column] of columns) column.put(number, row[field]);
      numbers.set(row.id, number);
      if (isMoved) putIn(number);
    },
    remove(id) {
      const row = numbers.get(id);
      if (row === undefined) return;
      takeOut(row);
      version += 1;
      numbers.delete(id);
      free.push(row);
    },
    get size() {
      return numbers.size;
    },
    get version() {
      return version;
    },
    *rows(selection, of) {
      for (const row of select(selection)) yield { ...valuesOf(row, [...of, "at"]), id: idOf(row) };
    },
    count: (selection) => select(selection).length,
    countBy(selection, filters, field) {
      const { values, codes } = columnOf(field);
      const rows = select(selection);
      return filters.map((filter) => {
        const counts = new Uint32Array(values.length);
        for (const row of passing(rows.slice(), testsOf(filter)))
          (counts[codes.all[row] as number] as number) += 1;
        return new Map(values.flatMap((value, code) => (counts[code] ? [[value, counts[code]]] : [])));
      });
    },
    pageByTime(selection, { order, skip, limit, after }) {
      const rows = select(selection);
      const down = order === "desc";
      const passed = after ? placeOf(rows, Date.parse(String(after.value)), after.id, !down) : 0;
      // How many come before the page, seen in its direction.
      const start = after ? (down ? rows.length - passed : passed) : skip;
      const end = Math.min(start + limit, rows.length);
      const page = Array.from(
        { length: Math.max(end - start, 0) },
        (_, n) => rows[down ? rows.length - 1 - start - n : start + n] as number,
      );
      const last = page.at(-1);
      return {
        ids: page.map(idOf),
        total: rows.length,
        next:
          last !== undefined && end < rows.length
            ? { value: new Date(timeOf(last)).toISOString(), id: idOf(last) }
            : undefined,
      };
    },
    pageBy(column, context, selection, { order, skip, limit, after }) {
      const selected = select(selection);
      const compare = comparing("isText" in column && column.isText);
      const { values, ranks } = rank(column, context, selected);
      const down = order === "desc";
      // Rows without a value come last, as if their rank were the last one in both orders.
      const none = values.length;
      const counts = new Uint32Array(none + 1);
      for (let n = 0; n < selected.length; n++) {
        const ascending = ranks[n] as number;
        const one = ascending < 0 ? none : down ? none - 1 - ascending : ascending;
        ranks[n] = one;
        counts[one] = (counts[one] as number) + 1;
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
      const page = parts.flatMap(({ rank, passed }) => {
        const group = groups.get(rank) ?? [];
        const [first, last] = [Math.max(start - passed, 0), Math.min(end - passed, group.length)];
        return down && rank < none
          ? byId(group, group.length - last, group.length - first).reverse()
          : byId(group, first, last);
      });
      const last = page.at(-1);
      const lastRank = parts.at(-1)?.rank ?? none;
      return {
        ids: page.map(idOf),
        total: selected.length,
        next:
          last !== undefined && end < selected.length
            ? { value: values[down ? none - 1 - lastRank : lastRank] ?? null, id: idOf(last) }
            : undefined,
      };
    },
  };
}
