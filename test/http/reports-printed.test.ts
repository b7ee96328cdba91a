import type { ReportType } from "@success-manager/contract/vocabulary";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import * as z from "zod";
import { type ReadPdf, readPdf } from "../../packages/pdf/src/testing/read-pdf.ts";
import { nodesOf, readStructure, spokenText } from "../../packages/pdf/src/testing/read-structure.ts";
import { putBacktest } from "../support/backtest.ts";
import { type Api, type TestCloud, testCloud } from "../support/cloud.ts";
import { shortDollars } from "../support/printed.ts";

/** The whole way: schedules of the demo's portfolio become due, and what comes by mail is read as its reader does. */

const RECIPIENT = "board@example.com";
const DAY_MS = 24 * 60 * 60 * 1000;
const dayBefore = (days: number) => new Date(Date.now() - days * DAY_MS).toISOString().slice(0, 10);

/** All that there ever was in the demo. */
const PERIOD = { date_from: dayBefore(700), date_to: dayBefore(0) };

const NAMES: Readonly<Record<ReportType, string>> = {
  executive_summary: "Printed executive summary",
  health_summary: "Printed health",
  csat_analysis: "Printed satisfaction",
  customer_overview: "Printed overview",
  score_backtest: "Printed back-test",
};

const Inbox = z.object({
  emails: z.array(
    z.object({
      subject: z.string(),
      destination: z.object({ to: z.array(z.string()) }),
      attachments: z.array(z.object({ contentType: z.string(), content: z.string() })),
    }),
  ),
});

let cloud: TestCloud;
let api: Api;
const printed = new Map<string, ReadPdf>();
const files = new Map<string, Uint8Array>();

/** PDFs that were mailed to the recipient, by subject. */
async function mailed(): Promise<ReadonlyMap<string, Uint8Array>> {
  const { emails } = Inbox.parse(await (await fetch(`${cloud.inboxUrl}/store`)).json());
  return new Map(
    emails
      .filter(({ destination }) => destination.to.includes(RECIPIENT))
      .flatMap(({ subject, attachments }) =>
        attachments
          .filter(({ contentType }) => contentType.startsWith("application/pdf"))
          .map(({ content }): [string, Uint8Array] => [subject, Buffer.from(content, "base64")]),
      ),
  );
}

beforeAll(async () => {
  cloud = await testCloud();
  api = cloud.admin.api;
  const { seed } = await import("@success-manager/demo");
  await seed();
  await putBacktest();
  await cloud.settled();
  for (const [report_type, report_name] of Object.entries(NAMES)) {
    const body = {
      report_name,
      report_type: report_type as ReportType,
      recipients: [RECIPIENT],
      filters: report_type === "score_backtest" ? {} : PERIOD,
      next_scheduled_at: new Date(Date.now() - DAY_MS).toISOString(),
    };
    (await api.reports.createSchedule({ body: { ...body, frequency: "monthly" } })).body();
  }
  (await api.scheduler.run({ params: { job: "scheduled_reports" } })).body();
  await vi.waitUntil(async () => (await mailed()).size === 5, { timeout: 240_000, interval: 100 });
  for (const [subject, bytes] of await mailed()) {
    files.set(subject, bytes);
    printed.set(subject, await readPdf(bytes));
  }
});
afterAll(() => cloud?.stop());

function mailedAs<T>(type: ReportType, read: ReadonlyMap<string, T>): T {
  const [, found] = [...read].find(([subject]) => subject.includes(NAMES[type])) ?? [];
  if (!found) throw new Error(`${NAMES[type]} was not mailed`);
  return found;
}

const pdf = (type: ReportType): ReadPdf => mailedAs(type, printed);

/** All that is printed, with figures as plain as the API's: without grouping, and with an ordinary minus. */
const textOf = (type: ReportType) =>
  pdf(type)
    .pages.map(({ text }) => text)
    .join(" ")
    .replaceAll(/(?<=\d),(?=\d{3})/g, "")
    .replaceAll("−", "-");

/** The figure of a tile. */
function figure(type: ReportType, label: string): number {
  const [, value] = new RegExp(`${label} ?\\$?([+-]?[\\d.]+)`).exec(textOf(type)) ?? [];
  if (value === undefined) throw new Error(`${type} has no figure ${label}`);
  return Number(value);
}

/** Rows of a legend: `20% 3 Healthy (80–100)`. */
const part = (type: ReportType, label: string) =>
  Number(new RegExp(`${label}[^%]{0,20}?[\\d.]+% (\\d+)`).exec(textOf(type))?.[1]);

