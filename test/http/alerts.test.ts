import { randomUUID } from "node:crypto";
import type { NewAlert } from "@success-manager/contract/alert";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type * as z from "zod";
import { type Api, type TestCloud, testCloud } from "../support/cloud.ts";
import { JSON_BODY, sender } from "../support/send.ts";
import { type Storage, storageOf } from "../support/storage.ts";

let cloud: TestCloud;
let storage: Storage;
let api: Api;
let customer_id: string;
beforeAll(async () => {
  cloud = await testCloud();
  storage = storageOf(cloud);
  api = cloud.viewer.api;
  customer_id = await customer("Nordlicht", { account_manager: "Grace", contact_email: "it@example.com" });
});
afterAll(async () => {
  storage?.close();
  await cloud?.stop();
});

const customer = async (company_name: string, body: object = {}) =>
  (await cloud.manager.api.customers.create({ body: { company_name, ...body } })).body().id;

const newAlert = (changes: object = {}): z.input<typeof NewAlert> => ({
  customer_id,
  alert_type: "escalation",
  severity: "high",
  title: "They are leaving",
  description: "Their CTO said so.",
  ...changes,
});
const create = async (changes: object = {}) => (await api.alerts.create({ body: newAlert(changes) })).body();
const get = async (id: string) => (await api.alerts.get({ params: { id } })).body();
const change = (id: string, body: object, headers?: Record<string, string>, who = api) =>
  who.alerts.update({ params: { id }, body }, headers);
const resolve = (id: string, who = api, headers?: Record<string, string>) =>
  who.alerts.resolve({ params: { id }, body: null }, headers);
const snooze = (id: string, body: object, who = api, headers?: Record<string, string>) =>
  who.alerts.snooze({ params: { id }, body }, headers);

const put = async (path: string, body: unknown) =>
  sender(cloud.apiUrl)("PUT", `/api/v1/alerts/${path}`, {
    token: cloud.viewer.token,
    headers: JSON_BODY,
    body: JSON.stringify(body),
  });

/** Status and refused fields of a call. */
const refusal = ({ status, raw }: { status: number; raw: unknown }) => {
  const { errors = [] } = raw as { errors?: { loc: (string | number)[] }[] };
  return [status, ...new Set(errors.map(({ loc }) => loc.join(".")))].join(" ");
};

/** What is stored of the condition that an alert stands for. */
async function conditionOf(id: string) {
  const conditions = await storage.items(`conditions#${customer_id}`);
  return conditions.find(({ alert_id }) => alert_id === id);
}

const NOBODY = "00000000-0000-4000-8000-000000000000";
const NAME = "viewer 3";

describe("a raised alert", () => {
  it("comes back as sent, with its customer's name and who raised it", async () => {
    const before = Date.now();
    const answer = await api.alerts.create({ body: newAlert({ title: " They are leaving " }) });
    expect([answer.status, answer.headers.get("etag")]).toEqual([201, '"1"']);
    const { id, created_at, ...alert } = answer.body();
    expect(alert).toEqual({
      ...newAlert(),
      customer_name: "Nordlicht",
      is_resolved: false,
      resolved_by: null,
      resolved_by_name: null,
      resolved_at: null,
      resolution_notes: null,
      is_snoozed: false,
      snoozed_until: null,
      snoozed_by: null,
      snooze_reason: null,
      unsnooze_reason: null,
      created_by: NAME,
      updated_at: created_at,
      revision: 1,
    });
    expect(Date.parse(created_at)).toBeGreaterThanOrEqual(before);
    expect(Date.parse(created_at)).toBeLessThanOrEqual(Date.now());
    expect(await get(id)).toMatchObject({ id, created_at, ...alert });
  });

  it("is of medium severity unless said otherwise, and may say what another one says", async () => {
    const [one, other] = [await create({ severity: undefined }), await create({ severity: undefined })];
    expect([one.severity, other.severity]).toEqual(["medium", "medium"]);
    expect(one.id).not.toBe(other.id);
  });

  it("has a page with its customer", async () => {
    const { id } = await create();
    expect((await get(id)).customer).toEqual({
      id: customer_id,
      company_name: "Nordlicht",
      contact_name: null,
      contact_email: "it@example.com",
      account_manager: "Grace",
      status: "onboarding",
    });
  });

  it("needs a customer who exists", async () => {
    expect((await api.alerts.create({ body: newAlert({ customer_id: NOBODY }) })).status).toBe(404);
  });

  it.each([
    ["nothing said of a customer", { customer_id: undefined }, "body.customer_id"],
    ["a customer that is no UUID", { customer_id: "nobody" }, "body.customer_id"],
    ["an unknown type", { alert_type: "customs" }, "body.alert_type"],
    ["no type", { alert_type: undefined }, "body.alert_type"],
    ["an unknown severity", { severity: "urgent" }, "body.severity"],
    ["null as severity", { severity: null }, "body.severity"],
    ["a blank title", { title: "  " }, "body.title"],
    ["too long a title", { title: "x".repeat(501) }, "body.title"],
    ["no description", { description: "" }, "body.description"],
    ["too long a description", { description: "x".repeat(5001) }, "body.description"],
    ["NUL in the description", { description: "a\u0000" }, "body.description"],
  ])("with %s is refused", async (_, changes, field) => {
    expect(refusal(await api.alerts.create({ body: newAlert(changes) }))).toBe(`422 ${field}`);
  });

  it("may be as long as 500 and 5000 characters", async () => {
    const long = await create({ title: "x".repeat(500), description: "y".repeat(5000) });
    expect([long.title.length, long.description.length]).toEqual([500, 5000]);
  });
});

