import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";
import type { Cloud } from "@success-manager/local";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readPdf } from "../../packages/pdf/src/testing/read-pdf.ts";
import { apiOf, tokensOf } from "../support/cloud.ts";
import { emptyCloud } from "../support/servers.ts";
import { type Storage, type StoredItem, storageOf } from "../support/storage.ts";

const QUIET = { BCRYPT_COST: "4", LOG_LEVEL: "CRITICAL" };
const root = fileURLToPath(new URL("../..", import.meta.url));

let cloud: Cloud;
let storage: Storage;
beforeAll(async () => {
  cloud = await emptyCloud({ environment: QUIET });
  storage = storageOf(cloud);
});
afterAll(async () => {
  storage?.close();
  await cloud?.stop();
});

async function seed(args: readonly string[] = [], environment: NodeJS.ProcessEnv = {}) {
  const child = spawn(process.execPath, ["functions/cli/seed.ts", ...args], {
    cwd: root,
    env: { ...process.env, ...cloud.environment, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const [code, out, err] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  return { code, out, err };
}

async function signedIn(email: string, password: string) {
  const stranger = apiOf(cloud.apiUrl);
  const { access_token } = tokensOf(
    (await stranger.auth.login({ form: { username: email, password } })).body(),
  );
  return apiOf(cloud.apiUrl, access_token);
}

const SEEDED = new Set(
  [
    ["user", "login", "quorum", "teammate", "customer", "company", "deployment", "scores", "latest_score"],
    ["interaction", "last_contact", "survey", "survey_link", "alert", "conditions"],
    [
      "report_schedule",
      "ticket",
      "ticket_number",
      "ticket_comments",
      "sequence",
      "outcome",
      "outcome_ledger",
    ],
  ].flat(),
);

/** Everything that the seed may have written; signing in opens sessions and counts attempts. */
async function content(): Promise<StoredItem[]> {
  const items = await storage.items("");
  return items
    .filter(({ pk }) => SEEDED.has(pk.split("#")[0] ?? ""))
    .sort((a, b) => (a.pk + a.sk < b.pk + b.sk ? -1 : 1));
}

/** Compares without printing a thousand items when they differ. */
const differing = (before: StoredItem[], after: StoredItem[]) =>
  after.filter((item, index) => !isDeepStrictEqual(item, before[index])).map(({ pk, sk }) => `${pk} ${sk}`);

describe("the demo data", () => {
  it("is refused anywhere but on this machine, because its passwords are public", async () => {
    for (const elsewhere of [
      "",
      "https://dynamodb.eu-west-1.amazonaws.com",
      "http://127.0.0.1.example.com",
    ]) {
      const { code, err } = await seed([], { AWS_ENDPOINT_URL_DYNAMODB: elsewhere });
      expect([code, err]).toEqual([1, expect.stringContaining("Demo data is for one machine only")]);
    }
    expect(await content()).toEqual([]);
  });

  it("fills an empty table and shows how to sign in", async () => {
    const { code, out } = await seed(["--if-empty"]);
    expect([code, out]).toEqual([
      0,
      expect.stringContaining("5 accounts, 15 customers and 5 scheduled reports added"),
    ]);
    expect(out).toMatch(/admin@extravis\.com +Admin@123 +admin +System Administrator/);
  });

  it.each([
    ["admin@extravis.com", "Admin@123", "admin", "System Administrator"],
    ["sarah.manager@extravis.com", "Manager@123", "manager", "Sarah Johnson"],
    ["james.manager@extravis.com", "Manager@123", "manager", "James Wilson"],
    ["emily.viewer@extravis.com", "Viewer@123", "viewer", "Emily Brown"],
    ["michael.viewer@extravis.com", "Viewer@123", "viewer", "Michael Davis"],
  ])("lets %s sign in with %s as %s", async (email, password, role, full_name) => {
    const me = (await (await signedIn(email, password)).auth.me({})).body();
    expect(me).toMatchObject({ email, role, full_name, is_active: true });
  });

  it("is what the API shows: customers of both managers, scores, contacts, deployments", async () => {
    const api = await signedIn("emily.viewer@extravis.com", "Viewer@123");
    expect((await api.customers.list({})).body().total).toBe(14);
    const managers = (await api.customers.accountManagers({})).body();
    expect(JSON.stringify(managers)).toMatch(/James Wilson.*Sarah Johnson/);
    const [first] = (await api.customers.list({ query: { search: "velmora" } })).body().customers;
    expect(first).toMatchObject({ account_manager_name: "Sarah Johnson", contract_value: "4200000.00" });
    const params = { id: first?.id ?? "" };
    const detail = (await api.customers.get({ params })).body();
    expect(detail.product_deployments).toHaveLength(3);
    expect((await api.customers.healthHistory({ params })).body()).toMatchObject({ total: 40 });
    expect((await api.customers.timeline({ params })).body().total).toBeGreaterThan(30);
    expect((await api.healthScores.atRisk({})).body().total).toBe(3);
    expect((await api.deployments.expiring({})).body().total).toBeGreaterThan(0);
  });

  it("has a line over the last 30 days, and a change of every score that is old enough", async () => {
    await cloud.settled();
    const api = await signedIn("emily.viewer@extravis.com", "Viewer@123");
    const { overall, by_product } = (await api.dashboard.healthTrends({ query: { range: "30d" } })).body();
    expect(overall).toHaveLength(30);
    for (const { trends } of [{ trends: overall }, ...by_product])
      expect(trends.filter(({ avg_score }) => avg_score === null)).toEqual([]);
    const { customers } = (await api.customers.list({})).body();
    const changes = customers.flatMap(({ score_change }) => score_change ?? []);
    expect(changes.length).toBeGreaterThan(10);
    expect(new Set(changes.map(Math.sign))).toEqual(new Set([-1, 0, 1]));
  });

  it("is counted as it is", async () => {
    await cloud.settled();
    const api = await signedIn("emily.viewer@extravis.com", "Viewer@123");
    const items = await content();
    const of = (kind: string) => items.filter(({ pk }) => pk.startsWith(`${kind}#`));
    const [interactions, surveys] = [of("interaction"), of("survey")];
    const [links, alerts] = [of("survey_link"), of("alert")];
    const { total_responses, response_rate } = (await api.csat.analytics({})).body();
    const answered = links.filter(({ answered_at }) => answered_at).length;
    expect([total_responses, response_rate]).toEqual([
      surveys.length,
      Math.round((1000 * answered) / links.length) / 10,
    ]);
    const summary = (await api.interactions.summary({})).body();
    const open = interactions.filter(({ follow_up_required }) => follow_up_required).length;
    expect(summary).toMatchObject({ total_interactions: interactions.length, pending_followups: open });
    const tickets = of("ticket");
    const { total, by_status, open_tickets } = (await api.tickets.stats({})).body();
    expect([total, tickets.filter(({ status }) => status === "closed").length]).toEqual([
      tickets.length,
      by_status.closed,
    ]);
    expect((await api.tickets.list({ query: { is_open: true } })).body().total).toBe(open_tickets);
    const stats = (await api.alerts.stats({})).body();
    const resolved = alerts.filter(({ is_resolved }) => is_resolved).length;
    expect(stats).toMatchObject({ total_alerts: alerts.length, resolved, snoozed: 2 });
    expect(stats.unresolved).toBe(alerts.length - resolved - 2);
  });

  it("shows its alerts, and what customers wrote about products", async () => {
    const api = await signedIn("emily.viewer@extravis.com", "Viewer@123");
    const [pellworth] = (await api.customers.list({ query: { search: "pellworth" } })).body().customers;
    const params = { id: pellworth?.id ?? "" };
    const { alerts } = (await api.alerts.byCustomer({ params })).body();
    const types = ["contract_expiry", "health_drop", "low_csat"];
    expect(alerts.map(({ alert_type }) => alert_type)).toEqual(expect.arrayContaining(types));
    const [listed] = alerts;
    expect((await api.alerts.get({ params: { id: listed?.id ?? "" } })).body()).toMatchObject({ ...listed });
    const { by_product } = (await api.csat.analytics({})).body();
    expect(by_product.flatMap(({ recent_feedback }) => recent_feedback).length).toBeGreaterThan(5);
  });

  it("shows its tickets, and goes on with their numbers", async () => {
    const api = await signedIn("emily.viewer@extravis.com", "Viewer@123");
    const { tickets, total } = (await api.tickets.list({ query: { limit: 1 } })).body();
    const [newest] = tickets;
    expect(newest?.number).toBe(`T-${String(total).padStart(6, "0")}`);
    const params = { id: newest?.id ?? "" };
    expect((await api.tickets.listComments({ params })).body().total).toBe(newest?.comment_count);
    expect((await api.interactions.get({ params })).body().ticket_number).toBe(newest?.number);
  });

  it("shows its scheduled reports, which come when decision 19 says", async () => {
    await cloud.settled();
    const api = await signedIn("emily.viewer@extravis.com", "Viewer@123");
    const { reports } = (await api.reports.listSchedules({})).body();
    expect(reports.map(({ time }) => time)).toEqual(Array(5).fill("06:00"));
    expect(reports.every(({ next_scheduled_at }) => next_scheduled_at > new Date().toISOString())).toBe(true);
    expect((await api.reports.dashboard({})).body()).toEqual({
      total_scheduled: 5,
      active_scheduled: 5,
      generated_this_month: 0,
      failed_this_month: 0,
      by_type: {
        ...{ health_summary: 1, csat_analysis: 1, customer_overview: 2, executive_summary: 1 },
        score_backtest: 0,
      },
    });
  });

  it("leaves the checks of today nothing to do", async () => {
    const api = await signedIn("sarah.manager@extravis.com", "Manager@123");
    const before = await content();
    const nothing = { contract_expiry: 0, license_expiry: 0, inactivity: 0 };
    expect((await api.alerts.runChecks({})).body()).toMatchObject({
      alerts_created: nothing,
      alerts_updated: nothing,
      alerts_resolved: nothing,
    });
    expect(differing(before, await content())).toEqual([]);
  });

  it("agrees with a calculation of today, alerts included", async () => {
    const api = await signedIn("admin@extravis.com", "Admin@123");
    const alerts = async () => (await content()).filter(({ pk }) => /^(alert|conditions)#/.test(pk));
    const known = await alerts();
    const before = (await api.healthScores.distribution({})).body();
    expect((await api.healthScores.calculateAll({})).body()).toMatchObject({ calculated: 14, failed: 0 });
    expect((await api.healthScores.distribution({})).body()).toEqual(before);
    expect(differing(known, await alerts())).toEqual([]);
  });

  it("is told in a report by reasons that add up to how far scores moved", async () => {
    const api = await signedIn("sarah.manager@extravis.com", "Manager@123");
    const { id } = (
      await api.reports.generate({
        body: { report_type: "health_summary", filters: { sections: ["summary"] } },
      })
    ).body();
    const { url } = (await api.reports.download({ params: { id } }, { accept: "application/json" })).body();
    const { pages } = await readPdf(new Uint8Array(await (await fetch(url)).arrayBuffer()));
    const told = pages.map((page) => page.text).join(" ");
    const points = (said: string) =>
      [...said.matchAll(/([+−])(\d+) [a-z]/g)].reduce(
        (sum, [, sign, digits]) => sum + Number(digits) * (sign === "−" ? -1 : 1),
        0,
      );
    const moved = [...told.matchAll(/\(([+−])(\d+): ([^)]+)\)/g)];
    expect(moved).toHaveLength(2);
    for (const [, sign, digits, reasons = ""] of moved)
      expect(points(reasons)).toBe(Number(digits) * (sign === "−" ? -1 : 1));
  });

  it("keeps what people changed, and a second run changes nothing", async () => {
    const api = await signedIn("sarah.manager@extravis.com", "Manager@123");
    const [customer] = (await api.customers.list({ query: { search: "tarnwick" } })).body().customers;
    const params = { id: customer?.id ?? "" };
    await api.customers.update({ params, body: { company_name: "Tarnwick Group" } });
    await api.customers.update({ params, body: { company_name: "Tarnwick Networks", notes: "Ours" } });
    const before = await content();
    const { code, out } = await seed();
    expect([code, out]).toEqual([0, expect.stringContaining("nothing changed")]);
    expect(differing(before, await content())).toEqual([]);
  });

  it("leaves a table alone that has users, when asked to fill an empty one", async () => {
    const before = await content();
    const { code, out } = await seed(["--if-empty"]);
    expect([code, out]).toEqual([0, expect.not.stringContaining("added")]);
    expect(differing(before, await content())).toEqual([]);
  });

  it("shows its usage for an argument that it does not know", async () => {
    expect(await seed(["--everything"])).toMatchObject({
      code: 2,
      err: expect.stringContaining("usage: npm run seed"),
    });
  });
});
