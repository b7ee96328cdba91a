import { compareText, searchForm } from "@success-manager/contract/text";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  compares,
  contains,
  either,
  equals,
  exists,
  missing,
  oneOf,
  passes,
  testsOf,
} from "../table/index.ts";
import { createColumns, type SortColumn, SortedValues, type SortValue } from "./columns.ts";
import type { KeptRow } from "./kept.ts";

const FIELDS = ["kind", "score", "done", "name", "text"];
const HOUR_MS = 3_600_000;
const START = Date.parse("2026-03-01T00:00:00.000Z");

const words = [
  "Ärger",
  "renewal",
  "Łódź",
  "請求書",
  "счёт",
  "فاتورة",
  "🙂 ok",
  "100%",
  "O'Neil",
  "Straße",
  "Company 2",
  "Company 10",
];
const text = fc
  .array(fc.oneof(fc.constantFrom(...words), fc.string({ unit: "grapheme", maxLength: 8 })), { maxLength: 4 })
  .map((all) => all.join(" "));

/** Few ids and few times, so that rows are changed, moved and deleted, and share their time. */
const row: fc.Arbitrary<KeptRow> = fc.record(
  {
    id: fc.integer({ min: 0, max: 30 }).map((n) => `id-${n}`),
    at: fc.integer({ min: 0, max: 60 }).map((n) => new Date(START + 6 * n * HOUR_MS).toISOString()),
    kind: fc.constantFrom("call", "mail", "visit"),
    score: fc.integer({ min: -2, max: 3 }),
    done: fc.boolean(),
    name: text,
    text: text.map(searchForm),
  },
  { requiredKeys: ["id", "at"] },
);

type Step = { readonly put: KeptRow } | { readonly remove: string };
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: row.map((put) => ({ put })) },
  { weight: 1, arbitrary: row.map(({ id }) => ({ remove: id })) },
);

const some = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: undefined });
const question = fc.record({
  kind: some(fc.constantFrom("call", "visit")),
  kinds: some(fc.subarray(["call", "mail", "visit"], { minLength: 1 })),
  least: some(fc.integer({ min: -2, max: 3 })),
  named: some(fc.boolean()),
  search: some(text.map(searchForm).filter((part) => part !== "")),
  start_date: some(fc.integer({ min: 0, max: 15 })),
  end_date: some(fc.integer({ min: 0, max: 15 })),
  order: fc.constantFrom("asc" as const, "desc" as const),
  skip: fc.nat(12),
  limit: fc.integer({ min: 1, max: 9 }),
  sort: fc.constantFrom(undefined, "kind", "score", "done", "name", "both", "pair", "filters", "elsewhere"),
});
type Question = typeof question extends fc.Arbitrary<infer T> ? T : never;

const dayOf = (n: number | undefined) =>
  n === undefined ? undefined : new Date(START + n * 24 * HOUR_MS).toISOString().slice(0, 10);

const filterOf = ({ kind, kinds, least, named, search }: Question) => [
  ...equals({ kind }),
  kinds !== undefined && oneOf("kind", kinds),
  least !== undefined && either(compares("score", ">=", least), missing("score")),
  named !== undefined && (named ? exists : missing)("name"),
  search !== undefined && contains("text", search),
];

/** The same filter in plain words. */
const fits = ({ kind, kinds, least, named, search, ...days }: Question) => {
  const [first, last] = [dayOf(days.start_date) ?? "0", dayOf(days.end_date) ?? "9"];
  return (one: KeptRow) =>
    (kind === undefined || one.kind === kind) &&
    (kinds === undefined || kinds.some((other) => other === one.kind)) &&
    (least === undefined || one.score === undefined || Number(one.score) >= least) &&
    (named === undefined || named === (one.name !== undefined)) &&
    (search === undefined || String(one.text ?? "").includes(search)) &&
    one.at.slice(0, 10) >= first &&
    one.at.slice(0, 10) <= last;
};

/** What kinds stand for, as somebody else keeps it: calls come last, visits are nameless. */
const KINDS = ["call", "mail"];
const kindOrder = new SortedValues(true);
kindOrder.update(new Map(KINDS.map((kind, n) => [n, kind === "call" ? "Zebra" : "antelope"])), KINDS.length);
const REGISTER = {
  size: KINDS.length,
  numberOf: (kind: unknown) => [KINDS.indexOf(String(kind))].find((n) => n >= 0),
};

interface Sort {
  readonly column: SortColumn<undefined>;
  /** What a row is sorted by, in plain words. */
  readonly value: (row: KeptRow) => unknown;
  readonly isText?: boolean;
}

const byFields = (
  fields: readonly string[],
  value: (row: Readonly<Record<string, unknown>>) => KeptRow[string] | null,
  isText = false,
): Sort => ({ column: { fields, value, isText }, value, isText });

