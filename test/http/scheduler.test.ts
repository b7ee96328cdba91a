import { setTimeout as pause } from "node:timers/promises";
import { QueryCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { jobs } from "@success-manager/contract/jobs";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Api, type TestCloud, testCloud } from "../support/cloud.ts";

const SCORING = "daily_health_scores";
const CONTRACTS = "contract_expiry_check";
const INACTIVITY = "inactivity_check";
const LICENSES = "license_expiry_check";

/** Enough that scoring them takes longer than the others need to press the button. */
const CUSTOMERS = 60;

let cloud: TestCloud;
let api: Api["scheduler"];
let domain: typeof import("@success-manager/domain/jobs") & typeof import("@success-manager/domain/table");
let ids: string[];

beforeAll(async () => {
  cloud = await testCloud();
  api = cloud.admin.api.scheduler;
  domain = {
    ...(await import("@success-manager/domain/jobs")),
    ...(await import("@success-manager/domain/table")),
  };
  const create = (company_name: string) => cloud.manager.api.customers.create({ body: { company_name } });
  const created = await Promise.all(Array.from({ length: CUSTOMERS }, (_, n) => create(`Company ${n}`)));
  ids = created.map((answer) => answer.body().id);
});
afterAll(() => cloud?.stop());

async function jobOf(id: string) {
  const job = (await api.list({})).body().find((one) => one.id === id);
  if (!job) throw new Error(`${id} is not listed`);
  return job;
}
const lastRun = async (id: string) => (await jobOf(id)).last_run;
const press = (job: string) => api.run({ params: { job } });
const whenIdle = (id: string) => expect.poll(async () => (await jobOf(id)).is_running).toBe(false);

/** Presses the button and waits for the end. */
async function ran(id: string) {
  const { run_id } = (await press(id)).body();
  await whenIdle(id);
  const run = await lastRun(id);
  expect(run?.run_id).toBe(run_id);
  return run;
}

const invoke = (id: string, event: object) => {
  const { runs = "" } = jobs.find((job) => job.id === id) ?? {};
  return cloud.invoke(`success-manager-local-${runs.replace("/", "-")}`, { job: id, ...event });
};

/** Items of a partition whose sort key begins with something. */
async function itemsOf(pk: string, sk: string) {
  const { Items = [] } = await domain.dynamo.send(
    new QueryCommand({
      TableName: domain.tableName,
      KeyConditionExpression: "pk = :pk AND begins_with(sk, :sk)",
      ExpressionAttributeValues: { ":pk": pk, ":sk": sk },
      ConsistentRead: true,
    }),
  );
  return Items;
}

/** Makes the lease of whoever works now look as if it had ended. */
const endLease = (id: string) =>
  domain.dynamo.send(
    new UpdateCommand({
      TableName: domain.tableName,
      Key: { pk: `job_lock#${id}`, sk: "job_lock" },
      UpdateExpression: "SET leased_until = :past",
      ExpressionAttributeValues: { ":past": Date.now() - 1 },
    }),
  );

async function claimed(id: string, scheduled_time = new Date().toISOString()) {
  const answer = await domain.JobRuns.claim(id, scheduled_time);
  if (answer.result !== "claimed") throw new Error(answer.result);
  return answer.claim;
}

describe("the list of jobs", () => {
  it("names all of them, with their schedule, the next one to run first", async () => {
    const listed = (await api.list({})).body();
    expect(listed.map(({ id, trigger, timezone }) => [id, trigger, timezone]).sort()).toEqual(
      jobs.map(({ id, cron }) => [id, cron, "UTC"]).sort(),
    );
    const times = listed.map(({ next_run_time }) => next_run_time ?? "");
    expect(times).toEqual(times.toSorted());
    for (const { next_run_time, trigger } of listed) {
      const days = trigger.endsWith(" * * *") ? 1 : 7;
      expect(Date.parse(next_run_time ?? "")).toBeGreaterThan(Date.now() - 60_000);
      expect(Date.parse(next_run_time ?? "")).toBeLessThan(Date.now() + days * 86_400_000 + 60_000);
    }
    expect(listed.map(({ is_running, last_run }) => [is_running, last_run])).toEqual(
      jobs.map(() => [false, null]),
    );
  });

  it("agrees with the schedules that are deployed", async () => {
    const listed = (await api.list({})).body().map(({ id, next_run_time }) => [id, next_run_time]);
    const planned = cloud.schedules.map(({ name, next }) => [name, next.toISOString()]);
    expect(listed.map(([id]) => id).sort()).toEqual(planned.map(([name]) => name).sort());
    // Planned when the cloud started: one whose time has come since has another one.
    const now = new Date().toISOString();
    for (const [name, next = ""] of planned) if (next > now) expect(listed).toContainEqual([name, next]);
  });
});

