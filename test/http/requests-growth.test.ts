import { randomUUID } from "node:crypto";
import { Environment, Product, Severity } from "@success-manager/contract/vocabulary";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type Api, type TestCloud, testCloud } from "../support/cloud.ts";

const FEW = 10;
const MANY = 400;
/** Scores of the one customer whose history is read. */
const SHORT = 20;
const LONG = 600;

interface Portfolio {
  readonly cloud: TestCloud;
  readonly customer: string;
}

let few: Portfolio;
let many: Portfolio;
beforeAll(async () => {
  few = await portfolio(FEW, SHORT);
  many = await portfolio(MANY, LONG);
});
afterAll(async () => {
  await few?.cloud.stop();
  await many?.cloud.stop();
});

const MINUTE_MS = 60_000;
const minutesAgo = (n: number) => new Date(Date.now() - n * MINUTE_MS).toISOString();

/** A cloud with so many customers, each with a score and two deployments, written some time ago. */
async function portfolio(size: number, scores: number): Promise<Portfolio> {
  // The domain connects to one database; a second cloud needs a database and a domain of its own.
  vi.resetModules();
  delete process.env.AWS_ENDPOINT_URL_DYNAMODB;
  const cloud = await testCloud();
  const { CustomerEntity } = await import("@success-manager/domain/customer");
  const { DeploymentEntity } = await import("@success-manager/domain/deployment");
  const { HealthScoreEntity, HealthScores, LatestScoreEntity } = await import(
    "@success-manager/domain/health"
  );
  const ids = Array.from({ length: size }, () => randomUUID());
  const [customer = ""] = ids;
  const at = (n: number) => {
    const moment = minutesAgo(60 + n);
    return { created_at: moment, updated_at: moment, changed_at: moment, revision: 1 };
  };
  await CustomerEntity.put(
    ids.map((id, n) => ({
      id,
      company_name: `Company ${n}`,
      industry: `Industry ${n % 7}`,
      deployed_products: [],
      status: "active" as const,
      portal_enabled: false,
      ...at(n),
    })),
  ).go();
  await DeploymentEntity.put(
    ids.flatMap((customer_id, n) =>
      [0, 1].map((k) => ({
        id: randomUUID(),
        customer_id,
        product_name: Product.options[(n + k) % 3] ?? "MonetX",
        deployment_date: "2026-01-01",
        version: "1",
        environment: Environment.options[n % 3] ?? "cloud",
        license_type: "Enterprise",
        license_expiry: minutesAgo(-n * 24 * 60).slice(0, 10),
        is_active: true,
        ...at(n),
      })),
    ),
  ).go();
  const { factors } = await HealthScores.calculate(customer);
  const figures = (n: number) => ({
    overall_score: n % 101,
    adoption_score: 50,
    engagement_score: 50,
    support_score: 50,
    financial_score: 50,
    risk_level: "medium" as const,
    score_trend: "stable" as const,
    calculated_at: minutesAgo(60 + n),
  });
  const { commit } = await import("@success-manager/domain/table");
  const { openWrites } = await import("@success-manager/domain/alert");
  for (const [n, customer_id] of ids.entries()) {
    const id = randomUUID();
    const alert = {
      id,
      customer_id,
      condition: `manual#${id}`,
      alert_type: "escalation" as const,
      severity: Severity.options[n % 4] ?? "low",
      title: "They are leaving",
      description: "So they say.",
      is_resolved: false,
      created_at: minutesAgo(60 + n),
      created_by: "system",
      updated_at: minutesAgo(60 + n),
      revision: 1,
    };
    await commit(openWrites(alert, undefined, new Date(minutesAgo(60 + n))));
  }
  await LatestScoreEntity.put(
    ids.slice(1).map((customer_id, n) => ({
      id: randomUUID(),
      customer_id,
      ...figures(n),
      trail: "",
      by_deployment: {},
      changed_at: minutesAgo(60 + n),
      revision: 1,
    })),
  ).go();
  await HealthScoreEntity.put(
    Array.from({ length: scores - 1 }, (_, n) => ({
      id: randomUUID(),
      customer_id: customer,
      ...figures(n),
      factors: JSON.stringify(factors),
    })),
  ).go();
  await cloud.settled(60_000);
  return { cloud, customer };
}

