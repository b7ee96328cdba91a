import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Item } from "../../packages/domain/src/counters/contributions.ts";
import { interaction, survey } from "../../packages/domain/src/counters/fixture/items.ts";
import { deliveries, history } from "../../packages/domain/src/counters/fixture/stream.ts";
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
    const { partitionFeed } = await import("../../packages/domain/src/directory/sync.ts");
    const copy = createDirectory(partitionFeed("directory"));
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
