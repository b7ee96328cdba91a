import { randomUUID } from "node:crypto";
import type { NewCustomer } from "@success-manager/contract/customers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type * as z from "zod";
import { type Api, type TestCloud, testCloud } from "../support/cloud.ts";
import { printedDate } from "../support/printed.ts";
import { deploymentBody } from "../support/rows.ts";

let cloud: TestCloud;
let api: Api;
let domain: typeof import("@success-manager/domain/alerts") &
  typeof import("@success-manager/domain/interactions") &
  typeof import("@success-manager/domain/table");
beforeAll(async () => {
  cloud = await testCloud();
  api = cloud.manager.api;
  domain = {
    ...(await import("@success-manager/domain/alerts")),
    ...(await import("@success-manager/domain/interactions")),
    ...(await import("@success-manager/domain/table")),
  };
});
afterAll(() => cloud?.stop());

const DAY_MS = 24 * 60 * 60 * 1000;
const inDays = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10);
const times = <T>(n: number, one: (n: number) => T): T[] => Array.from({ length: n }, (_, i) => one(i));

let names = 0;
const create = async (body: Partial<z.input<typeof NewCustomer>> = {}) =>
  (
    await api.customers.create({ body: { company_name: `Company ${++names}`, status: "active", ...body } })
  ).body().id;
const change = (id: string, body: object) => api.customers.update({ params: { id }, body });
const leave = (id: string) => api.customers.remove({ params: { id } });
const score = (customer_id: string) => api.healthScores.calculate({ params: { customer_id }, body: {} });
const deploy = async (customer_id: string, days: number) =>
  (
    await api.deployments.create({
      body: deploymentBody(customer_id, { license_expiry: inDays(days) }),
    })
  ).body().id;

async function met(customer_id: string, meetings: number) {
  const { InteractionEntity, toStoredInteraction } = domain;
  await InteractionEntity.put(
    times(meetings, () =>
      toStoredInteraction({
        id: randomUUID(),
        customer_id,
        interaction_type: "meeting",
        subject: "Review",
        description: "Talked",
        sentiment: "neutral",
        performed_by: "Ada",
        interaction_date: new Date(Date.now() - DAY_MS).toISOString(),
        follow_up_required: false,
      }),
    ),
  ).go();
}

const check = (kind: Parameters<typeof domain.runCheck>[0], days = 0) =>
  domain.runCheck(kind, new Date(Date.now() + days * DAY_MS), () => 60_000, console.error);
const open = async (id: string) => (await api.customers.get({ params: { id } })).body().active_alerts;
const titles = async (id: string) => (await open(id)).map(({ title }) => title).sort();
/** All alerts that a customer ever had, newest first. */
const all = async (id: string) =>
  (await api.customers.timeline({ params: { id } })).body().items.filter(({ type }) => type === "alert");
/** What a call wrote, without what authenticated it. */
async function writesOf(call: () => Promise<{ status: number }>) {
  cloud.database.take();
  expect((await call()).status).toBeLessThan(300);
  return cloud.database
    .take()
    .flatMap(({ operation }) => (/Write|Update|Put/.test(operation) ? [operation] : []));
}

/** Scores 60: one product, no contacts, no tickets, a contract that lasts. */
async function sound() {
  const id = await create({ contract_end_date: inDays(400) });
  await deploy(id, 400);
  await score(id);
  return id;
}
const decline = (id: string) => change(id, { contract_end_date: inDays(-1) });
const recover = (id: string) => change(id, { contract_end_date: inDays(400) });

const LOW = "Health score is critical";
const FELL = "Financial score fell";

