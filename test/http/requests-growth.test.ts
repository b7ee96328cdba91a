import type { Group } from "@success-manager/contract/dsl/group";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { groups } from "../support/cloud.ts";
import { type GrowingPortfolio, growingPortfolio } from "../support/growing-portfolio.ts";
import { READINGS, type Reading } from "../support/readings.ts";

const FEW = 10;
const MANY = 400;
/** Scores of the one customer whose history is read. */
const SHORT = 20;
const LONG = 600;

let few: GrowingPortfolio;
let many: GrowingPortfolio;
beforeAll(async () => {
  few = await growingPortfolio(FEW, SHORT);
  many = await growingPortfolio(MANY, LONG);
});
afterAll(async () => {
  await few?.cloud.stop();
  await many?.cloud.stop();
});

/** Months that the last 180 days are part of: six or seven, as today's date will have it. */
function trendMonths(): number {
  const now = new Date();
  const start = new Date(now.getTime() - 180 * 24 * 60 * 60 * 1000);
  const monthOf = (day: Date) => day.getUTCFullYear() * 12 + day.getUTCMonth();
  return monthOf(now) - monthOf(start) + 1;
}

/**
 * What each call costs in a warm container: read units, those of signing in included (2), and requests besides that
 * one. What costs more than is written here fails, and so does what costs less: write it down, so that it stays.
 */
const COSTS: Readonly<Record<string, readonly [units: number, requests: string]>> = {
  "GET /auth/me": [2, ""],

  "GET /users": [2.5, "Query byType"],
  "GET /users/{user_id}": [3, "GetItem"],

  "GET /customers": [2.5, "Query byType"],
  "GET /customers by score": [2.5, "Query byType"],
  "GET /customers with a text": [2.5, "Query byType"],
  "GET /customers with conditions": [2.5, "Query byType"],
  "GET /customers from far behind": [2.5, "Query byType"],
  "GET /customers/industries": [2.5, "Query byType"],
  "GET /customers/account-managers": [2.5, "Query byType"],
  "GET /customers/search": [2.5, "Query byType"],
  "GET /customers/at-risk": [2.5, "Query byType"],
  "GET /customers/expiring-soon": [2.5, "Query byType"],
  "GET /customers/{id}": [7.5, "BatchGetItem, Query, Query byCustomer, Query byType"],
  "GET /customers/{id}/timeline": [7, "BatchGetItem, Query, Query byCustomer"],
  "GET /customers/{id}/health-history": [5, "BatchGetItem, Query"],

  "GET /deployments": [2.5, "Query byType"],
  "GET /deployments/stats": [2.5, "Query byType"],
  "GET /deployments/expiring": [2.5, "Query byType"],
  "GET /deployments/by-product/{name}": [2.5, "Query byType"],
  "GET /deployments/{id}": [4.5, "GetItem, GetItem, Query"],

  "GET /health-scores/customer/{id}": [3, "Query"],
  "GET /health-scores/customer/{id}/history": [4, "BatchGetItem, Query"],
  "GET /health-scores/trends": [2.5, "Query byType"],
  "GET /health-scores/at-risk": [2.5, "Query byType"],
  "GET /health-scores/distribution": [2.5, "Query byType"],

  "GET /dashboard/stats": [3, "Query byType, Query byType"],
  "GET /dashboard/health-distribution": [2.5, "Query byType"],
  "GET /dashboard/health-trends": [2.5, "Query"],
  "GET /dashboard/health-trends by day": [2.5, "Query"],
  "GET /dashboard/csat-trends": [2.5, "Query"],
  "GET /dashboard/customer-segments": [2.5, "Query byType"],
  "GET /dashboard/upcoming-renewals": [2.5, "Query byType"],
  "GET /dashboard/recent-activity": [4, "Query byType, Query byType, Query byType, Query byType"],
  "GET /dashboard/product-performance": [3.5, "BatchGetItem, Query byType"],
  "GET /dashboard/account-manager-performance": [3, "Query byType, Query byType"],
  "GET /dashboard/overview": [3, "Query, Query byType"],
  "GET /dashboard/top-performers": [2.5, "Query byType"],
  "GET /dashboard/needs-attention": [2.5, "Query byType"],

  "GET /csat": [3, "Query byType, Query byType"],
  "GET /csat with days": [3.5, "Query, Query byType, Query byType"],
  "GET /csat with a type": [4.5, "Query byType, Query byType"],
  "GET /csat with a customer": [5, "BatchGetItem, Query byCustomer"],
  "GET /csat/analytics": [20, "BatchGetItem, Query, Query, Query, Query byType"],
  // One for each month of its trend.
  "GET /csat/customer/{customer_id}/summary": [5 + trendMonths(), "BatchGetItem, Query byCustomer"],
  "GET /csat/{survey_id}": [4, "GetItem, GetItem"],

  "GET /alerts": [3, "Query byType, Query byType"],
  "GET /alerts with days": [3.5, "Query, Query byType, Query byType"],
  "GET /alerts that are open": [3, "Query byType, Query byType"],
  "GET /alerts that are open, with a text": [3, "Query byType, Query byType"],
  "GET /alerts that are open, from far behind": [3, "Query byType, Query byType"],
  "GET /alerts/dashboard": [5, "BatchGetItem, Query byType, Query byType"],
  "GET /alerts/stats": [11.5, "BatchGetItem, Query byType"],
  "GET /alerts/customer/{id}": [4, "BatchGetItem, Query"],
  "GET /alerts/{id}": [3.5, "GetItem, Query byType"],

  "GET /interactions": [3.5, "Query byType, Query byType"],
  "GET /interactions with dates": [4, "Query, Query byType, Query byType"],
  "GET /interactions with a customer": [5, "BatchGetItem, Query byCustomer"],
  "GET /interactions/summary": [3.5, "Query, Query, Query"],
  "GET /interactions/pending-followups": [3.5, "Query byDueDate, Query byType"],
  "GET /interactions/customer/{id}": [5, "BatchGetItem, Query byCustomer"],
  "GET /interactions/{id}": [4, "BatchGetItem, GetItem"],

  "GET /reports/scheduled": [4, "BatchGetItem, Query byType"],
  "GET /reports/scheduled/{id}": [3, "GetItem"],
  "GET /reports/history": [4, "BatchGetItem, Query byType"],
  "GET /reports/history with days": [3.5, "Query, Query byType"],
  "GET /reports/history with a status": [4, "BatchGetItem, Query byType"],
  "GET /reports/history/{id}": [3, "GetItem"],
  "GET /reports/history/{id}/download": [3, "GetItem"],
  "GET /reports/dashboard": [3.5, "BatchGetItem, Query"],

  "GET /scheduler/jobs": [8, "BatchGetItem"],
};

