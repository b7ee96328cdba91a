import { execFile, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { IDEMPOTENCY_HEADER, REPLAYED_HEADER } from "@success-manager/contract/dsl/endpoint";
import { type Cloud, startCloud } from "@success-manager/local";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import * as z from "zod";
import { apiOf, testCloud } from "../support/cloud.ts";
import { randomFrom } from "../support/fault-proxy.ts";
import { seedOf } from "../support/seed.ts";
import { forgetCalls, type StoredItem, storageOf, untilQuiet } from "../support/storage.ts";
import { assembly } from "../support/synthesize.ts";
import { brokenInvariants, brokenPromises, startWorkload, type Workload } from "../support/workload.ts";

/** CRASHES says how often something is killed under load, CRASH_SEED where the chances come from; `random`: another one. */
const CRASHES = Number(process.env.CRASHES ?? 2);
/** A cloud starts its database again five times in a minute, and gives up then. */
const CRASHES_OF_A_CLOUD = 5;
const ROUNDS = Array.from({ length: Math.ceil(CRASHES / CRASHES_OF_A_CLOUD) }, (_, round) => ({
  round,
  crashes: Math.min(CRASHES_OF_A_CLOUD, CRASHES - round * CRASHES_OF_A_CLOUD),
}));
const SEED = seedOf("CRASH_SEED");

let data: string;
beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), "crash-"));
});
afterAll(() => rm(data, { recursive: true, force: true }));

/** A recount waits for indexes and the stream; here indexes follow at once, and the stream is waited for before it. */
const QUICK_RECOUNT = { REBUILD_SETTLE_MS: "200" };

const restart = async (folder: string): Promise<Cloud> => {
  const cloud = await startCloud({
    assembly,
    schedules: false,
    data: folder,
    environment: { LOG_LEVEL: "CRITICAL", ...QUICK_RECOUNT },
  });
  onTestFinished(() => cloud.stop());
  return cloud;
};

const names = Array.from({ length: 100 }, (_, n) => `Crash Test ${n}`);

describe("the database, killed in the middle of a hundred creates", () => {
  it("keeps all that was answered, and nothing by halves", async () => {
    const first = await testCloud({ data });
    onTestFinished(() => first.stop());
    const { token } = first.manager;
    const database = first.processes.find(({ name }) => name.includes("DynamoDB"));
    if (!database) throw new Error("the cloud has no database of its own");

    // Each has a key: what is done when its answer is lost is answered when it comes again.
    const keys = new Map(names.map((name) => [name, randomUUID()]));
    const keyOf = (name: string) => ({ [IDEMPOTENCY_HEADER]: keys.get(name) ?? "" });
    let answered = 0;
    const answers: { status: number; raw: unknown }[] = [];
    const creates = names.map(async (company_name) => {
      const answer = await first.manager.api.customers.create(
        { body: { company_name } },
        keyOf(company_name),
      );
      answered += 1;
      answers.push(answer);
      // The whole group: the database and the process that holds it.
      if (answered === 30) process.kill(-database.pid, "SIGKILL");
      return answer.status === 201 ? answer.body() : undefined;
    });
    const outcomes = await Promise.allSettled(creates);
    const promised = outcomes.flatMap((o) => (o.status === "fulfilled" && o.value ? [o.value] : []));
    expect(promised.length).toBeGreaterThanOrEqual(30);
    // Who came while it was away waited for it, or was told to come back.
    for (const outcome of outcomes) expect(outcome.status).toBe("fulfilled");
    for (const { status, raw } of answers) {
      // A retry may find its own first try still running.
      expect([201, 409, 503]).toContain(status);
      if (status === 503) expect(raw).toEqual({ detail: expect.stringContaining("Try again") });
    }
    const running = () => first.processes.find(({ name }) => name.includes("DynamoDB"));
    await expect.poll(() => running()?.pid).not.toBe(database.pid);
    for (const { id } of promised)
      expect((await first.manager.api.customers.get({ params: { id } })).status).toBe(200);
    await first.stop();

    const second = await restart(data);
    // The keys survive, too: nobody has to sign in again.
    const { customers } = apiOf(second.apiUrl, token);
    for (const { id, ...facts } of promised)
      expect((await customers.get({ params: { id } })).body().customer).toEqual({ id, ...facts });

    const storage = storageOf(second);
    onTestFinished(() => storage.close());
    const stored = async () => {
      const rows = await storage.items("customer#");
      const reservations = await storage.items("company#");
      const holders = (items: StoredItem[], attribute: string) => items.map((item) => item[attribute]).sort();
      expect(holders(reservations, "customer_id")).toEqual(holders(rows, "id"));
      return rows;
    };
    const kept = await stored();
    expect(kept.length).toBeGreaterThanOrEqual(promised.length);
    expect((await customers.list({})).body().total).toBe(kept.length);

    // Who got no answer tries again: what was written meanwhile is answered, the rest is made.
    const told = new Map(promised.map((customer) => [customer.company_name, customer]));
    const written = new Set(kept.map(({ company_name }) => company_name));
    for (const company_name of names) {
      const again = await customers.create({ body: { company_name } }, keyOf(company_name));
      const isReplayed = again.headers.get(REPLAYED_HEADER) === "true";
      expect([again.status, isReplayed]).toEqual([201, written.has(company_name)]);
      expect(again.body()).toEqual(told.get(company_name) ?? again.body());
    }
    expect((await stored()).map(({ company_name }) => company_name).sort()).toEqual(names.toSorted());
  });
});

