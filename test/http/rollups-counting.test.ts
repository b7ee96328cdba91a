import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { Item } from "../../packages/domain/src/counters/contributions.ts";
import { interaction, survey } from "../../packages/domain/src/counters/fixture/items.ts";
import { deliveries, history, inOrder } from "../../packages/domain/src/counters/fixture/stream.ts";
import { created, type UncountedCloud, uncountedCloud } from "../support/uncounted-cloud.ts";

let cloud: UncountedCloud;
let domain: typeof import("@success-manager/domain/counters") &
  typeof import("@success-manager/domain/counters/stream");
beforeAll(async () => {
  cloud = await uncountedCloud();
  domain = {
    ...(await import("@success-manager/domain/counters")),
    ...(await import("@success-manager/domain/counters/stream")),
  };
});
afterAll(() => cloud?.stop());
beforeEach(() => cloud.empty());

/** A day's item that has room for a dozen names more: 102 names of 4 kB. */
const nearlyFull: Item = {
  pk: "rollup#performer",
  sk: "day#2026-03-10",
  revision: 1,
  ...Object.fromEntries(Array.from({ length: 102 }, (_, n) => [`c:${String(n).padStart(4_000, "0")}`, 1])),
};

describe("records that reach the table", () => {
  it("are counted once, however they are cut, repeated and mixed up", async () => {
    const lives = history(20).chain((life) =>
      deliveries(life.changes).map((batches) => ({ ...life, batches })),
    );
    await fc.assert(
      fc.asyncProperty(lives, async ({ items, batches }) => {
        await cloud.empty();
        for (const batch of batches) expect(await domain.applyChanges(batch)).toEqual([]);
        expect(await cloud.counters()).toEqual(cloud.countersOf(items));
      }),
      { numRuns: 15 },
    );
  });

  it("are counted once by deliveries that run at the same time", async () => {
    const items = Array.from({ length: 60 }, (_, n) => interaction({ customer_id: `c${n % 7}` }));
    const changes = items.map(created);
    await Promise.all([
      domain.applyChanges(changes),
      domain.applyChanges(changes.slice(30)),
      domain.applyChanges(changes),
    ]);
    expect(await cloud.counters()).toEqual(cloud.countersOf(items));
  });

  it("are in the totals of a directory that follows", async () => {
    const { createDirectory } = await import("../../packages/domain/src/directory/directory.ts");
    const { shardedFeed } = await import("../../packages/domain/src/directory/sync.ts");
    const copy = createDirectory(shardedFeed("directory"));
    await copy.refresh();
    await domain.applyChanges([created(survey()), created(interaction())]);
    await copy.refresh();
    await domain.applyChanges([created(interaction({ sentiment: "negative" }))]);
    await copy.refresh();
    expect([copy.totals("survey"), copy.totals("interaction")]).toEqual([
      { "nps|9": 1 },
      { "meeting|positive|0": 1, "meeting|negative|0": 1 },
    ]);
  });

  it("are remembered for two days", async () => {
    await domain.applyChanges([created(survey())]);
    const [marker] = await cloud.storage.items("counted#");
    const days = (Number(marker?.expires_at_epoch) - Date.now() / 1000) / 86_400;
    expect(days).toBeGreaterThan(1.9);
    expect(days).toBeLessThanOrEqual(2);
  });

  it("move many counters of one item", async () => {
    const items = Array.from({ length: 600 }, (_, n) => interaction({ performed_by: `Person ${n}` }));
    await domain.applyChanges(items.map(created));
    expect(await cloud.counters()).toEqual(cloud.countersOf(items));
  });

  it("are counted without the performer when a day has too many of them", async () => {
    await cloud.put(nearlyFull);
    const items = Array.from({ length: 60 }, (_, n) =>
      interaction({ performed_by: `${n} ${"y".repeat(55)}` }),
    );
    expect(await domain.applyChanges(items.map(created))).toEqual([]);
    const contacts = (await cloud.counters()).filter((line) => !line.startsWith('["rollup#performer"'));
    expect(contacts).toEqual(
      cloud.countersOf(items).filter((line) => !line.startsWith('["rollup#performer"')),
    );
    const fitted = (await cloud.counters()).filter((line) => line.includes("yyy")).length;
    expect(fitted).toBeGreaterThan(5);
    expect(fitted).toBeLessThan(50);
  });

  it("leave names of performers readable, whatever they are", async () => {
    const names = ["__proto__", "constructor", "a.b#c|d", "", "🙂".repeat(70)];
    await domain.applyChanges(names.map((performed_by) => created(interaction({ performed_by }))));
    const found = await domain.countersBetween("performer", "day#2026-03-10", "day#2026-03-10");
    expect(Object.keys(found.get("day#2026-03-10") ?? {}).sort()).toEqual(
      ["__proto__", "constructor", "a.b#c|d", "", "🙂".repeat(60)].sort(),
    );
  });
});