describe("a change of an alert", () => {
  it("keeps what is absent, and who resolved is never typed in", async () => {
    const before = await create();
    const body = { severity: "low", resolved_by: "Mallory" };
    const after = (await change(before.id, body)).body();
    expect(after).toEqual({ ...before, severity: "low", revision: 2, updated_at: after.updated_at });
    expect(after.updated_at > before.updated_at).toBe(true);
    const { customer: _, ...page } = await get(before.id);
    expect(page).toEqual(after);
  });

  it("that changes nothing writes nothing", async () => {
    const before = await create();
    expect((await change(before.id, {})).body()).toEqual(before);
    expect((await change(before.id, { title: before.title, is_resolved: false })).body()).toEqual(before);
  });

  it("reaches the list of open alerts", async () => {
    const { id } = await create();
    const after = (await change(id, { title: "Gone", alert_type: "low_csat", severity: "critical" })).body();
    const { alerts } = (
      await api.alerts.list({ query: { customer_id, is_resolved: false, alert_type: "low_csat" } })
    ).body();
    expect(alerts.filter((alert) => alert.id === id)).toEqual([after]);
  });

  it.each(["alert_type", "severity", "title", "description", "is_resolved"])(
    "can't clear %s",
    async (field) => {
      const { id } = await create();
      expect(refusal(await change(id, { [field]: null }))).toBe(`422 body.${field}`);
    },
  );

  it("by two at once keeps both", async () => {
    const { id } = await create();
    const both = await Promise.all([
      change(id, { title: "Theirs" }),
      change(id, { description: "Ours" }, undefined, cloud.admin.api),
    ]);
    expect(both.map(({ status }) => status)).toEqual([200, 200]);
    expect(await get(id)).toMatchObject({ title: "Theirs", description: "Ours", revision: 3 });
    expect(await conditionOf(id)).toMatchObject({
      title: "Theirs",
      description: "Ours",
      alert_revision: 3,
      state: "open",
    });
  });

  it("is refused with an outdated If-Match, in whatever way", async () => {
    const { id } = await create();
    await change(id, { title: "Changed" }, { "if-match": '"1"' });
    const outdated = { "if-match": '"1"' };
    const answers = [
      await change(id, { title: "Again" }, outdated),
      await resolve(id, api, outdated),
      await snooze(id, { snooze_days: 1 }, api, outdated),
    ];
    expect(answers.map(({ status }) => status)).toEqual([412, 412, 412]);
    expect(await get(id)).toMatchObject({ title: "Changed", is_resolved: false, revision: 2 });
    expect((await resolve(id, api, { "if-match": '"2"' })).status).toBe(200);
  });

  it("needs an alert that exists", async () => {
    const id = randomUUID();
    const answers = [
      await api.alerts.get({ params: { id } }),
      await change(id, { title: "x" }),
      await resolve(id),
      await snooze(id, { snooze_days: 1 }),
      await api.alerts.byCustomer({ params: { id } }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404, 404]);
    expect(refusal(await api.alerts.get({ params: { id: "x" } }))).toBe("422 path.id");
  });
});

