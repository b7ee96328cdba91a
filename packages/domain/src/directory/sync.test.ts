import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createSync, type Feed } from "./sync.ts";

const START = Date.parse("2026-03-01T00:00:00.000Z");
/** Of which three stand for all of them. */
const SHARDS = 3;

interface Row {
  readonly id: string;
  readonly changed_at: string;
  readonly revision: number;
}

/** A partition and its shards whose index tells of each write late; what is announced is told by the partition alone. */
function places(now: () => number) {
  const written: { readonly row: Row; readonly place: number; readonly visible: number }[] = [];
  const announcements: { readonly until: number; readonly visible: number }[] = [];
  const revisions = new Map<string, number>();
  const asked = new Array(SHARDS + 1).fill(0);
  let open = 0;
  let refusing = new Set<number>();

  /** Where the index shows items now: each in one place. */
  const shown = () => {
    const latest = new Map<string, (typeof written)[number]>();
    for (const one of written)
      if (one.visible <= now() && one.row.revision > (latest.get(one.row.id)?.row.revision ?? 0))
        latest.set(one.row.id, one);
    return [...latest.values()];
  };
  const load = (place: number) => async (since: string, receive: (rows: readonly Row[]) => void) => {
    asked[place] += 1;
    if (refusing.has(place)) throw Object.assign(new Error("no units"), { name: "ThrottlingException" });
    await Promise.resolve();
    if (place === 0)
      for (const { until, visible } of announcements) if (visible <= now()) open = Math.max(open, until);
    receive(shown().flatMap((one) => (one.place === place && one.row.changed_at >= since ? [one.row] : [])));
  };
  const feed: Feed<Row> = {
    loadAll: async (receive) => {
      for (let place = 0; place <= SHARDS; place++) await load(place)("", receive);
    },
    loadSince: load(0),
    shards: Array.from({ length: SHARDS }, (_, n) => load(n + 1)),
    areShardsOpen: (at) => at < open,
  };
  return {
    feed,
    /** Announces that shards are open for so long; the index tells it after a delay, and writes wait for that. */
    announce: (ms: number, delay: number) =>
      void announcements.push({ until: now() + ms, visible: now() + delay }),
    write(id: string, place: number, delay: number, clock: number) {
      const revision = (revisions.get(id) ?? 0) + 1;
      revisions.set(id, revision);
      const row = { id, revision, changed_at: new Date(now() + clock).toISOString() };
      written.push({ row, place, visible: now() + delay });
    },
    refuse(...all: number[]) {
      refusing = new Set(all);
    },
    /** How often each place was asked since this was asked. */
    asked: () => asked.splice(0, SHARDS + 1, ...new Array(SHARDS + 1).fill(0)),
    revisions,
  };
}

function reader(feed: Feed<Row>, now: () => number) {
  const known = new Map<string, number>();
  const sync = createSync(
    feed,
    {
      receive: (rows) => {
        for (const { id, revision } of rows) known.set(id, Math.max(revision, known.get(id) ?? 0));
      },
      onSynced: () => undefined,
    },
    now,
  );
  return { known, sync };
}

const step = fc.record({
  /** Milliseconds until the next thing happens. */
  after: fc.oneof(fc.nat(300), fc.nat(5_000)),
  does: fc.constantFrom("sync", "sync", "edit", "batch", "batch"),
  id: fc.nat(7).map(String),
  place: fc.integer({ min: 1, max: SHARDS }),
  delay: fc.oneof(fc.nat(50), fc.nat(4_000)),
  clock: fc.integer({ min: -3_000, max: 3_000 }),
});

describe("a copy of a partition with shards", () => {
  it("knows the newest revision of everything, wherever it was written, however late the index and whatever the clocks", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 80 }), async (steps) => {
        let now = START;
        const table = places(() => now);
        const { known, sync } = reader(table.feed, () => now);
        await sync();
        let announced = 0;
        for (const { after, does, id, place, delay, clock } of steps) {
          now += after;
          if (does === "sync") await sync();
          if (does === "edit") table.write(id, 0, delay, clock);
          if (does === "batch") {
            if (announced < now + 60_000) table.announce(180_000, 20);
            announced = now + 120_000;
            table.write(id, place, delay, clock);
          }
        }
        // Requests come now and then, and nothing is later than this.
        for (let n = 0; n < 4; n++) {
          now += 3_000;
          await sync();
        }
        expect(known).toEqual(table.revisions);
      }),
      { numRuns: 400 },
    );
  });

  it("asks the partition alone as long as no shard is announced", async () => {
    let now = START;
    const table = places(() => now);
    const { sync } = reader(table.feed, () => now);
    await sync();
    expect(table.asked()).toEqual([1, 1, 1, 1]);
    for (let n = 0; n < 20; n++) {
      now += 1_000;
      await sync();
    }
    expect(table.asked()).toEqual([20, 0, 0, 0]);
  });

  it("asks shards from the announcement to its end, twice a second at most", async () => {
    let now = START;
    const table = places(() => now);
    const { sync } = reader(table.feed, () => now);
    await sync();
    table.announce(10_000, 0);
    table.asked();
    for (let n = 0; n < 200; n++) {
      now += 100;
      await sync();
    }
    const [main, ...shards] = table.asked();
    expect(main).toBe(200);
    for (const asked of shards) {
      expect(asked).toBeGreaterThanOrEqual(18);
      expect(asked).toBeLessThanOrEqual(20);
    }
  });

  it("goes on without a shard that has no units left, and catches up", async () => {
    let now = START;
    const table = places(() => now);
    const { known, sync } = reader(table.feed, () => now);
    await sync();
    table.announce(180_000, 0);
    table.write("a", 1, 0, 0);
    table.refuse(1);
    for (let n = 0; n < 5; n++) {
      now += 1_000;
      await sync();
    }
    expect(known.has("a")).toBe(false);
    table.refuse();
    now += 1_000;
    await sync();
    expect(known.get("a")).toBe(1);
  });

  it("fails when a shard has none for longer than somebody may be behind, and when the partition has none", async () => {
    let now = START;
    const table = places(() => now);
    const { sync } = reader(table.feed, () => now);
    await sync();
    table.announce(180_000, 0);
    table.refuse(1);
    now += 16_000;
    await expect(sync()).rejects.toThrow("no units");
    table.refuse(0);
    await expect(sync()).rejects.toThrow("no units");
    table.refuse();
    await sync();
  });
});
