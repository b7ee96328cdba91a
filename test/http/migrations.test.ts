import { PutCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { Direction, Migration } from "@success-manager/domain/migrations";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type TestCloud, testCloud } from "../support/cloud.ts";
import { type Storage, storageOf } from "../support/storage.ts";

let cloud: TestCloud;
let storage: Storage;
let domain: typeof import("@success-manager/domain/migrations") &
  typeof import("@success-manager/domain/jobs") &
  typeof import("@success-manager/domain/table");

beforeAll(async () => {
  // What the stream does with migrated items is in migrations-function.test.ts.
  // Refusals reach the migration itself: the SDK tries nothing again before, and waits for nothing.
  cloud = await testCloud({ streams: false, environment: { AWS_MAX_ATTEMPTS: "1" } });
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
  for (const prefix of ["migrations", "job", "interaction#"]) await storage.remove(prefix);
  cloud.database.take();
});

const interaction = (n: number) => ({
  id: `i${String(n).padStart(5, "0")}`,
  customer_id: "c1",
  interaction_type: "call" as const,
  subject: `Subject ${n}`,
  description: "Said hello",
  sentiment: "neutral" as const,
  performed_by: "Sara Khan",
  interaction_date: "2026-03-01T10:00:00.000Z",
  follow_up_required: false,
  follow_up_due: "9999-12-31",
  performer_key: "sara khan",
  search_key: "old",
  created_at: "2026-03-01T10:00:00.000Z",
  updated_at: "2026-03-01T10:00:00.000Z",
  revision: 1,
});

/** Stores so many interactions as an older version did: without a search form that is of any use. */
async function fill(count: number, changes: object = {}): Promise<void> {
  const { commit, put, InteractionEntity } = domain;
  const all = Array.from({ length: count }, (_, n) => ({ ...interaction(n), ...changes }));
  for (let n = 0; n < count; n += 100)
    await commit(all.slice(n, n + 100).map((item) => put(InteractionEntity, item)));
}

const stored = () => storage.items("interaction#");

/** Writes search forms anew; what they were is in `description`. */
const searchForms = (changes: Partial<Migration> = {}): Migration =>
  domain.defineMigration({
    name: "20260101-000000-search-forms",
    description: "Search forms are those of the subject.",
    kind: "backfill",
    items: { of: [domain.InteractionEntity], from: [domain.partitions.type("interaction")] },
    change: (item) => ({ ...item, search_key: String(item.subject).toLowerCase() }),
    undo: { change: (item) => ({ ...item, search_key: "old" }) },
    ...changes,
  });

const options = { by: "Sara", units: 1_000_000, checksum: "c0ffee" };

/** Works in this process, as an invocation that may take so long as `remaining` says. */
const here =
  (all: readonly Migration[], remaining: () => number = () => 600_000) =>
  async ({ scheduled_time }: { readonly scheduled_time: string }) => {
    await domain.run(domain.migrationJob(all), scheduled_time, {
      remaining,
      log: () => undefined,
      continueInBackground: async () => undefined,
    });
  };

const run = (migration: Migration, direction: Direction = "up", remaining?: () => number) =>
  domain.start(migration, direction, { ...options, invoke: here([migration], remaining) });

const status = async (migration: Migration) => (await domain.history([migration])).at(-1);

