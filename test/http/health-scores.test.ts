import { randomUUID } from "node:crypto";
import type { NewCustomer } from "@success-manager/contract/customers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type * as z from "zod";
import { type Api, type TestCloud, testCloud } from "../support/cloud.ts";

let cloud: TestCloud;
let api: Api;
beforeAll(async () => {
  cloud = await testCloud();
  api = cloud.manager.api;
});
afterAll(() => cloud?.stop());

const DAY_MS = 24 * 60 * 60 * 1000;
const ago = (days: number) => new Date(Date.now() - days * DAY_MS).toISOString();
const inDays = (days: number) => ago(-days).slice(0, 10);
const NOBODY = "00000000-0000-4000-8000-000000000000";
const times = <T>(n: number, one: (n: number) => T): T[] => Array.from({ length: n }, (_, i) => one(i));

/** A contract that lasts makes 100 of the financial component. */
const LASTING = { contract_end_date: inDays(400) };

let names = 0;
const create = async (body: Partial<z.input<typeof NewCustomer>> = {}) =>
  (await api.customers.create({ body: { company_name: `Company ${++names}`, ...body } })).body().id;
const calculate = (customer_id: string, body: object | undefined = {}) =>
  api.healthScores.calculate({ params: { customer_id }, body });
const scored = async (customer_id: string, body?: object) => (await calculate(customer_id, body)).body();
const statusOf = async (id: string) => (await api.customers.get({ params: { id } })).body().customer.status;
const change = (id: string, body: object) => api.customers.update({ params: { id }, body });
const history = async (id: string, query: object = {}) =>
  (await api.customers.healthHistory({ params: { id }, query })).body();

const deploy = async (customer_id: string, product_name: "MonetX" | "SupportX" | "GreenX") =>
  (
    await api.deployments.create({
      body: {
        customer_id,
        product_name,
        deployment_date: "2026-01-01",
        version: "1",
        environment: "cloud",
        license_type: "Enterprise",
        license_expiry: "2030-01-01",
      },
    })
  ).body().id;

async function contacted(customer_id: string, interaction_type: "meeting" | "escalation", dates: string[]) {
  const { toStoredInteraction } = await import("@success-manager/domain/interactions");
  const { InteractionEntity } = await import("@success-manager/domain/table");
  await InteractionEntity.put(
    dates.map((interaction_date) =>
      toStoredInteraction({
        id: randomUUID(),
        customer_id,
        interaction_type,
        subject: "Subject",
        description: "Description",
        sentiment: "neutral",
        performed_by: "Ada",
        interaction_date,
        follow_up_required: false,
      }),
    ),
  ).go();
}

/** Status and refused fields of a call. */
const refusal = ({ status, raw }: { status: number; raw: unknown }) => {
  const { errors = [] } = raw as { errors?: { loc: (string | number)[] }[] };
  return [status, ...new Set(errors.map(({ loc }) => loc.join(".")))].join(" ");
};

describe("an empty portfolio", () => {
  it("has zeros and nulls for figures", async () => {
    expect((await api.healthScores.trends({})).body()).toEqual({
      total_customers: 0,
      average_score: null,
      trend_distribution: { improving: 0, stable: 0, declining: 0 },
      risk_distribution: { low: 0, medium: 0, high: 0, critical: 0 },
      bands: { low: 0, medium: 0, high: 0, critical: 0, unknown: 0 },
      score_brackets: {
        "excellent (80-100)": 0,
        "good (60-79)": 0,
        "at_risk (40-59)": 0,
        "critical (0-39)": 0,
      },
      churned_customers: 0,
    });
    const spread = (await api.healthScores.distribution({})).body();
    expect(spread.total_customers).toBe(0);
    expect(spread.sub_score_averages.engagement).toBeNull();
    expect(spread.histogram.map(({ range }) => range).slice(8)).toEqual(["80-89", "90-99"]);
    expect(spread.histogram.every(({ count }) => count === 0)).toBe(true);
    expect((await api.healthScores.atRisk({})).body()).toMatchObject({
      customers: [],
      total: 0,
      threshold: 60,
    });
    expect((await api.healthScores.calculateAll({})).body()).toMatchObject({
      total_customers: 0,
      calculated: 0,
      failed: 0,
      errors: [],
      state: "completed",
    });
  });
});

