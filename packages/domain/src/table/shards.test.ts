import { randomUUID } from "node:crypto";
import { Entity } from "electrodb";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { datesUpdate } from "../counters/last-interaction.ts";
import * as entities from "./entities/index.ts";
import { AlertStateEntity, CustomerEntity, InteractionEntity } from "./entities/index.ts";
import { SHARDED, SHARDED_ENTITIES, SHARDS, shardOf } from "./keys.ts";
import { createPacer } from "./retry.ts";
import { inShard, openUntil } from "./shards.ts";
import { givenValue, updateItem as updateOf, type Write } from "./write.ts";

interface Operation {
  params<P>(options: { readonly table: string }): P;
}
/** As `putItem` and others, of whichever table. */
const made =
  (kind: "Put" | "Update" | "Delete") =>
  (operation: Operation): Write => ({ [kind]: operation.params({ table: "the table" }) });
const [putItem, deleteItem] = [made("Put"), made("Delete")];
const updateItem = (operation: Operation) =>
  updateOf({ params: () => operation.params({ table: "the table" }) });

describe("the shard of an item", () => {
  it("is the same for ever", () => {
    const keys = ["latest_score#1", "customer#acme", "conditions#none", "", "latest_score#ü€😀"];
    expect(keys.map(shardOf)).toEqual([3, 10, 5, 3, 15]);
  });

  it("is one of sixteen, whatever the id", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (id) => {
        const shard = shardOf(id);
        expect(Number.isInteger(shard) && shard >= 0 && shard < SHARDS).toBe(true);
      }),
    );
  });

  it.each<[string, (n: number) => string]>([
    ["random", () => randomUUID()],
    ["counted", (n) => String(n)],
    ["alike but for the end", (n) => `11111111-1111-4111-8111-${String(n).padStart(12, "0")}`],
  ])("holds a sixteenth of ids that are %s", (_, idOf) => {
    const counts = new Array(SHARDS).fill(0);
    const all = 32_000;
    for (let n = 0; n < all; n++) counts[shardOf(`latest_score#${idOf(n)}`)] += 1;
    // Five standard deviations of a fair die with sixteen sides.
    for (const count of counts) expect(Math.abs(count - all / SHARDS)).toBeLessThan(5 * 43.4);
  });
});

const at = "2026-03-01T10:00:00.000Z";
const customer = (changes: object) =>
  updateItem(CustomerEntity.patch({ id: "c1" }).set({ changed_at: at, updated_at: at, ...changes }));
const partitionOf = ({ Put, Update }: Write): unknown => {
  if (Put) return Put.Item?.gsi2pk;
  const value = Update && givenValue(Update, "gsi2pk");
  return value && Update?.ExpressionAttributeValues?.[value];
};

describe("a write into a shard", () => {
  const state = putItem(
    AlertStateEntity.put({
      customer_id: "c1",
      condition: "inactivity",
      alert_type: "inactivity",
      severity: "high",
      title: "directory",
      description: "alert_condition",
      created_at: at,
      created_by: "system",
      alert_id: "a1",
      alert_revision: 1,
      state: "open",
      found: "1",
      changed_at: at,
      revision: 1,
    }),
  );
  const dates = datesUpdate("c1", [at], { expression: "", names: {}, values: {} }, new Date(at));
  const shard = (partition: string, pk: string) => `${partition}#${shardOf(pk)}`;

  it("goes to that of its item, whoever has made it", () => {
    const moved = [state, customer({ status: "at_risk" }), dates].map(inShard).map(partitionOf);
    expect(moved).toEqual([
      shard("alert_condition", "conditions#c1"),
      shard("directory", "customer#c1"),
      shard("directory", "last_contact#c1"),
    ]);
  });

  it("changes nothing else, and the write that it was made of stays", () => {
    for (const write of [state, customer({ notes: "directory" }), dates]) {
      const before = structuredClone(write);
      const moved = inShard(write);
      expect(write).toEqual(before);
      const text = JSON.stringify(moved).replace(/"(directory|alert_condition)#\d+"/, '"$1"');
      expect(text).toBe(JSON.stringify(before));
    }
  });

  it("back to where people write is what any other write of the row does", () => {
    expect(partitionOf(customer({ status: "active" }))).toBe("directory");
    expect(partitionOf(dates)).toBe("directory");
  });

  it("is known of all entities that stand there", () => {
    const found = Object.values(entities).flatMap((entity) => {
      if (!(entity instanceof Entity)) return [];
      const indexes: Readonly<Record<string, { readonly pk: { readonly template?: string } }>> =
        entity.schema.indexes;
      const template = indexes.byType?.pk.template;
      const partition = SHARDED.find((one) => one === template);
      return partition ? [[entity.schema.model.entity, partition]] : [];
    });
    expect(Object.fromEntries(found)).toEqual(SHARDED_ENTITIES);
  });

  it("leaves all else alone: other partitions, deletions, updates that keep their place", () => {
    const others: Write[] = [
      deleteItem(CustomerEntity.delete({ id: "c1" })),
      updateItem(InteractionEntity.patch({ id: "i1" }).set({ subject: "directory" })),
      updateItem(CustomerEntity.patch({ id: "c1" }).set({ notes: "directory" })),
      updateItem(InteractionEntity.patch({ id: "i1" }).set({ interaction_date: at })),
      inShard(state),
    ];
    for (const write of others) expect(inShard(write)).toEqual(write);
  });
});

it("only an announcement says until when shards are open: a minute longer than it says", () => {
  expect(openUntil({ __edb_e__: "shards", open_until: at })).toBe(Date.parse(at) + 60_000);
  for (const item of [
    {},
    { open_until: at },
    { __edb_e__: "customer", open_until: at },
    { __edb_e__: "shards" },
  ])
    expect(openUntil(item)).toBeUndefined();
});

describe("the pace of a batch", () => {
  /** Rows a second that a batch writes whose database refuses all beyond a limit; 30 rows at a time. */
  async function rates(limit: number, seconds: number): Promise<number[]> {
    let now = 0;
    let refusals = 0;
    const written: number[] = [];
    const pace = createPacer(
      () => refusals,
      () => now,
      async (ms) => {
        now += ms;
      },
    );
    while (now < seconds * 1_000) {
      await pace(30);
      const second = Math.floor(now / 1_000);
      written[second] = (written[second] ?? 0) + 30;
      if ((written[second] ?? 0) > limit) refusals += 1;
      now += 1;
    }
    return written.slice(0, seconds);
  }

  it("begins with 400 rows a second and goes up to 1 000", async () => {
    const all = await rates(Number.POSITIVE_INFINITY, 30);
    expect(all[0]).toBeLessThanOrEqual(430);
    expect(Math.max(...all)).toBeLessThanOrEqual(1_030);
    expect(all.at(-1)).toBeGreaterThanOrEqual(960);
  });

  it("stays near what the database takes, and never stops", async () => {
    const all = await rates(200, 60);
    const later = all.slice(10);
    expect(Math.max(...later)).toBeLessThanOrEqual(260);
    expect(later.reduce((sum, rows) => sum + rows, 0) / later.length).toBeGreaterThan(90);
  });
});
