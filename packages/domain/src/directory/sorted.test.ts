import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Order, paginate, sortedView } from "./sorted.ts";

interface Row {
  readonly id: string;
  readonly value: string | number | boolean | null | undefined;
}

const all = () => true;
const high = ({ value }: Row) => value === null || Number(value) > 2;

/** Rows with a view on them, changed as the directory does it. */
function listed(rows: readonly Row[] = []) {
  const stored = new Map(rows.map((row) => [row.id, row]));
  const view = sortedView(
    () => stored.values(),
    ({ value }) => value,
    ({ id }) => id,
  );
  const put = (row: Row) => {
    const before = stored.get(row.id);
    stored.set(row.id, row);
    view.replace(before, row);
  };
  const take = (id: string) => {
    view.replace(stored.get(id), undefined);
    stored.delete(id);
  };
  return { stored, view, put, take };
}

const idsOf = (rows: readonly Row[]) => rows.map(({ id }) => id).join(" ");

const id = fc.integer({ min: 1, max: 20 }).map((n) => `r${n}`);
const value = fc.option(fc.integer({ min: 1, max: 5 }), { nil: null, freq: 4 });
const row: fc.Arbitrary<Row> = fc.record({ id, value });
const orders = fc.constantFrom<Order>("asc", "desc");
const change = fc.oneof(
  { weight: 3, arbitrary: row.map((row) => ({ row })) },
  { weight: 1, arbitrary: id.map((gone) => ({ gone })) },
);

describe("a sorted view", () => {
  const rows: Row[] = [
    { id: "d", value: null },
    { id: "b", value: 2 },
    { id: "a", value: 2 },
    { id: "e", value: undefined },
    { id: "c", value: 1 },
  ];

  it("breaks ties by id and puts rows without a value last, in both orders", () => {
    const { view } = listed(rows);
    expect(idsOf(view.select("asc", all))).toBe("c a b d e");
    expect(idsOf(view.select("desc", all))).toBe("b a c d e");
  });

  it("takes no before yes", () => {
    const { view } = listed([
      { id: "a", value: true },
      { id: "b", value: false },
    ]);
    expect(idsOf(view.select("asc", all))).toBe("b a");
  });

  it("equals a fresh sort after any changes, whether it was looked at between them or not", () => {
    const steps = fc.array(fc.tuple(change, fc.boolean()), { maxLength: 150 });
    fc.assert(
      fc.property(fc.array(row), steps, orders, (start, changes, order) => {
        const { stored, view, put, take } = listed(start);
        for (const [what, look] of changes) {
          if ("row" in what) put(what.row);
          else take(what.gone);
          if (look) {
            view.select(order, all);
            view.select(order, high);
          }
        }
        const fresh = listed([...stored.values()]).view;
        expect(idsOf(view.select(order, high))).toBe(idsOf(fresh.select(order, high)));
        expect(idsOf(view.select(order, all))).toBe(idsOf(fresh.select(order, all)));
      }),
    );
  });

  it("finds a range of values as a filter over all rows does", () => {
    const bound = fc.integer({ min: -2, max: 12 });
    fc.assert(
      fc.property(fc.array(row), orders, bound, bound, (start, order, from, to) => {
        const { view } = listed(start);
        const isWithin = ({ value }: Row) => typeof value === "number" && value >= from && value <= to;
        const found = view.select(order, all, { from, to });
        expect(idsOf(found)).toBe(idsOf(view.select(order, isWithin)));
      }),
    );
  });

  it("equals a fresh sort after a thousand changes at once", () => {
    const { stored, view, put } = listed(rows);
    view.select("asc", high);
    for (let n = 0; n < 1000; n++) put({ id: `n${n % 300}`, value: (n * 37) % 11 });
    const fresh = listed([...stored.values()]).view;
    expect(idsOf(view.select("asc", all))).toBe(idsOf(fresh.select("asc", all)));
    expect(idsOf(view.select("asc", high))).toBe(idsOf(fresh.select("asc", high)));
  });
});

describe("paging by cursor", () => {
  const read = (
    { view }: ReturnType<typeof listed>,
    order: Order,
    limit: number,
    between: (page: number) => void = () => undefined,
  ) => {
    const seen: Row[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < 200; page++) {
      const answer = paginate(view, order, all, { skip: 0, limit, cursor });
      seen.push(...answer.rows);
      if (answer.next_cursor === null) break;
      cursor = answer.next_cursor;
      between(page);
    }
    return seen;
  };

  it("visits every row exactly once, in the order of the list", () => {
    fc.assert(
      fc.property(fc.array(row), orders, fc.integer({ min: 1, max: 7 }), (rows, order, limit) => {
        const list = listed(rows);
        expect(idsOf(read(list, order, limit))).toBe(idsOf(list.view.select(order, all)));
      }),
    );
  });

  it("visits every row that stays as it is exactly once, while others come, change and go", () => {
    const stay = fc.array(fc.record({ id: id.map((i) => `stay-${i}`), value }));
    const move = fc.array(fc.array(change, { maxLength: 4 }), { maxLength: 40 });
    fc.assert(
      fc.property(stay, move, orders, fc.integer({ min: 1, max: 4 }), (rows, changes, order, limit) => {
        const list = listed(rows);
        const seen = read(list, order, limit, (page) => {
          for (const what of changes[page] ?? []) {
            if ("row" in what) list.put(what.row);
            else list.take(what.gone);
          }
        });
        const staying = listed(rows).view.select(order, all);
        expect(idsOf(seen.filter(({ id }) => id.startsWith("stay-")))).toBe(idsOf(staying));
      }),
    );
  });

  it("counts before paging and says where it stands", () => {
    const { view } = listed([1, 2, 3, 4, 5].map((n) => ({ id: `r${n}`, value: n })));
    const odd = ({ value }: Row) => Number(value) % 2 === 1;
    const first = paginate(view, "asc", odd, { skip: 1, limit: 1 });
    expect(first).toMatchObject({ rows: [{ id: "r3" }], total: 3, skip: 1, limit: 1 });
    const cursor = first.next_cursor ?? "";
    expect(paginate(view, "asc", odd, { skip: 1, limit: 1, cursor })).toMatchObject({
      rows: [{ id: "r5" }],
      total: 3,
      next_cursor: null,
    });
    expect(paginate(view, "asc", odd, { skip: 9, limit: 1 })).toMatchObject({ rows: [], next_cursor: null });
  });

  it("refuses a cursor that no answer gave", () => {
    const { view } = listed();
    for (const cursor of ["", "x", "W10", "bnVsbA", Buffer.from('[{},"a"]').toString("base64url")])
      expect(() => paginate(view, "asc", all, { skip: 0, limit: 1, cursor })).toThrow(/next_cursor/);
  });
});