describe("an alert about no customer", () => {
  const TYPES = ["custom", "usage_drop", "escalation"] as const;
  it.each([
    ["null", null],
    ["blank, as a form sends it", ""],
  ])("is raised with %s, listed, found, counted, changed, resolved and opened again", async (_, none) => {
    const counts = async () => {
      await cloud.settled();
      const [{ by_type, total_unresolved }, stats] = [
        (await api.alerts.dashboard({})).body(),
        (await api.alerts.stats({})).body(),
      ];
      return { ...by_type, total_unresolved, total: stats.total_alerts, resolved: stats.resolved };
    };
    for (const alert_type of TYPES) {
      const before = await counts();
      const title = `Nobody's ${randomUUID()}`;
      const alert = await create({ customer_id: none, alert_type, title });
      expect(alert).toMatchObject({ customer_id: null, customer_name: null, alert_type });
      expect(await get(alert.id)).toEqual({ ...alert, customer: null });
      expect(await counts()).toEqual({
        ...before,
        [alert_type]: before[alert_type] + 1,
        total_unresolved: before.total_unresolved + 1,
        total: before.total + 1,
      });
      const searches = [{ search: title }, { alert_type }, { is_resolved: false, alert_type }] as const;
      for (const query of searches) {
        const { alerts } = (await api.alerts.list({ query })).body();
        expect(alerts).toContainEqual(alert);
      }
      const byName = { is_resolved: false, sort_by: "customer_name" } as const;
      expect((await api.alerts.list({ query: byName })).body().alerts.at(-1)?.customer_id).toBeNull();
      expect((await change(alert.id, { severity: "low" })).body()).toMatchObject({ customer_id: null });
      expect((await snooze(alert.id, { snooze_days: 1 })).body().is_snoozed).toBe(true);
      expect((await resolve(alert.id)).body()).toMatchObject({ is_resolved: true, customer_id: null });
      expect(await counts()).toEqual({ ...before, total: before.total + 1, resolved: before.resolved + 1 });
      expect((await change(alert.id, { is_resolved: false })).body().is_resolved).toBe(false);
      expect((await resolve(alert.id)).status).toBe(200);
    }
  });

  it("is no customer's, and stands in the activity of the team", async () => {
    const other = await customer("Sonnenschein");
    const alert = await create({ customer_id: null, alert_type: "custom", title: "The server room is warm" });
    expect((await api.alerts.byCustomer({ params: { id: other } })).body().total).toBe(0);
    expect((await api.customers.timeline({ params: { id: other } })).body().total).toBe(0);
    const { activities } = (await api.dashboard.recentActivity({})).body();
    expect(activities).toContainEqual(
      expect.objectContaining({ title: alert.title, customer_id: null, customer_name: null }),
    );
  });

  it("may say what another one says", async () => {
    const [one, other] = [await create({ customer_id: null }), await create({ customer_id: null })];
    expect(one.id).not.toBe(other.id);
    const { alerts } = (await api.alerts.list({ query: { is_resolved: false, limit: 100 } })).body();
    expect(alerts.map(({ id }) => id)).toEqual(expect.arrayContaining([one.id, other.id]));
  });
});

