import { randomUUID } from "node:crypto";
import type { Alert } from "@success-manager/contract/alert";
import { ALERT_SORTS } from "@success-manager/contract/alerts";
import { AlertType, Severity } from "@success-manager/contract/vocabulary";
import type { StoredAlert } from "@success-manager/domain/table";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Api, type TestCloud, testCloud } from "../support/cloud.ts";

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;
const NAMES = ["bravo AG", "Alpha", "Charlie"];
const NOBODY = "00000000-0000-4000-8000-000000000000";
/** 1.6 days apart: some are older than what a search looks at. */
const ALERTS = 80;

let cloud: TestCloud;
let api: Api;
/** All alerts as they were written. */
let all: readonly StoredAlert[];
let customers: readonly string[];

const before = (ms: number) => new Date(Date.now() - ms).toISOString();
const daysAgo = (days: number) => before(days * DAY_MS).slice(0, 10);

/** Of all types, severities and states, some of which were created at the same instant. */
function madeUp(n: number): StoredAlert {
  const id = randomUUID();
  const created_at = before(Math.floor(n / 2) * 2 * 1.6 * DAY_MS + HOUR_MS);
  const is_resolved = n % 3 === 0;
  return {
    id,
    customer_id: customers[n % 5 === 0 ? 0 : (n % 2) + 1] ?? "",
    condition: `manual#${id}`,
    alert_type: AlertType.options[n % AlertType.options.length] ?? "low_csat",
    severity: Severity.options[n % 4] ?? "low",
    title: `Alert ${n}`,
    description: n % 7 === 0 ? "Ärger mit der Rechnung" : "Nothing special",
    created_at,
    created_by: "system",
    updated_at: created_at,
    is_resolved,
    revision: 1,
    ...(is_resolved && { resolved_by: "Ada", resolved_at: before(Math.floor(n / 2) * DAY_MS) }),
    ...(n % 8 === 1 && !is_resolved && { snoozed_until: before(-DAY_MS), snoozed_by: "Grace" }),
  };
}

beforeAll(async () => {
  cloud = await testCloud();
  api = cloud.viewer.api;
  const create = async (company_name: string) =>
    (await cloud.manager.api.customers.create({ body: { company_name } })).body().id;
  customers = [await create("bravo AG"), await create("Alpha"), await create("Charlie")];
  const { openWrites } = await import("@success-manager/domain/alerts");
  const { AlertEntity } = await import("@success-manager/domain/table");
  const { commit } = await import("@success-manager/domain/table");
  all = Array.from({ length: ALERTS }, (_, n) => madeUp(n));
  for (const alert of all)
    if (alert.is_resolved) await AlertEntity.put(alert).go();
    else await commit(openWrites(alert, undefined, new Date()));
  await cloud.settled();
});
afterAll(() => cloud?.stop());

const list = async (query: object = {}) => (await api.alerts.list({ query })).body();
const ids = (alerts: readonly { readonly id: string }[]) => alerts.map(({ id }) => id);

const byNewest = (alerts: readonly StoredAlert[]) =>
  alerts.toSorted((a, b) => (`${a.created_at}#${a.id}` < `${b.created_at}#${b.id}` ? 1 : -1));

