import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Api, type TestCloud, testCloud } from "../support/cloud.ts";
import { printedDate } from "../support/printed.ts";
import { deploymentBody } from "../support/rows.ts";

let cloud: TestCloud;
let api: Api;
let domain: typeof import("@success-manager/domain/alerts") &
  typeof import("@success-manager/domain/counters") &
  typeof import("@success-manager/domain/customers") &
  typeof import("@success-manager/domain/interactions") &
  typeof import("@success-manager/domain/table");
beforeAll(async () => {
  cloud = await testCloud();
  api = cloud.manager.api;
  domain = {
    ...(await import("@success-manager/domain/alerts")),
    ...(await import("@success-manager/domain/counters")),
    ...(await import("@success-manager/domain/customers")),
    ...(await import("@success-manager/domain/interactions")),
    ...(await import("@success-manager/domain/table")),
  };
});
afterAll(() => cloud?.stop());

const DAY_MS = 24 * 60 * 60 * 1000;
const inDays = (days: number) => new Date(Date.now() + days * DAY_MS);
const dayIn = (days: number) => inDays(days).toISOString().slice(0, 10);
const times = <T>(n: number, one: (n: number) => T): T[] => Array.from({ length: n }, (_, i) => one(i));

type Kind = Parameters<typeof domain.runCheck>[0];
const KINDS: readonly Kind[] = ["contract_expiry", "license_expiry", "inactivity"];

let logged: string[] = [];
const run = (kind: Kind, days = 0, remaining = () => 60_000) =>
  domain.runCheck(kind, inDays(days), remaining, (customer_id) => logged.push(customer_id));
const NOTHING = { opened: 0, updated: 0, resolved: 0, failed: 0, errors: [], finished: true };

/** Each test leaves a portfolio in which nothing is due. */
afterEach(async () => {
  logged = [];
  const { customers } = (await api.customers.list({ query: { limit: 1000 } })).body();
  await Promise.all(customers.map(({ id }) => api.customers.remove({ params: { id } })));
});

/** A customer as it would be after so many days: there is no way to create one in the past. */
async function founded(daysAgo: number, more: object = {}) {
  const at = inDays(-daysAgo).toISOString();
  const id = randomUUID();
  await domain.CustomerEntity.create({
    id,
    company_name: `Company ${id}`,
    deployed_products: [],
    status: "active",
    portal_enabled: false,
    created_at: at,
    updated_at: at,
    changed_at: new Date().toISOString(),
    revision: 1,
    ...more,
  }).go();
  return id;
}
const ending = (days: number, more: object = {}) => founded(0, { contract_end_date: dayIn(days), ...more });

const deploy = async (customer_id: string, days: number) =>
  (
    await api.deployments.create({
      body: deploymentBody(customer_id, { license_expiry: dayIn(days) }),
    })
  ).body().id;

/** Somebody spoke with a customer so many days ago. */
async function spoken(id: string, daysAgo: number) {
  const [before] = await domain.batchGet(domain.getRequest(domain.LastInteractionEntity, id));
  const write = domain.lastInteractionWrite(id, [inDays(-daysAgo).toISOString()], before?.dates, new Date());
  if (write) await domain.commit([write]);
}

const open = async (id: string) => (await api.customers.get({ params: { id } })).body().active_alerts;
const severities = async (id: string) => (await open(id)).map(({ severity }) => severity);
/** All alerts that a customer ever had. */
const all = async (id: string) =>
  (await api.customers.timeline({ params: { id } })).body().items.filter(({ type }) => type === "alert");

