import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type Api, type TestCloud, testCloud } from "../support/cloud.ts";
import { JSON_BODY, sender } from "../support/send.ts";

let cloud: TestCloud;
let api: Api;
let customer_id: string;
beforeAll(async () => {
  cloud = await testCloud();
  api = cloud.manager.api;
  customer_id = await customer("Nordlicht");
});
afterAll(() => cloud?.stop());

const customer = async (company_name: string, body: object = {}) =>
  (await api.customers.create({ body: { company_name, ...body } })).body().id;

/** Raises so many alerts and answers their ids. */
const raise = async (many: number) =>
  Promise.all(
    Array.from({ length: many }, async (_, n) => {
      const body = {
        customer_id,
        alert_type: "low_csat",
        title: `Alert ${n}`,
        description: "Raised.",
      } as const;
      return (await api.alerts.create({ body })).body().id;
    }),
  );
const resolveAll = (alert_ids: readonly string[], who = api) =>
  who.alerts.bulkResolve({ body: { alert_ids: [...alert_ids] } });
const get = async (id: string) => (await api.alerts.get({ params: { id } })).body();

const refusal = ({ status, raw }: { status: number; raw: unknown }) => {
  const { errors = [] } = raw as { errors?: { loc: (string | number)[] }[] };
  return [status, ...new Set(errors.map(({ loc }) => loc.join(".")))].join(" ");
};