/** Which alerts a query stands for. */
interface Case {
  readonly query: object;
  readonly keeps: (alert: StoredAlert) => boolean;
}
const nameOf = ({ customer_id }: StoredAlert) => NAMES[customers.indexOf(customer_id)] ?? "";
const dayOf = ({ created_at }: StoredAlert) => created_at.slice(0, 10);
const isSnoozed = ({ snoozed_until }: StoredAlert) => snoozed_until !== undefined;
const CASES: Readonly<Record<string, () => Case>> = {
  "all alerts": () => ({ query: {}, keeps: () => true }),
  "resolved ones": () => ({ query: { is_resolved: true }, keeps: (a) => a.is_resolved }),
  "open ones": () => ({ query: { is_resolved: false }, keeps: (a) => !a.is_resolved }),
  "active ones": () => ({ query: { status: "active" }, keeps: (a) => !a.is_resolved }),
  "a severity": () => ({ query: { severity: "critical" }, keeps: (a) => a.severity === "critical" }),
  "a type": () => ({ query: { alert_type: "inactivity" }, keeps: (a) => a.alert_type === "inactivity" }),
  "type, severity and state": () => ({
    query: { alert_type: "low_csat", severity: "high", is_resolved: true },
    keeps: (a) => a.alert_type === "low_csat" && a.severity === "high" && a.is_resolved,
  }),
  "open ones of a severity": () => ({
    query: { severity: "low", is_resolved: false },
    keeps: (a) => a.severity === "low" && !a.is_resolved,
  }),
  "snoozed ones": () => ({ query: { is_snoozed: true }, keeps: isSnoozed }),
  "those that are not snoozed": () => ({ query: { is_snoozed: false }, keeps: (a) => !isSnoozed(a) }),
  "resolved ones that are not snoozed": () => ({
    query: { is_snoozed: false, is_resolved: true },
    keeps: (a) => a.is_resolved,
  }),
  "open ones that are not snoozed": () => ({
    query: { is_snoozed: false, is_resolved: false, severity: "medium" },
    keeps: (a) => !isSnoozed(a) && !a.is_resolved && a.severity === "medium",
  }),
  "snoozed and resolved at once": () => ({
    query: { is_snoozed: true, is_resolved: true },
    keeps: () => false,
  }),
  "a customer": () => ({
    query: { customer_id: customers[0] },
    keeps: (a) => a.customer_id === customers[0],
  }),
  "a customer's resolved ones": () => ({
    query: { customer_id: customers[1], is_resolved: true, severity: "low" },
    keeps: (a) => a.customer_id === customers[1] && a.is_resolved && a.severity === "low",
  }),
  "a customer's open ones": () => ({
    query: { customer_id: customers[1], is_resolved: false },
    keeps: (a) => a.customer_id === customers[1] && !a.is_resolved,
  }),
  "a customer who does not exist": () => ({ query: { customer_id: NOBODY }, keeps: () => false }),
  "some days": () => ({
    query: { date_from: daysAgo(60), date_to: daysAgo(20) },
    keeps: (a) => dayOf(a) >= daysAgo(60) && dayOf(a) <= daysAgo(20),
  }),
  "days up to one": () => ({
    query: { date_to: daysAgo(20), is_resolved: true },
    keeps: (a) => dayOf(a) <= daysAgo(20) && a.is_resolved,
  }),
  "days from one on": () => ({
    query: { date_from: daysAgo(16), severity: "low" },
    keeps: (a) => dayOf(a) >= daysAgo(16) && a.severity === "low",
  }),
  "open ones of some days": () => ({
    query: { date_from: daysAgo(60), date_to: daysAgo(20), is_resolved: false },
    keeps: (a) => dayOf(a) >= daysAgo(60) && dayOf(a) <= daysAgo(20) && !a.is_resolved,
  }),
  "days of a customer": () => ({
    query: { customer_id: customers[2], date_from: daysAgo(60), is_resolved: true },
    keeps: (a) => a.customer_id === customers[2] && dayOf(a) >= daysAgo(60) && a.is_resolved,
  }),
  "a text": () => ({
    query: { search: "äRGER" },
    keeps: (a) => a.description.startsWith("Ärger"),
  }),
  "a text since a day": () => ({
    query: { search: "ärger", date_from: daysAgo(90) },
    keeps: (a) => a.description.startsWith("Ärger") && dayOf(a) >= daysAgo(90),
  }),
  "a text of a customer": () => ({
    query: { search: "ärger", customer_id: customers[1] },
    keeps: (a) => a.description.startsWith("Ärger") && a.customer_id === customers[1],
  }),
  "a text in open ones": () => ({
    query: { search: "ärger", is_resolved: false },
    keeps: (a) => a.description.startsWith("Ärger") && !a.is_resolved,
  }),
  "a text in a title": () => ({
    query: { search: "alert 1", is_resolved: true },
    keeps: (a) => a.title.startsWith("Alert 1") && a.is_resolved,
  }),
  "a customer's name": () => ({
    query: { search: "BRAVO", is_snoozed: false },
    keeps: (a) => nameOf(a) === "bravo AG" && !isSnoozed(a),
  }),
  "a customer's name in open ones": () => ({
    query: { search: "BRAVO", status: "active" },
    keeps: (a) => nameOf(a) === "bravo AG" && !a.is_resolved,
  }),
};