const SORTS: Readonly<Record<string, Sort>> = {
  kind: byFields(["kind"], ({ kind }) => kind as string | undefined),
  score: byFields(["score"], ({ score }) => score as number | undefined),
  done: byFields(["done"], ({ done }) => done as boolean | undefined),
  name: byFields(["name"], ({ name }) => (name as string) || null, true),
  both: byFields(["kind", "at"], ({ kind, at }) => (kind === undefined ? null : `${kind}#${at}`)),
  pair: byFields(["name", "score"], ({ name, score }) => (score === 1 ? null : `${name} ${score}`), true),
  filters: {
    column: {
      filters: () => [
        { value: "few", filter: [compares("score", "<", 1)] },
        { value: "done", filter: [compares("score", ">=", 1), ...equals({ done: true })] },
      ],
    },
    value: ({ score, done }) =>
      typeof score === "number" ? (score < 1 ? "few" : done === true ? "done" : null) : null,
  },
  elsewhere: {
    column: {
      fields: ["kind"],
      value: () => null,
      isText: true,
      ranked: () => ({ register: REGISTER, order: kindOrder }),
    },
    value: ({ kind }) => (kind === "call" ? "Zebra" : kind === "mail" ? "antelope" : null),
    isText: true,
  },
};

/** All selected rows in their order: what decision 10 says. */
function expected(rows: Iterable<KeptRow>, asked: Question): string[] {
  const sign = asked.order === "asc" ? 1 : -1;
  const byId = (a: KeptRow, b: KeptRow) => (a.id < b.id ? -1 : 1);
  const sort = SORTS[asked.sort ?? ""];
  const all = [...rows].filter(fits(asked));
  if (!sort)
    return all.sort((a, b) => sign * (a.at < b.at ? -1 : a.at > b.at ? 1 : byId(a, b))).map(({ id }) => id);
  const valueIn = (one: KeptRow) => (sort.value(one) ?? null) as string | number | null;
  const compare = (a: KeptRow, b: KeptRow) => {
    const [left, right] = [valueIn(a), valueIn(b)];
    if (left === null || right === null) return Number(left === null) - Number(right === null) || byId(a, b);
    const order = sort.isText
      ? compareText(String(left), String(right))
      : left < right
        ? -1
        : left > right
          ? 1
          : 0;
    return sign * (order || byId(a, b));
  };
  return all.sort(compare).map(({ id }) => id);
}