describe("a score", () => {
  it("that is low opens alerts with it, and a sound one ends them", async () => {
    const id = await sound();
    expect(await open(id)).toEqual([]);
    await decline(id);
    expect(await writesOf(() => score(id))).toEqual(["TransactWriteItems"]);
    expect(
      new Set((await open(id)).map(({ alert_type, severity, title }) => [alert_type, severity, title])),
    ).toEqual(
      new Set([
        ["health_drop", "critical", LOW],
        ["health_drop", "medium", FELL],
      ]),
    );
    expect((await open(id)).map(({ description }) => description).join()).toContain("is 35 of 100");
    await score(id);
    expect(await open(id)).toHaveLength(2);
    await recover(id);
    expect(await writesOf(() => score(id))).toEqual(["TransactWriteItems"]);
    expect(await open(id)).toEqual([]);
    expect(await all(id)).toMatchObject(times(2, () => ({ metadata: { is_resolved: true } })));
  });

  it("follows the alert about the overall score from high to critical, and not back to none", async () => {
    const id = await create({ contract_end_date: inDays(400) });
    await score(id);
    expect(await open(id)).toMatchObject([{ severity: "high", title: "Health score is low" }]);
    const [{ id: alert_id } = { id: "" }] = await open(id);
    await change(id, { contract_end_date: inDays(10) });
    await score(id);
    expect((await open(id)).find((alert) => alert.id === alert_id)).toMatchObject({
      severity: "critical",
      title: LOW,
    });
    expect(await all(id)).toHaveLength(2);
  });

  it("with a component that came back to half its fall keeps the alert about that", async () => {
    const id = await create({ contract_end_date: inDays(400) });
    await met(id, 2);
    await score(id);
    await change(id, { contract_end_date: inDays(10) });
    await score(id);
    expect(await titles(id)).toEqual([FELL, LOW]);
    await change(id, { contract_end_date: inDays(100) });
    await score(id);
    // 80 of 100 is still a fall of 20.
    expect(await titles(id)).toEqual([FELL, "Health score is low"]);
    await recover(id);
    await score(id);
    expect(await titles(id)).toEqual(["Health score is low"]);
  });

  it("calculated ten times at once opens each alert once", async () => {
    const id = await sound();
    await decline(id);
    const answers = await Promise.all(times(10, () => score(id)));
    expect(answers.map(({ status }) => status)).toEqual(times(10, () => 200));
    expect(await titles(id)).toEqual([FELL, LOW]);
    expect(await all(id)).toHaveLength(2);
  });

  it("of somebody who has left says nothing", async () => {
    const id = await create({ status: "churned" });
    expect((await score(id)).body().overall_score).toBe(38);
    expect(await open(id)).toEqual([]);
  });
});

describe("scoring all customers", () => {
  it("opens, keeps and ends their alerts", async () => {
    const ids = await Promise.all(times(20, () => sound()));
    await Promise.all(ids.map(decline));
    expect((await api.healthScores.calculateAll({})).body()).toMatchObject({ failed: 0, state: "completed" });
    const fallen = await Promise.all(ids.map(titles));
    expect(fallen).toEqual(ids.map(() => [FELL, LOW]));
    await api.healthScores.calculateAll({});
    expect((await Promise.all(ids.map(all))).map(({ length }) => length)).toEqual(ids.map(() => 2));

    const [first = ""] = ids;
    await Promise.all(ids.map(recover));
    await Promise.all([api.healthScores.calculateAll({}), score(first)]);
    expect((await Promise.all(ids.map(open))).flat()).toEqual([]);
    // They come back although the table still knows the former ones, and the book does not.
    await Promise.all(ids.map(decline));
    expect((await api.healthScores.calculateAll({})).body()).toMatchObject({ failed: 0, state: "completed" });
    expect(await Promise.all(ids.map(titles))).toEqual(fallen);
  });
});