describe("the list of", () => {
  it.each(Object.entries(CASES))("%s has them newest first, and their number", async (_, made) => {
    const { query, keeps } = made();
    const expected = byNewest(all.filter(keeps));
    const { alerts, total, next_cursor } = await list({ ...query, limit: 100 });
    expect(ids(alerts)).toEqual(ids(expected));
    expect([total, next_cursor]).toEqual([expected.length, null]);
    const oldest = await list({ ...query, limit: 100, sort_order: "asc" });
    expect(ids(oldest.alerts)).toEqual(ids(expected).reverse());
  });

  it.each(Object.entries(CASES))("%s goes on by cursor and by skip", async (_, made) => {
    const { query, keeps } = made();
    const expected = ids(byNewest(all.filter(keeps)));
    for (const sort_order of ["desc", "asc"] as const) {
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await list({ ...query, sort_order, limit: 3, ...(cursor && { cursor }) });
        seen.push(...ids(page.alerts));
        expect(page.total).toBe(expected.length);
        cursor = page.next_cursor ?? undefined;
      } while (cursor);
      expect(seen).toEqual(sort_order === "desc" ? expected : expected.toReversed());
    }
    const { alerts, skip, limit, next_cursor } = await list({ ...query, skip: 2, limit: 4 });
    expect(ids(alerts)).toEqual(expected.slice(2, 6));
    expect([skip, limit, next_cursor !== null]).toEqual([2, 4, expected.length > 6]);
    expect(await list({ ...query, skip: 1_000_000 })).toMatchObject({ alerts: [], total: expected.length });
  });

  it("open and resolved alerts shows all that there is to tell", async () => {
    const { alerts } = await list({ limit: 100 });
    const shown = new Map(alerts.map((alert) => [alert.id, alert]));
    for (const alert of all) {
      const { condition: _, snoozed_until, ...facts } = alert;
      expect(shown.get(alert.id)).toEqual({
        resolved_by: null,
        resolved_at: null,
        snoozed_by: null,
        ...facts,
        snooze_reason: null,
        unsnooze_reason: null,
        resolution_notes: null,
        resolved_by_name: alert.resolved_by ?? null,
        customer_name: nameOf(alert),
        is_snoozed: isSnoozed(alert),
        snoozed_until: snoozed_until ?? null,
      });
    }
    const open = await list({ is_resolved: false, limit: 100 });
    for (const alert of open.alerts)
      expect({ ...alert, updated_at: "" }).toEqual({
        ...shown.get(alert.id),
        updated_at: "",
      });
  });

  it.each(ALERT_SORTS)("open alerts is sorted by %s in both orders, ties by id", async (sort_by) => {
    const value = (alert: Alert) =>
      sort_by === "severity"
        ? Severity.options.indexOf(alert.severity)
        : String(alert[sort_by]).toLowerCase();
    for (const sort_order of ["asc", "desc"] as const) {
      const { alerts } = await list({ is_resolved: false, sort_by, sort_order, limit: 100 });
      const sign = sort_order === "asc" ? 1 : -1;
      const expected = alerts.toSorted((a, b) => {
        const [x, y] = [value(a), value(b)];
        return sign * (x < y ? -1 : x > y ? 1 : a.id < b.id ? -1 : 1);
      });
      expect(ids(alerts)).toEqual(ids(expected));
      expect(alerts).toHaveLength(all.filter((alert) => !alert.is_resolved).length);
    }
  });

  it("open alerts by severity starts with the critical ones, and goes on by cursor", async () => {
    const query = { status: "active", sort_by: "severity", limit: 5 };
    const first = await list(query);
    expect(new Set(first.alerts.map(({ severity }) => severity))).toEqual(new Set(["critical"]));
    const second = await list({ ...query, cursor: first.next_cursor ?? "" });
    const both = await list({ ...query, limit: 10 });
    expect(ids([...first.alerts, ...second.alerts])).toEqual(ids(both.alerts));
  });

  it.each([
    ["sort_by=severity", "sort_by"],
    ["sort_by=customer_name&is_resolved=true", "sort_by"],
    ["sort_by=description", "sort_by"],
    ["sort_order=up", "sort_order"],
    ["alert_type=customs", "alert_type"],
    ["severity=urgent", "severity"],
    ["status=resolved", "status"],
    ["is_resolved=maybe", "is_resolved"],
    ["customer_id=bravo", "customer_id"],
    ["date_from=yesterday", "date_from"],
    ["search=%20", "search"],
    ["limit=0", "limit"],
    ["skip=-1", "skip"],
    ["cursor=x", "cursor"],
    ["is_resolved=false&cursor=x", "cursor"],
  ])("refuses %s", async (query, field) => {
    const answer = await fetch(`${cloud.apiUrl}/api/v1/alerts?${query}`, {
      headers: { authorization: `Bearer ${cloud.viewer.token}` },
    });
    const { errors } = (await answer.json()) as { errors?: { loc: string[] }[] };
    expect([answer.status, errors?.[0]?.loc]).toEqual([422, ["query", field]]);
  });

  it.each([
    ["long before all", "1000-01-01T00:00:00Z", "x", 200],
    ["of a number", 7, "x", 422],
    ["with a long id", "1000-01-01T00:00:00Z", "x".repeat(2000), 422],
    ["with a long instant", `1000-01-01T00:00:00.${"0".repeat(2000)}Z`, "", 422],
  ])("nothing follows a cursor %s that nobody gave out", async (_, value, id, status) => {
    const cursor = Buffer.from(JSON.stringify([value, id])).toString("base64url");
    for (const query of [
      {},
      { customer_id: customers[0] },
      { date_from: daysAgo(9) },
      { search: "alert" },
      { is_resolved: true, severity: "low" as const },
      { is_resolved: false },
    ])
      expect((await api.alerts.list({ query: { ...query, cursor } })).status).toBe(status);
    if (status === 200) expect((await list({ cursor })).alerts).toEqual([]);
  });

  it("shows what was written past the API as soon as the stream has told", async () => {
    const { AlertEntity } = await import("@success-manager/domain/table");
    const [old] = byNewest(all)
      .filter(({ is_resolved }) => !is_resolved)
      .slice(-1);
    await AlertEntity.patch({ id: old?.id ?? "" })
      .set({ is_resolved: true, resolved_at: new Date().toISOString(), resolved_by: "Ada" })
      .go();
    const query = { is_resolved: true, alert_type: old?.alert_type, severity: old?.severity };
    await expect.poll(async () => ids((await list(query)).alerts)).toContain(old?.id);
    const { alerts, total } = await list(query);
    expect(total).toBeGreaterThanOrEqual(alerts.length);
    await AlertEntity.patch({ id: old?.id ?? "" })
      .set({ is_resolved: false })
      .remove(["resolved_at", "resolved_by"])
      .go();
    await cloud.settled();
  });
});