describe("a score", () => {
  it("of a customer without contract dates, products or contacts works", async () => {
    const customer_id = await create();
    const score = await scored(customer_id);
    // 0 + 0 + 100 + 50 over 4 = 37.5
    expect(score).toMatchObject({
      customer_id,
      product_deployment_id: null,
      overall_score: 38,
      adoption_score: 0,
      engagement_score: 0,
      support_score: 100,
      financial_score: 50,
      product_adoption_score: 0,
      sla_compliance_score: null,
      risk_level: "critical",
      score_trend: "stable",
      notes: null,
    });
    expect(score.factors.financial).toEqual({
      score: 50,
      weight: 0.25,
      details: { contract_end_date: null, days_to_contract_end: null },
    });
    expect((await api.healthScores.latest({ params: { id: customer_id } })).body()).toEqual({
      ...score,
      latest_change: null,
    });
  });

  it("counts what happened in 90 days, and not what is yet to come", async () => {
    const id = await create();
    await contacted(id, "meeting", [ago(1), ago(89), ago(91), ago(-1)]);
    await contacted(id, "escalation", [ago(2)]);
    const score = await scored(id);
    expect(score.factors.engagement.details.meetings).toBe(2);
    expect([score.engagement_score, score.support_score]).toEqual([30, 90]);
  });

  it("needs no body, and a customer who exists", async () => {
    const path = (id: string) => `${cloud.apiUrl}/api/v1/health-scores/calculate/${id}`;
    const headers = { authorization: `Bearer ${cloud.manager.token}` };
    const id = await create();
    expect((await fetch(path(id), { method: "POST", headers })).status).toBe(200);
    expect((await fetch(path(NOBODY), { method: "POST", headers })).status).toBe(404);
    expect((await fetch(path("nobody"), { method: "POST", headers })).status).toBe(422);
    expect((await api.healthScores.latest({ params: { id: NOBODY } })).status).toBe(404);
    expect((await api.healthScores.history({ params: { id: NOBODY } })).body()).toMatchObject({ total: 0 });
  });

  it("takes the label of an own deployment only", async () => {
    const [mine, other] = [await create(), await create()];
    const [own, foreign] = [await deploy(mine, "MonetX"), await deploy(other, "MonetX")];
    const label = (product_deployment_id: unknown) => calculate(mine, { product_deployment_id });
    expect((await label(own)).body().product_deployment_id).toBe(own);
    expect((await label(null)).body().product_deployment_id).toBeNull();
    expect(refusal(await label(foreign))).toBe("422 body.product_deployment_id");
    expect(refusal(await label(NOBODY))).toBe("422 body.product_deployment_id");
    expect(refusal(await label("mine"))).toBe("422 body.product_deployment_id");
    const detail = (await api.customers.get({ params: { id: mine } })).body();
    expect(detail.health_scores_per_product).toMatchObject([
      { deployment_id: own, latest_health_score: { overall_score: 48 } },
    ]);
  });

  it("calculated ten times at once is ten scores at distinct instants", async () => {
    const id = await create();
    const answers = await Promise.all(times(10, () => calculate(id)));
    expect(answers.map(({ status }) => status)).toEqual(times(10, () => 200));
    const { health_scores, total } = await history(id);
    expect(total).toBe(10);
    expect(new Set(health_scores.map(({ calculated_at }) => calculated_at)).size).toBe(10);
    expect(new Set(answers.map((answer) => answer.body().id))).toEqual(
      new Set(health_scores.map((score) => score.id)),
    );
    expect((await api.healthScores.latest({ params: { id } })).body()).toEqual({
      ...health_scores[0],
      latest_change: null,
    });
  });
});