describe("a changed contract", () => {
  const due = async (days = 5) => {
    const id = await create({ contract_end_date: inDays(days) });
    await check("contract_expiry");
    expect(await open(id)).toHaveLength(1);
    return id;
  };

  it("that is renewed ends its alert at once", async () => {
    const id = await due();
    expect(await writesOf(() => recover(id))).toEqual(["TransactWriteItems"]);
    expect(await open(id)).toEqual([]);
    expect(await all(id)).toMatchObject([{ metadata: { is_resolved: true, severity: "critical" } }]);
    expect(await check("contract_expiry")).toMatchObject({ opened: 0, updated: 0, resolved: 0 });
  });

  it("without an end, or together with a new name, too", async () => {
    const [first, second] = [await due(), await due()];
    await change(first, { contract_end_date: null });
    await change(second, { contract_end_date: inDays(400), company_name: `Company ${++names}` });
    expect([await open(first), await open(second)]).toEqual([[], []]);
  });

  it("that still ends soon says so in the same alert", async () => {
    const id = await due();
    const [before] = await open(id);
    await change(id, { contract_end_date: inDays(45) });
    expect(await open(id)).toMatchObject([
      { id: before?.id, severity: "medium", title: `Contract ends on ${printedDate(inDays(45))}` },
    ]);
  });

  it("opens none: that is for the check", async () => {
    const id = await create({ contract_end_date: inDays(400) });
    expect(await writesOf(() => change(id, { contract_end_date: inDays(5) }))).toEqual(["UpdateItem"]);
    expect(await open(id)).toEqual([]);
    expect(await check("contract_expiry")).toMatchObject({ opened: 1 });
  });

  it("is read about only when its end changes", async () => {
    const id = await due();
    const queries = async (body: object) => {
      cloud.database.take();
      await change(id, body);
      return cloud.database.take().filter(({ operation }) => operation === "Query").length;
    };
    expect(await queries({ notes: "n", status: "active", contract_end_date: inDays(5) })).toBe(0);
    expect(await queries({ contract_end_date: inDays(6) })).toBe(1);
  });

  it("by two people at once leaves one alert that is right", async () => {
    const id = await due();
    const answers = await Promise.all(
      [10, 20, 40, 80].map((days) => change(id, { contract_end_date: inDays(days) })),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const { customer, active_alerts } = (await api.customers.get({ params: { id } })).body();
    expect(active_alerts.map(({ title }) => title)).toEqual([
      `Contract ends on ${printedDate(customer.contract_end_date ?? "")}`,
    ]);
  });
});

describe("a customer who leaves", () => {
  /** With an alert of every kind that the system raises by itself. */
  async function troubled() {
    const id = await create({ contract_end_date: inDays(5) });
    await deploy(id, 5);
    await score(id);
    await check("contract_expiry");
    await check("license_expiry");
    await check("inactivity", 40);
    expect((await open(id)).map(({ alert_type }) => alert_type).sort()).toEqual([
      "contract_expiry",
      "contract_expiry",
      "health_drop",
      "inactivity",
    ]);
    return id;
  }
  const putChurned = (id: string) => change(id, { status: "churned" });

  it.each([
    ["by DELETE", leave],
    ["by PUT", putChurned],
  ] as const)("%s takes these alerts along", async (_, call) => {
    const id = await troubled();
    expect(await writesOf(() => call(id))).toEqual(["TransactWriteItems"]);
    expect(await open(id)).toEqual([]);
    expect(await all(id)).toMatchObject(times(4, () => ({ metadata: { is_resolved: true } })));
  });

  it("keeps those that a person has to settle", async () => {
    const id = await troubled();
    const at = new Date();
    const manual: Parameters<typeof domain.openWrites>[0] = {
      id: randomUUID(),
      customer_id: id,
      condition: domain.alertKey.manual("m"),
      alert_type: "escalation",
      severity: "high",
      title: "Call them back",
      description: "They asked for it.",
      is_resolved: false,
      created_by: "Ada",
      created_at: at.toISOString(),
      updated_at: at.toISOString(),
      revision: 1,
    };
    await domain.commit(domain.openWrites(manual, undefined, at));
    await leave(id);
    expect(await titles(id)).toEqual(["Call them back"]);
  });

  it("and comes back finds nothing open until the next check", async () => {
    const id = await troubled();
    await leave(id);
    // With the outcome that says so.
    expect(await writesOf(() => change(id, { status: "active" }))).toEqual(["TransactWriteItems"]);
    expect(await open(id)).toEqual([]);
    await check("contract_expiry");
    expect(await open(id)).toHaveLength(1);
  });
});

describe("a changed deployment", () => {
  const due = async () => {
    const customer = await create();
    const id = await deploy(customer, 5);
    await check("license_expiry");
    expect(await open(customer)).toHaveLength(1);
    return { customer, id };
  };
  const update = (id: string, body: object) => api.deployments.update({ params: { id }, body });

  it.each([
    ["whose license is renewed", (id: string) => update(id, { license_expiry: inDays(400) })],
    ["that is deactivated", (id: string) => update(id, { is_active: false })],
    ["that is removed", (id: string) => api.deployments.remove({ params: { id } })],
  ] as const)("%s ends the alert about its license at once", async (_, call) => {
    const { customer, id } = await due();
    expect(await writesOf(() => call(id))).toEqual(["TransactWriteItems"]);
    expect(await open(customer)).toEqual([]);
    expect(await check("license_expiry")).toMatchObject({ opened: 0, updated: 0, resolved: 0 });
  });

  it("whose license still ends soon says so in the same alert", async () => {
    const { customer, id } = await due();
    await update(id, { license_expiry: inDays(25) });
    expect(await open(customer)).toMatchObject([
      { severity: "medium", title: `MonetX license ends on ${printedDate(inDays(25))}` },
    ]);
    expect(await all(customer)).toHaveLength(1);
  });

  it("ends no alert but its own, and opens none", async () => {
    const { customer } = await due();
    const other = await deploy(customer, 400);
    await update(other, { license_expiry: inDays(6) });
    expect(await open(customer)).toHaveLength(1);
    await api.deployments.remove({ params: { id: other } });
    expect(await open(customer)).toHaveLength(1);
  });
});
