import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Item } from "../../packages/domain/src/counters/contributions.ts";
import { alert, interaction, survey, ticket } from "../../packages/domain/src/counters/fixture/items.ts";
import { type TestCloud, testCloud } from "../support/cloud.ts";
import { type Storage, storageOf } from "../support/storage.ts";
import { countersOf, source, storedCounters } from "../support/uncounted-cloud.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

let cloud: TestCloud;
let storage: Storage;
let domain: typeof import("@success-manager/domain/jobs") & typeof import("@success-manager/domain/table");
let contributions: typeof import("../../packages/domain/src/counters/contributions.ts")["contributions"];

beforeAll(async () => {
  // No index is late here.
  cloud = await testCloud({ environment: { REBUILD_SETTLE_MS: "200" } });
  storage = storageOf(cloud);
  domain = {
    ...(await import("@success-manager/domain/jobs")),
    ...(await import("@success-manager/domain/table")),
  };
  ({ contributions } = await import("../../packages/domain/src/counters/contributions.ts"));
  for (const make of [interaction, survey, alert, ticket])
    for (let n = 0; n < 5; n++) await put(source(make()));
  await cloud.settled();
});
afterAll(async () => {
  storage?.close();
  await cloud?.stop();
});

const put = (item: Item) =>
  domain.dynamo.send(new PutCommand({ TableName: domain.tableName, Item: { ...item } }));

const isCounted = ({ __edb_e__ }: Item) =>
  ["interaction", "survey", "survey_link", "alert", "ticket", "report", "report_schedule", "score"].includes(
    String(__edb_e__),
  );
/** What the counters say, and what they should. */
async function counters() {
  const items = (await storage.items("")).filter(isCounted);
  return { stored: await storedCounters(storage), counted: countersOf(items, contributions) };
}
async function expectRight() {
  const { stored, counted } = await counters();
  expect(stored).toEqual(counted);
}

/** Makes the counters of all time of a series wrong, as a lost record does. */
const spoil = (series: string) =>
  storage.change(`rollup#${series}`, (item) =>
    item.sk === "day#all" && item.pk === `rollup#${series}`
      ? { "c:lost|by|somebody": 7, revision: Number(item.revision) + 1 }
      : {},
  );

