import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Api, TestCloud } from "../support/cloud.ts";
import { portfolioCloud } from "../support/dashboard/cloud.ts";
import type { CustomerFact } from "../support/dashboard/facts.ts";
import * as figures from "../support/dashboard/recount-figures.ts";
import * as groups from "../support/dashboard/recount-groups.ts";
import * as people from "../support/dashboard/recount-people.ts";

let cloud: TestCloud;
let api: Api;
let dashboard: Api["dashboard"];
let facts: readonly CustomerFact[];
let now: Date;
let today: string;

beforeAll(async () => {
  ({ cloud, api, facts, now, today } = await portfolioCloud());
  dashboard = api.dashboard;
});
afterAll(() => cloud?.stop());

/** The same rows in an order of their names: rows of the same rank may come in any. */
const sorted = <T extends { count: number; name: string }>(rows: readonly T[]) =>
  rows.toSorted((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));

const isDescending = (values: readonly number[]) => expect(values).toEqual(values.toSorted((a, b) => b - a));

describe("a portfolio of sixty, counted by hand", () => {
  it("has among it what the figures tell apart", () => {
    const has = (some: (fact: CustomerFact) => boolean) => expect(facts.filter(some)).not.toHaveLength(0);
    has(({ status, scores }) => status === "churned" && scores.length > 0);
    has(({ status, alerts }) => status === "churned" && alerts.some(({ state }) => state === "open"));
    has(({ scores }) => scores.length === 0);
    has(({ industry }) => industry === undefined);
    has(({ contract_value }) => contract_value === undefined);
    has(({ linked, account_manager }) => linked !== undefined && account_manager !== undefined);
    has(({ linked, account_manager }) => linked === undefined && account_manager !== undefined);
    has(({ linked, account_manager }) => linked === undefined && account_manager === undefined);
    has(({ deployments }) => new Set(deployments.map(({ product }) => product)).size < deployments.length);
    has(({ deployments }) => deployments.length > 0 && deployments.every(({ is_active }) => !is_active));
    for (const state of ["open", "snoozed", "was snoozed", "resolved"])
      has(({ alerts }) => alerts.some((alert) => alert.state === state));
    for (const type of ["nps", "quarterly", "post_ticket", "onboarding"])
      has(({ responses }) => responses.some(({ survey_type }) => survey_type === type));
  });

  it("stats", async () => {
    expect((await dashboard.stats({})).body()).toEqual(figures.stats(facts, now));
  });

  it("the distribution of health", async () => {
    expect((await dashboard.healthDistribution({})).body()).toEqual(figures.healthDistribution(facts));
  });

  it("segments: industries and product mixes the largest first, ranges and bands in their own order", async () => {
    const found = (await dashboard.customerSegments({})).body();
    const counted = groups.customerSegments(facts);
    for (const group of ["by_industry", "by_product_mix"] as const) {
      isDescending(found[group].map(({ count }) => count));
      expect(sorted(found[group])).toEqual(sorted(counted[group]));
    }
    const tenths = (shares: readonly number[]) => shares.reduce((sum, one) => sum + Math.round(one * 10), 0);
    const { churned_customers: _, ...segments } = found;
    for (const group of Object.values(segments))
      expect(tenths(group.map(({ percentage }) => percentage))).toBe(1000);
    const { excellent, good, at_risk, critical } = (await dashboard.healthDistribution({})).body();
    expect(tenths([excellent, good, at_risk, critical].map(({ percentage }) => percentage))).toBe(1000);
    expect(found.by_contract_value_range).toEqual(counted.by_contract_value_range);
    expect(found.by_health_status).toEqual(counted.by_health_status);
  });

  it("renewals, soonest first", async () => {
    const found = (await dashboard.upcomingRenewals({})).body();
    type Rows = typeof found.renewals_30_days;
    const inOrder = (rows: Rows) =>
      rows.toSorted(
        (a, b) => a.days_until_renewal - b.days_until_renewal || (a.customer_id < b.customer_id ? -1 : 1),
      );
    const counted = groups.upcomingRenewals(facts, today);
    for (const days of ["renewals_30_days", "renewals_60_days", "renewals_90_days"] as const) {
      isDescending(found[days].map(({ days_until_renewal }) => -days_until_renewal));
      found[days] = inOrder(found[days]);
      counted[days] = inOrder(counted[days]);
    }
    expect(found).toEqual(counted);
    const daysLeft = new Set(found.renewals_90_days.map(({ days_until_renewal }) => days_until_renewal));
    expect([0, 1, 29, 30, 31, 59, 60, 61, 89, 90].filter((days) => !daysLeft.has(days))).toEqual([]);
  });

  it("products", async () => {
    expect((await dashboard.productPerformance({})).body()).toEqual(figures.productPerformance(facts));
  });

  it("account managers, those with most customers first", async () => {
    const { managers } = (await dashboard.accountManagerPerformance({})).body();
    isDescending(managers.map(({ customer_count }) => customer_count));
    const named = (rows: typeof managers) =>
      rows.toSorted((a, b) => (a.account_manager < b.account_manager ? -1 : 1));
    expect(named(managers)).toEqual(named(figures.accountManagerPerformance(facts)));
  });

  it("the overview", async () => {
    expect((await dashboard.overview({})).body()).toEqual(figures.overview(facts, now));
  });
});