describe("a customer's alerts", () => {
  const of = async (id: string, query: object = {}) =>
    (await api.alerts.byCustomer({ params: { id }, query })).body();
  const mine = () => customers[1] ?? "";
  const worstFirst = (alerts: readonly StoredAlert[]) =>
    ids(
      byNewest(alerts).sort(
        (a, b) => Severity.options.indexOf(b.severity) - Severity.options.indexOf(a.severity),
      ),
    );
  const ofMine = () => all.filter(({ customer_id }) => customer_id === mine());

  it.each([
    ["open ones alone", {}, (a: StoredAlert) => !a.is_resolved],
    ["resolved ones as well", { include_resolved: true }, () => true],
    ["resolved ones alone", { is_resolved: true }, (a: StoredAlert) => a.is_resolved],
    [
      "open ones all the same",
      { include_resolved: true, is_resolved: false },
      (a: StoredAlert) => !a.is_resolved,
    ],
    ["a severity", { severity: "high" }, (a: StoredAlert) => !a.is_resolved && a.severity === "high"],
    [
      "a type, resolved ones as well",
      { alert_type: "low_csat", include_resolved: true },
      (a: StoredAlert) => a.alert_type === "low_csat",
    ],
  ])("are, most severe first, %s", async (_, query, keeps) => {
    const expected = worstFirst(ofMine().filter(keeps));
    expect(expected.length).toBeGreaterThan(0);
    const { alerts, total, next_cursor } = await of(mine(), { ...query, limit: 100 });
    expect(ids(alerts)).toEqual(expected);
    expect([total, next_cursor]).toEqual([expected.length, null]);
    expect(new Set(alerts.map(({ customer_name }) => customer_name))).toEqual(new Set(["Alpha"]));
  });

  it("come 50 at a time, and go on by cursor or skip", async () => {
    expect((await of(mine())).limit).toBe(50);
    const expected = worstFirst(ofMine());
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const query = { include_resolved: true, limit: 7, ...(cursor && { cursor }) };
      const page = await of(mine(), query);
      seen.push(...ids(page.alerts));
      cursor = page.next_cursor ?? undefined;
    } while (cursor);
    expect(seen).toEqual(expected);
    const { alerts } = await of(mine(), { include_resolved: true, skip: 3, limit: 2 });
    expect(ids(alerts)).toEqual(expected.slice(3, 5));
  });

  it("are not mixed up with contacts and surveys", async () => {
    const body = { customer_id: mine(), interaction_type: "call", subject: "s", description: "d" } as const;
    await api.interactions.create({ body });
    expect((await of(mine(), { include_resolved: true })).total).toBe(ofMine().length);
    expect((await list({ customer_id: mine(), search: "alert" })).total).toBe(ofMine().length);
    await cloud.settled();
    expect((await list({ customer_id: mine() })).total).toBe(ofMine().length);
  });
});

