import { randomUUID } from "node:crypto";
import { GetCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { JobDefinition } from "@success-manager/domain/jobs";
import pLimit from "p-limit";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { type TestCloud, testCloud } from "../support/cloud.ts";

const JOB = "daily_health_scores";
/** Enough for three waves of the batch. */
const CUSTOMERS = 300;

let cloud: TestCloud;
let domain: typeof import("@success-manager/domain/health") &
  typeof import("@success-manager/domain/jobs") &
  typeof import("@success-manager/domain/table");
let ids: string[];

beforeAll(async () => {
  cloud = await testCloud();
  domain = {
    ...(await import("@success-manager/domain/health")),
    ...(await import("@success-manager/domain/jobs")),
    ...(await import("@success-manager/domain/table")),
  };
  const { CustomerEntity } = await import("@success-manager/domain/table");
  const now = new Date().toISOString();
  ids = Array.from({ length: CUSTOMERS }, () => randomUUID()).sort();
  await CustomerEntity.put(
    ids.map((id) => ({
      id,
      company_name: id,
      deployed_products: [],
      status: "active" as const,
      portal_enabled: false,
      created_at: now,
      updated_at: now,
      changed_at: now,
      revision: 1,
    })),
  ).go();
});
afterAll(() => cloud?.stop());

/** Each test has an instant of its own, later than those before, and all of them lie behind. */
let instant = Date.now() - 10 * 60_000;
let scheduled_time: string;
beforeEach(async () => {
  instant += 1_000;
  scheduled_time = new Date(instant).toISOString();
  // What a failed test before left claimed is not in the way.
  await endLease();
});

afterEach(() => {
  vi.useRealTimers();
});

const invoke = (event: unknown) => {
  const name = cloud.functions.find((known) => known.endsWith("-jobs-health")) ?? "";
  return cloud.invoke(name, event);
};
const run = () => invoke({ job: JOB, scheduled_time });
const resultOf = ({ payload }: { payload: unknown }) => (payload as { result: string }).result;

async function item(pk: string, sk: string) {
  const { Item } = await domain.dynamo.send(
    new GetCommand({ TableName: domain.tableName, Key: { pk, sk }, ConsistentRead: true }),
  );
  return Item;
}
const stored = () => item(`job#${JOB}`, `run#${scheduled_time}`);
const scoreOf = (id: string) => item(`scores#${id}`, scheduled_time);

/** How many scores the portfolio got at the scheduled time and within the next half second. */
async function scores() {
  const { HealthScoreEntity } = domain;
  const until = new Date(instant + 500).toISOString();
  const limit = pLimit(20);
  const found = await Promise.all(
    ids.map((customer_id) =>
      limit(() =>
        HealthScoreEntity.query
          .primary({ customer_id })
          .between({ calculated_at: scheduled_time }, { calculated_at: until })
          .go(),
      ),
    ),
  );
  return found.map(({ data }) => data.length);
}
const everybodyOnce = () => ids.map(() => 1);

/** An invocation in this process that may work for so many waves before its time is up. */
const worker = (
  waves: number,
  continueInBackground: (at: string) => Promise<void> = async () => undefined,
) => {
  let left = waves;
  return domain.runDailyScoring(scheduled_time, {
    remaining: () => (left-- > 0 ? 60_000 : 0),
    continueInBackground,
    log: () => undefined,
  });
};

const lock = () => item(`job_lock#${JOB}`, "job_lock");

async function claimed(time = scheduled_time) {
  const answer = await domain.JobRuns.claim(JOB, time);
  if (answer.result !== "claimed") throw new Error(answer.result);
  return answer.claim;
}

/** Makes the lease of whoever works now look as if it had ended. */
const endLease = () =>
  domain.dynamo.send(
    new UpdateCommand({
      TableName: domain.tableName,
      Key: { pk: `job_lock#${JOB}`, sk: "job_lock" },
      UpdateExpression: "SET leased_until = :past",
      ExpressionAttributeValues: { ":past": Date.now() - 1 },
    }),
  );

describe("the daily scoring", () => {
  it("delivered five times at once scores everybody once", async () => {
    const answers = await Promise.all(Array.from({ length: 5 }, run));
    expect(answers.map(({ functionError }) => functionError)).toEqual(answers.map(() => undefined));
    expect(answers.map(resultOf).sort()).toEqual([
      "completed",
      "duplicate",
      "duplicate",
      "duplicate",
      "duplicate",
    ]);
    expect(await scores()).toEqual(everybodyOnce());
    expect(resultOf(await run())).toBe("duplicate");
    expect(await stored()).toMatchObject({
      state: "completed",
      progress: { total: CUSTOMERS, calculated: CUSTOMERS, failed: 0, finished: true },
    });
  });

  it("takes a day for its start, and its own time for now", async () => {
    const answer = await invoke({ job: JOB, scheduled_time: "2020-02-29" });
    // Everybody has a newer score already, so a replay of that day has nothing to do.
    expect(answer.payload).toMatchObject({ result: "completed", progress: { total: 0, calculated: 0 } });
  });

  it("whose time is up goes on in fresh invocations until all is done", async () => {
    const outcomes: string[] = [];
    const goOn = async () => {
      outcomes.push((await worker(1, goOn)).result);
    };
    await goOn();
    // The last invocation notes its result first.
    expect(outcomes).toEqual(["completed", "continued", "continued"]);
    expect(await scores()).toEqual(everybodyOnce());
    expect((await stored())?.progress).toMatchObject({ total: CUSTOMERS, calculated: CUSTOMERS });
  });

  it("continues in the job's own function", async () => {
    const outcome = await worker(1, domain.continueInBackground);
    expect(outcome.result).toBe("continued");
    await expect.poll(async () => (await stored())?.state).toBe("completed");
    expect(await scores()).toEqual(everybodyOnce());
    expect((await stored())?.progress).toMatchObject({ total: CUSTOMERS, calculated: CUSTOMERS });
  });

  describe("that died in the middle", () => {
    /** A worker that claims the run, saves how far it got, and is never heard of again. */
    async function death() {
      const claim = await claimed();
      const progress = {
        after: ids[99],
        total: CUSTOMERS,
        calculated: 100,
        failed: 0,
        errors: [],
        finished: false,
      };
      await domain.JobRuns.save(claim, progress, { calculated: 100, failed: 0 });
      return claim;
    }

    it("is taken up where it stood, once its lease has ended", async () => {
      await death();
      expect(resultOf(await run())).toBe("duplicate");
      expect((await stored())?.state).toBe("running");
      await endLease();
      expect(resultOf(await run())).toBe("completed");
      expect([await scoreOf(ids[99] ?? ""), await scoreOf(ids[100] ?? "")]).toMatchObject([
        undefined,
        { calculated_at: scheduled_time },
      ]);
      expect((await stored())?.progress).toMatchObject({ total: CUSTOMERS, calculated: CUSTOMERS });
    });

    it("keeps another run out until then", async () => {
      await death();
      const other = { job: JOB, scheduled_time: new Date(instant + 400).toISOString() };
      const refused = await invoke(other);
      expect(refused.functionError).toBeDefined();
      expect(JSON.stringify(refused.payload)).toContain("being scored right now");
      expect((await cloud.manager.api.healthScores.calculateAll({})).status).toBe(409);
      await endLease();
      expect(resultOf(await invoke(other))).toBe("completed");
    });

    it("stops when it wakes up after another run has taken over", async () => {
      const claim = await death();
      await endLease();
      const other = await domain.JobRuns.claim(JOB, new Date(instant + 300).toISOString());
      if (other.result !== "claimed") throw new Error(other.result);
      await expect(domain.JobRuns.save(claim, {}, {})).rejects.toThrow("lost its claim");
      await domain.JobRuns.release(other.claim, { state: "completed" }, {}, {});
    });
  });

  it("by two workers of which one has lost its lease still scores everybody once", async () => {
    // Nobody notices the loss in between: that comes with the next save.
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    let second: Promise<unknown> | undefined;
    const first = await domain.runDailyScoring(scheduled_time, {
      remaining: () => {
        second ??= endLease().then(() => worker(10));
        return 60_000;
      },
      continueInBackground: async () => undefined,
      log: () => undefined,
    });
    expect(first.result).toBe("completed");
    await second;
    expect(await scores()).toEqual(everybodyOnce());
    expect((await stored())?.state).toBe("completed");
  });

  it("that fails is released, so that the retry can do it", async () => {
    const broken = domain.runDailyScoring(scheduled_time, {
      remaining: () => {
        throw new Error("the machine is gone");
      },
      continueInBackground: async () => undefined,
      log: () => undefined,
    });
    await expect(broken).rejects.toThrow("the machine is gone");
    expect((await stored())?.state).toBe("failed");
    expect(resultOf(await run())).toBe("completed");
    expect(await scores()).toEqual(everybodyOnce());
  });

  it("whose worker has lost its claim leaves the run to whoever has it", async () => {
    const lost = await claimed();
    await endLease();
    const taken = await claimed();
    const ended = await domain.JobRuns.release(lost, { state: "failed", error: "Too late." }, {}, {});
    expect(ended).toBe(false);
    await expect(domain.JobRuns.save(lost, { after: "" }, {})).rejects.toThrow("lost its claim");
    expect(await lock()).toMatchObject({ state: "running", holder: taken.holder });
    expect(await domain.JobRuns.release(taken, { state: "completed" }, {}, {})).toBe(true);
    expect((await lock())?.error).toBeUndefined();
  });

  it("that waits for its next invocation is kept for it, and for one alone", async () => {
    await domain.JobRuns.release(await claimed(), { state: "running" }, { after: "x" }, { calculated: 7 });
    const other = new Date(instant + 200).toISOString();
    expect(await domain.JobRuns.claim(JOB, other)).toEqual({ result: "busy" });
    expect(await lock()).toMatchObject({ state: "running", counts: { calculated: 7 } });
    const takers = await Promise.all([1, 2, 3].map(() => domain.JobRuns.claim(JOB, scheduled_time)));
    expect(takers.map(({ result }) => result).sort()).toEqual(["claimed", "duplicate", "duplicate"]);
    const [claim] = takers.flatMap((taker) => (taker.result === "claimed" ? [taker.claim] : []));
    if (!claim) throw new Error("nobody");
    expect(claim.progress).toEqual({ after: "x" });
    expect(await lock()).toMatchObject({ counts: { calculated: 7 } });
    await domain.JobRuns.release(claim, { state: "completed" }, {}, {});
  });

  it.each([
    ["nothing", {}],
    ["no time", { job: JOB }],
    ["a time that is none", { job: JOB, scheduled_time: "<aws.scheduler.scheduled-time>" }],
    ["no job", { scheduled_time: "2026-01-01T00:00:00Z" }],
    ["a list", []],
  ])("refuses an event with %s", async (_, event) => {
    expect((await invoke(event)).functionError).toBeDefined();
  });
});

describe("any job", () => {
  interface Steps {
    readonly done: number;
    readonly failed: number;
    readonly finished: boolean;
  }
  const START: Steps = { done: 0, failed: 0, finished: false };

  /** Runs something else under the scoring's name. */
  const perform = (run: JobDefinition<Steps>["run"]) =>
    domain.run(
      domain.defineJob<Steps>({
        id: JOB,
        start: START,
        run,
        counts: ({ done, failed }) => ({ done, failed }),
        busy: "Busy.",
      }),
      scheduled_time,
      { remaining: () => 60_000, log: () => undefined, continueInBackground: async () => undefined },
    );

  it("keeps its claim, however long a step takes, and tells how far it got", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    const step = Promise.withResolvers<void>();
    const started = Promise.withResolvers<void>();
    const running = perform(async (_, from, { save }) => {
      save({ ...from, done: 7 });
      started.resolve();
      await step.promise;
      return { ...from, done: 9, finished: true };
    });
    await started.promise;
    await endLease();
    const before = Date.now();
    vi.advanceTimersByTime(5_000);
    await expect.poll(async () => (await lock())?.leased_until).toBeGreaterThan(before);
    expect(await lock()).toMatchObject({ state: "running", counts: { done: 7, failed: 0 } });
    expect(await stored()).toMatchObject({ progress: { done: 7 }, counts: { done: 7, failed: 0 } });
    step.resolve();
    expect((await running).result).toBe("completed");
    expect(await lock()).toMatchObject({ state: "completed", counts: { done: 9, failed: 0 } });
    expect(await lock()).not.toHaveProperty("leased_until");
  });

  it.each([
    ["another invocation of its run", 0, "duplicate"],
    ["another run", 7, "busy"],
  ])("has no time left once it has lost its claim to %s, and touches nothing", async (_, later, result) => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    const taker = new Date(instant + later).toISOString();
    const outcome = await perform(async (_now, from, { remaining }) => {
      expect(remaining()).toBe(60_000);
      await endLease();
      await claimed(taker);
      vi.advanceTimersByTime(5_000);
      await expect.poll(() => remaining()).toBe(0);
      return from;
    });
    expect(outcome).toEqual({ result });
    expect(await lock()).toMatchObject({ run_id: taker, state: "running", counts: {} });
  });

  it("survives that the database can't be written to for a moment", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    const outcome = await perform(async (_, from, { remaining }) => {
      cloud.database.fail("TransactWriteItems", "ValidationException", 1);
      vi.advanceTimersByTime(5_000);
      await expect.poll(() => cloud.database.failuresLeft("TransactWriteItems")).toBe(0);
      // By the end of this request the failure of the one before is known, too.
      await lock();
      expect(remaining()).toBe(60_000);
      return { ...from, finished: true };
    });
    expect(outcome.result).toBe("completed");
  });

  it("that did not work for some customers says for how many", async () => {
    await perform(async (_, from) => ({ ...from, done: 5, failed: 2, finished: true }));
    expect(await lock()).toMatchObject({
      state: "completed",
      counts: { done: 5, failed: 2 },
      error: "It did not work for 2 customers; the details are in the log.",
    });
    scheduled_time = new Date(instant + 1).toISOString();
    await perform(async (_, from) => ({ ...from, failed: 1, finished: true }));
    expect((await lock())?.error).toContain("for 1 customer;");
  });

  it("that gets no further fails instead of going on for ever", async () => {
    await expect(perform(async (_, from) => from)).rejects.toThrow("gets no further");
    expect(await lock()).toMatchObject({
      state: "failed",
      error: "It broke off for an unexpected reason; the details are in the log.",
    });
  });

  it("that fails for a reason that people know says that one", async () => {
    const { conflict } = await import("@success-manager/contract/problem");
    await expect(
      perform(async () => {
        throw conflict("Others keep changing this.");
      }),
    ).rejects.toThrow("Others");
    expect((await lock())?.error).toBe("Others keep changing this.");
    // The next run starts without it.
    scheduled_time = new Date(instant + 1).toISOString();
    const claim = await claimed();
    expect(await lock()).not.toHaveProperty("error");
    await domain.JobRuns.release(claim, { state: "completed" }, {}, {});
  });
});

