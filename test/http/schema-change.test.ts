import { DynamoDBClient, UpdateTableCommand } from "@aws-sdk/client-dynamodb";
import { QueryCommand } from "@aws-sdk/lib-dynamodb";
import type { Migration } from "@success-manager/domain/migrations";
import { Entity } from "electrodb";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type TestCloud, testCloud } from "../support/cloud.ts";
import { type Storage, storageOf } from "../support/storage.ts";

// The recipes of docs/deploy.md ("A renamed attribute", "Another index") against a database under load: the versions of
// the code that a step lets run side by side do run side by side, and so does the migration.

const ITEMS = 120;
const ROUNDS = 25;

let cloud: TestCloud;
let storage: Storage;
let domain: typeof import("@success-manager/domain/migrations") &
  typeof import("@success-manager/domain/jobs") &
  typeof import("@success-manager/domain/table");

beforeAll(async () => {
  cloud = await testCloud({ streams: false });
  storage = storageOf(cloud);
  domain = {
    ...(await import("@success-manager/domain/migrations")),
    ...(await import("@success-manager/domain/jobs")),
    ...(await import("@success-manager/domain/table")),
  };
});
afterAll(async () => {
  storage?.close();
  await cloud?.stop();
});
beforeEach(async () => {
  for (const prefix of ["migrations", "job", "note#"]) await storage.remove(prefix);
});

const PRIMARY = {
  pk: { field: "pk", composite: ["id"], template: "note#${id}", casing: "none" },
  sk: { field: "sk", composite: [], template: "note", casing: "none" },
} as const;
const BY_STATUS = {
  index: "byStatus",
  pk: { field: "gsi4pk", composite: ["status"], template: "note#${status}", casing: "none" },
  sk: { field: "gsi4sk", composite: ["id"], template: "${id}", casing: "none" },
} as const;
const MODEL = { service: "success-manager", entity: "note", version: "1" } as const;
const text = { type: "string" } as const;
const SHARED = { id: { ...text, required: true }, status: text, revision: { type: "number" } } as const;

/** A version of the code: what it declares, writes and reads. */
interface Version {
  readonly entity: { readonly schema: { readonly model: { readonly entity: string } } };
  /** Changes an item in one update, as most use cases do, or writes it whole, as some do. */
  write(id: string, value: string, whole: boolean): Promise<void>;
  read(id: string): Promise<string | undefined>;
}

type Names = "label" | "title";

function versionOf(writes: readonly Names[], reads: Names): Version {
  const { table, commitOne, updateItem, put, find, getRequest, withOptimisticRetry, RETRY, equals } = domain;
  const names = new Set<string>([...writes, reads]);
  const entity = new Entity(
    {
      model: MODEL,
      attributes: {
        ...SHARED,
        ...(names.has("label") && { label: text }),
        ...(names.has("title") && { title: text }),
      },
      indexes: { primary: PRIMARY },
    },
    table,
  );
  const load = async (id: string) =>
    (await find(getRequest(entity, id))) as Record<string, unknown> | undefined;
  return {
    entity,
    write: (id, value, whole) =>
      withOptimisticRetry(async () => {
        const { revision, ...before } = (await load(id)) ?? {};
        const values = Object.fromEntries(writes.map((name) => [name, value]));
        const next = { ...values, revision: Number(revision) + 1 };
        const done = whole
          ? await commitOne(put(entity, { ...before, id, ...next } as never, equals({ revision })))
          : await commitOne(
              updateItem(
                entity
                  .patch({ id })
                  .set(next as never)
                  .where(({ revision: stored }, { eq }) => eq(stored, Number(revision))),
              ),
            );
        return done ? undefined : RETRY;
      }) as Promise<void>,
    read: async (id) => (await load(id))?.[reads] as string | undefined,
  };
}

const ids = Array.from({ length: ITEMS }, (_, n) => `n${String(n).padStart(3, "0")}`);
const newest = new Map<string, string>();
let count = 0;

/**
 * Has versions run side by side: several workers, each with items of its own, write with one version and read what was
 * written with any of them. Answers what went wrong.
 */
async function sideBySide(
  versions: readonly Version[],
  during: () => Promise<unknown> = async () => undefined,
) {
  const wrong: string[] = [];
  const worker = async (own: readonly string[]) => {
    for (let n = 0; n < ROUNDS; n++) {
      const id = own[n % own.length] ?? "";
      const value = `value ${++count}`;
      const writer = versions[n % versions.length] as Version;
      try {
        await writer.write(id, value, n % 3 === 0);
        newest.set(id, value);
        for (const [number, reader] of versions.entries()) {
          const found = await reader.read(id);
          if (found !== value) wrong.push(`version ${number} reads ${found} of ${id}, which is ${value}`);
        }
      } catch (error) {
        wrong.push(String(error));
      }
    }
  };
  const workers = Array.from({ length: 4 }, (_, n) => worker(ids.filter((_, at) => at % 8 === n)));
  await Promise.all([...workers, during()]);
  return wrong;
}

async function run(migration: Migration): Promise<void> {
  await domain.start(migration, "up", {
    ...{ by: "Sara", units: 1_000_000, checksum: "" },
    invoke: async ({ scheduled_time }) => {
      await domain.run(domain.migrationJob([migration]), scheduled_time, {
        remaining: () => 600_000,
        log: () => undefined,
        continueInBackground: async () => undefined,
      });
    },
  });
  const [status] = (await domain.history([migration])).filter(({ name }) => name === migration.name);
  expect(status).toMatchObject({ state: "done", counted: { failed: 0 } });
}