const Started = z.object({
  apiUrl: z.string(),
  processes: z.array(z.object({ name: z.string(), pid: z.int() })),
});

/** Those whose process group still has a member. */
const living = (processes: Cloud["processes"]) =>
  processes.filter(({ pid }) => {
    try {
      return process.kill(-pid, 0);
    } catch {
      return false;
    }
  });

describe("the cloud, killed while it works", () => {
  it("leaves no process behind, and its data to the next start", async () => {
    const folder = join(data, "killed");
    const script = `
      import { startCloud } from ${JSON.stringify(new URL("../../packages/local/src/index.ts", import.meta.url).href)};
      const { apiUrl, processes } = await startCloud(${JSON.stringify({ assembly, schedules: false, data: folder })});
      console.log(JSON.stringify({ apiUrl, processes }));
    `;
    const parent = spawn(process.execPath, ["--input-type=module", "--eval", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    onTestFinished(() => {
      parent.kill("SIGKILL");
    });
    const [line] = await once(parent.stdout, "data");
    const { apiUrl, processes } = Started.parse(JSON.parse(String(line)));
    expect(living(processes)).toHaveLength(3);

    const stranger = apiOf(apiUrl);
    const form = { username: "nobody@example.com", password: "Correct-Horse-1" };
    const working = Array.from({ length: 8 }, () => stranger.auth.login({ form }));
    await stranger.docs.health({});
    parent.kill("SIGKILL");
    await Promise.allSettled(working);
    await expect.poll(() => living(processes)).toEqual([]);

    const next = await restart(folder);
    expect((await apiOf(next.apiUrl).auth.login({ form })).status).toBe(401);
  });
});

/** What `npm run rollups:rebuild` says of a cloud's counters. @throws when one of them is not as a recount says */
async function recount({ environment }: Pick<Cloud, "environment">): Promise<string> {
  const script = "functions/cli/rollups-rebuild.ts";
  const { stdout } = await promisify(execFile)(process.execPath, [script], {
    env: { ...process.env, ...environment },
  });
  return stdout;
}

/** Checks what people were promised, what belongs together, and what is counted. */
async function checkAll(cloud: Cloud, workload: Workload): Promise<void> {
  const storage = storageOf(cloud);
  try {
    await cloud.settled(60_000);
    const items = [...(await untilQuiet(storage)).values()];
    expect(brokenPromises(workload, items)).toEqual([]);
    expect(brokenInvariants(items)).toEqual([]);
    expect(await recount(cloud)).toContain("no counter has drifted");
  } finally {
    storage.close();
  }
}

const report = (what: string, { entries }: Workload) => {
  const outcomes = Map.groupBy(entries, ({ outcome }) => outcome);
  const counts = [...outcomes].map(([outcome, some]) => `${some.length} ${outcome}`);
  console.log(`crash: ${what}, seed ${SEED}; writes: ${counts.join(", ")}`);
};

describe("the database, killed under the load of several kinds of writers", () => {
  it.each(ROUNDS)(
    "$crashes times, loses nothing that was acknowledged, keeps nothing by halves, and counters equal a recount",
    async ({ round, crashes }) => {
      // The domain knows the address of the cloud before.
      vi.resetModules();
      const cloud = await testCloud({ data: join(data, `database-${round}`), environment: QUICK_RECOUNT });
      onTestFinished(() => cloud.stop());
      const storage = storageOf(cloud);
      onTestFinished(() => storage.close());
      const random = randomFrom(SEED + round);
      const customers = await Promise.all(
        names.slice(0, 5).map(async (company_name) => {
          return (await cloud.manager.api.customers.create({ body: { company_name } })).body().id;
        }),
      );
      const people = [await cloud.person("manager"), await cloud.person("manager")];
      const workload = startWorkload(
        { apis: people.map(({ api }) => api), admin: cloud.admin.api, stranger: cloud.stranger },
        customers,
        { writers: 8, random },
      );
      const database = () => cloud.processes.find(({ name }) => name.includes("DynamoDB"))?.pid ?? 0;
      for (let n = 0; n < crashes; n++) {
        const acknowledged = () =>
          workload.entries.filter(({ outcome }) => outcome === "acknowledged").length;
        const before = acknowledged();
        await expect.poll(acknowledged).toBeGreaterThan(before + 20);
        await forgetCalls(storage);
        await sleep(random() * 300);
        const pid = database();
        // The whole group: the database and the process that holds it.
        process.kill(-pid, "SIGKILL");
        await expect.poll(database).not.toBe(pid);
      }
      await sleep(500);
      await workload.stop();
      report(`the database was killed ${crashes} times`, workload);
      expect(workload.faults).toEqual([]);
      await checkAll(cloud, workload);
    },
  );
});

const StartedWithPeople = Started.extend({ tokens: z.array(z.string()), customers: z.array(z.string()) });

describe("the whole cloud, killed under the load of several kinds of writers", () => {
  it("loses nothing that was acknowledged, counts what was not counted yet, and no job is stuck", async () => {
    const folder = join(data, "cloud");
    const script = `
      import { startCloud } from ${JSON.stringify(new URL("../../packages/local/src/index.ts", import.meta.url).href)};
      const { apiUrl, processes, environment } = await startCloud({
        ...${JSON.stringify({ assembly, schedules: false, data: folder })}, environment: { LOG_LEVEL: "CRITICAL", BCRYPT_COST: "4" },
      });
      Object.assign(process.env, environment);
      const { Users } = await import("@success-manager/domain/users");
      const { Sessions } = await import("@success-manager/domain/auth");
      const { Customers } = await import("@success-manager/domain/customers");
      const tokens = [], customers = [];
      for (const n of [1, 2, 3]) {
        const [email, password] = ["admin" + n + "@example.com", "Correct-Horse-1"];
        await Users.create({ email, full_name: "Admin " + n, role: "admin", password });
        tokens.push((await Sessions.signIn({ username: email, password }, "test " + n)).access_token);
        customers.push((await Customers.create({ company_name: "Killed " + n, status: "active", deployed_products: [], portal_enabled: false })).id);
      }
      console.log(JSON.stringify({ apiUrl, processes, tokens, customers }));
    `;
    const parent = spawn(process.execPath, ["--input-type=module", "--eval", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    onTestFinished(() => {
      parent.kill("SIGKILL");
    });
    const [line] = await once(parent.stdout, "data");
    const { apiUrl, processes, tokens, customers } = StartedWithPeople.parse(JSON.parse(String(line)));
    const apis = tokens.map((token) => apiOf(apiUrl, token));
    const [admin = apiOf(apiUrl)] = apis;
    const workload = startWorkload({ apis, admin, stranger: apiOf(apiUrl) }, customers, {
      writers: 8,
      random: randomFrom(SEED),
    });
    const acknowledged = () => workload.entries.filter(({ outcome }) => outcome === "acknowledged").length;
    await expect.poll(acknowledged).toBeGreaterThan(40);
    expect((await admin.healthScores.calculateAll({ query: { run_async: true } })).status).toBeLessThan(300);
    parent.kill("SIGKILL");
    await workload.stop();
    await expect.poll(() => living(processes)).toEqual([]);
    report("the cloud was killed", workload);
    expect(workload.faults).toEqual([]);

    const next = await restart(folder);
    await checkAll(next, workload);

    // Who held a job and died loses it when the lease ends: time passes.
    const storage = storageOf(next);
    onTestFinished(() => storage.close());
    await storage.change("job_lock#", ({ leased_until }) =>
      leased_until === undefined ? {} : { leased_until: Date.now() - 1 },
    );
    const again = apiOf(next.apiUrl, tokens[0]).healthScores;
    const done = (await again.calculateAll({})).body();
    expect(done).toMatchObject({ state: "completed", failed: 0 });
  });
});