/** At the end: what is scored now is scored after the instants of the tests above. */
describe("a run of a request", () => {
  const untilNow = () =>
    expect.poll(async () => (await stored())?.state, { timeout: 30_000 }).toBe("completed");

  it("whose step outlasts it is handed over, and is done by the job's own function", async () => {
    let left: (() => void) | undefined;
    const stuck: JobDefinition<{ finished: boolean }> = {
      ...domain.dailyScoring,
      start: { finished: false },
      counts: () => ({ failed: 0 }),
      run: () =>
        new Promise((resolve) => {
          left = () => resolve({ finished: true });
        }),
    };
    const started = Date.now();
    const outcome = await domain.run(stuck, scheduled_time, {
      remaining: () => 4_000 - (Date.now() - started),
      log: () => undefined,
      continueInBackground: async (at) => {
        await invoke({ job: JOB, scheduled_time: at });
      },
      nextHasMoreTime: true,
    });
    expect(outcome).toMatchObject({ result: "continued" });
    expect(Date.now() - started).toBeLessThan(30_000);
    // What comes of the step later is nobody's business any more.
    left?.();
    await untilNow();
    expect(await scores()).toEqual(everybodyOnce());
  });

  it("is answered with 202 and where to ask for it, and can be asked for by managers", async () => {
    const { healthScores, scheduler } = cloud.manager.api;
    const answer = await healthScores.calculateAll({ query: { run_async: true } });
    const { run_id, runs } = answer.body();
    expect([answer.status, answer.body().state]).toEqual([202, "running"]);
    expect(runs).toEqual([{ job: JOB, run_id, url: `/api/v1/scheduler/runs/${run_id}?job=${JOB}` }]);
    const ask = async () => {
      const headers = { authorization: `Bearer ${cloud.manager.token}` };
      return (await (await fetch(`${cloud.apiUrl}${runs?.[0]?.url}`, { headers })).json()) as object;
    };
    await expect
      .poll(ask, { timeout: 30_000 })
      .toMatchObject({ job: JOB, run_id, state: "completed", counts: { calculated: CUSTOMERS, failed: 0 } });
    // Also when another one has run since.
    (await healthScores.calculateAll({})).body();
    const params = { run_id };
    expect((await scheduler.getRun({ params })).body()).toMatchObject({ job: JOB, state: "completed" });
    expect((await scheduler.getRun({ params, query: { job: "inactivity_check" } })).status).toBe(404);
    expect((await scheduler.getRun({ params: { run_id: "2020-01-01T00:00:00.000Z" } })).status).toBe(404);
    expect((await scheduler.getRun({ params: { run_id: "yesterday" } })).status).toBe(422);
    expect((await cloud.viewer.api.scheduler.getRun({ params })).status).toBe(403);
  });

  it.each([
    ["has time left", 60_000, "completed"],
    ["has none left when it comes", 0, "running"],
  ] as const)("that %s scores everybody", async (_, time, state) => {
    vi.stubEnv(
      "HEALTH_JOB_FUNCTION",
      cloud.functions.find((name) => name.endsWith("-jobs-health")),
    );
    const { HealthScores } = domain;
    const result = await HealthScores.calculateAll(
      { run_async: false },
      { remaining: () => time, log: () => undefined },
    );
    expect(result.state).toBe(state);
    const { run_id } = result;
    await expect
      .poll(async () => (await cloud.manager.api.scheduler.getRun({ params: { run_id } })).body().state, {
        timeout: 30_000,
      })
      .toBe("completed");
    vi.unstubAllEnvs();
  });
});