describe("the status", () => {
  const recover = (id: string) => change(id, LASTING);
  const decline = (id: string) => change(id, { contract_end_date: inDays(-1) });
  const sound = async (status: "active" | "onboarding" | "churned") => {
    const id = await create({ ...LASTING, status });
    await deploy(id, "MonetX");
    expect((await scored(id)).overall_score).toBe(60);
    return id;
  };

  it.each(["active", "onboarding"] as const)("goes from %s to at_risk, and back", async (status) => {
    const id = await sound(status);
    expect(await statusOf(id)).toBe(status);
    await decline(id);
    expect((await scored(id)).overall_score).toBeLessThan(60);
    expect(await statusOf(id)).toBe("at_risk");
    await scored(id);
    expect(await statusOf(id)).toBe("at_risk");
    await recover(id);
    await scored(id);
    expect(await statusOf(id)).toBe(status);
  });

  it("stays as a person set it in between", async () => {
    const id = await sound("active");
    await decline(id);
    await scored(id);
    await change(id, { status: "onboarding" });
    await change(id, { status: "at_risk" });
    await recover(id);
    await scored(id);
    expect(await statusOf(id)).toBe("at_risk");
  });

  it("goes back although a form sent it along with a note", async () => {
    const id = await sound("active");
    await decline(id);
    await scored(id);
    await change(id, { status: "at_risk", notes: "Called them.", ...LASTING });
    await scored(id);
    expect(await statusOf(id)).toBe("active");
  });

  it("of churned never changes", async () => {
    const id = await sound("churned");
    await decline(id);
    expect((await scored(id)).overall_score).toBeLessThan(60);
    expect(await statusOf(id)).toBe("churned");
  });

  it("of at_risk by a person's word does not change with a good score", async () => {
    const id = await sound("active");
    await change(id, { status: "at_risk" });
    await scored(id);
    expect(await statusOf(id)).toBe("at_risk");
  });
});

describe("the history", () => {
  it("reaches over whole days, both included", async () => {
    const { HealthScoreEntity } = await import("@success-manager/domain/table");
    const id = await create();
    const { factors } = await scored(id);
    await HealthScoreEntity.put(
      [
        "2026-03-01T23:59:59.999Z",
        "2026-03-02T00:00:00.000Z",
        "2026-03-03T12:00:00.000Z",
        "2026-03-04T23:59:59.999Z",
        "2026-03-05T00:00:00.000Z",
      ].map((calculated_at) => ({
        id: randomUUID(),
        customer_id: id,
        overall_score: 70,
        adoption_score: 70,
        engagement_score: 70,
        support_score: 70,
        financial_score: 70,
        risk_level: "medium" as const,
        score_trend: "stable" as const,
        calculated_at,
        factors: JSON.stringify(factors),
      })),
    ).go();
    const days = async (start_date?: string, end_date?: string, more: object = {}) =>
      history(id, { ...(start_date && { start_date }), ...(end_date && { end_date }), ...more });
    const instants = (page: Awaited<ReturnType<typeof history>>) =>
      page.health_scores.map(({ calculated_at }) => calculated_at.slice(8, 13)).join(" ");
    expect(instants(await days("2026-03-02", "2026-03-04"))).toBe("04T23 03T12 02T00");
    expect(instants(await days("2026-03-02", "2026-03-02"))).toBe("02T00");
    expect(instants(await days(undefined, "2026-03-02"))).toBe("02T00 01T23");
    expect((await days("2026-03-05")).total).toBe(2);
    expect((await days("2020-01-01", "2020-12-31")).total).toBe(0);

    const second = await days("2026-03-01", "2026-03-05", { skip: 1, limit: 2 });
    expect(second).toMatchObject({ total: 5, skip: 1, limit: 2 });
    expect(instants(second)).toBe("04T23 03T12");
    const third = await days("2026-03-01", "2026-03-05", { limit: 2, cursor: second.next_cursor ?? "" });
    expect(third.total).toBe(5);
    expect(instants(third)).toBe("02T00 01T23");
    expect(third.next_cursor).toBeNull();

    const inverted = { start_date: "2026-03-02", end_date: "2026-03-01" };
    for (const answer of [
      await api.customers.healthHistory({ params: { id }, query: inverted }),
      await api.healthScores.history({ params: { id }, query: inverted }),
    ])
      expect(refusal(answer)).toBe("422 query.end_date");
  });

  it("pages by cursor, every score once, also while new ones come", async () => {
    const id = await create();
    const ids: string[] = [];
    for (let n = 0; n < 5; n++) ids.unshift((await scored(id)).id);
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = (
        await api.healthScores.history({ params: { id }, query: { limit: 2, ...(cursor && { cursor }) } })
      ).body();
      seen.push(...page.health_scores.map((score) => score.id));
      cursor = page.next_cursor ?? undefined;
      await scored(id);
    } while (cursor);
    expect(seen).toEqual(ids);
    const skipped = await history(id, { skip: 6, limit: 100 });
    expect([skipped.total, skipped.health_scores.length]).toEqual([8, 2]);
  });
});