describe("the check of contracts", () => {
  it("opens one alert for each that ends, with company, date and contact", async () => {
    const far = await ending(91);
    const ids = await Promise.all([90, 60, 30, 7, -3].map((days) => ending(days)));
    const named = await ending(40, { contact_name: "Ada", contact_email: "ada@example.com" });
    expect(await run("contract_expiry")).toMatchObject({ ...NOTHING, opened: 6 });
    expect(await open(far)).toEqual([]);
    expect((await Promise.all(ids.map(severities))).flat()).toEqual([
      "low",
      "medium",
      "high",
      "critical",
      "critical",
    ]);
    expect(await open(named)).toMatchObject([
      {
        alert_type: "contract_expiry",
        title: `Contract ends on ${printedDate(dayIn(40))}`,
        description: `The contract of Company ${named} ends on ${printedDate(dayIn(40))}. Contact: Ada, ada@example.com.`,
        is_resolved: false,
      },
    ]);
  });

  it("again on the same day changes nothing and writes nothing", async () => {
    const id = await ending(20);
    await run("contract_expiry");
    const [alert] = await all(id);
    cloud.database.take();
    expect(await run("contract_expiry")).toMatchObject(NOTHING);
    expect(
      cloud.database
        .take()
        .map(({ operation }) => operation)
        .sort(),
    ).toEqual(["GetItem", "Query", "Query"]);
    expect(await all(id)).toEqual([alert]);
  });

  it("run twenty times at once opens each alert once", async () => {
    const ids = await Promise.all(times(12, () => ending(20)));
    const results = await Promise.all(times(20, () => run("contract_expiry")));
    expect(results.reduce((sum, { opened }) => sum + opened, 0)).toBe(ids.length);
    expect(results.every(({ failed, finished }) => failed === 0 && finished)).toBe(true);
    expect((await Promise.all(ids.map(all))).map(({ length }) => length)).toEqual(ids.map(() => 1));
  });

  it("on forty days in a row keeps to one alert, whose severity rises", async () => {
    const id = await ending(38);
    const seen: string[] = [];
    const ended: boolean[] = [];
    for (let day = 0; day < 40; day++) {
      const { updated } = await run("contract_expiry", day);
      const [alert, ...others] = await open(id);
      expect(others).toEqual([]);
      if (day > 0) expect(updated).toBe(alert?.severity === seen.at(-1) && day !== 39 ? 0 : 1);
      seen.push(alert?.severity ?? "");
      ended.push(alert?.title.includes("ended") ?? false);
    }
    expect(seen).toEqual([
      ...times(8, () => "medium"),
      ...times(23, () => "high"),
      ...times(9, () => "critical"),
    ]);
    expect(ended).toEqual([...times(39, () => false), true]);
    expect(await all(id)).toHaveLength(1);
  });

  it("resolves what has ended, and opens a new alert when it comes back", async () => {
    const id = await ending(100);
    expect(await run("contract_expiry", 30)).toMatchObject({ ...NOTHING, opened: 1 });
    expect(await run("contract_expiry", 0)).toMatchObject({ ...NOTHING, resolved: 1 });
    expect(await open(id)).toEqual([]);
    // The book no longer knows it, the table still does.
    expect(await run("contract_expiry", 31)).toMatchObject({ ...NOTHING, opened: 1 });
    expect(await all(id)).toMatchObject([
      { metadata: { is_resolved: false } },
      { metadata: { is_resolved: true, alert_type: "contract_expiry", severity: "low" } },
    ]);
  });

  it("leaves an alert alone that a person has dealt with, until it is worse", async () => {
    const id = await ending(50);
    await run("contract_expiry");
    const [condition] = await domain.alertStatesOf(id);
    if (!condition) throw new Error("no condition");
    const { alert_id, revision } = condition;
    await domain.AlertEntity.patch({ id: alert_id })
      .set({ is_resolved: true, resolved_by: "Ada", resolved_at: new Date().toISOString() })
      .go();
    await domain.AlertStateEntity.put({
      ...condition,
      state: "acknowledged",
      changed_at: new Date().toISOString(),
      revision: revision + 1,
    }).go();
    expect(await run("contract_expiry", 5)).toMatchObject(NOTHING);
    expect(await open(id)).toEqual([]);
    expect(await run("contract_expiry", 20)).toMatchObject({ ...NOTHING, opened: 1 });
    expect(await severities(id)).toEqual(["high"]);
  });
});

describe("the check of licenses", () => {
  it("opens one alert for each deployment, also of the same product", async () => {
    const id = await ending(400);
    await Promise.all([30, 14, 7, -1, 31].map((days) => deploy(id, days)));
    const stopped = await deploy(id, 3);
    await api.deployments.remove({ params: { id: stopped } });
    expect(await run("license_expiry")).toMatchObject({ ...NOTHING, opened: 4 });
    expect((await severities(id)).sort()).toEqual(["critical", "critical", "high", "medium"]);
    const [first] = await open(id);
    expect(first).toMatchObject({
      alert_type: "contract_expiry",
      title: expect.stringMatching(/^MonetX license end/),
    });
    expect(await run("license_expiry")).toMatchObject(NOTHING);
    expect(await run("contract_expiry")).toMatchObject(NOTHING);
    expect(await open(id)).toHaveLength(4);
  });

  it("is not confused by a customer with more licenses than a transaction holds", async () => {
    const id = await ending(400);
    await Promise.all(times(55, () => deploy(id, 3)));
    expect(await run("license_expiry")).toMatchObject({ ...NOTHING, opened: 55 });
    expect(await open(id)).toHaveLength(55);
    await api.customers.remove({ params: { id } });
    expect(await open(id)).toHaveLength(10);
    expect(await run("license_expiry")).toMatchObject({ ...NOTHING, resolved: 10 });
    expect(await open(id)).toEqual([]);
  });
});