describe("customers by name, counted by hand", () => {
  /** The same score may come in any order, so at the end of a short list any of them may stand. */
  interface Row {
    readonly customer: { readonly id: string };
    readonly health_score: { readonly overall_score: number };
  }
  const expectFirst = (found: readonly Row[], all: readonly Row[], limit: number) => {
    const scores = (rows: readonly Row[]) => rows.map(({ health_score }) => health_score.overall_score);
    expect(scores(found)).toEqual(scores(all).slice(0, limit));
    expect(new Set(found.map(({ customer }) => customer.id)).size).toBe(found.length);
    const known = new Map(all.map((row) => [row.customer.id, row]));
    for (const row of found) expect(row).toEqual(known.get(row.customer.id));
  };

  it.each([1, 5, 20])("the best %s", async (limit) => {
    const found = (await dashboard.topPerformers({ query: { limit } })).body();
    expectFirst(found, people.topPerformers(facts), limit);
  });

  it.each([1, 10, 50])("the worst %s, and why", async (limit) => {
    const found = (await dashboard.needsAttention({ query: { limit } })).body();
    const all = people.needsAttention(facts, today);
    expectFirst(
      found.map(({ attention_reasons: _, ...row }) => row),
      all.map(({ reasons: _, ...row }) => row),
      limit,
    );
    const expected = new Map(all.map(({ customer, reasons }) => [customer.id, reasons]));
    for (const { customer, attention_reasons } of found) {
      const reasons = expected.get(customer.id) ?? [];
      // Without anything special to say there is one sentence all the same.
      expect(attention_reasons).toHaveLength(Math.max(1, reasons.length));
      for (const reason of reasons) expect(attention_reasons.join("\n")).toMatch(reason);
    }
  });
});