describe("a report that came by mail", () => {
  it.each(Object.keys(NAMES) as ReportType[])("has numbered pages, a title and bookmarks: %s", (type) => {
    const { pages, info, outline } = pdf(type);
    for (const [index, { text, width, height }] of pages.entries()) {
      expect(text).toContain(`${index + 1} / ${pages.length}`);
      expect(text).toContain("Extravis · ");
      expect([Math.round(width), Math.round(height)]).toEqual([595, 842]);
    }
    expect(pages[0]?.text).toContain("UTC");
    expect(info).toMatchObject({ Author: "Extravis", Creator: "Success Manager", Language: "en" });
    expect(String(info.Title)).not.toBe("");
    expect(outline.length).toBeGreaterThan(3);
  });

  it.each(Object.keys(NAMES) as ReportType[])("can be read to somebody, all of it: %s", async (type) => {
    const root = await readStructure(mailedAs(type, files));
    const spoken = spokenText(root);
    for (const { title } of pdf(type).outline) expect(spoken).toContain(title);
    expect(nodesOf(root, "H1")).toHaveLength(1);
    expect(nodesOf(root, "H2").map(spokenText)).toEqual(pdf(type).outline.map(({ title }) => title));
    expect(nodesOf(root, "Table").length).toBeGreaterThan(0);
    for (const { alt } of nodesOf(root, "Figure")) expect(alt).toMatch(/^(Bar chart|Line chart|Stacked bar)/);
    expect(spoken).not.toContain(`1 / ${pdf(type).pages.length}`);
  });

  it("has the dashboard's figures, as an executive summary", async () => {
    const stats = (await api.dashboard.stats({})).body();
    const of = (label: string) => figure("executive_summary", label);
    expect({
      customers: of("Customers"),
      health: of("Average health"),
      at_risk: of("Customers at risk"),
      alerts: of("Open alerts"),
      csat: of("CSAT in the period \\(1–5\\)"),
      nps: of("NPS in the period"),
      renewals: of("Renewals in 60 days"),
    }).toEqual({
      customers: stats.total_customers,
      health: stats.avg_health_score,
      at_risk: (await api.customers.atRisk({ query: { limit: 1000 } })).body().length,
      alerts: stats.open_alerts,
      csat: stats.avg_csat_score,
      nps: stats.nps_score,
      renewals: (await api.dashboard.upcomingRenewals({})).body().count_60_days,
    });
  });

  it("has the customers who stay, by their newest scores, as a health summary", async () => {
    const type = "health_summary";
    const { customers, total } = (await api.customers.list({ query: { limit: 1000 } })).body();
    const scores = customers.flatMap(({ latest_health_score }) => latest_health_score?.overall_score ?? []);
    const between = (least: number, most: number) =>
      scores.filter((score) => score >= least && score <= most).length;
    expect([
      figure(type, "Customers"),
      part(type, "Healthy \\(80–100\\)"),
      part(type, "Needs attention \\(60–79\\)"),
      part(type, "At risk \\(40–59\\)"),
      part(type, "Critical \\(0–39\\)"),
    ]).toEqual([total, between(80, 100), between(60, 79), between(40, 59), between(0, 39)]);
    for (const { company_name, latest_health_score } of customers)
      if ((latest_health_score?.overall_score ?? 100) < 60) expect(textOf(type)).toContain(company_name);
    const { avg_health_score, churned_customers } = (await api.dashboard.stats({})).body();
    expect(figure(type, "Average health")).toBe(avg_health_score);
    expect(textOf(type)).toContain(`${churned_customers} customer who has left is not counted`);
  });

  it("has the figures of the analytics, as a CSAT analysis", async () => {
    const analytics = (await api.csat.analytics({})).body();
    const of = (label: string) => figure("csat_analysis", label);
    expect([
      of("CSAT in the period \\(1–5\\)"),
      of("Answers in the period"),
      of("NPS in the period"),
      of("Response rate in the period"),
    ]).toEqual([analytics.avg_csat, analytics.total_responses, analytics.nps_score, analytics.response_rate]);
  });

  it("has the portfolio by status and its renewals, as a customer overview", async () => {
    const stats = (await api.dashboard.stats({})).body();
    const of = (label: string) => figure("customer_overview", label);
    for (const type of ["executive_summary", "customer_overview"] as const)
      expect(textOf(type)).toContain(`Contract value ${shortDollars(stats.total_contract_value)} of`);
    const { total_contract_value, average_health_score } = (await api.dashboard.overview({})).body();
    expect([total_contract_value, average_health_score]).toEqual([
      stats.total_contract_value,
      stats.avg_health_score,
    ]);
    for (const type of ["executive_summary", "health_summary", "customer_overview"] as const)
      expect(figure(type, "Average health")).toBe(stats.avg_health_score);
    expect([of("Customers"), of("Active"), of("Onboarding"), of("Churned")]).toEqual([
      stats.total_customers,
      stats.active_customers,
      stats.onboarding_customers,
      stats.churned_customers,
    ]);
    const { renewals_60_days } = (await api.dashboard.upcomingRenewals({})).body();
    for (const { company_name } of renewals_60_days)
      expect(textOf("customer_overview")).toContain(company_name);
  });
});