describe("figures of the portfolio", () => {
  it("agree with each other and with the list", async () => {
    const rows = (await api.customers.list({ query: { limit: 1000 } })).body().customers;
    const churned = (await api.customers.list({ query: { limit: 1000, status: "churned" } })).body()
      .customers;
    const scores = rows.flatMap((row) => row.latest_health_score ?? []);
    const trends = (await api.healthScores.trends({})).body();
    const spread = (await api.healthScores.distribution({})).body();
    const mean = scores.reduce((sum, { overall_score }) => sum + overall_score, 0) / scores.length;
    expect(trends.total_customers).toBe(scores.length);
    expect(trends.average_score).toBeCloseTo(mean, 1);
    expect(spread.total_customers).toBe(scores.length);
    expect(churned.some(({ latest_health_score }) => latest_health_score)).toBe(true);
    expect([trends.churned_customers, spread.churned_customers]).toEqual(Array(2).fill(churned.length));
    const risk = (level: string) => scores.filter(({ risk_level }) => risk_level === level).length;
    expect(trends.risk_distribution).toEqual({
      low: risk("low"),
      medium: risk("medium"),
      high: risk("high"),
      critical: risk("critical"),
    });
    expect(spread.overall_distribution.critical_risk).toEqual({ min: 0, max: 39, count: risk("critical") });
    expect(spread.histogram.reduce((sum, { count }) => sum + count, 0)).toBe(scores.length);
    expect(spread.histogram[6]?.count).toBe(
      scores.filter(({ overall_score: s }) => s >= 60 && s < 70).length,
    );

    const atRisk = (await api.healthScores.atRisk({ query: { threshold: 60 } })).body();
    expect(atRisk.total).toBe(scores.filter(({ overall_score }) => overall_score < 60).length);
    const values = atRisk.customers.map(({ overall_score }) => overall_score);
    expect(values).toEqual(values.toSorted((a, b) => a - b));
    expect((await api.healthScores.atRisk({ query: { threshold: 0 } })).body().total).toBe(0);
    expect((await api.healthScores.atRisk({ query: { threshold: 61 } })).body().total).toBeGreaterThan(
      atRisk.total,
    );
  });

  it("page through the customers at risk, each once", async () => {
    const seen: string[] = [];
    let cursor: string | undefined;
    let total = 0;
    do {
      const page = (await api.healthScores.atRisk({ query: { limit: 3, ...(cursor && { cursor }) } })).body();
      seen.push(...page.customers.map(({ customer_id }) => customer_id));
      total = page.total;
      cursor = page.next_cursor ?? undefined;
    } while (cursor);
    expect(new Set(seen).size).toBe(total);
    expect(seen).toHaveLength(total);
    expect(refusal(await api.healthScores.atRisk({ query: { threshold: 101 } }))).toBe("422 query.threshold");
  });

  it("tell the days to the end of the contract, negative when it has passed", async () => {
    const id = await create({ contract_end_date: inDays(-3), account_manager: "Grace" });
    await scored(id);
    const { customers } = (await api.healthScores.atRisk({})).body();
    expect(customers.find(({ customer_id }) => customer_id === id)).toMatchObject({
      days_until_contract_end: -3,
      account_manager: "Grace",
      status: "at_risk",
    });
  });
});