describe("who may", () => {
  it("look at jobs and start them is admins alone", async () => {
    const statuses = async ({ scheduler }: Api) =>
      (await Promise.all([scheduler.list({}), scheduler.run({ params: { job: LICENSES } })])).map(
        ({ status }) => status,
      );
    expect(await statuses(cloud.stranger)).toEqual([401, 401]);
    expect(await statuses(cloud.viewer.api)).toEqual([403, 403]);
    expect(await statuses(cloud.manager.api)).toEqual([403, 403]);
    expect((await jobOf(LICENSES)).last_run).toBeNull();
  });
});

describe("a job that nobody knows", () => {
  it.each(["nightly_backup", "DAILY_HEALTH_SCORES", "__proto__", "daily_health_scores'--", "x".repeat(64)])(
    "can't be started: %s",
    async (job) => {
      const { status, raw } = await press(job);
      expect([status, raw]).toEqual([404, { detail: "Job not found" }]);
    },
  );

  it.each([["x".repeat(65)], ["a\u0000b"], [" "]])(
    "is refused when no job can be called so (%#)",
    async (job) => {
      const { status, raw } = await press(job);
      expect(status).toBe(422);
      expect(JSON.stringify(raw)).not.toContain(job.trim() || "unsaid");
    },
  );
});

describe("a job that is started by hand", () => {
  it("answers at once, and then tells how it ended and what came of it", async () => {
    const before = new Date().toISOString();
    const { message, run_id } = (await press(SCORING)).body();
    expect(message).toBe("“Calculate daily health scores” has been started.");
    expect(run_id >= before).toBe(true);
    await whenIdle(SCORING);
    const run = await lastRun(SCORING);
    expect(run).toMatchObject({
      run_id,
      state: "completed",
      counts: { calculated: CUSTOMERS, failed: 0 },
      error: null,
    });
    expect(run?.finished_at && run.finished_at >= run.started_at).toBe(true);
    const score = (await cloud.viewer.api.healthScores.latest({ params: { id: ids[0] ?? "" } })).body();
    expect(score.calculated_at).toBe(run_id);
  });

  it("says while it is at work that it is, and refuses to start again", async () => {
    const claim = await claimed(SCORING);
    expect(await jobOf(SCORING)).toMatchObject({
      is_running: true,
      last_run: {
        run_id: claim.scheduled_time,
        state: "running",
        finished_at: null,
        counts: {},
        error: null,
      },
    });
    const { status, raw } = await press(SCORING);
    expect([status, raw]).toEqual([
      409,
      { detail: "This job is running right now. Try again when it has finished." },
    ]);
    expect((await cloud.manager.api.healthScores.calculateAll({ query: { run_async: true } })).status).toBe(
      409,
    );
    await domain.JobRuns.release(claim, { state: "completed" }, {}, {});
  });

  it("by twenty presses at once works once for each that was accepted, and the others are told", async () => {
    const runsBefore = (await itemsOf(`job#${SCORING}`, "run#")).length;
    const scoresBefore = (await itemsOf(`scores#${ids[0]}`, "2")).length;
    const answers = await Promise.all(Array.from({ length: 20 }, () => press(SCORING)));
    const accepted = answers.filter(({ status }) => status === 200);
    expect(accepted.length).toBeGreaterThan(0);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(20 - accepted.length);
    const started = new Set(accepted.map((answer) => answer.body().run_id));
    await whenIdle(SCORING);
    // An event that came late would still be on its way.
    await pause(1_500);
    const runs = await itemsOf(`job#${SCORING}`, "run#");
    expect(runs).toHaveLength(runsBefore + started.size);
    const ours = runs.filter((run) => started.has(run.scheduled_time));
    expect(ours.map(({ state }) => state)).toEqual(Array.from(started, () => "completed"));
    // A press that came after the end was accepted rightly; one that came in between was not.
    const late = ours.filter(
      ({ started_at }, index) => index > 0 && started_at < ours[index - 1]?.finished_at,
    );
    expect(late).toEqual([]);
    expect(await itemsOf(`scores#${ids[0]}`, "2")).toHaveLength(scoresBefore + started.size);
  });

  it("ends quietly when it meets another run, while a scheduled one comes again later", async () => {
    const claim = await claimed(INACTIVITY);
    const other = { scheduled_time: new Date(Date.now() + 5).toISOString() };
    const byHand = await invoke(INACTIVITY, { ...other, manual: true });
    expect([byHand.functionError, byHand.payload]).toEqual([undefined, { result: "busy" }]);
    const scheduled = await invoke(INACTIVITY, other);
    expect(scheduled.functionError).toBeDefined();
    expect((await lastRun(INACTIVITY))?.run_id).toBe(claim.scheduled_time);
    await domain.JobRuns.release(claim, { state: "completed" }, {}, {});
  });

  it("works once when its event is delivered more often", async () => {
    const { run_id } = (await press(INACTIVITY)).body();
    const again = await Promise.all(
      [1, 2, 3].map(() => invoke(INACTIVITY, { scheduled_time: run_id, manual: true })),
    );
    await whenIdle(INACTIVITY);
    const results = again.map(({ payload }) => (payload as { result: string }).result);
    // The one that the button sent may have come later than these.
    expect(results.filter((result) => result === "completed").length).toBeLessThan(2);
    expect(results.filter((result) => result === "duplicate").length).toBeGreaterThan(1);
    expect((await lastRun(INACTIVITY))?.state).toBe("completed");
  });
});

