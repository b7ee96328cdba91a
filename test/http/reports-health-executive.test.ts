import type { ReportFilters } from "@success-manager/contract/report-filters";
import type { Block, Document, Section } from "@success-manager/pdf/document";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type Api, type TestCloud, testCloud } from "../support/cloud.ts";
import { meanOf, npsOf, openAlerts, overallOf, satisfaction, stays } from "../support/dashboard/counting.ts";
import { dayFrom } from "../support/dashboard/days.ts";
import { type CustomerFact, portfolioFacts } from "../support/dashboard/facts.ts";
import { writePortfolio } from "../support/dashboard/write-portfolio.ts";
import { shortDollars } from "../support/printed.ts";
import { surveyLink } from "../support/survey-link.ts";

const SIZE = 60;
const LINKS = 4;

let cloud: TestCloud;
let dashboard: Api["dashboard"];
let facts: readonly CustomerFact[];
let now: Date;
let today: string;
/** Reports of a portfolio without anybody. */
let empty: { readonly health: Document; readonly executive: Document };

async function report(
  report_type: "health_summary" | "executive_summary",
  filters: ReportFilters = {},
  days = 30,
): Promise<Document> {
  const { buildDocument } = await import("../../packages/domain/src/reports/document/index.ts");
  const at = new Date();
  const day = at.toISOString().slice(0, 10);
  const asked = { report_name: "For the board", filters, date_from: dayFrom(day, 1 - days), date_to: day };
  return buildDocument({ ...asked, report_type, triggered_by: "Ada" }, at);
}

beforeAll(async () => {
  cloud = await testCloud();
  dashboard = cloud.viewer.api.dashboard;
  empty = { health: await report("health_summary"), executive: await report("executive_summary") };
  now = new Date();
  today = now.toISOString().slice(0, 10);
  const manager = (await cloud.manager.api.auth.me({})).body();
  facts = portfolioFacts(SIZE, now, [manager]);
  await writePortfolio(cloud, facts);
  const [customer] = facts;
  if (!customer) throw new Error("There are customers");
  const links = await Promise.all(
    Array.from({ length: LINKS }, () =>
      surveyLink(cloud, { customer_id: customer.id, survey_type: "quarterly" }),
    ),
  );
  const [{ token } = { token: "" }] = links;
  const body = { score: 5, submitted_by_name: "Ada", submitted_by_email: "ada@example.com" };
  (await cloud.stranger.csat.publicSubmit({ params: { token }, body })).body();
  await cloud.settled(60_000);
  // The portfolio was written with stamps of the past: a copy in memory that follows changes does not see that.
  vi.resetModules();
});
afterAll(() => cloud?.stop());

const section = ({ sections }: Document, heading: string): Section => {
  const found = sections.find((one) => one.heading.startsWith(heading));
  if (!found) throw new Error(`No section ${heading} among ${sections.map((one) => one.heading).join(", ")}`);
  return found;
};
const ofKind = <K extends Block["kind"]>({ blocks }: Section, kind: K) =>
  blocks.filter((block): block is Extract<Block, { kind: K }> => block.kind === kind);
const tiles = (found: Section) =>
  new Map(ofKind(found, "tiles").flatMap((block) => block.tiles.map((tile) => [tile.label, tile])));
const texts = (found: Section) =>
  ofKind(found, "text")
    .map(({ text }) => text)
    .join(" ");
const cells = (found: Section) =>
  ofKind(found, "table").map(({ rows }) =>
    rows.map((row) => row.map((cell) => (typeof cell === "string" ? cell : cell.text))),
  );
const signed = (value: number) => (value > 0 ? `+${value}` : String(value).replace("-", "−"));

/** Days of the last 30, and of the 30 before. */
const within = (at: string, first: number, last: number) => {
  const day = at.slice(0, 10);
  return day >= dayFrom(today, first) && day <= dayFrom(today, last);
};
const inPeriod = (at: string) => within(at, -29, 0);
const before = (at: string) => within(at, -59, -30);