describe("when customers were last spoken with", () => {
  const PAST = ["2026-01-05", "2026-02-10", "2026-02-11", "2026-03-01"].map((day) => `${day}T10:00:00.000Z`);
  const AHEAD = ["2999-01-01", "2999-01-02"].map((day) => `${day}T10:00:00.000Z`);
  const customer = fc.constantFrom("c1", "c2");
  /** An interaction is written at one of few places, over the one before, or removed from there. */
  const lives = fc
    .array(
      fc.record({
        at: fc.nat({ max: 4 }),
        date: fc.option(fc.constantFrom(...PAST, ...AHEAD), { nil: undefined, freq: 3 }),
      }),
      { minLength: 1, maxLength: 14 },
    )
    .chain((writes) => {
      const items = new Map<number, Item>();
      const changes = writes.map(({ at, date }, n) => {
        const before = items.get(at);
        const id = `i${at}`;
        const customer_id = at % 2 === 0 ? "c1" : "c2";
        const after =
          date === undefined
            ? undefined
            : {
                ...interaction({ id, customer_id, interaction_date: date }),
                pk: `interaction#${id}`,
                gsi1pk: `customer#${customer_id}`,
                gsi1sk: `${date}#${id}`,
              };
        if (after) items.set(at, after);
        else items.delete(at);
        return { event_id: `event ${n}`, written_at: 1_700_000_000 + Math.floor(n / 3), before, after };
      });
      return inOrder(changes).map((delivered) => ({ changes, delivered, items: [...items.values()] }));
    });

  async function stored(customer_id: string) {
    const { find, getRequest, LastInteractionEntity } = await import("@success-manager/domain/table");
    return (await find(getRequest(LastInteractionEntity, customer_id)))?.dates ?? [];
  }

  it("is what the interactions come to, however their records are cut and repeated", async () => {
    const { retainedDates } = await import("@success-manager/domain/table");
    await fc.assert(
      fc.asyncProperty(lives, customer, async ({ delivered, items }, customer_id) => {
        await cloud.empty();
        // All that was written is in the table before the stream tells of it.
        for (const item of items) await cloud.put(item);
        for (const batch of delivered) expect(await domain.applyChanges(batch)).toEqual([]);
        const dates = items.flatMap((item) =>
          item.customer_id === customer_id ? [String(item.interaction_date)] : [],
        );
        expect(await stored(customer_id)).toEqual(retainedDates(dates, new Date()));
      }),
      { numRuns: 20 },
    );
  });

  it("is right when several deliveries go on at once", async () => {
    const changes = PAST.map((interaction_date, n) =>
      created(interaction({ id: `i${n}`, interaction_date, customer_id: "c1" })),
    );
    await Promise.all([...changes, ...changes].map((change) => domain.applyChanges([change])));
    expect(await stored("c1")).toEqual([PAST.at(-1)]);
    expect(await cloud.counters()).toEqual(cloud.countersOf(changes.map(({ after }) => after)));
  });

  /** What a function asks of the table for deliveries, one after the other. */
  async function asked(...deliveries: Parameters<typeof domain.applyChanges>[0][]) {
    const { database } = await import("../../packages/domain/src/table/client.ts");
    const sending = vi.spyOn(database, "send");
    const names: string[][] = [];
    for (const changes of deliveries) {
      await domain.applyChanges(changes);
      names.push(sending.mock.calls.map(([command]) => command.constructor.name.replace("Command", "")));
      sending.mockClear();
    }
    sending.mockRestore();
    return names;
  }
  const logged = (id: string, day: string, customer_id: string) => {
    const interaction_date = `${day}T10:00:00.000Z`;
    return {
      ...interaction({ id, customer_id, interaction_date }),
      ...{ pk: `interaction#${id}`, gsi1pk: `customer#${customer_id}`, gsi1sk: `${interaction_date}#${id}` },
      interaction_date,
    };
  };

  it("takes one request for interactions that have passed, newer or older than those before", async () => {
    const [first, second, third, older] = ["03-01", "03-02", "03-03", "01-01"].map((day) =>
      created(logged(`of ${day}`, `2026-${day}`, "customer a")),
    );
    if (!first || !second || !third || !older) throw new Error("none");
    expect(await asked([first, second], [third], [older])).toEqual(Array(3).fill(["TransactWriteItems"]));
    expect(await stored("customer a")).toEqual(["2026-03-03T10:00:00.000Z"]);
  });

  it("takes one query where the last interaction goes or moves, none for any other", async () => {
    const [first, last, other] = [
      logged("a", "2026-03-01", "customer b"),
      logged("b", "2026-03-02", "customer b"),
      logged("c", "2026-02-01", "customer b"),
    ];
    for (const item of [first, other]) await cloud.put(item);
    const moved = { ...last, interaction_date: "2026-01-01T10:00:00.000Z" };
    const changes = [
      [created(first), created(other), created(last)],
      [{ event_id: "moves", before: last, after: moved }],
      [{ event_id: "another goes", before: other, after: undefined }],
    ];
    expect(await asked(...changes)).toEqual([
      ["TransactWriteItems"],
      ["Query", "TransactWriteItems"],
      ["TransactWriteItems"],
    ]);
    expect(await stored("customer b")).toEqual([first.interaction_date]);
  });

  it("is right when a function of another shard has written meanwhile", async () => {
    const { lastInteractionWrite } = await import("@success-manager/domain/counters");
    const { commit } = await import("@success-manager/domain/table");
    const [first, last] = [logged("d", "2026-03-01", "customer c"), logged("e", "2026-03-05", "customer c")];
    await cloud.put(first);
    await domain.applyChanges([created(first)]);
    const write = lastInteractionWrite(
      "customer c",
      [last.interaction_date],
      [first.interaction_date],
      new Date(),
    );
    expect(write && (await commit([write]))).toEqual([]);
    // What this function remembers is outdated, also with the second delivery.
    const gone = { event_id: "gone", before: last, after: undefined };
    await domain.applyChanges([gone]);
    await domain.applyChanges([gone]);
    expect(await stored("customer c")).toEqual([first.interaction_date]);
  });

  it("is written together with what else is to be written, in one request", async () => {
    const { changeLines } = await import("@success-manager/domain/lists/stream");
    const { queryAll, partitions } = await import("@success-manager/domain/table");
    const told = async () =>
      (await queryAll<{ ids: string[] }>({ partition: partitions.listChanges("interaction") })).map(
        ({ ids }) => ids,
      );
    const { database } = await import("../../packages/domain/src/table/client.ts");
    const sending = vi.spyOn(database, "send");
    const gone = { event_id: "gone", before: logged("f", "2026-03-01", "customer d"), after: undefined };
    await domain.applyChanges([gone], { beside: changeLines([gone]) });
    expect(sending.mock.calls.map(([command]) => command.constructor.name)).toEqual([
      "BatchGetItemCommand",
      "TransactWriteItemsCommand",
    ]);
    expect(await told()).toEqual([["f"]]);
    // Counted before: the line is written all the same, and so it is where nothing counts.
    await domain.applyChanges([gone], { beside: changeLines([gone]) });
    await domain.applyChanges([], { beside: changeLines([gone]) });
    expect(await told()).toEqual([["f"], ["f"], ["f"]]);
    sending.mockRestore();
  });
});
