import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type Api, type TestCloud, testCloud } from "../support/cloud.ts";

const FEW = 150;
const MANY = 1_200;
/** Of any of these calls. */
const MOST_UNITS = 60;

let cloud: TestCloud;
let customer: string;
let others: string[];
/** What each call cost with few responses and with many. */
const costs = new Map<string, Cost[]>();

interface Cost {
  readonly requests: readonly string[];
  readonly units: number;
}

const CALLS: Readonly<Record<string, (api: Api, customer_id: string) => Promise<{ status: number }>>> = {
  "the newest": (api) => api.csat.list({ query: { limit: 20 } }),
  "the newest of a type": (api) => api.csat.list({ query: { limit: 20, survey_type: "nps" } }),
  "the newest low ones": (api) => api.csat.list({ query: { limit: 20, max_score: 2 } }),
  "a type without responses": (api) => api.csat.list({ query: { survey_type: "onboarding" } }),
  "a late page": (api) => api.csat.list({ query: { skip: 1_000_000 } }),
  "some days": (api) =>
    api.csat.list({ query: { start_date: "2024-01-01", end_date: "2024-01-31", limit: 20 } }),
  analytics: (api) => api.csat.analytics({}),
  "a customer's": (api, customer_id) => api.csat.list({ query: { customer_id, limit: 5 } }),
  "a customer's summary": (api, customer_id) => api.csat.summary({ params: { customer_id } }),
};

beforeAll(async () => {
  cloud = await testCloud();
  [customer = "", ...others] = await customers(10);
  await putSurveys(20, [customer]);
  await putSurveys(FEW, others);
  await measure();
  await putSurveys(MANY, others);
  await measure();
});
afterAll(() => cloud?.stop());

/** So many customers. They came a year ago: what is new is read again by each refresh, and would count as growth. */
async function customers(count: number) {
  const { CustomerEntity } = await import("@success-manager/domain/table");
  const came = new Date(Date.now() - 365 * 24 * 60 * 60 * 1000).toISOString();
  const ids = Array.from({ length: count }, () => randomUUID());
  await CustomerEntity.put(
    ids.map((id, n) => ({
      id,
      company_name: `Company ${n}`,
      deployed_products: [],
      status: "active" as const,
      portal_enabled: false,
      created_at: came,
      updated_at: came,
      changed_at: came,
      revision: 1,
    })),
  ).go();
  return ids;
}

/** So many responses about MonetX, spread over 2024 and these customers. */
async function putSurveys(count: number, owners: readonly string[]) {
  const { toStoredSurvey } = await import("@success-manager/domain/surveys");
  const { SurveyEntity } = await import("@success-manager/domain/table");
  const start = Date.UTC(2024, 0, 1);
  const surveys = Array.from({ length: count }, (_, n) =>
    toStoredSurvey(
      {
        id: randomUUID(),
        customer_id: owners[n % owners.length] ?? "",
        survey_type: (["nps", "quarterly", "post_ticket"] as const)[n % 3] ?? "nps",
        score: 1 + (n % 5),
        submitted_by_name: "Ada",
        submitted_by_email: "ada@example.com",
        submitted_at: new Date(start + ((n * 7_919_000) % (360 * 86_400)) * 1_000).toISOString(),
        product: "MonetX",
        product_deployment_id: randomUUID(),
        feedback_text: "Great roadmap",
      },
      "Company",
    ),
  );
  await SurveyEntity.put(surveys).go();
  await cloud.settled(120_000);
}

async function measure() {
  const { api } = cloud.viewer;
  for (const [name, call] of Object.entries(CALLS)) {
    let before: Cost | undefined;
    const cost = await vi.waitFor(
      async () => {
        await call(api, customer);
        cloud.database.take();
        expect((await call(api, customer)).status).toBe(200);
        const seen = cloud.database.take();
        const requests = seen.map(({ operation, index }) => `${operation} ${index ?? ""}`.trim()).sort();
        // What has just changed is asked for again with each request, for ten seconds.
        const lasting = seen.filter(({ subjects }) => subjects.join() !== "list_changes");
        const units = lasting.reduce((sum, { units }) => sum + units, 0);
        expect(units).toBeLessThan(MOST_UNITS);
        // A refresh that has fallen due meanwhile is no part of what each call costs.
        const last = before;
        before = { requests, units };
        expect(before).toEqual(last);
        return before;
      },
      { timeout: 60_000, interval: 50 },
    );
    costs.set(name, [...(costs.get(name) ?? []), cost]);
  }
}

describe(`with ${MANY} responses more`, () => {
  it.each(Object.keys(CALLS))("%s cost the same", (name) => {
    const [few, many] = costs.get(name) ?? [];
    expect(few?.units).toBeGreaterThan(0);
    expect(many).toEqual(few);
  });

  it("the lists know all of them", async () => {
    const { api } = cloud.viewer;
    const total = FEW + MANY + 20;
    expect((await api.csat.list({ query: { limit: 1 } })).body().total).toBe(total);
    expect((await api.csat.analytics({})).body().total_responses).toBe(total);
  });
});
