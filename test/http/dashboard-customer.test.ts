import type { NewSurvey } from "@success-manager/contract/surveys";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type * as z from "zod";
import { type Api, type TestCloud, testCloud } from "../support/cloud.ts";
import { dayFrom } from "../support/dashboard/days.ts";
import { deploymentBody } from "../support/rows.ts";

let cloud: TestCloud;
let api: Api;
let dashboard: Api["dashboard"];
beforeAll(async () => {
  cloud = await testCloud();
  api = cloud.manager.api;
  // Whoever may read may read the dashboard.
  dashboard = cloud.viewer.api.dashboard;
});
afterAll(() => cloud?.stop());

const inDays = (days: number) => dayFrom(new Date().toISOString().slice(0, 10), days);

describe("one customer, step by step; each step is in the very next answer", () => {
  let customer_id: string;
  const record = async (changes: Partial<z.input<typeof NewSurvey>>) =>
    (
      await api.csat.create({
        body: {
          customer_id,
          survey_type: "quarterly",
          score: 4,
          submitted_by_name: "Ada",
          submitted_by_email: "ada@example.com",
          ...changes,
        },
      })
    ).body();

  it("without anything is counted, unknown and unscored", async () => {
    const body = { company_name: "Nordlicht" };
    customer_id = (await api.customers.create({ body })).body().id;
    expect((await dashboard.stats({})).body()).toMatchObject({
      total_customers: 1,
      onboarding_customers: 1,
      // There was nobody before.
      customer_change_percentage: null,
      total_contract_value: 0,
      avg_health_score: null,
    });
    const all = { count: 1, percentage: 100 };
    const { by_industry, by_contract_value_range, by_health_status, by_product_mix } = (
      await dashboard.customerSegments({})
    ).body();
    expect(by_industry).toEqual([{ name: "Unknown", ...all, total_value: 0 }]);
    expect(by_contract_value_range.at(-1)).toEqual({ name: "Starter (<$25K)", ...all, total_value: 0 });
    expect(by_health_status.at(-1)).toEqual({ name: "Not Scored", ...all, total_value: 0 });
    expect(by_product_mix).toEqual([{ name: "No Products", ...all, total_value: 0 }]);
    expect((await dashboard.topPerformers({})).body()).toEqual([]);
    expect((await dashboard.accountManagerPerformance({})).body()).toEqual({
      managers: [],
      churned_customers: 0,
    });
    const { activities } = (await dashboard.recentActivity({})).body();
    expect(activities).toEqual([
      {
        activity_type: "new_customer",
        title: expect.any(String),
        description: expect.stringContaining("Nordlicht"),
        customer_id,
        customer_name: "Nordlicht",
        timestamp: expect.any(String),
        metadata: { contract_value: null, industry: null },
      },
    ]);
  });

  it("with a contract and a manager is a renewal, a value and somebody's customer", async () => {
    const contract_end_date = inDays(45);
    const changes = { industry: "Energy", contract_value: "125000.50", contract_end_date };
    await api.customers.update({
      params: { id: customer_id },
      body: { ...changes, account_manager_id: cloud.manager.id },
    });
    const { id: account_manager_id, full_name: account_manager, email } = (await api.auth.me({})).body();
    const renewal = {
      customer_id,
      company_name: "Nordlicht",
      contract_value: 125_000.5,
      health_score: null,
      ...{ health_status: null, band: null },
      contract_end_date,
      days_until_renewal: 45,
      account_manager,
    };
    expect((await dashboard.upcomingRenewals({})).body()).toEqual({
      renewals_30_days: [],
      renewals_60_days: [renewal],
      renewals_90_days: [renewal],
      count_30_days: 0,
      count_60_days: 1,
      count_90_days: 1,
      total_value_30_days: 0,
      total_value_60_days: 125_000.5,
      total_value_90_days: 125_000.5,
      churned_customers: 0,
    });
    expect((await dashboard.accountManagerPerformance({})).body().managers).toEqual([
      {
        account_manager,
        account_manager_id,
        email,
        customer_count: 1,
        avg_health_score: null,
        at_risk_customers: 0,
        total_contract_value: 125_000.5,
        churned_customers: 0,
        active_alerts: 0,
      },
    ]);
    expect((await dashboard.stats({})).body().total_contract_value).toBe(125_000.5);
    expect((await dashboard.overview({})).body()).toMatchObject({
      total_contract_value: 125_000.5,
      contracts_expiring_30_days: 0,
      contracts_expiring_90_days: 1,
    });
  });

  it("with deployments has products, active ones and others", async () => {
    const deployed = await api.deployments.create({ body: deploymentBody(customer_id) });
    const body = deploymentBody(customer_id, { product_name: "GreenX" });
    const { id } = (await api.deployments.create({ body })).body();
    await api.deployments.remove({ params: { id } });
    expect(deployed.status).toBe(201);
    expect((await dashboard.stats({})).body()).toMatchObject({
      total_deployments: 2,
      deployments_by_product: { MonetX: 1, SupportX: 0, GreenX: 1 },
    });
    const { products } = (await dashboard.productPerformance({})).body();
    expect(products.map(({ active_ratio, customer_count }) => [active_ratio, customer_count])).toEqual([
      [1, 1],
      [0, 0],
      [0, 1],
    ]);
    const [mix] = (await dashboard.customerSegments({})).body().by_product_mix;
    expect(mix?.name).toBe("MonetX");
  });

  it("with a score is in its band, in the trend, and has what needs attention", async () => {
    const { overall_score, calculated_at } = (
      await api.healthScores.calculate({ params: { customer_id }, body: {} })
    ).body();
    // Adoption 40, engagement 0, support 100, and 45 days of the contract are 50: 190 over 4.
    expect(overall_score).toBe(48);
    expect((await dashboard.stats({})).body()).toMatchObject({
      avg_health_score: 48,
      at_risk_customers: 1,
      open_alerts: 1,
      critical_alerts: 0,
    });
    expect((await dashboard.healthDistribution({})).body()).toMatchObject({
      average_score: 48,
      at_risk: { count: 1, percentage: 100 },
      total_scored: 1,
    });
    const [worst] = (await dashboard.needsAttention({})).body();
    expect(worst).toMatchObject({
      customer: { id: customer_id, contract_value: 125_000.5, status: "at_risk" },
      health_score: { overall_score: 48, engagement_score: 0, risk_level: "high", calculated_at },
    });
    expect(worst?.attention_reasons.join("\n")).toMatch(/contract.*45 days/i);
    expect(worst?.attention_reasons.join("\n")).not.toMatch(/support/i);
    const [best] = (await dashboard.topPerformers({})).body();
    expect(best?.customer.id).toBe(customer_id);
    await cloud.settled();
    const { overall, by_product } = (await dashboard.healthTrends({})).body();
    const point = { period: inDays(0).slice(0, 7), avg_score: 48, customer_count: 1 };
    expect(overall.at(-1)).toEqual(point);
    expect(by_product.map(({ product, trends }) => [product, trends.at(-1)])).toEqual([["MonetX", point]]);
  });

  it("with survey responses has satisfaction, each scale for itself", async () => {
    await record({ score: 5, feedback_text: "Quick help." });
    await record({ score: 4, survey_type: "post_ticket" });
    await record({ score: 4, survey_type: "onboarding" });
    await record({ score: 9, survey_type: "nps" });
    await record({ score: 8, survey_type: "nps" });
    await cloud.settled();
    // 13 over 3, and one promoter of two.
    expect((await dashboard.stats({})).body()).toMatchObject({ avg_csat_score: 4.33, nps_score: 50 });
    expect((await dashboard.overview({})).body().average_csat).toBe(4.33);
    const { overall, nps, by_survey_type } = (await dashboard.csatTrends({})).body();
    const period = inDays(0).slice(0, 7);
    expect(overall.at(-1)).toMatchObject({ period, avg_score: 4.33, response_count: 3, mean: { n: 3 } });
    expect(nps.at(-1)).toMatchObject({
      ...{ period, nps_score: 50, response_count: 2 },
      nps: { shown: false, value: null, n: 2 },
    });
    expect(by_survey_type.map(({ survey_type, trends }) => [survey_type, trends.at(-1)?.avg_score])).toEqual([
      ["post_ticket", 4],
      ["quarterly", 5],
      ["nps", 8.5],
      ["onboarding", 4],
    ]);
    const { activities } = (await dashboard.recentActivity({ query: { limit: 5 } })).body();
    expect(activities.map(({ activity_type }) => activity_type)).toEqual(Array(5).fill("csat"));
    expect(activities.map(({ title }) => /\d+\/\d+/.exec(title)?.[0])).toEqual([
      "8/10",
      "9/10",
      "4/5",
      "4/5",
      "5/5",
    ]);
    expect(activities.at(-1)).toMatchObject({
      description: "Quick help.",
      metadata: { score: 5, survey_type: "quarterly" },
    });
  });

  it("with alerts: open ones count, snoozed and resolved ones do not", async () => {
    const raise = async (description: string) => {
      const facts = { alert_type: "escalation", severity: "critical", title: "They are leaving" } as const;
      return (await api.alerts.create({ body: { customer_id, ...facts, description } })).body().id;
    };
    const open = async () => {
      const { open_alerts, critical_alerts } = (await dashboard.stats({})).body();
      const [manager] = (await dashboard.accountManagerPerformance({})).body().managers;
      return [open_alerts, critical_alerts, manager?.active_alerts];
    };
    const [first, second] = [await raise("So they say. ".repeat(20)), await raise("Their CTO said so.")];
    expect(await open()).toEqual([3, 2, 3]);
    await api.alerts.resolve({ params: { id: second }, body: null });
    expect(await open()).toEqual([2, 1, 2]);
    await api.alerts.snooze({ params: { id: first }, body: { snooze_days: 1 } });
    expect(await open()).toEqual([1, 0, 1]);
    const { activities } = (await dashboard.recentActivity({ query: { limit: 2 } })).body();
    expect(activities[0]).toMatchObject({
      activity_type: "alert",
      description: "Their CTO said so.",
      metadata: { severity: "critical", alert_type: "escalation", is_resolved: true },
    });
    expect(activities[1]?.description?.length).toBeLessThanOrEqual(101);
  });

  it("with an interaction: it is in the activity, under its type", async () => {
    const interaction = {
      interaction_type: "support_ticket",
      subject: "Login fails",
      description: "Nobody gets in.",
    } as const;
    await api.interactions.create({ body: { customer_id, ...interaction, performed_by: "Grace" } });
    const [newest] = (await dashboard.recentActivity({ query: { limit: 1 } })).body().activities;
    expect(newest).toMatchObject({
      activity_type: "interaction",
      title: expect.stringContaining("Support Ticket"),
      description: "Login fails",
      metadata: { type: "support_ticket", sentiment: expect.any(String), performed_by: "Grace" },
    });
  });

  it("who has left is counted as churned, and in nothing that is to come", async () => {
    await api.customers.remove({ params: { id: customer_id } });
    expect((await dashboard.stats({})).body()).toMatchObject({
      total_customers: 0,
      churned_customers: 1,
      total_contract_value: 0,
      total_deployments: 0,
      avg_health_score: null,
      open_alerts: 0,
    });
    expect((await dashboard.upcomingRenewals({})).body().renewals_90_days).toEqual([]);
    expect((await dashboard.topPerformers({})).body()).toEqual([]);
    expect((await dashboard.needsAttention({})).body()).toEqual([]);
    expect((await dashboard.customerSegments({})).body().by_industry).toEqual([]);
    expect((await dashboard.accountManagerPerformance({})).body().managers).toMatchObject([
      { customer_count: 0, churned_customers: 1, total_contract_value: 0 },
    ]);
  });
});

describe("customers who come and go", () => {
  it("the change of thirty days is in percent of those before", async () => {
    const { CustomerEntity } = await import("@success-manager/domain/table");
    const at = new Date(Date.now() - 31 * 24 * 60 * 60 * 1000).toISOString();
    const row = { deployed_products: [], status: "active" as const, portal_enabled: false, revision: 1 };
    await CustomerEntity.put(
      ["A", "B", "C"].map((company_name, n) => ({
        id: `00000000-0000-4000-8000-00000000000${n}`,
        company_name,
        ...row,
        created_at: at,
        updated_at: at,
        changed_at: new Date().toISOString(),
      })),
    ).go();
    // One came since, and has left; three were there.
    const change = async () => (await dashboard.stats({})).body().customer_change_percentage;
    expect(await change()).toBe(0);
    await api.customers.create({ body: { company_name: "D" } });
    expect(await change()).toBe(33.3);
  });
});