describe("a check of alerts", () => {
  const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

  it("counts what it opened, updated and resolved, each once", async () => {
    const params = { id: ids[1] ?? "" };
    const all = { checked: CUSTOMERS, failed: 0 };
    /** What a run of another day counts. */
    const countsOf = async (days: number) => {
      await invoke(CONTRACTS, { scheduled_time: inDays(days) });
      return (await lastRun(CONTRACTS))?.counts;
    };
    await cloud.manager.api.customers.update({ params, body: { contract_end_date: inDays(50) } });
    expect((await ran(CONTRACTS))?.counts).toEqual({ ...all, opened: 1, updated: 0, resolved: 0 });
    expect((await ran(CONTRACTS))?.counts).toEqual({ ...all, opened: 0, updated: 0, resolved: 0 });
    expect(await countsOf(45)).toEqual({ ...all, opened: 0, updated: 1, resolved: 0 });
    expect(await countsOf(-100)).toEqual({ ...all, opened: 0, updated: 0, resolved: 1 });
    await cloud.manager.api.customers.update({ params, body: { contract_end_date: null } });
  });

  it("delivered five times at once does its work once", async () => {
    const params = { id: ids[2] ?? "" };
    await cloud.manager.api.customers.update({ params, body: { contract_end_date: inDays(20) } });
    const scheduled_time = new Date().toISOString();
    const answers = await Promise.all(Array.from({ length: 5 }, () => invoke(CONTRACTS, { scheduled_time })));
    expect(answers.map(({ payload }) => (payload as { result: string }).result).sort()).toEqual([
      "completed",
      "duplicate",
      "duplicate",
      "duplicate",
      "duplicate",
    ]);
    expect(await lastRun(CONTRACTS)).toMatchObject({ run_id: scheduled_time, counts: { opened: 1 } });
  });
});

describe("the function of a job", () => {
  it.each(jobs.map(({ id }) => id))("does %s, and nothing else", async (id) => {
    const [other = ""] = jobs.map((job) => job.id).filter((one) => one !== id);
    const answer = await invoke(id, { job: other, scheduled_time: new Date().toISOString() });
    expect(answer.functionError).toBeDefined();
  });
});

describe("a job that fails", () => {
  beforeEach(() => whenIdle(LICENSES));

  it("says so in a sentence, and is done by the next delivery", async () => {
    cloud.database.fail("Query", "ValidationException", 1_000);
    const { run_id } = (await press(LICENSES)).body();
    // Read once: the next delivery comes after a second.
    await expect
      .poll(() => lastRun(LICENSES))
      .toMatchObject({
        ...{ run_id, state: "failed", finished_at: expect.any(String) },
        error: "It broke off for an unexpected reason; the details are in the log.",
      });
    cloud.database.fail("Query", "ValidationException", 0);
    await expect.poll(async () => (await lastRun(LICENSES))?.state).toBe("completed");
    expect(await lastRun(LICENSES)).toMatchObject({ run_id, error: null });
  });

  it("by dying says so once its lease has ended, and can be started again", async () => {
    const claim = await claimed(LICENSES);
    await endLease(LICENSES);
    expect(await jobOf(LICENSES)).toMatchObject({
      is_running: false,
      last_run: {
        run_id: claim.scheduled_time,
        state: "failed",
        finished_at: null,
        error: expect.stringContaining("stopped without finishing"),
      },
    });
    expect((await ran(LICENSES))?.state).toBe("completed");
  });
});