describe("figures", () => {
  const open = () => all.filter((alert) => !alert.is_resolved && !isSnoozed(alert));
  const by = (alerts: readonly StoredAlert[], field: "severity" | "alert_type", value: string) =>
    alerts.filter((alert) => alert[field] === value).length;
  const countBy = (field: "severity" | "alert_type", options: readonly string[]) =>
    Object.fromEntries(options.map((option) => [option, by(open(), field, option)]));

  it("of the dashboard leave snoozed alerts out of open counts", async () => {
    const today = new Date().toISOString().slice(0, 10);
    const dashboard = (await api.alerts.dashboard({})).body();
    const { recent_critical_alerts: recent, ...figures } = dashboard;
    expect(figures).toEqual({
      total_unresolved: open().length,
      snoozed: all.filter(isSnoozed).length,
      by_severity: countBy("severity", Severity.options),
      by_type: countBy("alert_type", AlertType.options),
      created_today: all.filter((alert) => dayOf(alert) === today).length,
      resolved_today: all.filter(({ resolved_at }) => resolved_at?.startsWith(today)).length,
    });
    const worst = byNewest(open()).filter(
      ({ severity, created_at }) =>
        (severity === "high" || severity === "critical") && created_at > before(7 * DAY_MS),
    );
    expect(recent).toEqual(
      worst.slice(0, 10).map((alert) => ({
        id: alert.id,
        customer_id: alert.customer_id,
        customer_name: nameOf(alert),
        alert_type: alert.alert_type,
        severity: alert.severity,
        title: alert.title,
        created_at: alert.created_at,
      })),
    );
    expect(recent.length).toBeGreaterThan(0);
  });

  it("of all alerts add up", async () => {
    const stats = (await api.alerts.stats({})).body();
    const resolved = all.filter((alert) => alert.is_resolved);
    const hours = resolved.reduce(
      (sum, { resolved_at = "", created_at }) => sum + Date.parse(resolved_at) - Date.parse(created_at),
      0,
    );
    expect(stats).toEqual({
      total_alerts: ALERTS,
      unresolved: open().length,
      snoozed: all.filter(isSnoozed).length,
      resolved: resolved.length,
      created_last_7_days: all.filter((alert) => dayOf(alert) >= daysAgo(6)).length,
      avg_resolution_hours: Math.round((hours / resolved.length / HOUR_MS) * 10) / 10,
      by_severity: Object.fromEntries(
        Severity.options.map((severity) => [
          severity,
          { total: by(all, "severity", severity), unresolved: by(open(), "severity", severity) },
        ]),
      ),
      ...countBy("severity", Severity.options),
    });
  });

  it("follow a new alert, its end and its return", async () => {
    const look = async () => {
      await cloud.settled();
      const { created_today, resolved_today, total_unresolved } = (await api.alerts.dashboard({})).body();
      const { total_alerts, resolved } = (await api.alerts.stats({})).body();
      return [created_today, resolved_today, total_unresolved, total_alerts, resolved];
    };
    const [created = 0, ended = 0, unresolved = 0, total = 0, resolved = 0] = await look();
    const body = {
      customer_id: customers[0] ?? "",
      alert_type: "escalation",
      title: "t",
      description: "d",
    } as const;
    const { id } = (await api.alerts.create({ body })).body();
    expect(await look()).toEqual([created + 1, ended, unresolved + 1, total + 1, resolved]);
    await api.alerts.resolve({ params: { id }, body: null });
    expect(await look()).toEqual([created + 1, ended + 1, unresolved, total + 1, resolved + 1]);
    await api.alerts.update({ params: { id }, body: { is_resolved: false } });
    expect(await look()).toEqual([created + 1, ended, unresolved + 1, total + 1, resolved]);
  });
});