describe("the check of silence", () => {
  it("opens an alert for customers with whom nobody spoke, and ends it when somebody does", async () => {
    const [fresh, quiet, forgotten, kept] = [
      await founded(29),
      await founded(30),
      await founded(200),
      await founded(200),
    ];
    await spoken(forgotten, 60);
    await spoken(kept, 29);
    expect(await run("inactivity")).toMatchObject({ ...NOTHING, opened: 2 });
    const silent = await Promise.all([fresh, quiet, forgotten, kept].map(severities));
    expect(silent).toEqual([[], ["medium"], ["high"], []]);
    expect(await open(forgotten)).toMatchObject([
      { alert_type: "inactivity", title: `No contact since ${printedDate(dayIn(-60))}` },
    ]);
    await spoken(forgotten, 0);
    expect(await run("inactivity")).toMatchObject({ ...NOTHING, resolved: 1 });
    expect(await open(forgotten)).toEqual([]);
  });
});

describe("every check", () => {
  it("ends the alerts of customers who left while it was at work", async () => {
    const id = await founded(100, { contract_end_date: dayIn(5) });
    await deploy(id, 5);
    await api.healthScores.calculate({ params: { customer_id: id }, body: {} });
    for (const kind of KINDS) await run(kind);
    expect(await open(id)).toHaveLength(4);
    // As if the check had written after the customer had left.
    const changed_at = new Date().toISOString();
    await domain.CustomerEntity.patch({ id }).set({ status: "churned", changed_at, revision: 9 }).go();
    for (const kind of KINDS) await run(kind);
    expect(await open(id)).toEqual([]);
    for (const kind of KINDS) expect(await run(kind)).toMatchObject(NOTHING);
  });

  it("names customers whose data is bad, and deals with the others", async () => {
    const broken = await founded(0, { contract_end_date: "soon" });
    const garbled = await ending(5);
    await run("contract_expiry");
    const changed_at = new Date().toISOString();
    await domain.AlertStateEntity.patch({ customer_id: garbled, condition: "contract" })
      .set({ found: "{", state: "acknowledged", changed_at, revision: Date.now() + 1_000 })
      .go();
    logged = [];
    const sound = await ending(5);
    const result = await run("contract_expiry");
    expect(result).toMatchObject({ opened: 1, failed: 2, finished: true });
    expect(new Set(logged)).toEqual(new Set([broken, garbled]));
    expect(result.errors.find(({ customer_id }) => customer_id === broken)?.error).toBe(
      "contract_end_date: must be a date",
    );
    expect(result.errors.find(({ customer_id }) => customer_id === garbled)?.error).not.toMatch(/JSON|{/);
    expect(await open(sound)).toHaveLength(1);
    await domain.CustomerEntity.patch({ id: broken })
      .set({ contract_end_date: dayIn(400), changed_at, revision: 9 })
      .go();
    await domain.AlertStateEntity.patch({ customer_id: garbled, condition: "contract" })
      .set({ state: "cleared", changed_at, revision: Date.now() + 2_000 })
      .go();
  });

  it("does what is left when the time was up", async () => {
    const ids = await Promise.all(times(60, () => ending(5)));
    let packs = 1;
    const short = await run("contract_expiry", 0, () => (packs-- > 0 ? 60_000 : 1_000));
    expect(short).toMatchObject({ ...NOTHING, opened: 50, finished: false });
    expect(await run("contract_expiry")).toMatchObject({ ...NOTHING, opened: 10 });
    expect((await Promise.all(ids.map(all))).map(({ length }) => length)).toEqual(ids.map(() => 1));
  });

  it("goes through customer by customer when they can't be written together", async () => {
    const ids = await Promise.all(times(5, () => ending(5)));
    cloud.database.fail("TransactWriteItems", "ValidationException", 1);
    expect(await run("contract_expiry")).toMatchObject({ ...NOTHING, opened: 5 });
    expect((await Promise.all(ids.map(severities))).flat()).toEqual(ids.map(() => "critical"));
  });
});

describe("what an admin has set", () => {
  const set = (body: object) => cloud.admin.api.settings.updateAlerts({ body });
  const reset = () => set({ contract_expiry_days: null, license_expiry_days: null, inactivity_days: null });
  afterEach(reset);

  it("is what the next check of contracts goes by, also where alerts are open already", async () => {
    const [near, far] = [await ending(80), await ending(110)];
    await run("contract_expiry");
    expect([await severities(near), await severities(far)]).toEqual([["low"], []]);
    await set({ contract_expiry_days: 120, contract_expiry_medium_days: 85 });
    expect(await run("contract_expiry")).toMatchObject({ opened: 1, updated: 1 });
    expect([await severities(near), await severities(far)]).toEqual([["medium"], ["low"]]);
    await set({ contract_expiry_days: 10, contract_expiry_medium_days: null });
    expect(await run("contract_expiry")).toMatchObject({ opened: 0, resolved: 2 });
    expect([await open(near), await open(far)]).toEqual([[], []]);
  });

  it("holds for licenses", async () => {
    const id = await founded(0);
    await deploy(id, 40);
    expect(await run("license_expiry")).toMatchObject({ opened: 0 });
    await set({ license_expiry_days: 45 });
    expect(await run("license_expiry")).toMatchObject({ opened: 1 });
    expect(await severities(id)).toEqual(["medium"]);
  });

  it("holds for inactivity", async () => {
    const id = await founded(20);
    expect(await run("inactivity")).toMatchObject({ opened: 0 });
    await set({ inactivity_days: 15 });
    expect(await run("inactivity")).toMatchObject({ opened: 1 });
    expect(await severities(id)).toEqual(["medium"]);
  });

  it("holds for changes of a contract, a license and the last interaction", async () => {
    await set({ contract_expiry_days: 120, license_expiry_days: 60, inactivity_days: 15 });
    const id = await founded(20, { contract_end_date: dayIn(100) });
    const deployment = await deploy(id, 50);
    for (const kind of KINDS) await run(kind);
    expect(await severities(id)).toHaveLength(3);
    const { customers, deployments, interactions } = api;
    await customers.update({ params: { id }, body: { contract_end_date: dayIn(110) } });
    await deployments.update({ params: { id: deployment }, body: { license_expiry: dayIn(55) } });
    const old = { customer_id: id, interaction_type: "call", subject: "s", description: "d" } as const;
    await interactions.create({ body: { ...old, interaction_date: inDays(-18).toISOString() } });
    // By decision 16 alone, all three would have ended.
    expect(await severities(id)).toHaveLength(3);
  });
});

describe("a snoozed alert", () => {
  it("is back with the check that finds it worse, says why, and counts again", async () => {
    const id = await ending(50);
    await run("contract_expiry");
    const [alert] = await open(id);
    const params = { id: alert?.id ?? "" };
    await api.alerts.snooze({ params, body: { snooze_days: 60, snooze_reason: "Their holidays" } });
    const total = async () => (await api.alerts.dashboard({})).body().total_unresolved;
    const before = await total();
    await run("contract_expiry", 10);
    expect((await api.alerts.get({ params })).body()).toMatchObject({
      is_snoozed: true,
      severity: "medium",
      unsnooze_reason: null,
    });
    expect(await total()).toBe(before);
    await run("contract_expiry", 20);
    const back = {
      severity: "high",
      is_snoozed: false,
      snoozed_until: null,
      snoozed_by: null,
      snooze_reason: null,
      unsnooze_reason: "Its severity rose from medium to high.",
    };
    expect((await api.alerts.get({ params })).body()).toMatchObject(back);
    expect(await total()).toBe(before + 1);
    const query = { is_snoozed: false, customer_id: id };
    expect((await api.alerts.list({ query })).body().alerts).toMatchObject([back]);
    expect((await api.alerts.byCustomer({ params: { id } })).body().alerts).toMatchObject([back]);
    const again = (await api.alerts.snooze({ params, body: { snooze_days: 1 } })).body();
    expect(again).toMatchObject({ is_snoozed: true, unsnooze_reason: null });
  });
});