describe("resolving many", () => {
  it("resolves those that are open and tells of the others", async () => {
    const ids = await raise(90);
    const done = ids.slice(0, 7);
    for (const id of done) await api.alerts.resolve({ params: { id }, body: null });
    const before = await get(done[0] ?? "");
    const unknown = Array.from({ length: 10 }, () => randomUUID());
    const answer = (await resolveAll([...unknown, ...ids], cloud.admin.api)).body();
    expect(answer).toEqual({
      resolved_count: 83,
      already_resolved: done,
      unknown,
      message: "83 alerts resolved. 7 alerts had been resolved before. 10 alerts could not be found.",
    });
    expect(await get(done[0] ?? "")).toEqual(before);
    expect(await get(ids[89] ?? "")).toMatchObject({ is_resolved: true, resolved_by: "admin 1" });
    const open = (await api.alerts.list({ query: { is_resolved: false } })).body();
    expect(open.total).toBe(0);
  });

  it("counts an alert that is named twice once, whatever the case of its id", async () => {
    const [id = ""] = await raise(1);
    const answer = (await resolveAll([id, id, id.toUpperCase()])).body();
    expect(answer).toEqual({
      resolved_count: 1,
      already_resolved: [],
      unknown: [],
      message: "1 alert resolved.",
    });
    expect((await resolveAll([id])).body()).toMatchObject({ resolved_count: 0, already_resolved: [id] });
  });

  it("by several at once counts each alert once", async () => {
    const ids = await raise(60);
    const alone = ids.slice(0, 5).map((id) => api.alerts.resolve({ params: { id }, body: null }));
    const presses = await Promise.all([
      resolveAll(ids),
      resolveAll(ids.toReversed(), cloud.admin.api),
      resolveAll(ids.slice(0, 40)),
    ]);
    expect((await Promise.all(alone)).map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    const answers = presses.map((press) => press.body());
    const counted = answers.reduce((sum, { resolved_count }) => sum + resolved_count, 0);
    expect(counted).toBeLessThanOrEqual(60);
    expect(counted).toBeGreaterThanOrEqual(55);
    expect(answers.map((one) => one.resolved_count + one.already_resolved.length)).toEqual([60, 60, 40]);
    const alerts = await Promise.all(ids.map(get));
    expect(alerts.filter((alert) => alert.is_resolved && alert.revision === 2)).toHaveLength(60);
  });

  it.each([
    ["no ids", {}, "body.alert_ids"],
    ["an empty list", { alert_ids: [] }, "body.alert_ids"],
    ["more than 100", { alert_ids: Array.from({ length: 101 }, () => randomUUID()) }, "body.alert_ids"],
    ["something else than ids", { alert_ids: ["one"] }, "body.alert_ids.0"],
    ["an object without any", { alert_ids: { alert_ids: [] } }, "body.alert_ids"],
    ["an empty object", { alert_ids: {} }, "body.alert_ids"],
    ["an object in an object", { alert_ids: { alert_ids: { alert_ids: [randomUUID()] } } }, "body.alert_ids"],
    [
      "too long notes",
      { alert_ids: [randomUUID()], resolution_notes: "x".repeat(2001) },
      "body.resolution_notes",
    ],
  ])("refuses %s", async (_, body, field) => {
    const sent = body as { alert_ids: string[] };
    expect(refusal(await api.alerts.bulkResolve({ body: sent }))).toBe(`422 ${field}`);
  });
});

describe("what the web client's dialogs send", () => {
  const post = async (path: string, body: unknown) =>
    (
      await sender(cloud.apiUrl)("POST", `/api/v1/alerts/${path}`, {
        token: cloud.manager.token,
        headers: JSON_BODY,
        body: JSON.stringify(body),
      })
    ).json;
  const notes = "Renewed.";
  const until = new Date(Date.now() + 5 * 24 * 60 * 60 * 1000).toISOString();

  it.each<[form: string, body: (alert_ids: string[]) => object]>([
    ["flat", (alert_ids) => ({ alert_ids, resolution_notes: notes })],
    ["as an object of ids and notes", (alert_ids) => ({ alert_ids: { alert_ids, resolution_notes: notes } })],
    [
      "with notes inside resolved_by",
      (alert_ids) => ({ alert_ids, resolved_by: { resolution_notes: notes } }),
    ],
  ])("resolves many, %s", async (_, body) => {
    const ids = await raise(3);
    expect(await post("bulk-resolve", body(ids))).toMatchObject({ resolved_count: 3, already_resolved: [] });
    for (const id of ids)
      expect(await get(id)).toMatchObject({
        is_resolved: true,
        resolution_notes: notes,
        resolved_by_name: "manager 2",
      });
  });

  it.each<[form: string, body: (alert_ids: string[]) => object]>([
    ["flat", (alert_ids) => ({ alert_ids, snoozed_until: until, snooze_reason: "Holiday" })],
    [
      "as an object",
      (alert_ids) => ({ alert_ids: { alert_ids, snoozed_until: until, snooze_reason: "Holiday" } }),
    ],
    [
      "with an object in place of the days",
      (alert_ids) => ({ alert_ids, snooze_days: { snoozed_until: until, snooze_reason: "Holiday" } }),
    ],
  ])("snoozes many, %s", async (_, body) => {
    const [done = "", ...ids] = await raise(4);
    await api.alerts.resolve({ params: { id: done }, body: null });
    const unknown = randomUUID();
    expect(await post("bulk-snooze", body([...ids, done, unknown, ids[0] ?? ""]))).toEqual({
      snoozed_count: 3,
      already_resolved: [done],
      unknown: [unknown],
      message: "3 alerts snoozed. 1 alert had been resolved before. 1 alert could not be found.",
    });
    for (const id of ids)
      expect(await get(id)).toMatchObject({
        is_snoozed: true,
        snoozed_until: until,
        snoozed_by: "manager 2",
        snooze_reason: "Holiday",
      });
    expect((await get(done)).is_snoozed).toBe(false);
  });

  it.each([
    ["no end", {}, "body.snooze_days"],
    ["an end that has passed", { snoozed_until: "2020-01-01T00:00:00Z" }, "body.snoozed_until"],
    ["an end too far ahead", { snooze_days: 91 }, "body.snooze_days"],
  ])("snoozes none with %s", async (_, body, field) => {
    const [id = ""] = await raise(1);
    expect(refusal(await api.alerts.bulkSnooze({ body: { alert_ids: [id], ...body } }))).toBe(`422 ${field}`);
    expect((await get(id)).is_snoozed).toBe(false);
  });

  it("snoozes those that others change at the same time as well", async () => {
    const ids = await raise(20);
    const [bulk] = await Promise.all([
      api.alerts.bulkSnooze({ body: { alert_ids: ids, snooze_days: 2 } }),
      ...ids.map((id) => api.alerts.update({ params: { id }, body: { title: "Changed" } })),
    ]);
    expect(bulk.body().snoozed_count).toBe(20);
    const alerts = await Promise.all(ids.map(get));
    expect(alerts.filter(({ is_snoozed, title }) => is_snoozed && title === "Changed")).toHaveLength(20);
  });
});

describe("running the checks", () => {
  const DAY_MS = 24 * 60 * 60 * 1000;
  const inDays = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10);
  const none = { contract_expiry: 0, license_expiry: 0, inactivity: 0 };
  const open = async (id: string) => (await api.alerts.byCustomer({ params: { id } })).body().alerts;

  it("opens what holds, once, whoever else presses the button", async () => {
    const id = await customer("Endet", { contract_start_date: "2020-01-01", contract_end_date: inDays(5) });
    const [first, second] = await Promise.all([api.alerts.runChecks({}), api.alerts.runChecks({})]);
    const created = [first, second].map((answer) => answer.body().alerts_created.contract_expiry);
    expect(created.sort()).toEqual([0, 1]);
    expect(await open(id)).toMatchObject([
      { alert_type: "contract_expiry", severity: "critical", created_by: "system", customer_name: "Endet" },
    ]);
    const again = (await api.alerts.runChecks({})).body();
    expect(again).toEqual({
      message: "All customers are checked. Alerts: 0 opened, 0 updated, 0 resolved.",
      alerts_created: none,
      alerts_updated: none,
      alerts_resolved: none,
    });
  });

  it("goes on in the background when a request is too short for it", async () => {
    const id = await customer("Lang", { contract_start_date: "2020-01-01", contract_end_date: inDays(20) });
    vi.stubEnv("CONTRACT_EXPIRY_JOB_FUNCTION", "success-manager-local-jobs-contract-expiry");
    const { Alerts } = await import("@success-manager/domain/alerts");
    const answer = await Alerts.runChecks({ remaining: () => 0, log: () => undefined });
    expect(answer.message).toBe(
      "Alerts: 0 opened, 0 updated, 0 resolved. The rest is checked in the background.",
    );
    await expect.poll(() => open(id)).toHaveLength(1);
    vi.unstubAllEnvs();
  });
});