describe("what two calls say of the same thing", () => {
  const everybody = async () => {
    const { customers } = (await api.customers.list({ query: { limit: 1000 } })).body();
    const churned = (await api.customers.list({ query: { limit: 1000, status: "churned" } })).body();
    return { staying: customers, all: [...customers, ...churned.customers] };
  };

  it("is the same: customers, scores, segments, deployments", async () => {
    const { staying, all } = await everybody();
    const [stats, overview, distribution, segments] = [
      (await dashboard.stats({})).body(),
      (await dashboard.overview({})).body(),
      (await dashboard.healthDistribution({})).body(),
      (await dashboard.customerSegments({})).body(),
    ];
    expect(stats.total_customers).toBe(staying.length);
    expect(overview.total_customers).toBe(staying.length);
    const churned = all.length - staying.length;
    expect(churned).toBeGreaterThan(0);
    const { products, ...performance } = (await dashboard.productPerformance({})).body();
    const says = { churned_customers: churned };
    for (const answer of [stats, overview, distribution, segments, performance])
      expect(answer).toMatchObject(says);
    expect(distribution.total_scored).toBe(staying.filter((row) => row.latest_health_score).length);
    expect(distribution.average_score).toBe(stats.avg_health_score);
    const { churned_customers: _, ...groups } = segments;
    for (const group of Object.values(groups))
      expect(group.reduce((sum, { count }) => sum + count, 0)).toBe(staying.length);
    const cents = staying.reduce((sum, row) => sum + Math.round(Number(row.contract_value ?? 0) * 100), 0);
    expect(stats.total_contract_value).toBe(cents / 100);
    const deployments = products.reduce((sum, row) => sum + row.deployment_count, 0);
    expect(deployments).toBe(stats.total_deployments);
    const active = products.reduce((sum, row) => sum + row.active_deployments, 0);
    expect((await api.deployments.stats({})).body()).toMatchObject({
      total_active: active,
      total_inactive: deployments - active,
      ...says,
    });
  });

  it("is the same: open alerts, survey responses, what other groups count", async () => {
    const stats = (await dashboard.stats({})).body();
    const alerts = (await api.alerts.dashboard({})).body();
    expect(stats.open_alerts).toBe(alerts.total_unresolved);
    expect(stats.critical_alerts).toBe(alerts.by_severity.critical);
    const satisfaction = (await api.csat.analytics({})).body();
    expect([stats.avg_csat_score, stats.nps_score]).toEqual([satisfaction.avg_csat, satisfaction.nps_score]);
    expect([stats.csat, stats.nps]).toEqual([satisfaction.csat, satisfaction.nps]);
    expect(stats.nps).toMatchObject({ shown: true, value: stats.nps_score });
  });
});

describe("what the web client reads", () => {
  const NUMBER = expect.any(Number);
  const TEXT = expect.any(String);

  it("is there, under these names, with money as numbers", async () => {
    expect((await dashboard.stats({})).raw).toMatchObject({
      total_customers: NUMBER,
      avg_health_score: NUMBER,
      nps_score: NUMBER,
      customer_change_percentage: NUMBER,
      total_contract_value: NUMBER,
    });
    const band = { count: NUMBER, percentage: NUMBER };
    expect((await dashboard.healthDistribution({})).raw).toMatchObject({
      excellent: band,
      good: band,
      at_risk: band,
      critical: band,
      total_scored: NUMBER,
      average_score: NUMBER,
    });
    const health = (await dashboard.healthTrends({ query: { range: "30d" } })).body();
    const scored = health.overall.filter(({ avg_score }) => avg_score !== null);
    expect(scored[0]).toMatchObject({ period: TEXT, avg_score: NUMBER });
    expect(health.by_product[0]).toMatchObject({ product: TEXT, trends: expect.any(Array) });
    const satisfaction = (await dashboard.csatTrends({})).body().overall;
    // Drawn on an axis from 0 to 5.
    for (const { avg_score } of satisfaction) expect(avg_score ?? 0).toBeLessThanOrEqual(5);
    expect(satisfaction.at(-1)).toMatchObject({ period: TEXT, response_count: NUMBER });
    const [renewal] = (await dashboard.upcomingRenewals({})).body().renewals_90_days;
    expect(renewal).toMatchObject({
      customer_id: TEXT,
      company_name: TEXT,
      contract_value: NUMBER,
      contract_end_date: TEXT,
      days_until_renewal: NUMBER,
    });
    const { by_health_status, by_industry } = (await dashboard.customerSegments({})).body();
    // Colours are chosen by these words, what stands in brackets is cut off.
    const words = by_health_status.map(
      ({ name }) => /excellent|good|risk|critical|not scored/i.exec(name)?.[0],
    );
    expect(words).toEqual(["Excellent", "Good", "Risk", "Critical", "Not Scored"]);
    expect(by_industry[0]).toMatchObject({ name: TEXT, count: NUMBER, percentage: NUMBER });
    const { activities } = (await dashboard.recentActivity({ query: { limit: 50 } })).body();
    expect(activities).toHaveLength(50);
    for (const activity of activities)
      expect(activity).toMatchObject({
        activity_type: TEXT,
        title: expect.stringMatching(/./),
        customer_id: TEXT,
        customer_name: TEXT,
        timestamp: TEXT,
      });
    expect(activities.find(({ activity_type }) => activity_type === "alert")?.metadata).toMatchObject({
      severity: TEXT,
    });
  });
});
