import type { ReportFilters } from "@success-manager/contract/report-filters";
import type { ReportType } from "@success-manager/contract/vocabulary";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readPdf } from "../../packages/pdf/src/testing/read-pdf.ts";
import type { Api, TestCloud } from "../support/cloud.ts";
import { portfolioCloud } from "../support/dashboard/cloud.ts";
import { dayFrom } from "../support/dashboard/days.ts";
import type { CustomerFact } from "../support/dashboard/facts.ts";

/**
 * One figure, one definition (docs/figures.md): every place that shows a figure, through HTTP and in the PDFs as their
 * reader sees them, shows the same. The portfolio has customers who have left, with scores, contracts and deployments,
 * and customers without a score.
 */

let cloud: TestCloud;
let api: Api;
let facts: readonly CustomerFact[];
let today: string;
beforeAll(async () => {
  ({ cloud, api, facts, today } = await portfolioCloud());
});
afterAll(() => cloud?.stop());

/** What a report prints, with figures as plain as the API's. */
async function printed(report_type: ReportType, filters: ReportFilters = {}): Promise<string> {
  const { id, status } = (await api.reports.generate({ body: { report_type, filters } })).body();
  expect(status).toBe("completed");
  const { url } = (await api.reports.download({ params: { id } }, { accept: "application/json" })).body();
  const { pages } = await readPdf(new Uint8Array(await (await fetch(url)).arrayBuffer()));
  return pages
    .map(({ text }) => text)
    .join(" ")
    .replaceAll(/(?<=\d),(?=\d{3})/g, "")
    .replaceAll("−", "-");
}

const UNITS: Readonly<Record<string, number>> = { "": 1, K: 1e3, M: 1e6, B: 1e9, T: 1e12 };

/** The figure of a tile or a bar, which may be abbreviated: `$28.9M`; with how far it may be from what it stands for. */
function figure(text: string, label: string): { readonly value: number; readonly tolerance: number } {
  const found = new RegExp(`${label} ?\\$?([+-]?\\d+(?:\\.(\\d+))?)([KMBT]?)`).exec(text);
  if (!found) throw new Error(`No figure ${label}`);
  const [, digits = "", decimals = "", unit = ""] = found;
  const scale = UNITS[unit] ?? 1;
  const precision = scale / 10 ** decimals.length;
  return { value: Number(digits) * scale, tolerance: precision / 1.99 };
}

/** A figure is the one expected, as exactly as it is printed. */
function expectFigure(text: string, label: string, expected: number | null) {
  const { value, tolerance } = figure(text, label);
  const difference = Math.abs(value - (expected ?? Number.NaN));
  expect({ label, value, expected, isSame: difference < tolerance }).toMatchObject({ isSame: true });
}

const dayFromInstant = (at: string | undefined, days: number) =>
  at === undefined ? "" : new Date(Date.parse(at) + days * 24 * 60 * 60 * 1000).toISOString();
const same = (...values: readonly unknown[]) => expect(values).toEqual(values.map(() => values[0]));
const sumOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);
const rounded = (value: number, decimals: number) => Number((value + 1e-9).toFixed(decimals));

type Answers = Awaited<ReturnType<typeof ask>>;

/** Everything that shows figures of the whole portfolio. */
async function ask() {
  const { dashboard, customers, healthScores, deployments, alerts, csat } = api;
  const all = { limit: 1000 };
  return {
    stats: (await dashboard.stats({})).body(),
    overview: (await dashboard.overview({})).body(),
    distribution: (await dashboard.healthDistribution({})).body(),
    segments: (await dashboard.customerSegments({})).body(),
    renewals: (await dashboard.upcomingRenewals({ query: all })).body(),
    products: (await dashboard.productPerformance({})).body(),
    managers: (await dashboard.accountManagerPerformance({})).body(),
    trends: (await healthScores.trends({})).body(),
    spread: (await healthScores.distribution({})).body(),
    below60: (await healthScores.atRisk({ query: { limit: 100 } })).body(),
    deployed: (await deployments.stats({})).body(),
    customers: (await customers.list({ query: all })).body(),
    churned: (await customers.list({ query: { ...all, status: "churned" } })).body(),
    atRisk: (await customers.atRisk({ query: all })).body(),
    alerts: (await alerts.dashboard({})).body(),
    alertStats: (await alerts.stats({})).body(),
    analytics: (await csat.analytics({})).body(),
    executive: await printed("executive_summary"),
    health: await printed("health_summary"),
    base: await printed("customer_overview"),
  };
}