describe("a migration", () => {
  it("changes what has to be changed, once, and is in the history", async () => {
    await fill(250);
    const migration = searchForms();
    await run(migration);
    const items = await stored();
    expect(items.map(({ search_key }) => search_key)).toEqual(
      items.map(({ subject }) => String(subject).toLowerCase()),
    );
    const after = await status(migration);
    expect(after).toMatchObject({
      state: "done",
      counted: { read: 250, changed: 250, unchanged: 0, failed: 0 },
      stored: { by: "Sara", checksum: "c0ffee", kind: "backfill", direction: "up" },
    });
    await expect(run(migration)).rejects.toThrow("is done already");
  });

  it("leaves everything else about an item as it is: keys, revision, attributes that its entity does not know", async () => {
    await fill(1);
    const [before] = await stored();
    await domain.dynamo.send(
      new PutCommand({ TableName: domain.tableName, Item: { ...before, former: { of: ["another", 1] } } }),
    );
    await run(searchForms());
    const [after] = await stored();
    expect(after).toEqual({ ...before, former: { of: ["another", 1] }, search_key: "subject 0" });
  });

  it("is undone, where it says how", async () => {
    await fill(120);
    const before = await stored();
    const migration = searchForms();
    await run(migration);
    await run(migration, "down");
    expect(await stored()).toEqual(before);
    expect(await status(migration)).toMatchObject({
      state: "pending",
      stored: { state: "undone", earlier: [{ state: "done", direction: "up" }] },
    });
    await expect(run(migration, "down")).rejects.toThrow("nothing to undo");
    await expect(run(searchForms({ undo: undefined }), "down")).rejects.toThrow("no way back");
  });

  it("in a dry run says what it would do, and writes nothing", async () => {
    await fill(130);
    const everything = await storage.items("");
    cloud.database.take();
    const { counted, samples } = await domain.dryRun(searchForms(), "up", { units: 1_000_000 });
    expect(counted).toMatchObject({ read: 130, changed: 130 });
    expect(samples[0]).toEqual({
      key: "interaction#i00000 interaction",
      before: { search_key: "old" },
      set: { search_key: "subject 0" },
      remove: [],
    });
    expect(new Set(cloud.database.take().map(({ operation }) => operation))).toEqual(new Set(["Query"]));
    expect(await storage.items("")).toEqual(everything);
  });
  it("goes through the whole table, where its items stand in no partition together", async () => {
    await fill(150);
    await run(searchForms({ items: { of: [domain.InteractionEntity], from: "scan" } }));
    expect((await stored()).filter(({ search_key }) => search_key === "old")).toEqual([]);
    const scans = cloud.database.take().filter(({ operation }) => operation === "Scan");
    expect(scans.length).toBeGreaterThanOrEqual(4);
  });

  it("gives items the keys that their entity gives them now, and takes those away that it gives no more", async () => {
    await fill(10, { follow_up_required: true, follow_up_due: "2026-04-01", follow_up_date: "2026-04-01" });
    const wanted = await stored();
    expect(wanted[0]).toMatchObject({ gsi3pk: "follow_up", gsi3sk: "2026-04-01#i00000" });
    // As if the index had been added afterwards, to all but one, which has a key that is wrong.
    for (const [n, { gsi3pk: _, gsi3sk: __, ...item }] of wanted.entries())
      await domain.dynamo.send(
        new PutCommand({
          TableName: domain.tableName,
          Item: n === 0 ? { ...item, gsi3pk: "follow_up", gsi3sk: "wrong" } : item,
        }),
      );
    const backfill = searchForms({ change: (item) => item, undo: undefined });
    await run(backfill);
    expect(await stored()).toEqual(wanted);
    expect(await status(backfill)).toMatchObject({ counted: { changed: 10 } });
    await run(
      searchForms({
        name: "20260102-000000-closed",
        change: (item) => ({ ...item, follow_up_required: false }),
      }),
    );
    expect((await stored()).filter((item) => "gsi3pk" in item || "gsi3sk" in item)).toEqual([]);
  });
});