async function command(...args: string[]) {
  const child = spawn(process.execPath, ["functions/cli/rollups-rebuild.ts", ...args], {
    cwd: root,
    env: { ...process.env, ...cloud.environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const [code, out, err] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  return { code, out, err };
}

let minute = Date.parse("2026-01-31T08:00:00.000Z");

/** Invocations in this process, until the run has ended: each may take so many looks at the clock. */
async function runInPieces(
  options: { write: boolean },
  looks: number,
  between: () => Promise<void>,
  looksLater = looks,
) {
  const job = domain.countersRebuild({ settle: () => cloud.settled(), checkpointMs: 60_000 });
  minute += 60_000;
  const at = new Date(minute).toISOString();
  let continued = 0;
  for (;;) {
    let left = continued === 0 ? looks : looksLater;
    const outcome = await domain.run(job, at, {
      options,
      remaining: () => (left-- > 0 ? 15 * 60_000 : 0),
      continueInBackground: async () => undefined,
      log: () => undefined,
    });
    if (outcome.result !== "continued") return { outcome, continued };
    continued += 1;
    await between();
  }
}

describe("npm run rollups:rebuild", () => {
  it("starts the job, follows it, and finds nothing to do", async () => {
    const { code, out, err } = await command();
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toMatch(/Run .+ has started in the background/);
    expect(out).toContain("20 items counted: no counter has drifted.");
    const jobs = (await cloud.admin.api.scheduler.list({})).body();
    expect(jobs.find(({ id }) => id === "counters_rebuild")?.last_run).toMatchObject({
      state: "completed",
      counts: { items: 20, drifted: 0, failed: 0 },
      error: null,
    });
  });

  it("names drift, fails until it is gone, and sets it right when it is told so", async () => {
    await spoil("alert");
    const looked = await command();
    expect(looked.code).toBe(1);
    expect(looked.out).toContain("alert  day#all  lost|by|somebody: stored 7, counted 0");
    expect(looked.out).toContain("20 items counted: 1 counters had drifted.");
    const written = await command("--write");
    expect(written).toMatchObject({ code: 0, err: "" });
    expect(written.out).toContain("20 items counted: 1 counters had drifted, 1 of them are right now.");
    await expectRight();
  });

  it("is refused while a run is at work", async () => {
    const pair = () => Promise.all([command(), command()]);
    const isOneRun = ([one, other]: Awaited<ReturnType<typeof pair>>) =>
      one.code === 0 &&
      /^Run .+ has started/m.exec(one.out)?.[0] === /^Run .+ has started/m.exec(other.out)?.[0];
    let both = await pair();
    // Two that begin in the same millisecond are one run, which both follow.
    while (isOneRun(both)) both = await pair();
    expect(both.map(({ code }) => code).sort()).toEqual([0, 1]);
    expect(both.map(({ err }) => err).join("")).toContain("being compared right now");
  });

  it.each([[["--wirte"]], [["--stage", "../prod"]]])(
    "refuses %s with a word about its usage",
    async (args) => {
      const { code, err } = await command(...args);
      expect([code, err]).toEqual([2, expect.stringContaining("usage: npm run rollups:rebuild")]);
    },
  );
});

describe("the job", () => {
  it("when it is scheduled names drift and leaves it; its failures are those of the run", async () => {
    await spoil("ticket");
    const name = cloud.functions.find((known) => known.endsWith("-jobs-counters-rebuild")) ?? "";
    const { payload } = await cloud.invoke(name, {
      job: "counters_rebuild",
      scheduled_time: "2026-01-25T03:40:00Z",
    });
    expect(payload).toMatchObject({
      result: "completed",
      progress: { write: false, drifted: 1, repaired: 0 },
    });
    const { stored, counted } = await counters();
    expect(stored).not.toEqual(counted);
  });

  it("goes on where it stood, in many invocations, beside writes and over a crash, and corrects what has drifted", async () => {
    await spoil("interaction");
    await spoil("survey");
    const counted: number[] = [];
    const { outcome, continued } = await runInPieces({ write: true }, 6, async () => {
      const [run] = (await storage.items("job#counters_rebuild")).filter(({ state }) => state === "running");
      counted.push(Number((run?.counts as { items: number } | undefined)?.items));
      // Somebody works meanwhile, on what is counted already and on what is not.
      await put(source(interaction()));
      await put(source(alert()));
    });
    expect(continued).toBeGreaterThan(2);
    // It never begins anew.
    expect(counted).toEqual(counted.toSorted((a, b) => a - b));
    if (outcome.result !== "completed") throw new Error(outcome.result);
    await cloud.settled();
    // What was left as moving is right, or is found by a run in a quieter minute; nothing is made wrong.
    const again = await runInPieces({ write: true }, 1_000, async () => undefined);
    expect(again.outcome).toMatchObject({ result: "completed", progress: { moving: 0 } });
    await expectRight();
  });

  it("finds and corrects drift while others write all the time", async () => {
    await spoil("survey");
    let isBusy = true;
    const busy = (async () => {
      while (isBusy) {
        await put(source(interaction()));
        await pause(40);
      }
    })();
    const { outcome } = await runInPieces({ write: true }, 1_000, async () => undefined);
    isBusy = false;
    await busy;
    expect(outcome).toMatchObject({ result: "completed", progress: { write: true, repaired: 1 } });
    await cloud.settled();
    await expectRight();
  });

  it("begins anew when what it saved is gone", async () => {
    await spoil("alert");
    let removed = 0;
    const loseIt = async () => {
      removed += 1;
      await storage.remove("recount#");
    };
    const { outcome } = await runInPieces({ write: true }, 6, loseIt, 1_000);
    expect(removed).toBe(1);
    expect(outcome).toMatchObject({ result: "completed", progress: { repaired: 1 } });
    await expectRight();
  });
});