it("has a place in the history, as a file of its own size", async () => {
  const { history } = (await api.reports.listHistory({ query: { status: "completed" } })).body();
  const sizes = [...(await mailed()).values()].map(({ length }) => length);
  expect(history.map(({ file_size }) => file_size).sort()).toEqual(sizes.sort());
  expect(history.map(({ triggered_by }) => triggered_by)).toEqual(Object.keys(NAMES).map(() => "Schedule"));
  for (const { deliveries } of history)
    expect(deliveries).toMatchObject([{ recipient: RECIPIENT, status: "sent", error: null }]);
});

it("has the names of customers in their own scripts, to read and to hear", async () => {
  const NAMES_OF_THE_WORLD = [
    "株式会社サンプル電機",
    "北京字节跳动科技有限公司",
    "삼성전자 주식회사",
    "น้ำมันพืชไทย",
    "हिन्दुस्तान लिमिटेड",
    "شركة النور للمقاولات",
    "חברת הדוגמה",
    "Ελληνική Εταιρεία",
    "ООО «Ромашка»",
    "🚀 Rocket 👩‍💻",
  ];
  for (const company_name of NAMES_OF_THE_WORLD)
    (await api.customers.create({ body: { company_name, contract_end_date: dayBefore(-7) } })).body();
  const { id } = (await api.reports.generate({ body: { report_type: "customer_overview" } })).body();
  const { url } = (await api.reports.download({ params: { id } }, { accept: "application/json" })).body();
  const bytes = new Uint8Array(await (await fetch(url)).arrayBuffer());
  const text = (await readPdf(bytes)).pages.map((page) => page.text).join(" ");
  const cells = nodesOf(await readStructure(bytes), "TH").map(spokenText);
  for (const company_name of NAMES_OF_THE_WORLD) {
    expect(text).toContain(company_name);
    expect(cells).toContain(company_name);
  }
});

describe("why scores moved", () => {
  const days = { date_from: dayBefore(29), date_to: dayBefore(0) };
  const generated = async (report_type: ReportType, filters: object = {}) => {
    const answer = await api.reports.generate({ body: { report_type, ...days, filters } });
    const params = { id: answer.body().id };
    const { url } = (await api.reports.download({ params }, { accept: "application/json" })).body();
    const { pages } = await readPdf(new Uint8Array(await (await fetch(url)).arrayBuffer()));
    return pages.map(({ text }) => text).join(" ");
  };
  const changes = async () => {
    const { customers } = (await api.customers.list({ query: { limit: 100 } })).body();
    return Promise.all(
      customers.map(async ({ id, company_name }) => {
        const query = { from: dayBefore(30), to: dayBefore(0) };
        const change = (await api.customers.scoreChanges({ params: { id }, query })).body();
        return { id, company_name, ...change };
      }),
    );
  };

  it("is said of a customer as the API says it", async () => {
    const [moved] = (await changes()).sort((a, b) => b.parts.length - a.parts.length);
    expect(moved?.parts.length).toBeGreaterThan(2);
    const customer_id = moved?.id ?? "";
    expect(await generated("customer_overview", { customer_id })).toContain(
      `Why the score moved in the period: ${moved?.sentence}.`,
    );
    const said = moved?.sentence.replace(/^.*?: /, "");
    for (const type of ["customer_overview", "health_summary"] as const)
      expect(await generated(type, { customer_id })).toContain(`The reasons: ${said}.`);
  });

  it("is said of those who moved most", async () => {
    const text = await generated("health_summary");
    const [most] = (await changes()).sort((a, b) => a.delta - b.delta);
    expect(most?.delta).toBeLessThan(-4);
    const row = text.slice(text.indexOf("Largest changes"));
    expect(row).toContain(`${most?.company_name}`);
    for (const part of (most?.sentence ?? "").replace(/^.*?: /, "").split(", ")) expect(row).toContain(part);
  });

  it("is said of all customers in one line, which is that of the API", async () => {
    const query = { start_date: days.date_from, end_date: days.date_to };
    const { improved, declined, points, parts } = (await api.healthScores.movement({ query })).body();
    expect(parts.length).toBeGreaterThan(2);
    const text = await generated("executive_summary");
    const [line = "", said = ""] =
      new RegExp(`scores rose ${improved} times and fell ${declined} times. Points by reason: ([^.]+)`).exec(
        text,
      ) ?? [];
    expect(line).not.toBe("");
    const printed = [...said.matchAll(/([−+])(\d+) /g)].map(([, sign, n]) =>
      sign === "−" ? -Number(n) : Number(n),
    );
    expect(printed.reduce((sum, one) => sum + one, 0)).toBe(points);
  });
});