describe("the executive summary", () => {
  it("has the dashboard's figures of the portfolio", async () => {
    const stats = (await dashboard.stats({})).body();
    const renewals = (await dashboard.upcomingRenewals({ query: { limit: 100 } })).body();
    const found = section(await report("executive_summary"), "Key figures");
    const shown = tiles(found);
    expect(shown.get("Customers")?.value).toBe(String(stats.total_customers));
    expect(shown.get("Average health")?.value).toBe(stats.avg_health_score?.toFixed(1));
    const endangered = (await cloud.viewer.api.customers.atRisk({ query: { limit: 100 } })).body();
    expect(shown.get("Customers at risk")).toMatchObject({
      value: String(endangered.length),
    });
    expect(shown.get("Open alerts")?.value).toBe(String(stats.open_alerts));
    expect(shown.get("Contract value")?.value).toBe(shortDollars(stats.total_contract_value));
    expect(shown.get("Renewals in 60 days")).toMatchObject({
      value: String(renewals.count_60_days),
      note: `worth ${shortDollars(renewals.total_value_60_days)}`,
    });
    // The link's answer is one more.
    const all = [
      ...facts.flatMap((fact) => fact.responses.map(({ survey_type }) => survey_type)),
      "quarterly",
    ];
    const nps = all.filter((type) => type === "nps");
    const { csat, nps: score } = stats;
    const within = [`${csat.low?.toFixed(2)} to ${csat.high?.toFixed(2)}`];
    within.push(`${signed(score.low ?? 0)} to ${signed(score.high ?? 0)}`);
    expect(texts(found)).toContain(
      `Over all time, as on the dashboard, CSAT is ${csat.value?.toFixed(2)} (${all.length - nps.length} answers; 95%: ${within[0]}), the net promoter score ${signed(stats.nps_score ?? 0)} (${nps.length} answers; 95%: ${within[1]}).`,
    );
  });

  it("counts what happened in the period and in the one before", async () => {
    const document = await report("executive_summary");
    const shown = tiles(section(document, "Key figures"));
    const answers = facts.flatMap((fact) => fact.responses);
    const nps = answers.filter(({ survey_type, at }) => survey_type === "nps" && inPeriod(at));
    expect(shown.get("NPS in the period")?.value).toBe(
      nps.length < 5
        ? `${nps.length} answer${nps.length === 1 ? "" : "s"}`
        : signed(npsOf(nps.map(({ score }) => score)) ?? 0),
    );
    const csat = [...satisfaction(facts).filter(({ at }) => inPeriod(at)), { score: 5 }];
    expect(shown.get("CSAT in the period (1–5)")?.value).toBe(
      meanOf(
        csat.map(({ score }) => score),
        2,
      )?.toFixed(2),
    );
    expect(shown.get("Response rate in the period")).toMatchObject({
      value: "25.0%",
      note: "of 4 links; no links before",
    });
    const came = (when: (at: string) => boolean) =>
      facts.filter(stays).filter(({ created_at }) => when(created_at)).length;
    expect(shown.get("Customers")?.note).toContain(
      `${came(inPeriod)} new in the period, ${came(before)} in the one before`,
    );
    const [, activity] = cells(section(document, "Alerts and activity"));
    const count = (all: readonly string[]) => [all.filter(inPeriod).length, all.filter(before).length];
    const contacts = count(facts.flatMap((fact) => fact.interactions.map(({ at }) => at)));
    const opened = count(facts.flatMap((fact) => fact.alerts.map(({ created_at }) => created_at)));
    const resolved = facts.flatMap(({ alerts }) => alerts.filter(({ state }) => state === "resolved"));
    expect(activity?.map((row) => row.slice(0, 3))).toEqual([
      ["Interactions with customers", ...contacts.map(String)],
      ["Survey links made", String(LINKS), "0"],
      [
        "Survey answers",
        ...[
          answers.filter(({ at }) => inPeriod(at)).length + 1,
          answers.filter(({ at }) => before(at)).length,
        ].map(String),
      ],
      ["Alerts opened", ...opened.map(String)],
      ["Alerts resolved", String(resolved.length), "0"],
    ]);
  });

  it("lists open alerts, renewals and customers at risk as the API does", async () => {
    const document = await report("executive_summary", { days_to_renewal: 90 });
    const urgent = openAlerts(facts).filter(({ severity }) => severity === "critical" || severity === "high");
    const [listed] = ofKind(section(document, "Alerts"), "table");
    expect((listed?.rows.length ?? 0) + (listed?.more ?? 0)).toBe(urgent.length);
    const { renewals_90_days: due } = (await dashboard.upcomingRenewals({ query: { limit: 100 } })).body();
    const [contracts] = cells(section(document, "Renewals in the next 90 days"));
    expect(contracts?.map(([name, , , left]) => `${name} ${left}`)).toEqual(
      due
        .slice(0, 15)
        .map(
          ({ company_name, days_until_renewal: left }) => `${company_name} ${left === 0 ? "today" : left}`,
        ),
    );
    const endangered = (await cloud.viewer.api.customers.atRisk({ query: { limit: 100 } })).body();
    const [risky] = ofKind(section(document, "Customers at risk"), "table");
    expect((risky?.rows.length ?? 0) + (risky?.more ?? 0)).toBe(endangered.length);
    expect(endangered.map(({ company_name }) => company_name)).toEqual(
      expect.arrayContaining((risky?.rows ?? []).map(([name]) => name)),
    );
  });

  it("draws the dashboard's trends, each scale by itself", async () => {
    const lines = ofKind(section(await report("executive_summary"), "Trends"), "lineChart");
    const first = `${dayFrom(`${today.slice(0, 7)}-01`, -150).slice(0, 7)}-01`;
    const query = { start_date: first, end_date: today };
    const health = (await dashboard.healthTrends({ query: { ...query, period_type: "monthly" } })).body();
    const csat = (await dashboard.csatTrends({ query })).body();
    // The dashboard's lines begin with their first value, the report's all with the same month.
    const last = (values: readonly (number | null)[]) => [...Array(6).fill(null), ...values].slice(-6);
    expect(lines.map(({ lines: [line] }) => line?.values)).toEqual([
      last(health.overall.map(({ avg_score }) => avg_score)),
      last(csat.overall.map(({ avg_score }) => avg_score)),
      last(csat.nps.map(({ nps_score, response_count }) => (response_count < 5 ? null : nps_score))),
    ]);
  });

  it("has the parts that are asked for, and no money where that is left out", async () => {
    const some = await report("executive_summary", { sections: ["renewals", "kpis"] });
    expect(some.sections.map(({ heading }) => heading)).toEqual([
      "Key figures",
      "Renewals in the next 60 days",
    ]);
    const plain = await report("executive_summary", { include_financials: false, include_trends: false });
    expect(plain.sections.map(({ heading }) => heading)).not.toContain("Trends");
    expect(JSON.stringify(plain)).not.toContain("$");
  });
});

