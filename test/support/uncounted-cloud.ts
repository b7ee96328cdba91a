import { randomUUID } from "node:crypto";
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import type { CloudOptions } from "@success-manager/local";
import type { Contribution, Item } from "../../packages/domain/src/counters/contributions.ts";
import { enter } from "./cloud.ts";
import { emptyCloud } from "./servers.ts";
import { type Storage, storageOf } from "./storage.ts";

/** A new item as the stream tells of it. */
export const created = (after: Item) => ({ event_id: randomUUID(), before: undefined, after });

/** An item in the partition of its kind, where a recount looks. */
export function source(item: Item): Item {
  const [id, kind] = [randomUUID(), String(item.sk)];
  return { ...item, id, pk: `${kind}#${id}`, gsi2pk: kind, gsi2sk: `2026-03-10T08:00:00.000Z#${id}` };
}

/** The counters of a table as text, sorted, without zeros. */
export async function storedCounters(storage: Storage): Promise<string[]> {
  const items = await storage.items("rollup#");
  return items
    .flatMap((item) =>
      Object.entries(item)
        .filter(([name, amount]) => name.startsWith("c:") && amount !== 0)
        .map(([name, amount]) => JSON.stringify([item.pk, item.sk, name, amount])),
    )
    .sort();
}

/** The same, as it should be for these items. */
export function countersOf(
  items: readonly Item[],
  contributions: (item: Item) => readonly Contribution[],
): string[] {
  const sums = new Map<string, number>();
  for (const { series, period, counter, amount } of items.flatMap((item) => contributions(item))) {
    const name = JSON.stringify([`rollup#${series}`, period, `c:${counter}`]);
    sums.set(name, (sums.get(name) ?? 0) + amount);
  }
  return [...sums]
    .filter(([, amount]) => amount !== 0)
    .map(([name, amount]) => `${name.slice(0, -1)},${amount}]`)
    .sort();
}

export type UncountedCloud = Awaited<ReturnType<typeof uncountedCloud>>;

/** A cloud whose stream nobody follows: nothing is counted but what a test hands to the projection. */
export async function uncountedCloud(options: Partial<CloudOptions> = {}) {
  const cloud = await emptyCloud({ streams: false, ...options });
  enter(cloud.environment);
  const storage = storageOf(cloud);
  // After `enter`: the domain reads the table's name when it is loaded.
  const { dynamo, tableName } = await import("@success-manager/domain/table");
  const { contributions } = await import("../../packages/domain/src/counters/contributions.ts");
  return {
    environment: cloud.environment,
    storage,
    put: async (item: Item) => {
      await dynamo.send(new PutCommand({ TableName: tableName, Item: { ...item } }));
    },
    counters: () => storedCounters(storage),
    countersOf: (items: readonly Item[]) => countersOf(items, contributions),
    /** Removes what is counted, the counters and what is remembered of records. */
    async empty() {
      const byTime = [
        "interaction#",
        "survey#",
        "survey_link#",
        "alert#",
        "ticket#",
        "report#",
        "report_schedule#",
      ];
      const others = [
        "rollup#",
        "counted#",
        "last_contact#",
        "customer#",
        "scores#",
        "snapshot",
        "list_changes#",
      ];
      for (const prefix of [...others, ...byTime]) await storage.remove(prefix);
    },
    async stop() {
      storage.close();
      await cloud.stop();
    },
  };
}