describe("a migration that is killed", () => {
  /** Works for so many batches, then nobody hears of it any more: what it did since the last one is not saved. */
  async function killed(migration: Migration, run_id: string, batches: number) {
    const claimed = await domain.JobRuns.claim("migrations", run_id);
    if (claimed.result !== "claimed") throw new Error(claimed.result);
    const job = domain.migrationJob([migration]);
    let left = batches;
    const work = job.run(
      new Date(run_id),
      { ...job.start, ...claimed.claim.progress },
      {
        run_id,
        remaining: () => 600_000,
        log: () => undefined,
        save: () => undefined,
        checkpoint: async (progress) => {
          if (left-- <= 0) throw new Error("killed");
          await domain.JobRuns.save(claimed.claim, progress, job.counts(progress));
        },
      },
    );
    await expect(work).rejects.toThrow("killed");
  }

  const endLease = () =>
    domain.dynamo.send(
      new UpdateCommand({
        TableName: domain.tableName,
        Key: { pk: "job_lock#migrations", sk: "job_lock" },
        UpdateExpression: "SET leased_until = :past",
        ExpressionAttributeValues: { ":past": 1 },
      }),
    );

  it("goes on where it stood, and does nothing twice that shows", async () => {
    await fill(1000);
    let changes = 0;
    const migration = searchForms({
      change: (item) => {
        changes += 1;
        return { ...item, search_key: String(item.subject).toLowerCase() };
      },
    });
    const run_id = await domain.start(migration, "up", { ...options, invoke: async () => undefined });
    await killed(migration, run_id, 3);
    const done = (await stored()).filter(({ search_key }) => search_key !== "old").length;
    expect(done).toBe(400);
    // Who comes now is told; when the lease has ended, the migration has stopped, and goes on.
    await expect(run(migration)).rejects.toThrow(/^Sara has been running 20260101-000000-search-forms/);
    await endLease();
    expect(await status(migration)).toMatchObject({ state: "stopped" });
    changes = 0;
    cloud.database.take();
    await run(migration);
    expect((await stored()).filter(({ search_key }) => search_key === "old")).toEqual([]);
    // 700 that were not saved, of which 100 were done.
    expect(changes).toBe(700);
    expect(await status(migration)).toMatchObject({
      state: "done",
      counted: { read: 1000, changed: 900, unchanged: 100 },
    });
    const writes = cloud.database.take().filter(({ operation }) => operation === "UpdateItem");
    expect(writes).toHaveLength(600);
  });

  it("does nothing any more when its first function comes back late", async () => {
    await fill(300);
    const migration = searchForms();
    const run_id = await domain.start(migration, "up", { ...options, invoke: async () => undefined });
    await killed(migration, run_id, 1);
    await endLease();
    await run(migration);
    await run(migration, "down");
    const before = await stored();
    cloud.database.take();
    // As Lambda does with an event whose function has failed.
    await here([migration])({ scheduled_time: run_id });
    expect(await stored()).toEqual(before);
    expect(cloud.database.take().filter(({ operation }) => operation === "UpdateItem")).toEqual([]);
  });

  it("goes on in the next invocation when its time is up", async () => {
    await fill(500);
    const migration = searchForms();
    let left = 4;
    let invocations = 0;
    await domain.start(migration, "up", {
      ...options,
      invoke: async ({ scheduled_time }) => {
        let result = "continued";
        while (result === "continued") {
          invocations += 1;
          left = 120;
          ({ result } = await domain.run(domain.migrationJob([migration]), scheduled_time, {
            remaining: () => (left-- > 0 ? 600_000 : 0),
            log: () => undefined,
            continueInBackground: async () => undefined,
          }));
        }
      },
    });
    expect(invocations).toBeGreaterThan(2);
    expect((await stored()).filter(({ search_key }) => search_key === "old")).toEqual([]);
    expect(await status(migration)).toMatchObject({ state: "done", counted: { failed: 0 } });
  });
});

describe("people at once", () => {
  it("of ten who start it one succeeds, and the others are told who runs it", async () => {
    await fill(200);
    let changes = 0;
    const migration = searchForms({
      change: (item) => {
        changes += 1;
        return { ...item, search_key: String(item.subject).toLowerCase() };
      },
    });
    const names = Array.from({ length: 10 }, (_, n) => `Person ${n}`);
    const answers = await Promise.allSettled(
      names.map((by) => domain.start(migration, "up", { ...options, by, invoke: here([migration]) })),
    );
    expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    const winner = names[answers.findIndex(({ status }) => status === "fulfilled")];
    for (const answer of answers)
      if (answer.status === "rejected")
        expect(String(answer.reason.message)).toContain(`${winner} has been running`);
    expect(changes).toBe(200);
  });

  it("two different migrations do not run at once either", async () => {
    await fill(1);
    const [first, second] = [searchForms(), searchForms({ name: "20260102-000000-second" })];
    await domain.start(first, "up", { ...options, invoke: async () => undefined });
    await expect(run(second)).rejects.toThrow("Sara has been running 20260101-000000-search-forms");
  });

  it("a person may pause it, and it goes on where it stood", async () => {
    await fill(500);
    let pauseAt = 150;
    let changes = 0;
    const pauses: Promise<void>[] = [];
    const migration: Migration = searchForms({
      change: (item) => {
        changes += 1;
        if (changes === pauseAt) pauses.push(domain.pause(migration.name));
        return { ...item, search_key: String(item.subject).toLowerCase() };
      },
    });
    await run(migration);
    await Promise.all(pauses);
    expect(await status(migration)).toMatchObject({ state: "paused" });
    await expect(domain.pause(migration.name)).rejects.toThrow("is not running");
    expect(changes).toBeLessThan(500);
    [pauseAt, changes] = [-1, 500 - changes];
    const left = changes;
    changes = 0;
    await run(migration);
    expect(changes).toBe(left);
    expect(await status(migration)).toMatchObject({ state: "done", counted: { read: 500, changed: 500 } });
  });
});