/** Items as the first version writes them. */
async function begin(): Promise<void> {
  const { commit, put } = domain;
  const { entity } = versionOf(["label"], "label");
  newest.clear();
  for (const id of ids) newest.set(id, `first ${id}`);
  const writes = ids.map((id) =>
    put(entity as never, { id, label: `first ${id}`, status: "open", revision: 1 } as never),
  );
  await commit(writes.slice(0, 100));
  await commit(writes.slice(100));
}

const stored = () => storage.items("note#");

describe("a renamed attribute", () => {
  it("takes three versions, of which none loses a write, reads an old value or fails a request", async () => {
    await begin();
    const before = versionOf(["label"], "label");
    const writesBoth = versionOf(["label", "title"], "label");
    const readsNew = versionOf(["label", "title"], "title");
    const after = versionOf(["title"], "title");

    // 1. Expand: a version that writes both is deployed.
    expect(await sideBySide([before, writesBoth])).toEqual([]);
    // 2. Backfill, while that one runs alone.
    const backfill = domain.defineMigration({
      name: "20260101-000000-titles",
      description: "Notes have a title.",
      kind: "backfill",
      items: { of: [writesBoth.entity], from: "scan" },
      change: (item) => ({ ...item, title: item.label }),
      undo: { change: ({ title: _, ...item }) => item },
    });
    expect(await sideBySide([writesBoth], () => run(backfill))).toEqual([]);
    // 3. A version that reads the new one is deployed, and then one that does not know the old one any more.
    expect(await sideBySide([writesBoth, readsNew])).toEqual([]);
    expect(await sideBySide([readsNew, after])).toEqual([]);
    // 4. Contract, while that one runs alone.
    const contract = domain.defineMigration({
      name: "20260102-000000-no-labels",
      description: "Notes have no label.",
      kind: "contract",
      items: { of: [after.entity], from: "scan" },
      change: ({ label: _, ...item }) => item,
    });
    expect(await sideBySide([after], () => run(contract))).toEqual([]);

    const items = await stored();
    expect(items).toHaveLength(ITEMS);
    for (const item of items) {
      expect(item).not.toHaveProperty("label");
      expect(item.title).toBe(newest.get(String(item.id)));
    }
  });

  it.each<[what: string, one: [Names[], Names], other: [Names[], Names]]>([
    ["the one that writes both", [["label"], "label"], [["label", "title"], "title"]],
    [
      "the one that reads the new one and still writes both",
      [["label", "title"], "label"],
      [["title"], "title"],
    ],
  ])("can't leave out %s: somebody would read an old value", async (_, one, other) => {
    await begin();
    expect(await sideBySide([versionOf(...one), versionOf(...other)])).not.toEqual([]);
  });
});

describe("another index", () => {
  const indexed = () =>
    new Entity(
      {
        model: MODEL,
        attributes: { ...SHARED, label: text },
        indexes: { primary: PRIMARY, byStatus: BY_STATUS },
      },
      domain.table,
    );

  /** As CloudFormation does, which makes one index with each update of a stack. */
  async function addIndex(): Promise<void> {
    const client = new DynamoDBClient({});
    const string = (AttributeName: string) => ({ AttributeName, AttributeType: "S" as const });
    await client.send(
      new UpdateTableCommand({
        TableName: domain.tableName,
        AttributeDefinitions: [string("pk"), string("sk"), string("gsi4pk"), string("gsi4sk")],
        GlobalSecondaryIndexUpdates: [
          {
            Create: {
              IndexName: "byStatus",
              KeySchema: [
                { AttributeName: "gsi4pk", KeyType: "HASH" },
                { AttributeName: "gsi4sk", KeyType: "RANGE" },
              ],
              Projection: { ProjectionType: "ALL" },
            },
          },
        ],
      }),
    );
    client.destroy();
  }

  const query = async (status: string) => {
    const { Items = [] } = await domain.dynamo.send(
      new QueryCommand({
        TableName: domain.tableName,
        IndexName: "byStatus",
        KeyConditionExpression: "gsi4pk = :status",
        ExpressionAttributeValues: { ":status": `note#${status}` },
      }),
    );
    return Items.map(({ id }) => String(id));
  };

  it("is made, filled by those who write and by a migration, and then holds everything", async () => {
    await begin();
    // 1. The index, empty: no item has its keys.
    await addIndex();
    expect(await query("open")).toEqual([]);

    // 2. A version that writes its keys, beside one that does not know it and leaves wrong ones behind.
    const { commitOne, updateItem, table } = domain;
    const entity = indexed();
    const former = new Entity(
      { model: MODEL, attributes: { ...SHARED, label: text }, indexes: { primary: PRIMARY } },
      table,
    );
    const statuses = new Map(ids.map((id) => [id, "open"]));
    const writers = async (all: readonly (typeof entity | typeof former)[], rounds: number) => {
      for (let n = 0; n < rounds; n++) {
        const id = ids[(n * 7) % ITEMS] ?? "";
        const status = n % 2 ? "closed" : "open";
        const by = all[n % all.length] as typeof entity;
        expect(await commitOne(updateItem(by.patch({ id }).set({ status })))).toBe(true);
        statuses.set(id, status);
      }
    };
    await writers([entity, former], 90);
    const wanted = (status: string) => ids.filter((id) => statuses.get(id) === status);
    expect(await query("closed")).not.toEqual(wanted("closed"));

    // 3. Backfill, while the version that writes keys runs alone.
    const backfill = domain.defineMigration({
      name: "20260103-000000-by-status",
      description: "Notes are found by their status.",
      kind: "backfill",
      items: { of: [entity], from: "scan" },
      change: (item) => item,
    });
    await Promise.all([run(backfill), writers([entity], 200)]);

    // 4. What is asked from then on is answered in full.
    for (const status of ["open", "closed"]) expect(await query(status)).toEqual(wanted(status));
  });
});