describe("the health summary", () => {
  it("has the dashboard's bands and its average, and says how many have left", async () => {
    const { by_health_status } = (await dashboard.customerSegments({})).body();
    const stats = (await dashboard.stats({})).body();
    const overview = section(await report("health_summary"), "Overview");
    const [bands] = ofKind(overview, "stackedBar");
    expect(bands?.parts.map(({ value }) => value)).toEqual(by_health_status.map(({ count }) => count));
    const staying = facts.filter(stays);
    expect(tiles(overview).get("Customers")?.value).toBe(String(staying.length));
    expect(tiles(overview).get("Average health")?.value).toBe(meanOf(overallOf(staying), 1)?.toFixed(1));
    expect(stats.avg_health_score).toBe(meanOf(overallOf(staying), 1));
    expect(texts(overview)).toContain(
      `${facts.length - staying.length} customers who have left are not counted.`,
    );
  });

  it("lists everybody who is at risk by status or by score, lowest score first", async () => {
    const [listed] = cells(section(await report("health_summary"), "Customers at risk"));
    const scores = facts
      .filter(stays)
      .filter((fact) => fact.status === "at_risk" || overallOf([fact]).some((score) => score < 60))
      .map((fact) => overallOf([fact])[0] ?? Number.POSITIVE_INFINITY)
      .sort((a, b) => a - b)
      .map((score) => (Number.isFinite(score) ? String(score) : "Not scored"));
    expect(listed?.map(([, score]) => score)).toEqual(scores.slice(0, 25));
  });

  it("of a year is by month, from all scores that were calculated", async () => {
    const [line] = ofKind(section(await report("health_summary", {}, 365), "Trends"), "lineChart");
    const scores = facts.flatMap((fact) => fact.scores).filter(({ at }) => within(at, -364, 0));
    const months = [...new Set(scores.map(({ at }) => at.slice(0, 7)))].sort();
    expect(line?.lines[0]?.values.filter((value) => value !== null)).toEqual(
      months.map((month) =>
        meanOf(
          scores.filter(({ at }) => at.startsWith(month)).map(({ overall }) => overall),
          1,
        ),
      ),
    );
  });

  it("of one customer is about that customer, and of nobody not found", async () => {
    const scored = facts.find(({ scores }) => scores.length > 1);
    const document = await report("health_summary", { customer_id: scored?.id }, 700);
    expect(document.subtitle).toBe(scored?.company_name);
    expect(document.facts).toContainEqual({ label: "Customer", value: scored?.company_name });
    expect(tiles(section(document, "Overview")).get("Health score")?.value).toBe(
      String(scored?.scores.at(-1)?.overall),
    );
    await expect(report("health_summary", { customer_id: crypto.randomUUID() })).rejects.toThrow(
      "Customer not found",
    );
  });

  it("is narrowed down by filters as lists are", async () => {
    const { total } = (
      await cloud.viewer.api.customers.list({ query: { industry: "Energy", product: "MonetX" } })
    ).body();
    const document = await report("health_summary", { industries: ["Energy"], product: "MonetX" });
    expect(tiles(section(document, "Overview")).get("Customers")?.value).toBe(String(total));
    expect(total).toBeGreaterThan(0);
  });
});