describe("scoring all customers", () => {
  it("leaves out who has left", async () => {
    const [stays, gone] = [await create(), await create({ status: "churned" })];
    const result = (await api.healthScores.calculateAll({})).body();
    const { total } = (await api.customers.list({})).body();
    expect(result).toMatchObject({
      total_customers: total,
      calculated: total,
      failed: 0,
      state: "completed",
    });
    expect([(await history(stays)).total, (await history(gone)).total]).toEqual([1, 0]);
  });

  it("twice at once scores everybody once per run", async () => {
    const id = await create();
    const answers = await Promise.all(times(2, () => api.healthScores.calculateAll({})));
    const statuses = answers.map(({ status }) => status).sort();
    // 202 says to who calls in the same millisecond that this run has been started already.
    expect(["200,200", "200,202", "200,409"]).toContain(statuses.join());
    const accepted = answers.filter(({ status }) => status !== 409).map((answer) => answer.body());
    if (statuses.includes(202)) expect(new Set(accepted.map(({ run_id }) => run_id)).size).toBe(1);
    const runs = accepted.filter(({ state }) => state !== "running");
    const scores = (await history(id)).health_scores.map(({ calculated_at }) => calculated_at);
    const finished = new Set(runs.filter(({ calculated }) => calculated > 0).map(({ run_id }) => run_id));
    expect(new Set(scores)).toEqual(finished);
    expect(scores).toHaveLength(finished.size);
  });

  it("in the background answers at once", async () => {
    const id = await create();
    const result = (await api.healthScores.calculateAll({ query: { run_async: true } })).body();
    expect(result).toMatchObject({ state: "running", calculated: 0 });
    await expect.poll(async () => (await history(id)).total).toBe(1);
    expect((await history(id)).health_scores[0]?.calculated_at).toBe(result.run_id);
    const params = { run_id: result.run_id };
    await expect.poll(async () => (await api.scheduler.getRun({ params })).body().state).toBe("completed");
  });

  it("goes on when one customer can't be scored, and names them", async () => {
    const { dynamo, tableName } = await import("@success-manager/domain/table");
    const { PutCommand } = await import("@aws-sdk/lib-dynamodb");
    const [broken, sound] = [await create(), await create()];
    const at = ago(1);
    const key = { pk: "survey#broken", sk: "survey" };
    const index = { gsi1pk: `customer#${broken}`, gsi1sk: `${at}#broken` };
    const item = { __edb_e__: "survey", survey_type: "nps", score: "nine", submitted_at: at };
    await dynamo.send(new PutCommand({ TableName: tableName, Item: { ...key, ...index, ...item } }));

    const result = (await api.healthScores.calculateAll({})).body();
    expect(result).toMatchObject({ failed: 1, calculated: result.total_customers - 1, state: "completed" });
    expect(result.errors).toMatchObject([{ customer_id: broken }]);
    expect(result.errors[0]?.error).not.toMatch(/NaN|Dynamo|Electro/);
    expect([(await history(broken)).total, (await history(sound)).total]).toEqual([0, 1]);
  });
});

describe("who may", () => {
  it("read is everybody who is signed in; calculate, managers and admins", async () => {
    const id = await create();
    await scored(id);
    const statuses = async (who: Api["healthScores"]) => {
      const answers = await Promise.all([
        who.latest({ params: { id } }),
        who.history({ params: { id } }),
        who.trends({}),
        who.atRisk({}),
        who.distribution({}),
        who.calculate({ params: { customer_id: id }, body: {} }),
        who.calculateAll({}),
      ]);
      return answers.map(({ status }) => status).join(" ");
    };
    expect(await statuses(cloud.viewer.api.healthScores)).toBe("200 200 200 200 200 403 403");
    expect(await statuses(cloud.stranger.healthScores)).toBe("401 401 401 401 401 401 401");
    expect(await statuses(cloud.admin.api.healthScores)).toBe("200 200 200 200 200 200 200");
  });
});
