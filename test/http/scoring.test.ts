import { randomUUID } from "node:crypto";
import { PutCommand, paginateScan, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { type TestCloud, testCloud } from "../support/cloud.ts";

const JOB = "daily_health_scores";
/** Enough for eight waves of the batch. */
const CUSTOMERS = 1_000;

let cloud: TestCloud;
let domain: typeof import("@success-manager/domain/health") &
  typeof import("@success-manager/domain/jobs") &
  typeof import("@success-manager/domain/table") &
  typeof import("@success-manager/domain/customers");
let ids: string[];

const at = (n: number) => ids[n] ?? "";

beforeAll(async () => {
  cloud = await testCloud();
  domain = {
    ...(await import("@success-manager/domain/health")),
    ...(await import("@success-manager/domain/jobs")),
    ...(await import("@success-manager/domain/table")),
    ...(await import("@success-manager/domain/customers")),
  };
  const now = new Date().toISOString();
  ids = Array.from({ length: CUSTOMERS }, () => randomUUID()).sort();
  await domain.CustomerEntity.put(
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
  ).go({ concurrency: 4 });
});
afterAll(() => cloud?.stop());

/** Each test has an instant of its own, later than those before. */
let instant = Date.now();
let scheduled_time: string;
beforeEach(async () => {
  instant = Math.max(instant + 1_000, Date.now());
  scheduled_time = new Date(instant).toISOString();
  await endLease();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Makes the lease of whoever works now look as if it had ended. */
const endLease = () =>
  domain.dynamo.send(
    new UpdateCommand({
      TableName: domain.tableName,
      Key: domain.primaryKey("job_lock", JOB),
      UpdateExpression: "SET leased_until = :past",
      ExpressionAttributeValues: { ":past": Date.now() - 1 },
    }),
  );

/** How many scores each of these customers got at the scheduled time. */
async function scores(customers: readonly string[]) {
  const counts = new Map<unknown, number>();
  const pages = paginateScan(
    { client: domain.dynamo },
    {
      TableName: domain.tableName,
      FilterExpression: "begins_with(pk, :scores) AND sk >= :instant",
      ExpressionAttributeValues: { ":scores": "scores#", ":instant": scheduled_time },
      ProjectionExpression: "pk",
      ConsistentRead: true,
    },
  );
  for await (const { Items = [] } of pages)
    for (const { pk } of Items) counts.set(pk, (counts.get(pk) ?? 0) + 1);
  return customers.map((id) => counts.get(`scores#${id}`) ?? 0);
}
const once = (customers: readonly string[]) => customers.map(() => 1);

/** The run as people see it. */
async function lastRun() {
  const jobs = (await cloud.admin.api.scheduler.list({})).body();
  return jobs.find(({ id }) => id === JOB)?.last_run;
}

/** An invocation in this process that may work for so many waves before its time is up. */
const worker = (waves: number, remaining: () => number = () => 60_000) => {
  let left = waves;
  return domain.runDailyScoring(scheduled_time, {
    remaining: () => (left-- > 0 ? remaining() : 0),
    continueInBackground: async () => undefined,
    log: () => undefined,
  });
};

/** An invocation that is killed after so many waves: nobody hears how far it got. */
async function killed(waves: number) {
  const answer = await domain.JobRuns.claim(JOB, scheduled_time);
  if (answer.result !== "claimed") throw new Error(answer.result);
  let left = waves;
  const from = { ...domain.dailyScoring.start, ...answer.claim.progress };
  await domain.dailyScoring.run(new Date(scheduled_time), from, {
    remaining: () => (left-- > 0 ? 60_000 : 0),
    run_id: scheduled_time,
    save: () => undefined,
    checkpoint: async () => undefined,
    log: () => undefined,
  });
  await endLease();
}

const progressOf = (outcome: Awaited<ReturnType<typeof worker>>) =>
  outcome.result === "completed" || outcome.result === "continued" ? outcome.progress : undefined;

describe("a batch that is continued many times", () => {
  it("scores everybody once, and its counts add up, also where it is killed in between", async () => {
    await killed(1);
    const results: string[] = [];
    for (let n = 0; n < 40 && results.at(-1) !== "completed"; n++) {
      if (n % 3 === 2) await killed(1 + (n % 2));
      const outcome = await worker(1);
      results.push(outcome.result);
      const { total, calculated, failed } = progressOf(outcome) ?? {};
      expect([total, failed]).toEqual([CUSTOMERS, 0]);
      expect(calculated).toBeGreaterThan(0);
    }
    expect(results.length).toBeGreaterThan(3);
    expect(await scores(ids)).toEqual(once(ids));
    expect(await lastRun()).toMatchObject({
      state: "completed",
      counts: { calculated: CUSTOMERS, failed: 0 },
      error: null,
    });
    expect((await worker(1)).result).toBe("duplicate");
  });

  it("scores everybody once when it is killed before it has said anything, again and again", async () => {
    for (const waves of [2, 1, 3]) await killed(waves);
    const outcome = await worker(20);
    expect(progressOf(outcome)).toMatchObject({
      total: CUSTOMERS,
      calculated: CUSTOMERS,
      failed: 0,
      finished: true,
    });
    expect(await scores(ids)).toEqual(once(ids));
  });

  it("sees what changes in its later waves", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
    let edit: Promise<unknown> | undefined;
    const late = at(CUSTOMERS - 1);
    const outcome = await worker(20, () => {
      edit ??= cloud.manager.api.customers.update({
        params: { id: late },
        body: { contract_end_date: "2090-01-01" },
      });
      vi.setSystemTime(Date.now() + 10_000);
      return 60_000;
    });
    await edit;
    expect(outcome.result).toBe("completed");
    const { financial_score } = (
      await cloud.manager.api.healthScores.latest({ params: { id: late } })
    ).body();
    expect(financial_score).toBe(100);
  });

  it("breaks off when nobody can be scored, and is taken up where it stood", async () => {
    let waves = 0;
    const broken = worker(20, () => {
      if (++waves === 3) cloud.database.fail("Query", "ValidationException", 100_000);
      return 60_000;
    });
    await expect(broken).rejects.toMatchObject({ name: "ValidationException" });
    cloud.database.fail("Query", "ValidationException", 0);
    expect(await lastRun()).toMatchObject({ state: "failed", counts: { failed: 0 } });
    const outcome = await worker(20);
    expect(progressOf(outcome)).toMatchObject({ total: CUSTOMERS, calculated: CUSTOMERS, failed: 0 });
    expect(await scores(ids)).toEqual(once(ids));
  });
});

describe("a batch that meets data which makes no sense", () => {
  const stamp = () => new Date().toISOString();

  /** Damages a customer's item in the table. */
  async function damage(id: string, attribute: string, value: unknown) {
    const changed_at = stamp();
    await domain.dynamo.send(
      new UpdateCommand({
        TableName: domain.tableName,
        Key: domain.primaryKey("customer", id),
        UpdateExpression:
          "SET #attribute = :value, changed_at = :now, gsi2sk = :place, revision = revision + :one",
        ExpressionAttributeNames: { "#attribute": attribute },
        ExpressionAttributeValues: {
          ":value": value,
          ":now": changed_at,
          ":place": `${changed_at}#${id}`,
          ":one": 1,
        },
      }),
    );
  }

  const put = (Item: object) =>
    domain.dynamo.send(new PutCommand({ TableName: domain.tableName, Item: { ...Item } }));
  /** Puts something into what happened with a customer. */
  const happened = (customer_id: string, entity: string, attributes: object) => {
    const [id, time] = [randomUUID(), stamp()];
    return put({
      ...domain.primaryKey(entity, id),
      __edb_e__: entity,
      gsi1pk: `customer#${customer_id}`,
      gsi1sk: `${time}#${id}`,
      id,
      customer_id,
      ...attributes,
    });
  };
  /** Puts a row into the directory. */
  const listed = (entity: string, id: string, attributes: object) => {
    const changed_at = stamp();
    return put({
      ...domain.primaryKey(entity, id),
      __edb_e__: entity,
      gsi2pk: "directory",
      gsi2sk: `${changed_at}#${id}`,
      id,
      changed_at,
      ...attributes,
    });
  };

  const expected = () => [
    [at(10), "The customer's contract_end_date is not a date."],
    [at(140), "The customer's own record can't be read: company_name is not a text."],
    [at(300), "A contact with the customer can't be read: its sentiment is not what it should be."],
    [at(301), "A survey answer of the customer can't be read: its score is not what it should be."],
    [
      at(600),
      "A deployment of the customer can't be read: product_name is not one of MonetX, SupportX, GreenX.",
    ],
    [
      at(900),
      "The customer's own record can't be read: status is not one of active, at_risk, churned, onboarding.",
    ],
    [at(950), "It could not be scored; the details are in the log."],
  ];

  beforeAll(async () => {
    await damage(at(10), "contract_end_date", "soon");
    await damage(at(140), "company_name", 140);
    await happened(at(300), "interaction", {
      interaction_type: "call",
      sentiment: 1,
      interaction_date: stamp(),
    });
    await happened(at(301), "survey", { survey_type: "nps", score: "nine", submitted_at: stamp() });
    const created_at = stamp();
    await listed("deployment", randomUUID(), {
      customer_id: at(600),
      product_name: "ToyX",
      created_at,
      updated_at: created_at,
      revision: 1,
    });
    await damage(at(900), "status", ["asleep"]);
    await domain.dynamo.send(
      new UpdateCommand({
        TableName: domain.tableName,
        Key: domain.primaryKey("latest_score", at(950)),
        UpdateExpression:
          "SET trail = :nonsense, changed_at = :now, gsi2sk = :place, revision = revision + :one",
        ExpressionAttributeValues: {
          ":nonsense": "?:?",
          ":now": stamp(),
          ":place": `${stamp()}#${at(950)}`,
          ":one": 1,
        },
      }),
    );
  });

  it("names those customers, and scores all others", async () => {
    const answer = (await cloud.manager.api.healthScores.calculateAll({})).body();
    scheduled_time = answer.run_id;
    const errors = expected().map(([customer_id, error]) => ({ customer_id, error }));
    expect(answer).toMatchObject({
      total_customers: CUSTOMERS,
      calculated: CUSTOMERS - errors.length,
      failed: errors.length,
      state: "completed",
    });
    expect(answer.errors.toSorted((a, b) => (a.customer_id < b.customer_id ? -1 : 1))).toEqual(errors);
    const named = new Set(errors.map(({ customer_id }) => customer_id));
    const others = ids.filter((id) => !named.has(id));
    expect(await scores(others)).toEqual(once(others));
    expect(await scores([...named].map(String))).toEqual([...named].map(() => 0));
    expect(await lastRun()).toMatchObject({
      state: "completed",
      counts: { calculated: others.length, failed: errors.length },
      error: "It did not work for 7 customers; the details are in the log.",
    });
  });

  it("leaves the lists of everybody else in place", async () => {
    const { api } = cloud.manager;
    expect(
      (await api.customers.list({ query: { sort_by: "company_name", limit: 5 } })).body().total,
    ).toBeGreaterThan(CUSTOMERS - 10);
    expect((await api.deployments.list({})).status).toBe(200);
    expect((await api.healthScores.distribution({})).body().total_customers).toBeGreaterThan(CUSTOMERS - 10);
  });

  it("scores them again when their data is mended", async () => {
    await damage(at(10), "contract_end_date", "2090-01-01");
    await damage(at(140), "company_name", "Mended");
    const outcome = await worker(20);
    expect(progressOf(outcome)).toMatchObject({ total: CUSTOMERS, failed: expected().length - 2 });
    expect(await scores([at(10), at(140)])).toEqual([1, 1]);
  });
});