/** What a call costs in a warm container. */
async function costOf(call: Reading, portfolio: GrowingPortfolio) {
  const { api } = portfolio.cloud.admin;
  const { database } = portfolio.cloud;
  await call(api, portfolio);
  database.take();
  expect((await call(api, portfolio)).status).toBe(200);
  const asked = database.take();
  const units = asked.reduce((sum, request) => sum + request.units, 0);
  const names = asked.map(({ operation, index }) => `${operation} ${index ?? ""}`.trim()).sort();
  names.splice(names.indexOf(AUTHENTICATION), 1);
  return [units, names.join(", ")];
}

const AUTHENTICATION = "BatchGetItem";

const readingOf = ({ prefix, endpoints }: Group) =>
  Object.values(endpoints)
    .filter(({ method, access }) => method === "GET" && access !== "public")
    .map(({ path }) => `GET ${prefix.replace("/api/v1", "")}${path === "/" ? "" : path}`);

describe("what reading costs", () => {
  it("is written down for every endpoint that reads", () => {
    const known = new Set(Object.keys(READINGS).map((name) => name.replace(/^(GET \S+).*/, "$1")));
    expect([...known].sort()).toEqual(groups.flatMap(readingOf).sort());
    expect(Object.keys(COSTS).sort()).toEqual(Object.keys(READINGS).sort());
  });

  it.each(Object.entries(READINGS))("%s", async (name, call) => {
    expect(await costOf(call, few)).toEqual(COSTS[name]);
    expect(await costOf(call, many)).toEqual(COSTS[name]);
  });

  it("is for the answers of the larger portfolio", async () => {
    const { api } = many.cloud.viewer;
    expect((await api.customers.list({ query: { limit: 1 } })).body().total).toBe(MANY);
    expect((await api.deployments.stats({})).body().total_active).toBe(2 * MANY);
    expect((await api.healthScores.trends({})).body().total_customers).toBe(MANY);
    expect((await api.dashboard.stats({})).body().total_customers).toBe(MANY);
    expect((await api.interactions.list({ query: { limit: 1 } })).body().total).toBe(3 * MANY);
    expect((await api.csat.list({ query: { limit: 1 } })).body().total).toBe(2 * MANY);
    expect((await api.reports.listHistory({ query: { limit: 1 } })).body().total).toBe(2 * MANY);
    expect((await api.reports.dashboard({})).body()).toMatchObject({
      total_scheduled: MANY,
      active_scheduled: MANY / 2,
    });
    // The one score that was calculated raised an alert as well.
    expect((await api.alerts.list({ query: { is_resolved: false, limit: 1 } })).body().total).toBe(MANY + 1);
    expect((await api.alerts.list({ query: { limit: 1 } })).body().total).toBe(MANY + 1);
  });
});
