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
async function nextInstant() {
  instant = Math.max(instant + 1_000, Date.now());
  scheduled_time = new Date(instant).toISOString();
  await endLease();
}
beforeEach(nextInstant);
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
    let isDone = false;
    const late = at(CUSTOMERS - 1);
    const outcome = await worker(20, () => {
      const body = { contract_end_date: "2090-01-01" };
      edit ??= cloud.manager.api.customers.update({ params: { id: late }, body }).then(() => {
        isDone = true;
      });
      // What it holds in memory is as old as it may be once the edit is written.
      if (isDone) vi.setSystemTime(Date.now() + 31_000);
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

describe("a batch and score definitions", () => {
  const { admin, manager } = { admin: () => cloud.admin.api, manager: () => cloud.manager.api };
  const publish = async () => {
    const body = { ...domain.RECOMMENDED };
    const { id } = (await admin().scoreDefinitions.create({ body })).body();
    return (await admin().scoreDefinitions.publish({ params: { id } })).body();
  };
  const retire = (id: string) => admin().scoreDefinitions.retire({ params: { id } });

  /** What a run asks of the database for each customer, when the caches are there. */
  async function costOfRun() {
    cloud.database.take();
    expect(progressOf(await worker(20))).toMatchObject({ calculated: CUSTOMERS, failed: 0 });
    // How much of the directory has changed since the last look is nobody's cost.
    const asked = cloud.database
      .take()
      .filter(({ operation, subjects }) => operation === "TransactWriteItems" || subjects[0] === "customer");
    const units = (of: string) =>
      asked.reduce((sum, { operation, units }) => sum + (operation === of ? units : 0), 0) / CUSTOMERS;
    return {
      ...{ requests: asked.length / CUSTOMERS },
      ...{ read: units("Query"), write: units("TransactWriteItems") },
    };
  }

  it("costs by version 2 what it costs by version 1: no request more, and units within 1.3", async () => {
    // The first run by a version opens alerts, and has more to tell: that is not what a day costs.
    await worker(20);
    await nextInstant();
    const one = await costOfRun();
    const { id } = await publish();
    await nextInstant();
    await worker(20);
    await nextInstant();
    const two = await costOfRun();
    await retire(id);
    // One query, and a part of a transaction of many.
    expect(one.requests).toBeLessThan(1.2);
    expect(two.requests).toBeLessThanOrEqual(1.02 * one.requests);
    expect(two.read).toBeLessThanOrEqual(1.05 * one.read);
    expect(two.write).toBeLessThanOrEqual(1.3 * one.write);
  });

  it("meanwhile published scores each customer by one version, and nothing is mixed", async () => {
    let version: number | null = null;
    let definition = "";
    let published: Promise<void> | undefined;
    let looks = 0;
    const first = await worker(4, () => {
      // The definitions of this invocation have been read by then.
      if (++looks >= 3)
        published ??= publish().then((made) => {
          [version, definition] = [made.version, made.id];
        });
      return 60_000;
    });
    await published;
    expect(first.result).toBe("continued");
    for (let n = 0; n < 5; n++) if ((await worker(20)).result !== "continued") break;
    await retire(definition);
    const found = await Promise.all(
      ids.filter((_, n) => n % 25 === 0).map((id) => manager().healthScores.latest({ params: { id } })),
    );
    const versions = new Set<number>();
    for (const answer of found) {
      const { definition_version, coverage, band, risk_level, measures, calculated_at } = answer.body();
      expect(calculated_at).toBe(scheduled_time);
      versions.add(definition_version);
      const keys = measures.map(({ key }) => key).join();
      if (definition_version === 1)
        expect([keys, coverage, band]).toEqual(["adoption,engagement,support,financial", 1, risk_level]);
      else
        expect([keys, coverage, band]).toEqual(["products,contacts,support,satisfaction", 0.25, "unknown"]);
    }
    expect([...versions].sort()).toEqual([1, version]);
    expect(await scores(ids)).toEqual(once(ids));
  });

  it("in which an override ends goes by the batch's instant; readers by the clock", async () => {
    const [over, lasting] = [at(5), at(6)];
    const set = (id: string) =>
      manager().healthScores.override({
        params: { id },
        body: { score: 99, reason: "known_intent", days: 1 },
      });
    const before = await set(over);
    await set(lasting);
    const { calculated_score } = before.body();
    await nextInstant();
    // It ends a moment after the batch's instant, and before the batch does.
    const changed_at = new Date().toISOString();
    await domain.dynamo.send(
      new UpdateCommand({
        TableName: domain.tableName,
        Key: domain.primaryKey("latest_score", over),
        UpdateExpression:
          "SET #override.ends_at = :end, changed_at = :now, gsi2sk = :place, revision = revision + :one",
        ExpressionAttributeNames: { "#override": "override" },
        ExpressionAttributeValues: {
          ...{ ":end": new Date(instant + 1).toISOString(), ":one": 1 },
          ...{ ":now": changed_at, ":place": `${changed_at}#${over}` },
        },
      }),
    );
    expect(progressOf(await worker(20))).toMatchObject({ failed: 0, finished: true });
    expect(await scores([over, lasting])).toEqual([1, 1]);
    const history = await manager().healthScores.history({ params: { id: over } });
    expect(history.body().health_scores[0]).toMatchObject({
      ...{ calculated_at: scheduled_time, overall_score: 99, override: { score: 99 } },
    });
    await vi.waitFor(
      async () => {
        const latest = (await manager().healthScores.latest({ params: { id: over } })).body();
        expect(latest).toMatchObject({ overall_score: calculated_score, override: null });
      },
      { timeout: 60_000, interval: 100 },
    );
    expect((await manager().healthScores.latest({ params: { id: lasting } })).body().overall_score).toBe(99);
    await nextInstant();
    await worker(20);
    const after = await manager().healthScores.history({ params: { id: over } });
    expect(after.body().health_scores[0]).toMatchObject({ overall_score: calculated_score, override: null });
    const { parts } = (await manager().customers.scoreChanges({ params: { id: over } })).body();
    expect(parts.filter(({ kind }) => kind !== "override" && kind !== "definition")).toEqual([]);
    await manager().healthScores.endOverride({ params: { id: lasting } });
  });

  it("is previewed as a whole, or as an even sample where time is up, with how sure that is", async () => {
    const { id } = (await admin().scoreDefinitions.create({ body: { ...domain.RECOMMENDED } })).body();
    cloud.database.take();
    // In this process, where time is what a test says.
    const all = await domain.ScoreDefinitions.preview(id, () => 600_000);
    const queries = cloud.database.take().filter(({ operation, index }) => operation === "Query" && index);
    expect(all).toMatchObject({
      ...{ customers: CUSTOMERS, sampled: CUSTOMERS, unreadable: 0, changed: CUSTOMERS },
      bands_then: { unknown: CUSTOMERS },
      shares_then: { unknown: { value: 1, low: 1, high: 1 } },
    });
    expect(all.changes).toHaveLength(CUSTOMERS);
    // One for each customer, and some for what is kept in memory.
    expect(queries.length).toBeLessThan(1.05 * CUSTOMERS);
    expect(await domain.ScoreDefinitions.preview(id, () => 600_000)).toEqual(all);
    const cut = async () => {
      let looks = 0;
      return domain.ScoreDefinitions.preview(id, () => (looks++ < 2 ? 20_000 : 1_000));
    };
    const some = await cut();
    expect(some.customers).toBe(CUSTOMERS);
    expect(some.sampled).toBeGreaterThan(0);
    expect(some.sampled).toBeLessThan(CUSTOMERS);
    const { unknown } = some.shares_then ?? {};
    expect(unknown).toMatchObject({ value: 1, high: 1 });
    expect(unknown?.low).toBeGreaterThan(0.98);
    expect(unknown?.low).toBeLessThan(1);
    expect(await cut()).toEqual(some);
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
    const progress = progressOf(await worker(20));
    const errors = expected().map(([customer_id, error]) => ({ customer_id, error }));
    expect(progress).toMatchObject({
      ...{ total: CUSTOMERS, calculated: CUSTOMERS - errors.length, failed: errors.length, finished: true },
    });
    expect(progress?.errors.toSorted((a, b) => (a.customer_id < b.customer_id ? -1 : 1))).toEqual(errors);
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
