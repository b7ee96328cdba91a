import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { contributions } from "../contributions.ts";
import { addTo, type Sums, toContributions, withoutZeros } from "../counters.ts";
import { alert, interaction, survey } from "../fixture/items.ts";
import { deliveries, history } from "../fixture/stream.ts";
import { batches, MAX_COUNTERS_PER_UPDATE, type WriteBatch } from "./batches.ts";
import { applyChanges, type Change } from "./index.ts";

const named = (name: string) => Object.assign(new Error("refused"), { name });

/** A table that keeps markers and sums, and refuses what the database would refuse. */
function table({ refuses = () => false }: { refuses?: (batch: Parameters<WriteBatch>[0]) => boolean } = {}) {
  const markers = new Set<string>();
  const sums: Sums = new Map();
  const sizes: number[] = [];
  const write: WriteBatch = async (batch) => {
    await Promise.resolve();
    const known = batch.map(({ event_id }) => event_id).filter((id) => markers.has(id));
    if (known.length > 0) return new Set(known);
    if (refuses(batch)) throw named("TransactionCanceledException");
    const touched = addTo(
      new Map(),
      batch.flatMap(({ delta }) => [...delta]),
    );
    const customers = new Set(batch.flatMap(({ move }) => move?.customer_id ?? []));
    sizes.push(batch.length + touched.size + customers.size);
    for (const { event_id, delta } of batch) {
      markers.add(event_id);
      addTo(sums, delta);
    }
    return new Set();
  };
  return { write, markers, sizes, sums: () => sorted(sums) };
}

const sorted = (sums: Sums) =>
  toContributions(withoutZeros(sums))
    .map(({ series, period, counter, amount }) => JSON.stringify([series, period, counter, amount]))
    .sort();
const counted = (items: readonly Parameters<typeof contributions>[0][]) =>
  sorted(addTo(new Map(), items.flatMap(contributions)));

const created = (event_id: string, after: Change["after"]): Change => ({
  event_id,
  before: undefined,
  after,
});
const many = (count: number, item: (n: number) => Change["after"]) =>
  Array.from({ length: count }, (_, n) => created(`e${n}`, item(n)));

describe("counting", () => {
  it("comes to the same as a recount, however records are cut, repeated and mixed up", async () => {
    const lives = history(30).chain((life) =>
      deliveries(life.changes).map((delivered) => ({ ...life, delivered })),
    );
    await fc.assert(
      fc.asyncProperty(lives, async ({ items, delivered }) => {
        const { write, sums } = table();
        for (const batch of delivered) expect(await applyChanges(batch, { write })).toEqual([]);
        expect(sums()).toEqual(counted(items));
      }),
      { numRuns: 300 },
    );
  });

  it("of two deliveries at once happens once", async () => {
    const { write, sums } = table();
    const changes = many(80, (n) => interaction({ customer_id: `c${n}` }));
    await Promise.all([
      applyChanges(changes, { write }),
      applyChanges(changes.slice(40), { write }),
      applyChanges(changes, { write }),
    ]);
    expect(sums()).toEqual(counted(changes.map(({ after }) => after)));
  });

  it("of a record that stands twice in a batch happens once", async () => {
    const { write, sums } = table();
    const change = created("e1", survey());
    await applyChanges([change, change], { write });
    expect(sums()).toEqual(counted([survey()]));
  });

  it("leaves no trace of records that move no counter", async () => {
    const { write, markers } = table();
    const renamed = interaction({ subject: "Another subject" });
    await applyChanges(
      [
        { event_id: "e1", before: interaction(), after: renamed },
        created("e2", { __edb_e__: "customer" }),
        created("e3", { pk: "counted#e1", sk: "counted" }),
      ],
      { write },
    );
    expect(markers).toEqual(new Set());
  });

  it("breaks off when the database fails, and is made up for by the next delivery", async () => {
    const { write, sums } = table();
    let calls = 0;
    const failing: WriteBatch = (batch, now, beside) => {
      calls += 1;
      if (calls === 2) throw named("InternalServerError");
      return write(batch, now, beside);
    };
    const changes = many(100, (n) => interaction({ customer_id: `c${n}` }));
    await expect(applyChanges(changes, { write: failing })).rejects.toThrow("refused");
    await applyChanges(changes, { write: failing });
    expect(sums()).toEqual(counted(changes.map(({ after }) => after)));
  });
});