describe("who may", () => {
  it("read, raise and deal with alerts is everybody who is signed in; many at once, managers and admins", async () => {
    const statuses = async (who: Api["alerts"]) => {
      const [id = "", other = ""] = await raise(2);
      const answers = await Promise.all([
        who.list({}),
        who.dashboard({}),
        who.stats({}),
        who.byCustomer({ params: { id: customer_id } }),
        who.get({ params: { id } }),
        who.create({ body: { customer_id, alert_type: "escalation", title: "t", description: "d" } }),
        who.update({ params: { id }, body: { severity: "low" } }),
        who.resolve({ params: { id }, body: null }),
        who.snooze({ params: { id: other }, body: { snooze_days: 1 } }),
        who.bulkResolve({ body: { alert_ids: [randomUUID()] } }),
        who.bulkSnooze({ body: { alert_ids: [randomUUID()], snooze_days: 1 } }),
        who.runChecks({}),
      ]);
      return answers.map(({ status }) => status).join(" ");
    };
    expect(await statuses(cloud.viewer.api.alerts)).toBe("200 200 200 200 200 201 200 200 200 403 403 403");
    expect(await statuses(cloud.manager.api.alerts)).toBe("200 200 200 200 200 201 200 200 200 200 200 200");
    expect(await statuses(cloud.admin.api.alerts)).toBe("200 200 200 200 200 201 200 200 200 200 200 200");
    expect(await statuses(cloud.stranger.alerts)).toBe("401 401 401 401 401 401 401 401 401 401 401 401");
  });
});