describe("reports of nobody", () => {
  it("say so in sentences, in every part", () => {
    expect(texts(section(empty.health, "Overview"))).toBe("There are no customers yet.");
    expect(texts(section(empty.health, "Trends"))).toBe("No health score has been calculated yet.");
    expect(texts(section(empty.executive, "Customers at risk"))).toBe(
      "No customer is at risk, by status or by score.",
    );
    for (const { blocks } of [...empty.health.sections, ...empty.executive.sections])
      expect(blocks).not.toHaveLength(0);
    expect(JSON.stringify(empty)).not.toMatch(/N\/A|NaN|undefined|null|"-"/);
  });
});

it("asks the database the same few questions whatever the number of customers", async () => {
  const asked = async (...wanted: Parameters<typeof report>) => {
    cloud.database.take();
    await report(...wanted);
    const all = cloud.database
      .take()
      .map(({ operation, index }) => (index ? `${operation} ${index}` : operation));
    // The settings: who reports, and what stands at the foot of a report.
    expect(all.filter((operation) => operation === "BatchGetItem")).toHaveLength(1);
    return all.filter((operation) => operation !== "BatchGetItem");
  };
  const memory = "Query byType";
  // An earlier score of each of the two customers whom the story names.
  const movers = ["Query", "Query"];
  // Why the scores of those moved who are listed.
  const listed = Array.from({ length: 6 }, () => "Query");
  // Customers; what is counted of scores when the period began before what is known of each.
  expect(await asked("health_summary")).toEqual([memory, ...movers, ...listed]);
  expect(await asked("health_summary", {}, 365)).toEqual([memory, "Query", "Query", ...movers]);
  // Customers and alerts; five counters of what happened, one of why scores moved; two for trends.
  const executive = await asked("executive_summary");
  expect(executive.filter((query) => query === memory)).toHaveLength(2);
  expect(executive.filter((query) => query === "Query")).toHaveLength(8 + movers.length);
  expect(executive).toHaveLength(10 + movers.length);
});
