import { randomUUID } from "node:crypto";
import type { StoredCustomer } from "@success-manager/domain/table";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { customerItem, scoreItem } from "../../packages/domain/src/directory/fixture/items.ts";
import type { DirectoryItem } from "../../packages/domain/src/directory/rows.ts";
import type { Feed } from "../../packages/domain/src/directory/sync.ts";
import { type TestCloud, testCloud } from "../support/cloud.ts";

/** As many as make a batch large. */
const CUSTOMERS = 1_050;
const HOUR_MS = 60 * 60 * 1000;

let cloud: TestCloud;
let domain: Awaited<ReturnType<typeof load>>;
const ids = Array.from({ length: CUSTOMERS }, () => randomUUID());

const load = async () => ({
  ...(await import("@success-manager/domain/table")),
  ...(await import("@success-manager/domain/migrations")),
  ...(await import("@success-manager/domain/jobs")),
  ...(await import("../../packages/domain/src/directory/directory.ts")),
  ...(await import("../../packages/domain/src/directory/sync.ts")),
});

beforeAll(async () => {
  cloud = await testCloud();
  domain = await load();
  const changed_at = new Date(Date.now() - HOUR_MS).toISOString();
  await domain.CustomerEntity.put(ids.map((id) => customerItem(id, 1, { changed_at }))).go();
  await domain.LatestScoreEntity.put(ids.map((id) => scoreItem(id, 1, { changed_at }))).go();
});
afterAll(() => cloud?.stop());

/** How the version before read the directory: one partition, whatever else there is. */
const formerFeed = (): Feed<DirectoryItem> => {
  const read = async (from: string | undefined, receive: (rows: readonly DirectoryItem[]) => void) => {
    const partition = domain.partitions.type(domain.DIRECTORY);
    for await (const { items } of domain.query<DirectoryItem>({ partition, from })) receive(items);
  };
  return {
    loadAll: (receive) => read(undefined, receive),
    loadSince: (moment, receive) => read(moment, receive),
  };
};

/** Runs the job of the daily scores, for a day of its own. */
let day = 0;
async function scoreAll(): Promise<void> {
  day += 1;
  const event = {
    job: "daily_health_scores",
    scheduled_time: new Date(Date.now() - (30 - day) * 1_000).toISOString(),
  };
  const { payload, functionError } = await cloud.invoke("success-manager-local-jobs-health", event);
  expect([functionError, payload]).toMatchObject([undefined, { result: "completed" }]);
}

async function migrate(direction: "up" | "down"): Promise<void> {
  const found = domain.migrations.find(({ name }) => name === domain.SHARDS_MIGRATION);
  if (!found) throw new Error("no migration");
  await domain.start(found, direction, {
    by: "a test",
    units: 100_000,
    checksum: "c0ffee",
    invoke: async ({ scheduled_time }) => {
      await domain.run(domain.migrationJob(domain.migrations), scheduled_time, {
        remaining: () => 600_000,
        log: () => undefined,
        continueInBackground: async () => undefined,
      });
    },
  });
}

/** How many rows stand in the partition, and in all its shards. */
async function standing() {
  const { partitions, countItems, DIRECTORY } = domain;
  const shards = await Promise.all(
    partitions.shards(DIRECTORY).map((partition) => countItems({ partition })),
  );
  return { main: await countItems({ partition: partitions.type(DIRECTORY) }), shards };
}
const sum = (all: readonly number[]) => all.reduce((total, one) => total + one, 0);

/** Score revisions of all customers, as somebody knows them. */
const revisions = ({
  customers,
}: {
  customers: ReadonlyMap<string, { score?: { revision: number } | undefined }>;
}) => new Set(ids.map((id) => customers.get(id)?.score?.revision));

/** How often everybody was scored. */
let runs = 2;

describe("the migration to shards", () => {
  it("loses nothing at any time: not before, while, nor after it, for what runs and what starts", async () => {
    const former = domain.createDirectory(formerFeed());
    const present = domain.createDirectory(domain.shardedFeed<DirectoryItem>("directory"));
    await Promise.all([former.refresh(), present.refresh()]);

    // Both versions run: batches write where both read.
    await scoreAll();
    await Promise.all([former.refresh(), present.refresh()]);
    expect([revisions(former), revisions(present)]).toEqual([new Set([2]), new Set([2])]);
    expect(sum((await standing()).shards)).toBe(0);

    // The former one is gone. A list is asked again and again meanwhile, by a function that is warm.
    const seen: number[] = [];
    let isOver = false;
    const watching = (async () => {
      while (!isOver) {
        const { status, body } = await cloud.viewer.api.customers.list({
          query: { limit: 1 },
        });
        expect(status).toBe(200);
        seen.push(body().total);
      }
    })();
    await migrate("up");
    // A batch that has asked just before goes on as it began.
    do {
      await scoreAll();
      runs += 1;
    } while (sum((await standing()).shards) < CUSTOMERS && runs < 20);
    isOver = true;
    await watching;
    expect(new Set(seen)).toEqual(new Set([CUSTOMERS]));
    expect(seen.length).toBeGreaterThan(3);

    const { shards } = await standing();
    expect(sum(shards)).toBeGreaterThanOrEqual(CUSTOMERS);
    expect(Math.min(...shards)).toBeGreaterThan(0);
    await expect
      .poll(async () => {
        await present.refresh();
        return revisions(present);
      })
      .toEqual(new Set([runs]));
    const started = domain.createDirectory(domain.shardedFeed<DirectoryItem>("directory"));
    await started.refresh();
    expect(revisions(started)).toEqual(new Set([runs]));
    expect(started.customers.size).toBe(CUSTOMERS);
  });

  it("leaves what people change where everybody looks first", async () => {
    const [id = ""] = ids;
    const before = sum((await standing()).shards);
    // A status that a batch has moved into a shard, and a person changes.
    const stored = await domain.find(domain.getRequest(domain.CustomerEntity, id));
    const moved = domain.inShard(domain.put(domain.CustomerEntity, stored as StoredCustomer));
    await domain.commitOne(moved);
    expect(sum((await standing()).shards)).toBe(before + 1);
    const { status } = await cloud.manager.api.customers.update({
      params: { id },
      body: { notes: "Call them." },
    });
    expect(status).toBe(200);
    expect(sum((await standing()).shards)).toBe(before);
  });

  it("is undone: the version before sees everything again", async () => {
    await migrate("down");
    expect(sum((await standing()).shards)).toBe(0);
    const former = domain.createDirectory(formerFeed());
    await former.refresh();
    expect(revisions(former)).toEqual(new Set([runs]));
    expect(former.customers.size).toBe(CUSTOMERS);
  });
});
