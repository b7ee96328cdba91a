import { hash, randomUUID } from "node:crypto";
import { connect } from "node:net";
import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
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
  ...(await import("../../packages/domain/src/directory/snapshot/format.ts")),
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
let taken: Uint8Array | undefined;
afterEach(async () => {
  vi.restoreAllMocks();
  taken ??= await stored();
  if (taken) await store(taken);
});

const s3 = () => new S3Client();
const object = (name = "directory") => ({
  Bucket: process.env.SNAPSHOTS_BUCKET,
  Key: parts.snapshotKey(name),
});
const stored = () =>
  s3()
    .send(new GetObjectCommand(object()))
    .then(({ Body }) => Body?.transformToByteArray())
    .catch(() => undefined);
const store = (Body: Uint8Array) => s3().send(new PutObjectCommand({ ...object(), Body }));

/** When a snapshot of today is old. */
const nextDay = () => new Date(Date.now() + 21 * HOUR_MS);

/** Runs the job in its function; answers what it counted. */
async function run(): Promise<{ rows: number; bytes: number }> {
  const name = "success-manager-local-jobs-directory-snapshot";
  const { payload, functionError } = await cloud.invoke(name, {
    job: JOB,
    scheduled_time: new Date().toISOString(),
  });
  expect([functionError, payload]).toMatchObject([undefined, { result: "completed" }]);
  const jobs = (await cloud.admin.api.scheduler.list({})).body();
  const { counts } = jobs.find(({ id }) => id === JOB)?.last_run ?? {};
  return { rows: counts?.rows ?? Number.NaN, bytes: counts?.bytes ?? Number.NaN };
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
const byFullLoad = () => loaded(parts.shardedFeed<DirectoryItem>("directory"));

const sorted = <T>(rows: ReadonlyMap<string, T>) => [...rows].sort(([a], [b]) => (a < b ? -1 : 1));
const seen = ({ customers, deployments, team }: Directory) => ({
  customers: sorted(customers).map(([id, row]) => [
    id,
    { ...row, deployments: row.deployments.toSorted((a, b) => (a.id < b.id ? -1 : 1)) },
  ]),
  deployments: sorted(deployments),
  team: sorted(team),
});

/** The partition and its shards. */
const PLACES = 17;

/**
 * A fresh copy has all that a full load sees; answers it.
 *
 * @param rest what it asks the database: what changed since the snapshot, or all rows
 */
async function agreed(rest: "changes" | "all rows" = "changes"): Promise<Directory> {
  const [quick, full] = [await bySnapshot(), await byFullLoad()];
  expect(seen(quick.copy)).toEqual(seen(full.copy));
  expect(new Set(quick.asked)).toEqual(new Set(["Query byType"]));
  if (rest === "changes") expect(quick.asked).toHaveLength(PLACES);
  else expect(quick.asked.length).toBeGreaterThan(PLACES + 1);
  return quick.copy;
}

const snapshot = async () => (await parts.latestSnapshot("directory", new Date())).header;

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
    const { rows, bytes } = await run();
    // The scheduler that `run` asks has its own role.
    expect(refused("jobs/directory-snapshot")).toEqual([]);
    // The team is in it; nobody has counted anything yet.
    expect(rows).toBe(ROWS + 3);
    const first = await snapshot();
    expect(first).toMatchObject({ rows, table: parts.tableName, name: "directory" });
    expect((await stored())?.byteLength).toBe(bytes);
    expect(await run()).toEqual({ rows: 0, bytes: 0 });
    expect(await snapshot()).toEqual(first);
  });

  it("takes none of a portfolio that is small", async () => {
    expect(await parts.latestSnapshot("alert_condition", new Date())).toEqual({
      header: undefined,
      etag: undefined,
    });
  });

  it("takes another one when the last one gets old", async () => {
    const before = await snapshot();
    expect(await parts.takeSnapshot("directory", nextDay())).toMatchObject({ rows: ROWS + 3 });
    expect((await snapshot())?.complete_until).not.toBe(before?.complete_until);
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

  it("overtaken by one that has read the table later leaves that one's", async () => {
    const [earlier, later] = [nextDay(), new Date(nextDay().getTime() + HOUR_MS)];
    await parts.takeSnapshot("directory", later);
    const source = { name: "directory", pages: parts.queryPlaces("directory"), force: true };
    expect(await parts.takeSnapshot("directory", earlier, source)).toEqual({ rows: 0, bytes: 0 });
    expect((await snapshot())?.complete_until).toBe(parts.validity(later).complete_until);
  });

  it("that dies while it writes leaves the last snapshot in use", async () => {
    const before = await snapshot();
    async function* pages() {
      yield { items: [{ id: "1" }] };
      throw new Error("killed");
    }
    const source = { name: "directory", pages: pages(), force: true };
    await expect(parts.takeSnapshot("directory", nextDay(), source)).rejects.toThrow("killed");
    expect(await snapshot()).toEqual(before);
    await agreed();
  });

  it("that can't be taken in full sends nothing: an object is there whole or not at all", async () => {
    const whole = await stored();
    const { host, pathname } = new URL(`${cloud.endpoints.s3}/${object().Bucket}/${object().Key}`);
    // The connection ends in the middle of the body.
    await new Promise<void>((done) => {
      const [name = "", port] = host.split(":");
      const socket = connect(Number(port), name, () => {
        socket.write(`PUT ${pathname} HTTP/1.1\r\nhost: ${host}\r\ncontent-length: 1000\r\n`);
        socket.write("x-amz-content-sha256: UNSIGNED-PAYLOAD\r\nauthorization: none\r\n\r\nhalf");
        socket.destroy();
      }).on("close", () => done());
    });
    expect(await stored()).toEqual(whole);
  });
});