describe("a busy table", () => {
  it("loses no change of those who write at the same time", async () => {
    await fill(400);
    const { commitOne, InteractionEntity, updateItem } = domain;
    const written = new Map<string, string>();
    let over = false;
    /** As a request does: both attributes, with the form of the present version. */
    const writer = async () => {
      for (let n = 0; !over; n++) {
        const id = interaction((n * 37) % 400).id;
        const subject = `EDITED ${n}`;
        await commitOne(
          updateItem(InteractionEntity.patch({ id }).set({ subject, search_key: subject.toLowerCase() })),
        );
        written.set(id, subject);
      }
    };
    const writing = writer();
    // Ten times, so that they meet.
    for (let n = 0; n < 10; n++)
      await run(
        searchForms({
          name: `20260101-00000${n}-forms`,
          change: (item) => ({
            ...item,
            former: undefined,
            search_key: `${item.subject} ${n}`.toLowerCase(),
          }),
        }),
      );
    over = true;
    await writing;
    await run(searchForms());
    const items = await stored();
    expect(written.size).toBeGreaterThan(50);
    for (const { id, subject, search_key } of items) {
      expect(subject).toBe(written.get(String(id)) ?? subject);
      expect(search_key).toBe(String(subject).toLowerCase());
    }
  });

  it.each<[what: string, write: () => Promise<unknown>]>([
    [
      "has changed another attribute, without counting revisions",
      async () => {
        const { commitOne, updateItem, InteractionEntity } = domain;
        await commitOne(updateItem(InteractionEntity.patch({ id: "i00000" }).set({ subject: "Edited" })));
      },
    ],
    [
      "has added the attribute that is to be added",
      async () => {
        const { commitOne, updateItem, InteractionEntity } = domain;
        await commitOne(updateItem(InteractionEntity.patch({ id: "i00000" }).set({ ticket_number: "T-1" })));
      },
    ],
    ["has removed the item", () => storage.remove("interaction#")],
  ])("loses to who, between its read and its write, %s", async (_, write) => {
    await fill(1);
    const { readRange, rewriteOf, writeRewrite, partitions, InteractionEntity } = domain;
    const { items } = await readRange(partitions.type("interaction"), undefined, 10);
    const [item] = items;
    if (!item) throw new Error("Nothing was read");
    const rewrite = rewriteOf(InteractionEntity, item, { ...item.values, ticket_number: "T-0" });
    if (!rewrite) throw new Error("Nothing is to be written");
    expect(rewrite).toEqual({ set: { ticket_number: "T-0" }, remove: [] });
    await write();
    const before = await stored();
    expect(await writeRewrite(item, rewrite)).toMatchObject({ written: false });
    expect(await stored()).toEqual(before);
  });

  it("waits when the database has enough, and fails nothing", async () => {
    await fill(150);
    cloud.database.fail("UpdateItem", "ThrottlingException", 40);
    const migration = searchForms();
    await run(migration);
    expect(cloud.database.failuresLeft("UpdateItem")).toBe(0);
    const after = await status(migration);
    expect(after).toMatchObject({ state: "done", counted: { changed: 150, failed: 0 } });
    expect((await stored()).filter(({ search_key }) => search_key === "old")).toEqual([]);
  });

  it("keeps to its units a second", async () => {
    await fill(100);
    cloud.database.take();
    const began = performance.now();
    await domain.start(searchForms(), "up", { ...options, units: 400, invoke: here([searchForms()]) });
    const seconds = (performance.now() - began) / 1000;
    const units = cloud.database
      .take()
      .filter(({ operation }) => operation === "UpdateItem" || operation === "Query")
      .reduce((sum, { units }) => sum + units, 0);
    expect(units).toBeGreaterThan(200);
    // What is spent last is not waited for.
    expect(seconds).toBeGreaterThan((units - 150) / 400);
  });
});

