import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type TestCloud, testCloud } from "../support/cloud.ts";

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await testCloud();
});
afterAll(() => cloud?.stop());

const DAY_MS = 24 * 60 * 60 * 1000;
const inDays = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10);

describe("the main job, end to end", () => {
  it("signs in, keeps a customer and a deployment, and scores its health", async () => {
    const { api } = cloud.manager;
    const customer = (
      await api.customers.create({
        body: {
          company_name: "Nordlicht Telecom",
          industry: "Telecommunications",
          contract_start_date: inDays(-200),
          contract_end_date: inDays(400),
          contract_value: "1250000.50",
          account_manager_id: cloud.manager.id,
          status: "active",
        },
      })
    ).body();
    expect(customer).toMatchObject({ contract_value: "1250000.50", status: "active", revision: 1 });
    expect(customer.account_manager_info?.id).toBe(cloud.manager.id);

    const deployment = (
      await api.deployments.create({
        body: {
          customer_id: customer.id,
          product_name: "MonetX",
          deployment_date: inDays(-190),
          version: "4.2",
          environment: "cloud",
          license_type: "Enterprise",
          license_expiry: inDays(20),
        },
      })
    ).body();
    expect(deployment.is_active).toBe(true);

    const params = { customer_id: customer.id };
    const score = (await api.healthScores.calculate({ params, body: {} })).body();
    // adoption 40 (one product), engagement 0, support 100, financial 100
    expect(score).toMatchObject({
      adoption_score: 40,
      engagement_score: 0,
      support_score: 100,
      financial_score: 100,
      overall_score: 60,
      risk_level: "medium",
      score_trend: "stable",
    });

    const list = (await api.customers.list({ query: { search: "nordlicht" } })).body();
    expect(list.total).toBe(1);
    expect(list.customers[0]).toMatchObject({
      products: ["MonetX"],
      latest_health_score: { overall_score: 60 },
    });

    const detail = (await api.customers.get({ params: { id: customer.id } })).body();
    expect(detail.product_deployments).toHaveLength(1);
    expect(detail.overall_health_score?.overall_score).toBe(60);

    const batch = (await api.healthScores.calculateAll({})).body();
    expect(batch).toMatchObject({ total_customers: 1, calculated: 1, failed: 0, state: "completed" });

    const history = (await api.customers.healthHistory({ params: { id: customer.id } })).body();
    expect(history.total).toBe(2);
    const timeline = (await api.customers.timeline({ params: { id: customer.id } })).body();
    // The second score is the same: nothing has happened.
    expect(timeline.items.map(({ type }) => type)).toEqual(["health_score"]);

    expect((await api.healthScores.distribution({})).body().overall_distribution.medium_risk.count).toBe(1);
    expect((await api.healthScores.trends({})).body().average_score).toBe(60);
    expect((await api.healthScores.atRisk({ query: { threshold: 61 } })).body().total).toBe(1);
    expect((await api.deployments.expiring({})).body().deployments[0]).toMatchObject({ urgency: "high" });
  });
});