let answers: Answers;
beforeAll(async () => {
  answers = await ask();
});

describe("each figure is the same wherever it is shown", () => {
  it("the portfolio has what makes definitions differ", () => {
    const { churned, customers } = answers;
    expect(churned.customers.some((row) => row.latest_health_score && row.contract_value)).toBe(true);
    expect(churned.customers.some((row) => row.products.length > 0)).toBe(true);
    expect(customers.customers.some((row) => row.latest_health_score === null)).toBe(true);
    const mean = (rows: typeof customers.customers) => {
      const scores = rows.flatMap((row) => row.latest_health_score?.overall_score ?? []);
      return rounded(sumOf(scores) / scores.length, 1);
    };
    expect(mean([...customers.customers, ...churned.customers])).not.toBe(answers.stats.avg_health_score);
  });

  it("customers", () => {
    const { stats, overview, segments, customers, executive, health, base } = answers;
    const total = customers.total;
    same(total, stats.total_customers, overview.total_customers);
    const { churned_customers: _, ...groups } = segments;
    for (const group of Object.values(groups)) expect(sumOf(group.map(({ count }) => count))).toBe(total);
    for (const status of ["active_customers", "at_risk_customers", "onboarding_customers"] as const)
      same(stats[status], overview[status]);
    expect(stats.active_customers + stats.at_risk_customers + stats.onboarding_customers).toBe(total);
    for (const text of [executive, health, base]) expectFigure(text, "Customers", total);
    expectFigure(base, "Onboarding", stats.onboarding_customers);
  });

  it("who has left, beside every one of them", () => {
    const { churned, executive, health, base, ...all } = answers;
    const left = churned.total;
    expect(left).toBeGreaterThan(1);
    const says = [
      ...[all.stats, all.overview, all.distribution, all.segments, all.renewals, all.products],
      ...[all.managers, all.trends, all.spread, all.deployed],
    ];
    for (const answer of says) expect(answer.churned_customers).toBe(left);
    for (const text of [executive, health, base])
      expect(text).toContain(`${left} customers who have left are not counted`);
    expectFigure(base, "Churned", left);
  });

  it("average health, of the newest scores", () => {
    const { stats, overview, distribution, trends, customers, executive, health, base } = answers;
    const scores = customers.customers.flatMap((row) => row.latest_health_score?.overall_score ?? []);
    const mean = rounded(sumOf(scores) / scores.length, 1);
    same(mean, stats.avg_health_score, overview.average_health_score, distribution.average_score);
    same(mean, trends.average_score);
    for (const text of [executive, health, base]) expectFigure(text, "Average health", mean);
    same(scores.length, distribution.total_scored, trends.total_customers, answers.spread.total_customers);
    expectFigure(base, "Customers with a score", scores.length);
  });

  it("customers by health, and the means of components", () => {
    const { distribution, segments, trends, spread, below60, health } = answers;
    const bands = [distribution.excellent, distribution.good, distribution.at_risk, distribution.critical];
    const counts = bands.map(({ count }) => count);
    same(
      counts,
      segments.by_health_status.slice(0, 4).map(({ count }) => count),
    );
    same(counts, Object.values(trends.score_brackets));
    same(counts, Object.values(trends.risk_distribution));
    same(
      counts,
      Object.values(spread.overall_distribution).map(({ count }) => count),
    );
    const ofBands = (bands: typeof spread.bands) => Object.values(bands);
    same(
      ofBands(distribution.bands),
      ofBands(trends.bands),
      ofBands(spread.bands),
      segments.by_band.slice(0, 5).map(({ count }) => count),
    );
    same(below60.total, (counts[2] ?? 0) + (counts[3] ?? 0));
    for (const [label, mean] of [
      ["Adoption", spread.sub_score_averages.product_adoption],
      ["Engagement", spread.sub_score_averages.engagement],
      ["Support", spread.sub_score_averages.support_health],
      ["Financial", spread.sub_score_averages.financial_health],
    ] as const)
      expectFigure(health, label, mean);
  });

  it("contract value", () => {
    const { stats, overview, segments, customers, executive, base } = answers;
    const cents = sumOf(customers.customers.map((row) => Math.round(Number(row.contract_value ?? 0) * 100)));
    same(cents / 100, stats.total_contract_value, overview.total_contract_value);
    const ranges = segments.by_contract_value_range.map(({ total_value }) => total_value ?? 0);
    expect(rounded(sumOf(ranges), 2)).toBe(cents / 100);
    for (const text of [executive, base]) expectFigure(text, "Contract value", cents / 100);
  });

  it("customers at risk, by status or by score", () => {
    const { atRisk, executive, health, stats } = answers;
    expectFigure(executive, "Customers at risk", atRisk.length);
    for (const text of [executive, health])
      expect(text).toContain(`${atRisk.length} customers at risk: ${stats.at_risk_customers} by status`);
  });

  it("what is at stake, in the sentence with which reports begin", () => {
    const { atRisk, stats, executive, health, base } = answers;
    const endangered = sumOf(atRisk.map((row) => Number(row.contract_value ?? 0)));
    for (const text of [executive, health, base]) {
      const [, part = "", whole = "", percent, count] =
        /(\$[\d.]+[KMB]?) of (\$[\d.]+[KMB]?) contract value \(([\d.]+)%\) is at risk, with (\d+) customers/.exec(
          text,
        ) ?? [];
      expectFigure(`part ${part}`, "part", endangered);
      expectFigure(`whole ${whole}`, "whole", stats.total_contract_value);
      expect(Number(percent)).toBe(rounded((100 * endangered) / stats.total_contract_value, 1));
      expect(Number(count)).toBe(atRisk.length);
      expect(text).toMatch(/^.{0,200}In short Average health .{0,900}Decide now /);
    }
    expectFigure(executive, "Contract value at risk", endangered);
  });

  it("the movement of scores that are to be decided about, as lists have it", () => {
    const { customers, executive } = answers;
    const decided = executive.slice(executive.indexOf("Decide now"), executive.indexOf("Key figures"));
    const named = customers.customers.filter(({ company_name }) => decided.includes(`${company_name} `));
    expect(named.length).toBeGreaterThanOrEqual(5);
    const shown = [...decided.matchAll(/ (\d+) \((±0|[+-]\d+)\) /g)].map(([, score, change]) => [
      Number(score),
      change === "±0" ? 0 : Number(change),
    ]);
    const expected = named.map((row) => [row.latest_health_score?.overall_score, row.score_change]);
    for (const one of shown) expect(expected).toContainEqual(one);
  });

  it.each([30, 60, 90] as const)("renewals in %i days", async (days) => {
    const { renewals, overview } = answers;
    const soon = (await api.customers.expiringSoon({ query: { days, limit: 1000 } })).body();
    same(soon.length, renewals[`count_${days}_days`], renewals[`renewals_${days}_days`].length);
    if (days !== 60) same(soon.length, overview[`contracts_expiring_${days}_days`]);
    const executive = await printed("executive_summary", { days_to_renewal: days });
    expectFigure(executive, `Renewals in ${days} days`, soon.length);
    const base = await printed("customer_overview", { days_to_renewal: days, sections: ["renewals"] });
    expectFigure(base, "Contracts that end", soon.length);
    expectFigure(base, "Their value", renewals[`total_value_${days}_days`]);
  });

  it("deployments", () => {
    const { stats, products, deployed } = answers;
    const of = (name: "deployment_count" | "active_deployments") =>
      sumOf(products.products.map((row) => row[name]));
    same(stats.total_deployments, of("deployment_count"), deployed.total_active + deployed.total_inactive);
    same(of("active_deployments"), deployed.total_active);
    for (const { product, active_deployments } of products.products)
      same(deployed.by_product[product], active_deployments);
  });

  it("open alerts", () => {
    const { stats, alerts, alertStats, executive, base } = answers;
    same(stats.open_alerts, alerts.total_unresolved, alertStats.unresolved);
    for (const text of [executive, base]) expectFigure(text, "Open alerts", stats.open_alerts);
  });

  it("account managers", () => {
    const { managers, customers, stats } = answers;
    const unmanaged = customers.customers.filter((row) => row.account_manager_name === "");
    const managed = sumOf(managers.managers.map(({ customer_count }) => customer_count));
    same(managed + unmanaged.length, stats.total_customers);
    const gone = answers.churned.customers.filter((row) => row.account_manager_name === "").length;
    same(sumOf(managers.managers.map((row) => row.churned_customers)) + gone, stats.churned_customers);
  });

  it("satisfaction of all time, and of a period under another name", async () => {
    const { stats, overview, analytics, executive } = answers;
    same(stats.avg_csat_score, overview.average_csat, analytics.avg_csat);
    same(stats.nps_score, analytics.nps_score);
    const nps = stats.nps_score ?? 0;
    const answered = facts.flatMap((fact) => fact.responses.map(({ survey_type }) => survey_type));
    const toNps = answered.filter((type) => type === "nps").length;
    expect(toNps).toBeGreaterThanOrEqual(5);
    const { csat, nps: measured } = analytics;
    const signed = (points: number) =>
      `${points > 0 ? "+" : points < 0 ? "-" : ""}${Math.abs(Math.round(points))}`;
    expect([csat.n, measured.n]).toEqual([answered.length - toNps, toNps]);
    expect(executive.match(/Over all time.*?score.*?\)\./)?.[0]).toBe(
      `Over all time, as on the dashboard, CSAT is ${stats.avg_csat_score?.toFixed(2)} (${csat.n} answers; 95%: ${csat.low?.toFixed(2)} to ${csat.high?.toFixed(2)}), the net promoter score ${signed(nps)} (${toNps} answers; 95%: ${signed(measured.low ?? 0)} to ${signed(measured.high ?? 0)}).`,
    );
    // The same 90 days and the present one.
    const period = { date_from: dayFrom(today, -90), date_to: today };
    const of90 = await Promise.all(
      (["executive_summary", "csat_analysis", "customer_overview"] as const).map((type) =>
        printed(type, period),
      ),
    );
    for (const text of of90) {
      expectFigure(text, "CSAT in the period \\(1–5\\)", overview.average_csat_90_days);
      same(figure(text, "NPS in the period").value, figure(of90[0] ?? "", "NPS in the period").value);
      // Without a period nothing is called so.
      expect(text).not.toMatch(/Average CSAT \(1–5\)|Net promoter score [+-]?\d/);
    }
    const [first, second] = of90;
    const rate = /Response rate in the period (No links|[\d.]+%)/;
    same(rate.exec(first ?? "")?.[1], rate.exec(second ?? "")?.[1]);
  });
});

