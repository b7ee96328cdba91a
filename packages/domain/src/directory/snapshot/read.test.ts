import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createDirectory, type Directory } from "../directory.ts";
import { customerItem, deploymentItem, scoreItem, teammateItem } from "../fixture/items.ts";
import { table } from "../fixture/table.ts";
import type { DirectoryItem } from "../rows.ts";
import type { Feed } from "../sync.ts";
import { type Chunk, packChunks, unpackRows } from "./format.ts";
import { withSnapshot } from "./read.ts";
import { validity } from "./write.ts";

const START = Date.parse("2026-03-01T00:00:00.000Z");
const MINUTE_MS = 60_000;
/** Minutes in which something happens. */
const LONGEST = 40;

/** What somebody writes, with the clock of the writer, and the moment from which the index shows it. */
interface Written {
  readonly row: DirectoryItem;
  readonly visible_at: number;
}

const instant = (ms: number) => new Date(ms).toISOString();

/** A partition whose index follows late, as it shows at a moment. */
function shownAt(written: readonly Written[], moment: number): DirectoryItem[] {
  const newest = new Map<string, DirectoryItem>();
  for (const { row, visible_at } of written) {
    const key = `${row.__edb_e__} ${"id" in row ? row.id : ""}`;
    if (visible_at <= moment && row.revision > (newest.get(key)?.revision ?? 0)) newest.set(key, row);
  }
  return [...newest.values()];
}

const feedAt = (written: readonly Written[], moment: number): Feed<DirectoryItem> => ({
  loadAll: async (receive) => receive(shownAt(written, moment)),
  loadSince: async (from, receive) =>
    receive(shownAt(written, moment).filter(({ changed_at }) => changed_at >= from)),
});

/** A snapshot of rows, packed as they come in pages, and handed out chunk by chunk in another order. */
async function taken(rows: readonly DirectoryItem[], pageSize: number, at: number) {
  async function* pages() {
    for (let n = 0; n < rows.length; n += pageSize) yield { items: rows.slice(n, n + pageSize) };
  }
  const chunks: Chunk[] = [];
  for await (const chunk of packChunks(pages())) chunks.push(chunk);
  return async (receive: (items: readonly DirectoryItem[]) => void) => {
    for (const { content } of chunks.toReversed())
      receive((await unpackRows<DirectoryItem>(content))?.toReversed() ?? []);
    return validity(new Date(at)).complete_until;
  };
}

const seen = ({ customers, deployments, team }: Directory) =>
  [customers, deployments, team].map((rows) =>
    JSON.stringify(
      [...rows]
        .map(([id, row]) => [
          id,
          "deployments" in row
            ? { ...row, deployments: row.deployments.toSorted((a, b) => (a.id < b.id ? -1 : 1)) }
            : row,
        ])
        .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
    ),
  );

async function loaded(feed: Feed<DirectoryItem>, now: number) {
  const copy = createDirectory(feed, () => now);
  await copy.refresh();
  return copy;
}

/** A change: of what, when (minutes), how far the writer's clock is off and how late the index is (both in ms). */
const change = fc.record({
  of: fc.nat(11),
  at: fc.nat(LONGEST),
  off: fc.oneof(
    fc.constantFrom(-4.9, 0, 4.9).map((minutes) => minutes * MINUTE_MS),
    fc.nat(4 * MINUTE_MS),
  ),
  late: fc.oneof(fc.constantFrom(0, 5 * MINUTE_MS), fc.nat(5 * MINUTE_MS)),
});

function written(changes: readonly { of: number; at: number; off: number; late: number }[]): Written[] {
  const inOrder = changes.toSorted((a, b) => a.at - b.at);
  return inOrder.map(({ of, at, off, late }, revision) => {
    const time = START + at * MINUTE_MS;
    const stamp = { changed_at: instant(time + off) };
    const customer = `c${of % 3}`;
    const rows = [
      customerItem(customer, revision + 1, { ...stamp, notes: `note ${revision}`, account_manager_id: "u1" }),
      deploymentItem(`d${of}`, customer, revision + 1, { ...stamp, version: `${revision}` }),
      scoreItem(customer, revision + 1, { ...stamp, overall_score: revision % 100 }),
      teammateItem("u1", revision + 1, { ...stamp, full_name: `User ${revision}` }),
    ];
    return { row: rows[of % rows.length] ?? teammateItem("u1", revision + 1), visible_at: time + late };
  });
}

describe("a function that begins with a snapshot", () => {
  it("knows what one knows that reads everything, however late rows show and whatever the clocks", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(change, { maxLength: 40 }),
        fc.nat(LONGEST),
        fc.nat(60),
        fc.integer({ min: 1, max: 7 }),
        async (changes, takenAfter, usedAfter, pageSize) => {
          const all = written(changes);
          const at = START + takenAfter * MINUTE_MS;
          const now = at + usedAfter * MINUTE_MS;
          const shown = feedAt(all, now);
          const load = await taken(shownAt(all, at), pageSize, at);
          const quick = await loaded(withSnapshot(shown, load), now);
          expect(seen(quick)).toEqual(seen(await loaded(shown, now)));
        },
      ),
      { numRuns: 300 },
    );
  });

  const rows = (count: number) => Array.from({ length: count }, (_, n) => customerItem(`c${n}`, 1));
  const later = instant(Date.parse(rows(1)[0]?.changed_at ?? "") + 60 * MINUTE_MS);

  /** A table of ten rows, one of which changed after the snapshot, and what was asked of it. */
  function tenRows() {
    const source = table();
    for (const row of rows(10)) source.write(row);
    source.write(customerItem("c7", 2, { status: "churned", changed_at: later }));
    return source;
  }
  const complete_until = instant(Date.parse(later) - MINUTE_MS);

  it("reads what changed since, and syncs as any other does", async () => {
    const source = tenRows();
    let now = Date.parse(later) + MINUTE_MS;
    const feed = withSnapshot(source.feed, async (receive) => {
      receive(rows(10));
      return complete_until;
    });
    const copy = createDirectory(feed, () => now);
    await copy.refresh();
    expect(copy.customers.size).toBe(10);
    expect(copy.customers.get("c7")?.customer.status).toBe("churned");
    expect(source.received()).toBe(1);
    now += MINUTE_MS;
    source.write(customerItem("c3", 2, { status: "at_risk", changed_at: instant(now) }));
    await copy.refresh();
    expect(copy.customers.get("c3")?.customer.status).toBe("at_risk");
    expect(source.received()).toBe(1);
  });

  it("that is not whole reads everything", async () => {
    const source = tenRows();
    const feed = withSnapshot(source.feed, async (receive) => {
      receive(rows(3));
      return undefined;
    });
    const copy = await loaded(feed, Date.parse(later));
    expect(copy.customers.size).toBe(10);
    expect(copy.customers.get("c7")?.customer.status).toBe("churned");
  });

  it("begins anew when it breaks off half way", async () => {
    const source = tenRows();
    let loads = 0;
    const feed = withSnapshot(source.feed, async (receive) => {
      receive(rows(4));
      loads += 1;
      if (loads === 1) throw new Error("broken");
      receive(rows(10));
      return complete_until;
    });
    const copy = createDirectory(feed, () => Date.parse(later));
    await expect(copy.refresh()).rejects.toThrow("broken");
    source.breakAfter(0);
    await expect(copy.refresh()).rejects.toThrow("broken");
    await copy.refresh();
    expect(loads).toBe(3);
    expect(copy.customers.size).toBe(10);
    expect(copy.customers.get("c7")?.customer.status).toBe("churned");
  });
});