describe("columns", () => {
  it("select, sort and page as a plain filter over all rows does, whatever has come before", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.array(step, { maxLength: 25 }), question), { minLength: 1, maxLength: 4 }),
        (rounds) => {
          const columns = createColumns(FIELDS);
          const stored = new Map<string, KeptRow>();
          for (const [steps, asked] of rounds) {
            for (const one of steps) {
              if ("put" in one) {
                columns.put(one.put);
                stored.set(one.put.id, one.put);
              } else {
                columns.remove(one.remove);
                stored.delete(one.remove);
              }
            }
            const selection = {
              tests: testsOf(filterOf(asked)),
              start_date: dayOf(asked.start_date),
              end_date: dayOf(asked.end_date),
            };
            const column = SORTS[asked.sort ?? ""]?.column;
            const read = (page: Parameters<typeof columns.pageByTime>[1]) =>
              column
                ? columns.pageBy(column, undefined, selection, page)
                : columns.pageByTime(selection, page);
            const wanted = expected(stored.values(), asked);
            const { order, skip, limit } = asked;
            const page = read({ order, skip, limit });
            expect(page).toMatchObject({ ids: wanted.slice(skip, skip + limit), total: wanted.length });
            const walked: string[] = [];
            for (let after: typeof page.next, first = true; first || after; first = false) {
              const { ids, next } = read({ order, skip: 0, limit, after });
              walked.push(...ids);
              after = next;
            }
            expect(walked).toEqual(wanted);
            expect(columns.size).toBe(stored.size);
            expect(columns.count(selection)).toBe(wanted.length);
            const kinds = new Map<unknown, number>();
            for (const { kind } of [...stored.values()].filter(fits(asked)))
              kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
            const done = new Map<unknown, number>();
            for (const one of [...stored.values()].filter(fits(asked)))
              if (one.done === true) done.set(one.kind, (done.get(one.kind) ?? 0) + 1);
            const counted = columns.countBy(selection, [[], equals({ done: true })], "kind");
            expect(counted).toEqual([kinds, done]);
            const texts = [...columns.rows(selection, ["kind"])].map(({ kind, at }) => `${kind} ${at}`);
            const plain = [...stored.values()].filter(fits(asked)).map(({ kind, at }) => `${kind} ${at}`);
            expect(texts.sort()).toEqual(plain.sort());
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it("come to the same whatever the order of what arrives, and however often", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(row, { selector: ({ id }) => id }),
        question,
        fc.infiniteStream(fc.nat()),
        (rows, asked, random) => {
          const [once, shuffled] = [createColumns(FIELDS), createColumns(FIELDS)];
          rows.forEach(once.put);
          const keyed = [...rows, ...rows].map((one) => [Number(random.next().value), one] as const);
          for (const [, one] of keyed.sort(([a], [b]) => a - b)) shuffled.put(one);
          const selection = { tests: testsOf(filterOf(asked)) };
          const page = { order: asked.order, skip: asked.skip, limit: asked.limit };
          expect(shuffled.pageByTime(selection, page)).toEqual(once.pageByTime(selection, page));
        },
      ),
    );
  });

  it("go on after a row that is gone by now", () => {
    const columns = createColumns(FIELDS);
    const put = (n: number, score: number) =>
      columns.put({ id: `id-${n}`, at: new Date(START + n * HOUR_MS).toISOString(), score });
    for (const [n, score] of [5, 3, 3, 1, 3].entries()) put(n, score);
    const by = { fields: ["score"], value: ({ score }: Readonly<Record<string, unknown>>) => Number(score) };
    const query = { order: "desc", skip: 0, limit: 2 } as const;
    const first = columns.pageBy(by, undefined, { tests: [] }, query);
    expect(first.ids).toEqual(["id-0", "id-4"]);
    columns.remove("id-4");
    const rest = columns.pageBy(by, undefined, { tests: [] }, { ...query, limit: 9, after: first.next });
    expect(rest).toEqual({ ids: ["id-2", "id-1", "id-3"], total: 4, next: undefined });
  });

  it("follow many new values as they follow few", () => {
    const columns = createColumns(FIELDS);
    const put = (n: number) =>
      columns.put({ id: `id-${n}`, at: new Date(START + n).toISOString(), name: `Company ${n}` });
    const query = { order: "asc", skip: 0, limit: 3 } as const;
    const names = () =>
      columns.pageBy(SORTS.name?.column as SortColumn<undefined>, undefined, { tests: [] }, query).ids;
    for (let n = 2_000; n > 1_000; n--) put(n);
    expect(names()).toEqual(["id-1001", "id-1002", "id-1003"]);
    put(7);
    expect(names()).toEqual(["id-7", "id-1001", "id-1002"]);
    for (let n = 1_000; n > 100; n--) put(n);
    expect(names()).toEqual(["id-7", "id-101", "id-102"]);
    expect(columns.pageByTime({ tests: [] }, query).ids).toEqual(["id-7", "id-101", "id-102"]);
  });

  it("ask of what a field names, by its number", () => {
    const columns = createColumns(FIELDS);
    for (const [n, kind] of ["call", "visit", "mail", "call"].entries())
      columns.put({ id: `id-${n}`, at: new Date(START + n).toISOString(), kind });
    const passesNumber = (number: number) => KINDS[number] === "call";
    const test = { field: "kind", passes: () => false, register: REGISTER, passesNumber };
    expect(columns.pageByTime({ tests: [[test]] }, { order: "asc", skip: 0, limit: 9 }).ids).toEqual([
      "id-0",
      "id-3",
    ]);
    const named = { field: "kind", passes: (kind: unknown) => kind === "visit" };
    expect(columns.count({ tests: [[test, named]] })).toBe(3);
  });

  it("refuse a field that is not kept", () => {
    const tests = testsOf(equals({ notes: "x" }));
    expect(() => createColumns(FIELDS).pageByTime({ tests }, { order: "asc", skip: 0, limit: 1 })).toThrow(
      "notes is not kept",
    );
  });
});

describe("conditions in memory", () => {
  it("take a missing attribute as the database does", () => {
    const holds = (...filter: Parameters<typeof testsOf>[0]) => passes({}, testsOf(filter));
    expect(holds(compares("a", "<>", "x"))).toBe(true);
    expect(holds(compares("a", "<=", "x"))).toBe(false);
    expect(holds(missing("a"))).toBe(true);
    expect(holds(exists("a"))).toBe(false);
    expect(holds(contains("a", ""))).toBe(false);
    expect(holds(false)).toBe(true);
  });

  it("are refused where only the database knows them", () => {
    expect(() => testsOf([["size(#a) > :n", { ":n": 1 }]])).toThrow("can't be looked at in memory");
  });
});

describe("sorted values", () => {
  it("follow what comes and changes as if all were sorted anew", () => {
    const value: fc.Arbitrary<SortValue> = fc.option(text);
    fc.assert(
      fc.property(
        fc.array(fc.dictionary(fc.integer({ min: 0, max: 700 }).map(String), value, { maxKeys: 9 })),
        fc.boolean(),
        (rounds, isMany) => {
          const order = new SortedValues(true);
          const now = new Map<number, SortValue>();
          const size = 701;
          const take = (changes: ReadonlyMap<number, SortValue>) => {
            for (const [number, one] of changes) now.set(number, one);
            order.update(changes, size);
          };
          // More at once than are put in one by one.
          if (isMany)
            take(new Map(Array.from({ length: size }, (_, n) => [n, n % 5 ? `Company ${n % 90}` : null])));
          for (const round of rounds)
            take(new Map(Object.entries(round).map(([number, one]) => [Number(number), one])));
          for (let n = 0; n < size; n++) {
            const rank = order.ranks[n] ?? -1;
            expect(rank < 0 ? null : order.values[rank]).toBe(now.get(n) ?? null);
          }
          expect(order.values).toEqual(
            [...new Set(order.values)].sort((a, b) => compareText(String(a), String(b))),
          );
        },
      ),
    );
  });
});