describe("an item that can't be changed", () => {
  const broken = (which: (n: number) => boolean) =>
    searchForms({
      change: (item) => {
        if (which(Number(String(item.id).slice(1)))) throw new Error("No subject");
        return { ...item, search_key: String(item.subject).toLowerCase() };
      },
    });

  it("is named, and does not stop the rest; the migration is failed, and goes through all of it the next time", async () => {
    await fill(300);
    const migration = broken((n) => n === 7 || n === 250);
    await run(migration);
    expect(await status(migration)).toMatchObject({
      state: "failed",
      counted: { changed: 298, failed: 2 },
      stored: {
        error: "2 items could not be changed.",
        failures: [
          { key: "interaction#i00007 interaction", error: "No subject" },
          { key: "interaction#i00250 interaction", error: "No subject" },
        ],
      },
    });
    await run(searchForms());
    expect(await status(migration)).toMatchObject({
      state: "done",
      counted: { changed: 2, unchanged: 298, failed: 0 },
    });
  });

  it("stops the migration when there are many", async () => {
    await fill(1000);
    const migration = broken(() => true);
    await run(migration);
    expect(await status(migration)).toMatchObject({
      state: "failed",
      stored: { error: "Stopped: more than 20 items could not be changed." },
    });
    expect((await stored()).filter(({ search_key }) => search_key !== "old")).toEqual([]);
  });

  it.each([
    [
      "lacks what its entity requires",
      ({ subject: _, ...item }: Record<string, unknown>) => item,
      "subject of interaction is not as it must be",
    ],
    [
      "would be of another kind",
      (item: Record<string, unknown>) => ({ ...item, revision: "one" }),
      "revision of interaction is not as it must be",
    ],
    [
      "would have an attribute that its entity does not know",
      (item: Record<string, unknown>) => ({ ...item, mood: "good" }),
      "mood is not an attribute of interaction",
    ],
    [
      "would be another item",
      (item: Record<string, unknown>) => ({ ...item, id: "another" }),
      "A migration can't move an item to another primary key",
    ],
    [
      "would be too large",
      (item: Record<string, unknown>) => ({ ...item, description: "x".repeat(410_000) }),
      /size/i,
    ],
  ])("is one that %s", async (_, change, error) => {
    await fill(1);
    const before = await stored();
    const migration = searchForms({ change });
    await run(migration);
    const after = await status(migration);
    expect(after).toMatchObject({ state: "failed", counted: { failed: 1 } });
    expect(after?.stored?.failures[0]?.error).toMatch(error);
    expect(await stored()).toEqual(before);
  });
});

describe("a large table", () => {
  it("of 2 000 items takes a request for each hundred and one for each that changes; no request reads more than a hundred", async () => {
    await fill(2_000);
    const migration = searchForms({
      change: (item) => (Number(String(item.id).slice(1)) % 10 === 0 ? { ...item, search_key: "new" } : null),
    });
    cloud.database.take();
    await run(migration);
    const requests = cloud.database.take();
    const count = (operation: string, subject: string) =>
      requests.filter((one) => one.operation === operation && one.subjects.includes(subject)).length;
    expect(count("UpdateItem", "interaction")).toBe(200);
    // One after the other, so that no more than a hundred items are in memory.
    expect([20, 21]).toContain(count("Query", "interaction"));
    // The start, where it stands after each batch, and the end.
    expect(requests.filter(({ operation }) => operation === "TransactWriteItems").length).toBeLessThanOrEqual(
      30,
    );
    expect(requests.length).toBeLessThan(200 + 4 * 21 + 20);
    expect(await status(migration)).toMatchObject({
      state: "done",
      counted: { read: 2_000, changed: 200 },
    });
  });
});