it("the change of a customer's score is against the score that its trend compares with", async () => {
  const changes = new Set<number | null>();
  for (const { id, score_change, latest_health_score } of answers.customers.customers) {
    const { health_scores } = (
      await api.customers.healthHistory({ params: { id }, query: { limit: 100 } })
    ).body();
    const limit = dayFromInstant(latest_health_score?.calculated_at, -30);
    const before = health_scores.find(({ calculated_at }) => calculated_at <= limit);
    const expected =
      latest_health_score && before ? latest_health_score.overall_score - before.overall_score : null;
    expect([id, score_change]).toEqual([id, expected]);
    changes.add(score_change);
  }
  expect(changes.has(null)).toBe(true);
  expect(changes.size).toBeGreaterThan(5);
});

describe("reports with filters", () => {
  it.each<[string, ReportFilters, object]>([
    ["an industry", { industries: ["Energy"] }, { industry: "Energy" }],
    ["a product", { product: "MonetX" }, { product: "MonetX" }],
    ["scores", { min_score: 30, max_score: 70 }, { min_health_score: 30, max_health_score: 70 }],
    ["a status", { status: ["at_risk"] }, { status: "at_risk" }],
    ["those who have left", { status: ["churned"] }, { status: "churned" }],
  ])("of %s are about the customers whom the list has", async (_, filters, query) => {
    const { customers, total } = (await api.customers.list({ query: { limit: 1000, ...query } })).body();
    const scores = customers.flatMap((row) => row.latest_health_score?.overall_score ?? []);
    const health = await printed("health_summary", filters);
    expectFigure(health, "Customers", total);
    expectFigure(health, "Average health", rounded(sumOf(scores) / scores.length, 1));
    if ("min_score" in filters) return;
    const base = await printed("customer_overview", filters);
    expectFigure(base, "Customers", total);
    expectFigure(base, "Average health", rounded(sumOf(scores) / scores.length, 1));
    const cents = sumOf(customers.map((row) => Math.round(Number(row.contract_value ?? 0) * 100)));
    expectFigure(base, "Contract value", cents / 100);
  });

  it.each<[ReportType, ReportFilters]>([
    ["health_summary", { industries: ["Nobody is in it"] }],
    ["health_summary", { min_score: 100, industries: ["Nobody is in it"] }],
    ["customer_overview", { industries: ["Nobody is in it"] }],
    ["customer_overview", { account_manager_id: "00000000-0000-4000-8000-000000000000" }],
  ])("%s that nobody meets, %j, says so and nothing about everybody", async (type, filters) => {
    const text = await printed(type, filters);
    expect(text).toContain("No customer meets the filters of this report.");
    for (const { company_name } of facts) expect(text).not.toMatch(new RegExp(`${company_name}\\b`));
    expect(text).not.toMatch(
      /Interactions|Satisfaction|Open alerts|Renewals in|Average health|Contract value/,
    );
  });
});