const CALLS: Readonly<Record<string, (api: Api, customer: string) => Promise<{ status: number }>>> = {
  "the list": (api) => api.customers.list({ query: { limit: 5 } }),
  "the list by score": (api) => api.customers.list({ query: { sort_by: "health_score", limit: 5 } }),
  "a search": (api) => api.customers.list({ query: { search: "pany 7" } }),
  "a filter": (api) => api.customers.list({ query: { industry: "Industry 3", min_health_score: 2 } }),
  "a late page": (api) => api.customers.list({ query: { skip: 1_000 } }),
  industries: (api) => api.customers.industries({}),
  "account managers": (api) => api.customers.accountManagers({}),
  deployments: (api) => api.deployments.list({ query: { limit: 5 } }),
  "deployment figures": (api) => api.deployments.stats({}),
  "expiring licenses": (api) => api.deployments.expiring({ query: { days: 365, limit: 5 } }),
  "a product's deployments": (api) =>
    api.deployments.byProduct({ params: { name: "GreenX" }, query: { limit: 5 } }),
  trends: (api) => api.healthScores.trends({}),
  "the distribution": (api) => api.healthScores.distribution({}),
  "customers at risk": (api) => api.healthScores.atRisk({ query: { limit: 5 } }),
  "open alerts": (api) => api.alerts.list({ query: { is_resolved: false, sort_by: "severity", limit: 5 } }),
  "a search in open alerts": (api) => api.alerts.list({ query: { status: "active", search: "pany 7" } }),
  "the newest alerts": (api) => api.alerts.list({ query: { limit: 5 } }),
  "a late page of open alerts": (api) => api.alerts.list({ query: { is_resolved: false, skip: 1_000 } }),
  "alert figures": (api) => api.alerts.stats({}),
  "alerts at a glance": (api) => api.alerts.dashboard({}),
  "a customer's alerts": (api, id) => api.alerts.byCustomer({ params: { id } }),
  "a customer's page": (api, id) => api.customers.get({ params: { id } }),
  "a page of a history": (api, id) => api.customers.healthHistory({ params: { id }, query: { limit: 5 } }),
  "a page of a timeline": (api, id) => api.customers.timeline({ params: { id }, query: { limit: 5 } }),
  "the newest score": (api, id) => api.healthScores.latest({ params: { id } }),
};

/** What a call costs in a warm container. */
async function costOf({ cloud, customer }: Portfolio, call: (typeof CALLS)[string]) {
  const { api } = cloud.viewer;
  await call(api, customer);
  cloud.database.take();
  expect((await call(api, customer)).status).toBe(200);
  const requests = cloud.database.take();
  return {
    requests: requests.map(({ operation, index }) => `${operation} ${index ?? ""}`.trim()).sort(),
    units: requests.reduce((sum, { units }) => sum + units, 0),
  };
}

describe(`with ${MANY} customers instead of ${FEW}, and ${LONG} scores instead of ${SHORT}`, () => {
  it.each(Object.entries(CALLS))("%s costs the same", async (_, call) => {
    const [small, large] = [await costOf(few, call), await costOf(many, call)];
    expect(small.units).toBeGreaterThan(0);
    expect(large).toEqual(small);
  });

  it("the answers are those of the larger portfolio", async () => {
    const { api } = many.cloud.viewer;
    expect((await api.customers.list({ query: { limit: 1 } })).body().total).toBe(MANY);
    expect((await api.deployments.stats({})).body().total_active).toBe(2 * MANY);
    expect((await api.healthScores.trends({})).body().total_customers).toBe(MANY);
    // The one score that was calculated raised an alert as well.
    expect((await api.alerts.list({ query: { is_resolved: false, limit: 1 } })).body().total).toBe(MANY + 1);
    expect((await api.alerts.list({ query: { limit: 1 } })).body().total).toBe(MANY + 1);
  });
});
