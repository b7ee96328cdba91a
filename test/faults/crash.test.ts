import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Cloud, startCloud } from "@success-manager/local";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import * as z from "zod";
import { apiOf, testCloud } from "../support/cloud.ts";
import { type StoredItem, storageOf } from "../support/storage.ts";
import { assembly } from "../support/synthesize.ts";

let data: string;
beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), "crash-"));
});
afterAll(() => rm(data, { recursive: true, force: true }));

const restart = async (folder: string): Promise<Cloud> => {
  const cloud = await startCloud({
    assembly,
    schedules: false,
    data: folder,
    environment: { LOG_LEVEL: "CRITICAL" },
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

    let answered = 0;
    const answers: { status: number; raw: unknown }[] = [];
    const creates = names.map(async (company_name) => {
      const answer = await first.manager.api.customers.create({ body: { company_name } });
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
      // A retry may meet what its own first try has written.
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

    // Who got no answer tries again: what was written meanwhile is said to be there, the rest is made.
    for (const company_name of names)
      expect([201, 409]).toContain((await customers.create({ body: { company_name } })).status);
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