describe("a record that can't be counted", () => {
  const broken = created("poison", interaction({ interaction_date: "yesterday" }));

  it("is named, and all others are counted", async () => {
    const { write, sums } = table();
    const changes = [created("e1", survey()), broken, created("e2", alert())];
    const failed = await applyChanges(changes, { write });
    expect(failed).toEqual([{ change: broken, error: expect.any(Error) }]);
    expect(sums()).toEqual(counted([survey(), alert()]));
    // Delivered again from that one on, as Lambda does.
    expect(await applyChanges(changes.slice(1), { write })).toHaveLength(1);
    expect(sums()).toEqual(counted([survey(), alert()]));
  });

  it("is one, too, when what stood there before can't be counted", async () => {
    const { write, sums } = table();
    const change = { event_id: "e1", before: alert({ severity: "dire" }), after: alert() };
    expect(await applyChanges([change], { write })).toEqual([{ change, error: expect.any(Error) }]);
    expect(sums()).toEqual([]);
  });

  it("that the database refuses is found among the others", async () => {
    const bad = many(60, (n) => survey({ customer_id: `c${n}` }));
    const { write, sums } = table({
      refuses: (batch) => batch.some(({ event_id }) => event_id === "e17" || event_id === "e42"),
    });
    const failed = await applyChanges(bad, { write });
    expect(failed.map(({ change }) => change.event_id)).toEqual(["e17", "e42"]);
    const good = bad.filter(({ event_id }) => event_id !== "e17" && event_id !== "e42");
    expect(sums()).toEqual(counted(good.map(({ after }) => after)));
  });
});

it("a day with too many performers loses their counters, not those of the contacts", async () => {
  const { write, sums, markers } = table({
    refuses: (batch) => batch.some(({ delta }) => delta.some(({ counter }) => counter === "Straw")),
  });
  const changes = many(50, (n) => interaction({ performed_by: n === 20 ? "Straw" : "Sara Khan" }));
  expect(await applyChanges(changes, { write })).toEqual([]);
  expect(markers.size).toBe(50);
  expect(sums()).toContain('["interaction","day#all","meeting|positive|0",50]');
  expect(sums()).toContain('["performer","day#2026-03-10","Sara Khan",49]');
});

describe("batches", () => {
  const delta = (n: number) =>
    ({ series: `customer#${n}`, period: "day#all", counter: "x", amount: 1 }) as const;

  it("are as large as a transaction may be, and keep the order", () => {
    const records = Array.from({ length: 120 }, (_, n) => ({ event_id: `e${n}`, delta: [delta(n)] }));
    const all = batches(records);
    expect(all.map((batch) => batch.length)).toEqual([50, 50, 20]);
    expect(all.flat()).toEqual(records);
  });

  it("that share their items take 99 records", () => {
    const records = Array.from({ length: 200 }, (_, n) => ({ event_id: `e${n}`, delta: [delta(0)] }));
    expect(batches(records).map((batch) => batch.length)).toEqual([99, 99, 2]);
  });

  it("of one second share a marker, which notes 90 records at most", () => {
    const records = Array.from({ length: 200 }, (_, n) => ({
      event_id: `e${n}`,
      written_at: 1_768_471_200,
      delta: [delta(0)],
    }));
    expect(batches(records).map((batch) => batch.length)).toEqual([90, 90, 20]);
    const ofCustomers = records.map((record, n) => ({ ...record, delta: [delta(n)] }));
    expect(batches(ofCustomers.slice(0, 90)).map((batch) => batch.length)).toEqual([90]);
  });

  it("leave room for what moves with the last interactions of their customers", () => {
    const moves = (from: string | undefined) =>
      Array.from({ length: 60 }, (_, n) => ({
        event_id: `e${n}`,
        written_at: 1_768_471_200,
        delta: [delta(n)],
        move: { customer_id: `${n}`, interaction_id: `i${n}`, from, to: "2026-03-10T09:00:00.000Z" },
      }));
    // A marker, and two items for each.
    expect(batches(moves(undefined)).map((batch) => batch.length)).toEqual([49, 11]);
    // Each may need checks of 21 interactions besides.
    expect(batches(moves("2026-03-09T09:00:00.000Z")).map((batch) => batch.length)[0]).toBe(4);
  });

  it("move no more counters of an item than an expression holds", () => {
    const records = Array.from({ length: 90 }, (_, n) => ({
      event_id: `e${n}`,
      delta: Array.from({ length: 30 }, (_, m) => ({ ...delta(0), counter: `${n} ${m}` })),
    }));
    for (const batch of batches(records))
      expect(batch.length * 30).toBeLessThanOrEqual(MAX_COUNTERS_PER_UPDATE);
  });

  it("of nothing are none", () => {
    expect(batches([])).toEqual([]);
  });

  it("of real records fit into a transaction", async () => {
    const { write, sizes } = table();
    await applyChanges(
      many(500, (n) => interaction({ customer_id: `c${n}`, performed_by: `p${n}` })),
      { write },
    );
    expect(Math.max(...sizes)).toBeLessThanOrEqual(100);
    expect(Math.max(...sizes)).toBeGreaterThan(95);
  });
});
