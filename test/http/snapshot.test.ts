import { randomUUID } from "node:crypto";
import { DeleteCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { Snapshot } from "@success-manager/domain/table";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { type FunctionName, type Permission, permissions } from "../../infra/permissions.ts";
import type { Directory } from "../../packages/domain/src/directory/directory.ts";
import {
  customerItem,
  deploymentItem,
  scoreItem,
} from "../../packages/domain/src/directory/fixture/items.ts";
import type { DirectoryItem } from "../../packages/domain/src/directory/rows.ts";
import type { Feed } from "../../packages/domain/src/directory/sync.ts";
import { type TestCloud, testCloud } from "../support/cloud.ts";

/** Each with three deployments and a score: 5 000 rows, and the team. */
const CUSTOMERS = 1_000;
const DEPLOYMENTS = 3;
const ROWS = CUSTOMERS * (2 + DEPLOYMENTS);
const HOUR_MS = 60 * 60 * 1000;
const JOB = "directory_snapshot";

let cloud: TestCloud;
let parts: Awaited<ReturnType<typeof load>>;
const ids = Array.from({ length: CUSTOMERS }, () => randomUUID());

/** After the cloud: the domain reads the table's name when it is loaded. */
const load = async () => ({
  ...(await import("@success-manager/domain/table")),
  ...(await import("@success-manager/domain/customers")),
  ...(await import("@success-manager/domain/deployments")),
  ...(await import("@success-manager/domain/health")),
  ...(await import("../../packages/domain/src/directory/directory.ts")),
  ...(await import("../../packages/domain/src/directory/sync.ts")),
  ...(await import("../../packages/domain/src/table/entities/snapshot.ts")),
  ...(await import("../../packages/domain/src/directory/snapshot/read.ts")),
  ...(await import("../../packages/domain/src/directory/snapshot/write.ts")),
});

beforeAll(async () => {
  cloud = await testCloud();
  parts = await load();
  const changed_at = new Date(Date.now() - 2 * HOUR_MS).toISOString();
  await parts.CustomerEntity.put(ids.map((id) => customerItem(id, 1, { changed_at }))).go();
  await parts.LatestScoreEntity.put(ids.map((id) => scoreItem(id, 1, { changed_at }))).go();
  const deployments = ids.flatMap((id) =>
    Array.from({ length: DEPLOYMENTS }, () => deploymentItem(randomUUID(), id, 1, { changed_at })),
  );
  await parts.DeploymentEntity.put(deployments).go();
});
afterAll(() => cloud?.stop());

/** What the job has left; a test may change it, the next one finds it again. */
let taken: Snapshot | undefined;
afterEach(async () => {
  vi.restoreAllMocks();
  taken ??= await snapshot();
  if (taken) await parts.SnapshotEntity.put(taken).go();
});

/** When a snapshot of today is old. */
const nextDay = () => new Date(Date.now() + 21 * HOUR_MS);

/** Runs the job in its function; answers what it counted. */
async function run(): Promise<{ rows: number; chunks: number }> {
  const name = "success-manager-local-jobs-directory-snapshot";
  const { payload, functionError } = await cloud.invoke(name, {
    job: JOB,
    scheduled_time: new Date().toISOString(),
  });
  expect([functionError, payload]).toMatchObject([undefined, { result: "completed" }]);
  const jobs = (await cloud.admin.api.scheduler.list({})).body();
  const { counts } = jobs.find(({ id }) => id === JOB)?.last_run ?? {};
  return { rows: counts?.rows ?? Number.NaN, chunks: counts?.chunks ?? Number.NaN };
}

/** A fresh copy, as a cold function loads it, and what it asked of the database. */
async function loaded(feed: Feed<DirectoryItem>) {
  const copy = parts.createDirectory(feed);
  cloud.database.take();
  await copy.refresh();
  const asked = cloud.database.take().map(({ operation, index }) => [operation, index].join(" ").trim());
  return { copy, asked };
}
const bySnapshot = () => loaded(parts.snapshotFeed<DirectoryItem>("directory"));
const byFullLoad = () => loaded(parts.partitionFeed<DirectoryItem>("directory"));

const sorted = <T>(rows: ReadonlyMap<string, T>) => [...rows].sort(([a], [b]) => (a < b ? -1 : 1));
const seen = ({ customers, deployments, team }: Directory) => ({
  customers: sorted(customers).map(([id, row]) => [
    id,
    { ...row, deployments: row.deployments.toSorted((a, b) => (a.id < b.id ? -1 : 1)) },
  ]),
  deployments: sorted(deployments),
  team: sorted(team),
});

/**
 * A fresh copy has all that a full load sees; answers it.
 *
 * @param reads what it asks first: what is known of the snapshot, and all chunks
 * @param rest then: only what changed since, or all rows
 */
async function agreed(reads = 2, rest: "changes" | "all rows" = "changes"): Promise<Directory> {
  const [quick, full] = [await bySnapshot(), await byFullLoad()];
  expect(seen(quick.copy)).toEqual(seen(full.copy));
  const queries = quick.asked.filter((request) => request === "Query byType");
  expect(quick.asked.slice(0, -queries.length)).toEqual(Array.from({ length: reads }, () => "BatchGetItem"));
  // The rows do not fit into one answer.
  if (rest === "changes") expect(queries).toHaveLength(1);
  else expect(queries.length).toBeGreaterThan(1);
  return quick.copy;
}

const snapshot = () => parts.latestSnapshot("directory", new Date());

/** Requests of a function that its role does not allow; locally nobody refuses them. */
function refused(name: FunctionName) {
  const { items = [], queries = [] }: Permission = permissions[name];
  const allowed = new Set<string>([...items, ...queries.map((index) => `Query ${index}`)]);
  return cloud.database.take().flatMap((request) => request.permissions.filter((used) => !allowed.has(used)));
}

describe("the job", () => {
  it("takes a snapshot, and no second one as long as little changes", async () => {
    expect(await snapshot()).toBeUndefined();
    cloud.database.take();
    const { rows, chunks } = await run();
    // The scheduler that `run` asks has its own role.
    expect(refused("jobs/directory-snapshot")).toEqual([]);
    // The team is in it; nobody has counted anything yet.
    expect(rows).toBe(ROWS + 3);
    expect(chunks).toBeGreaterThan(0);
    const first = await snapshot();
    expect(first).toMatchObject({ rows, chunks });
    expect(await run()).toEqual({ rows: 0, chunks: 0 });
    expect(await snapshot()).toEqual(first);
  });

  it("takes none of a portfolio that is small", async () => {
    expect(await parts.latestSnapshot("alert_condition", new Date())).toBeUndefined();
  });

  it("takes another one when the last one gets old", async () => {
    const before = await snapshot();
    expect(await parts.takeSnapshot("directory", nextDay())).toMatchObject({ rows: ROWS + 3 });
    expect((await snapshot())?.version).not.toBe(before?.version);
  });

  it("twice at once leaves one whole snapshot", async () => {
    const at = nextDay();
    const runs = await Promise.all([1, 2, 3].map(() => parts.takeSnapshot("directory", at)));
    expect(runs.map(({ rows }) => rows).sort()).toEqual([0, 0, ROWS + 3]);
    const rows: DirectoryItem[] = [];
    expect(await parts.readSnapshot<DirectoryItem>("directory", (some) => rows.push(...some))).toBe(
      (await snapshot())?.complete_until,
    );
    expect(rows).toHaveLength(ROWS + 3);
  });

  it("that dies before it has written all leaves the last snapshot in use", async () => {
    const before = await snapshot();
    vi.spyOn(parts.SnapshotEntity, "put").mockImplementation(() => {
      throw new Error("killed");
    });
    await expect(parts.takeSnapshot("directory", nextDay())).rejects.toThrow("killed");
    vi.restoreAllMocks();
    expect(await snapshot()).toEqual(before);
    await agreed();
  });
});

describe("a new function", () => {
  it("begins with the snapshot", async () => {
    cloud.database.take();
    const { status, body } = await cloud.viewer.api.deployments.list({ query: { limit: 1 } });
    expect([status, body().total]).toEqual([200, CUSTOMERS * DEPLOYMENTS]);
    const asked = cloud.database.take();
    // Another one finds out who is calling.
    expect(asked.map(({ operation }) => operation)).toEqual([
      "BatchGetItem",
      "BatchGetItem",
      "BatchGetItem",
      "Query",
    ]);
  });

  it("that checks alerts may do so, too", async () => {
    cloud.database.take();
    const event = { job: "contract_expiry_check", scheduled_time: new Date().toISOString() };
    const { functionError } = await cloud.invoke("success-manager-local-jobs-contract-expiry", event);
    expect(functionError).toBeUndefined();
    expect(refused("jobs/contract-expiry")).toEqual([]);
  });

  it("sees what a full load sees, in three requests", async () => {
    const { customers, deployments } = await agreed();
    expect([customers.size, deployments.size]).toEqual([CUSTOMERS, CUSTOMERS * DEPLOYMENTS]);
  });

  it("sees what changed since", async () => {
    const [id = ""] = ids;
    await cloud.manager.api.customers.update({ params: { id }, body: { notes: "They want more." } });
    const { customers } = await agreed();
    expect(customers.get(id)?.customer.notes).toBe("They want more.");
  });

  it("sees a row that came into the index after the snapshot, though its writer's clock was minutes behind", async () => {
    const changed_at = new Date(Date.parse((await snapshot())?.complete_until ?? "") + 5_000).toISOString();
    const late = randomUUID();
    await parts.CustomerEntity.put(customerItem(late, 1, { changed_at })).go();
    expect((await agreed()).customers.has(late)).toBe(true);
    await parts.CustomerEntity.delete({ id: late }).go();
  });

  it("does without a snapshot that has expired, though it is still there", async () => {
    const known = await snapshot();
    if (!known) throw new Error("no snapshot");
    const past = Math.floor(Date.now() / 1000) - 1;
    await parts.SnapshotEntity.put({ ...known, expires_at_epoch: past }).go();
    await agreed(1, "all rows");
  });
});

describe("a snapshot of which a chunk is", () => {
  const key = async () => ({
    TableName: parts.tableName,
    Key: parts.primaryKey("snapshot_chunk", parts.chunkId((await snapshot())?.version ?? "", 0)),
  });

  it("damaged is as good as none, until the next one", async () => {
    await parts.dynamo.send(
      new UpdateCommand({
        ...(await key()),
        UpdateExpression: "SET content = :damaged",
        ExpressionAttributeValues: { ":damaged": new Uint8Array(1_000) },
      }),
    );
    await agreed(2, "all rows");
  });

  it("missing, likewise", async () => {
    await parts.dynamo.send(new DeleteCommand(await key()));
    await agreed(2, "all rows");
  });

  it("replaced when many rows have changed", async () => {
    const changed_at = new Date().toISOString();
    const some = ids.slice(-300);
    await parts.LatestScoreEntity.put(
      some.map((id) => scoreItem(id, 2, { changed_at, overall_score: 12 })),
    ).go();
    const { rows } = await run();
    expect(rows).toBeGreaterThanOrEqual(ROWS + 3);
    const { customers } = await agreed();
    expect(customers.get(some[0] ?? "")?.score?.overall_score).toBe(12);
  });
});