describe("managers are people", () => {
  const by = async (query: object) => (await api.customers.list({ query: { limit: 1000, ...query } })).body();
  const rowsOf = async (name: string) =>
    (await api.dashboard.accountManagerPerformance({}))
      .body()
      .managers.filter(({ account_manager }) => account_manager.toLowerCase() === name.toLowerCase());
  const rename = async (user_id: string, full_name: string) =>
    (await cloud.admin.api.users.update({ params: { user_id }, body: { full_name } })).body();
  const staying = (some: (fact: CustomerFact) => boolean) =>
    facts.filter((fact) => fact.status !== "churned" && some(fact));
  const byText = (name: string) =>
    staying(({ linked, account_manager }) => linked === undefined && account_manager === name).length;

  it("a text that names one active user belongs to that user, in figures, filters, lists and reports", async () => {
    const texts = byText("Grace Hopper");
    expect(texts).toBeGreaterThan(0);
    expect(await rowsOf("Grace Hopper")).toMatchObject([{ account_manager_id: null, customer_count: texts }]);
    const { id, email } = await cloud.person("manager");
    await rename(id, "grace  HOPPER");
    expect(await rowsOf("grace  HOPPER")).toMatchObject([
      { account_manager: "grace  HOPPER", account_manager_id: id, email, customer_count: texts },
    ]);
    const { total, customers } = await by({ account_manager_id: id });
    expect(total).toBe(texts);
    expect(customers[0]).toMatchObject({
      account_manager_name: "grace  HOPPER",
      account_manager_info: { id, email },
    });
    expect((await by({ account_manager: "GRACE Hopper" })).total).toBe(texts);
    const base = await printed("customer_overview", { account_manager_id: id, sections: ["profile"] });
    expectFigure(base, "Customers", texts);
  });

  it("two users of one name stay two, also in a table of a report; who has no account is one, however spelled", async () => {
    const { id: twin, email } = await cloud.person("manager");
    await rename(twin, "Grace Hopper");
    const texts = byText("Grace Hopper");
    // The text names nobody in particular now.
    expect(await rowsOf("Grace Hopper")).toMatchObject([{ account_manager_id: null, customer_count: texts }]);
    const body = { contract_end_date: dayFrom(today, 3), account_manager_id: twin };
    const create = async (more: object) =>
      (
        await cloud.manager.api.customers.create({
          body: { company_name: `New ${crypto.randomUUID()}`, ...more },
        })
      ).body();
    await create(body);
    expect((await rowsOf("Grace Hopper")).map((row) => [row.email, row.customer_count])).toEqual([
      [null, texts],
      [email, 1],
    ]);
    expect((await by({ account_manager_id: twin })).total).toBe(1);
    expect((await by({ account_manager: "grace hopper" })).total).toBe(texts + 1);
    const base = await printed("customer_overview", { sections: ["renewals"], days_to_renewal: 5 });
    expect(base.replaceAll(/\s+/g, "")).toContain(`GraceHopper(${email})`);
    for (const account_manager of ["Mary  Jackson", "MARY JACKSON", "Mary Jackson"])
      expect(await create({ account_manager })).toMatchObject({ account_manager_info: null });
    await create({ account_manager: "Mary Jackson", status: "active" });
    expect(await rowsOf("Mary Jackson")).toMatchObject([
      { account_manager: "Mary Jackson", account_manager_id: null, customer_count: 4 },
    ]);
  });

  it("an inactive user is not meant by a text", async () => {
    const { id } = await cloud.person("manager");
    await rename(id, "Alan Kay");
    expect((await by({ account_manager_id: id })).total).toBe(byText("Alan Kay"));
    (await cloud.admin.api.users.activate({ params: { user_id: id }, body: { is_active: false } })).body();
    expect((await by({ account_manager_id: id })).total).toBe(0);
    expect(await rowsOf("Alan Kay")).toMatchObject([{ account_manager_id: null }]);
  });
});