describe("a new function", () => {
  it("begins with the snapshot", async () => {
    cloud.database.take();
    const { status, body } = await cloud.viewer.api.deployments.list({ query: { limit: 1 } });
    expect([status, body().total]).toEqual([200, CUSTOMERS * DEPLOYMENTS]);
    const asked = cloud.database.take();
    // One finds out who is calling; the others look for what has changed since, half a unit each.
    expect(asked.map(({ operation }) => operation)).toEqual([
      "BatchGetItem",
      ...Array.from({ length: PLACES }, () => "Query"),
    ]);
    expect(asked.reduce((sum, { units }) => sum + units, 0)).toBeLessThanOrEqual(2 + PLACES / 2);
  });

  it("takes half a unit of each place, and so does each of a wave of 32", async () => {
    cloud.database.take();
    const wave = Array.from({ length: 32 }, () =>
      parts.createDirectory(parts.snapshotFeed<DirectoryItem>("directory")),
    );
    // What is counted is the same at once; so many connections of one process are more than this machine may open in time.
    for (const one of wave) await one.refresh();
    const asked = cloud.database.take();
    expect(new Set(asked.map(({ operation, units }) => `${operation} ${units}`))).toEqual(
      new Set(["Query 0.5"]),
    );
    expect(asked.reduce((sum, { units }) => sum + units, 0)).toBe((32 * PLACES) / 2);
    expect(wave.map(({ customers }) => customers.size)).toEqual(wave.map(() => CUSTOMERS));
  });

  it("that checks alerts may do so, too", async () => {
    cloud.database.take();
    const event = { job: "contract_expiry_check", scheduled_time: new Date().toISOString() };
    const { functionError } = await cloud.invoke("success-manager-local-jobs-contract-expiry", event);
    expect(functionError).toBeUndefined();
    expect(refused("jobs/contract-expiry")).toEqual([]);
  });

  it("sees what a full load sees", async () => {
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

  it("sees what batches have written into shards since, and what people have written back", async () => {
    const [id = "", other = ""] = ids.slice(10);
    const changed_at = new Date().toISOString();
    const scores = [id, other].map((one) => scoreItem(one, 2, { changed_at, overall_score: 34 }));
    for (const score of scores)
      await parts.commitOne(parts.inShard(parts.putItem(parts.LatestScoreEntity.put(score))));
    const { customers } = await agreed();
    expect([id, other].map((one) => customers.get(one)?.score?.overall_score)).toEqual([34, 34]);
    const back = scoreItem(other, 3, { changed_at: new Date().toISOString(), overall_score: 56 });
    await parts.LatestScoreEntity.put(back).go();
    expect((await agreed()).customers.get(other)?.score?.overall_score).toBe(56);
  });
});

/** A snapshot whose header says something else, and is whole. */
async function restated(change: object): Promise<Buffer> {
  const content = Buffer.from((await stored()) ?? []);
  const { header, start } = parts.decodeHeader(content) ?? {};
  const line = JSON.stringify({ ...header, ...change });
  return Buffer.concat([Buffer.from(`${hash("sha256", line)}\n${line}\n`), content.subarray(start)]);
}

describe("a snapshot is only slower, and nothing is missing, when it is", () => {
  it.each<[string, () => Promise<unknown>]>([
    ["missing", async () => s3().send(new DeleteObjectCommand(object()))],
    ["empty", async () => store(new Uint8Array())],
    ["cut short", async () => store(((await stored()) ?? new Uint8Array()).slice(0, -100))],
    [
      "damaged",
      async () =>
        store(((await stored()) ?? new Uint8Array()).map((byte, n) => (n === 5_000 ? byte ^ 1 : byte))),
    ],
    ["of the format before", async () => store(await restated({ format: parts.FORMAT - 1 }))],
    [
      "of another table, as after a restore",
      async () => store(await restated({ table: "success-manager-old" })),
    ],
    ["of something else", async () => store(await restated({ name: "alert_condition" }))],
    [
      "expired, though it is still there",
      async () => store(await restated({ expires_at: new Date(Date.now() - 1_000).toISOString() })),
    ],
  ])("%s", async (_, change) => {
    await change();
    await agreed("all rows");
  });

  it("out of reach", async () => {
    vi.stubEnv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9");
    await agreed("all rows");
    vi.unstubAllEnvs();
  });

  it("replaced by the next run, whatever is there", async () => {
    await store(new Uint8Array([1, 2, 3]));
    expect(await run()).toMatchObject({ rows: ROWS + 3 });
    await agreed();
  });

  it("taken for what has changed, too: another one follows when many rows have", async () => {
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