describe("resolving", () => {
  it("keeps who did it and when, and doing it again changes nothing", async () => {
    const { id } = await create();
    const first = (await resolve(id)).body();
    expect(first).toMatchObject({ is_resolved: true, resolved_by: NAME, revision: 2 });
    expect(first.resolved_at).toBe(first.updated_at);
    expect((await resolve(id, cloud.admin.api)).body()).toEqual(first);
    expect((await change(id, { is_resolved: true }, undefined, cloud.admin.api)).body()).toEqual(first);
  });

  it("takes no notice of who the body names, or of the web client's dialog", async () => {
    for (const body of [{ resolved_by: "Mallory" }, { resolved_by: { notes: "Talked to them" } }, {}]) {
      const { id } = await create();
      const answer = await put(`${id}/resolve`, body);
      expect(answer.json).toMatchObject({ is_resolved: true, resolved_by: NAME });
    }
  });

  const NOTES = "They renewed for a year.";
  it.each<[form: string, body: object, notes: string | null]>([
    ["flat", { resolution_notes: NOTES }, NOTES],
    ["inside resolved_by", { resolved_by: { resolution_notes: ` ${NOTES} `, follow_up: true } }, NOTES],
    ["beside a name", { resolved_by: "Mallory", resolution_notes: NOTES }, NOTES],
    ["blank", { resolution_notes: " " }, null],
    ["null", { resolved_by: { resolution_notes: null } }, null],
  ])("keeps notes that are sent %s", async (_, body, resolution_notes) => {
    for (const path of ["/resolve", ""]) {
      const { id } = await create();
      const { json } = await put(`${id}${path}`, path ? body : { ...body, is_resolved: true });
      const done = { is_resolved: true, resolved_by: NAME, resolved_by_name: NAME, resolution_notes };
      expect(json).toMatchObject(done);
      expect(await get(id)).toMatchObject(done);
      const { alerts } = (await api.alerts.list({ query: { customer_id, is_resolved: true } })).body();
      expect(alerts.find((one) => one.id === id)).toMatchObject(done);
      expect((await change(id, { is_resolved: false })).body()).toMatchObject({
        resolution_notes: null,
        resolved_by_name: null,
      });
    }
  });

  it.each([
    ["too long", { resolution_notes: "x".repeat(2001) }],
    ["no text", { resolved_by: { resolution_notes: 7 } }],
  ])("refuses notes that are %s", async (_, body) => {
    const { id } = await create();
    const { status, json } = await put(`${id}/resolve`, body);
    expect([status, json]).toMatchObject([422, { errors: [{ loc: ["body", "resolution_notes"] }] }]);
    expect((await get(id)).is_resolved).toBe(false);
  });

  it("by two at once is done by one of them", async () => {
    const { id } = await create();
    const both = await Promise.all([resolve(id), resolve(id, cloud.admin.api), resolve(id)]);
    expect(both.map(({ status }) => status)).toEqual([200, 200, 200]);
    const answers = both.map((answer) => answer.body());
    expect(new Set(answers.map((alert) => alert.resolved_by)).size).toBe(1);
    expect(answers.map((alert) => alert.revision)).toEqual([2, 2, 2]);
  });

  it("together with a change does both at once, and ends a snooze", async () => {
    const { id } = await create();
    await snooze(id, { snooze_days: 3 });
    const after = (await change(id, { severity: "low", is_resolved: true })).body();
    expect(after).toMatchObject({
      severity: "low",
      is_resolved: true,
      resolved_by: NAME,
      is_snoozed: false,
      snoozed_until: null,
      snoozed_by: null,
    });
    expect((await conditionOf(id))?.snoozed_until).toBeUndefined();
  });

  it("takes the alert out of the list of open ones", async () => {
    const { id } = await create();
    const open = async () =>
      (await api.alerts.list({ query: { customer_id, status: "active" } })).body().alerts.map((a) => a.id);
    expect(await open()).toContain(id);
    await resolve(id);
    expect(await open()).not.toContain(id);
  });

  it("ends what a person raised, which the table then forgets", async () => {
    const { id } = await create();
    await resolve(id);
    const condition = await conditionOf(id);
    expect(condition).toMatchObject({ state: "cleared" });
    const days = (Number(condition?.expires_at_epoch) * 1000 - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(1);
    expect(days).toBeLessThan(3);
  });

  it("lets a resolved alert be described better", async () => {
    const { id } = await create();
    const { resolved_at } = (await resolve(id)).body();
    const after = (await change(id, { description: "It was a mistake." })).body();
    expect(after).toMatchObject({ description: "It was a mistake.", is_resolved: true, resolved_at });
    expect((await conditionOf(id))?.state).toBe("cleared");
  });
});

describe("reopening", () => {
  it("clears who resolved and when, and the alert is open again everywhere", async () => {
    const { id } = await create();
    await resolve(id);
    const after = (await change(id, { is_resolved: false, severity: "critical" })).body();
    expect(after).toMatchObject({
      is_resolved: false,
      resolved_by: null,
      resolved_at: null,
      severity: "critical",
      revision: 3,
    });
    const query = { customer_id, is_resolved: false };
    const { alerts } = (await api.alerts.list({ query })).body();
    expect(alerts.filter((alert) => alert.id === id)).toEqual([after]);
    expect((await resolve(id)).body().is_resolved).toBe(true);
  });

  it("by several at once is done by one of them", async () => {
    const { id } = await create();
    await resolve(id);
    const all = await Promise.all([1, 2, 3].map(() => change(id, { is_resolved: false })));
    expect(all.map((answer) => answer.body().revision)).toEqual([3, 3, 3]);
  });

  it("works also when the table has forgotten the condition", async () => {
    const { id } = await create();
    await resolve(id);
    const key = (await conditionOf(id))?.pk ?? "";
    await storage.remove(key);
    expect((await change(id, { is_resolved: false })).status).toBe(200);
    expect(await conditionOf(id)).toMatchObject({ state: "open", alert_revision: 3 });
  });

  it("is refused while the same condition has another open alert", async () => {
    const {
      actionWrites,
      alertKey: names,
      alertStatesOf,
      reconcile,
    } = await import("@success-manager/domain/alerts");
    const { commit } = await import("@success-manager/domain/table");
    const id = await customer("Twice");
    const finding = {
      customer_id: id,
      condition: names.contract,
      alert_type: "contract_expiry" as const,
      severity: "medium" as const,
      title: "Contract ends",
      description: "Soon.",
    };
    const find = async (severity: "medium" | "critical") => {
      const actions = reconcile([{ ...finding, severity }], await alertStatesOf(id));
      const writes = actions.flatMap((action) => actionWrites(action, new Date()));
      if (writes.length > 0) await commit(writes);
      return (await api.alerts.byCustomer({ params: { id } })).body().alerts;
    };
    const [first] = await find("medium");
    await resolve(first?.id ?? "");
    // A person has dealt with it: only a worse one comes back.
    expect(await find("medium")).toEqual([]);
    const [second] = await find("critical");
    expect(second).toMatchObject({ severity: "critical", created_by: "system" });

    const refused = await change(first?.id ?? "", { is_resolved: false });
    expect(refused.status).toBe(409);
    await resolve(second?.id ?? "");
    const both = await Promise.all([first, second].map((a) => change(a?.id ?? "", { is_resolved: false })));
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect((await api.alerts.byCustomer({ params: { id } })).body().total).toBe(1);
    // What the system found is still known, so finding it again changes nothing.
    const [open] = (await api.alerts.byCustomer({ params: { id } })).body().alerts;
    expect(await find("critical")).toEqual([open]);
  });
});

describe("snoozing", () => {
  const DAY_MS = 24 * 60 * 60 * 1000;
  const inDays = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString();

  it("leaves the alert unresolved until the days have passed, again sets another end", async () => {
    const { id } = await create();
    const first = (await snooze(id, { snooze_days: 7, snoozed_by: "Mallory" })).body();
    expect(first).toMatchObject({ is_resolved: false, is_snoozed: true, snoozed_by: NAME, revision: 2 });
    expect(Math.abs(Date.parse(first.snoozed_until ?? "") - Date.parse(inDays(7)))).toBeLessThan(60_000);
    const again = (await snooze(id, { snooze_days: 90 }, cloud.admin.api)).body();
    expect(again).toMatchObject({ snoozed_by: "admin 1", revision: 3 });
    expect(Math.abs(Date.parse(again.snoozed_until ?? "") - Date.parse(inDays(90)))).toBeLessThan(60_000);
    expect(await conditionOf(id)).toMatchObject({ snoozed_until: again.snoozed_until, state: "open" });
  });

  it("takes a moment and a reason as the web client's dialog sends them", async () => {
    const until = { snoozed_until: inDays(1 / 24), snooze_reason: " On holiday " };
    for (const body of [until, { snooze_days: until }, { ...until, snooze_days: null }]) {
      const { id } = await create();
      const answer = await put(`${id}/snooze`, body);
      expect(answer.json).toMatchObject({
        is_snoozed: true,
        snoozed_until: until.snoozed_until,
        snooze_reason: "On holiday",
      });
      const again = (await snooze(id, { snooze_days: 1 })).body();
      expect(again.snooze_reason).toBeNull();
    }
  });

  it("by two at once leaves one of the two ends", async () => {
    const { id } = await create();
    const both = await Promise.all([snooze(id, { snooze_days: 1 }), snooze(id, { snooze_days: 2 })]);
    expect(both.map(({ status }) => status)).toEqual([200, 200]);
    const alert = await get(id);
    expect(alert.revision).toBe(3);
    expect((await conditionOf(id))?.snoozed_until).toBe(alert.snoozed_until);
  });

  it("and resolving at once end in a resolved alert, or in a snooze that was refused", async () => {
    const { id } = await create();
    const [snoozed, resolved] = await Promise.all([snooze(id, { snooze_days: 1 }), resolve(id)]);
    expect([200, 409]).toContain(snoozed.status);
    expect(resolved.status).toBe(200);
    expect(await get(id)).toMatchObject({ is_resolved: true, is_snoozed: false, snoozed_until: null });
  });

  it("is not for resolved alerts", async () => {
    const { id } = await create();
    await resolve(id);
    expect((await snooze(id, { snooze_days: 1 })).status).toBe(409);
  });

  it.each([
    ["nothing", {}, "body.snooze_days"],
    ["null", { snooze_days: null }, "body.snooze_days"],
    ["0 days", { snooze_days: 0 }, "body.snooze_days"],
    ["91 days", { snooze_days: 91 }, "body.snooze_days"],
    ["half days", { snooze_days: 1.5 }, "body.snooze_days"],
    ["days as text", { snooze_days: "7" }, "body.snooze_days"],
    ["no moment", { snooze_days: { snoozed_until: "tomorrow" } }, "body.snoozed_until"],
    ["a reason alone", { snooze_days: { snooze_reason: "why" } }, "body.snooze_days"],
    ["a word as its end", { snoozed_until: "tomorrow" }, "body.snoozed_until"],
    ["an end in the past", { snoozed_until: inDays(-1) }, "body.snoozed_until"],
    ["an end too far ahead", { snoozed_until: inDays(91) }, "body.snoozed_until"],
    ["too long a reason", { snooze_days: 1, snooze_reason: "x".repeat(501) }, "body.snooze_reason"],
  ])("for %s is refused", async (_, body, field) => {
    const { id } = await create();
    const { status, json } = await put(`${id}/snooze`, body);
    expect(refusal({ status, raw: json })).toBe(`422 ${field}`);
  });

  it("ends by itself", async () => {
    const { AlertEntity, AlertStateEntity } = await import("@success-manager/domain/table");
    const { id } = await create({ severity: "critical" });
    const counted = async () => {
      const [stats, dashboard] = [await api.alerts.stats({}), await api.alerts.dashboard({})];
      return [stats.body().critical, stats.body().snoozed, dashboard.body().by_severity.critical];
    };
    const [open = 0, snoozed = 0] = await counted();
    await snooze(id, { snooze_days: 1 });
    expect(await counted()).toEqual([open - 1, snoozed + 1, open - 1]);
    const past = { snoozed_until: new Date(Date.now() - 1).toISOString() };
    await AlertEntity.patch({ id }).set(past).go();
    await AlertStateEntity.patch({ customer_id, condition: `manual#${id}` })
      .set({ ...past, changed_at: new Date().toISOString() })
      .add({ revision: 1 })
      .go();
    expect(await counted()).toEqual([open, snoozed, open]);
    expect(await get(id)).toMatchObject({ is_snoozed: false, snoozed_until: null, snoozed_by: null });
    const awake = (await api.alerts.list({ query: { customer_id, is_snoozed: false, limit: 100 } })).body();
    expect(awake.alerts.find((alert) => alert.id === id)).toMatchObject({ is_snoozed: false });
  });
});
