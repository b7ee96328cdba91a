import { randomUUID } from "node:crypto";
import { InteractionType, Sentiment } from "@success-manager/contract/vocabulary";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type Api, type TestCloud, testCloud } from "../support/cloud.ts";

let cloud: TestCloud;
let customer_id: string;

const HOUR_MS = 60 * 60 * 1000;
/** A prime, so that kinds are spread over the days as they are in life. */
const FEW = 359;
const MANY = 1_500;

const others = Array.from({ length: 50 }, () => randomUUID());

/** So many interactions of the same kinds, one an hour and three a day of the customer's own. */
async function putInteractions(from: number, to: number) {
  const { toStoredInteraction } = await import("@success-manager/domain/interactions");
  const { InteractionEntity, LastInteractionEntity } = await import("@success-manager/domain/table");
  const rows = Array.from({ length: to - from }, (_, i) => from + i).map((n) =>
    toStoredInteraction({
      id: randomUUID(),
      customer_id: n % 8 === 0 ? customer_id : (others[n % 50] ?? ""),
      interaction_type: InteractionType.options[n % 6] ?? "call",
      subject: `Call ${n}`,
      description: "Talked about the roadmap and the next quarter.",
      sentiment: Sentiment.options[Math.floor(n / 6) % 3] ?? "neutral",
      performed_by: "Ada",
      // Within the same days, so that the counters stand in as many items.
      interaction_date: new Date(Date.now() - (n % FEW) * HOUR_MS - n).toISOString(),
      follow_up_required: n % 5 === 0,
      follow_up_date: "2999-01-01",
    }),
  );
  await InteractionEntity.put(rows).go();
  await cloud.settled(60_000);
  // What is new in the directory is read again by each refresh, and would count as growth.
  const changed_at = new Date(Date.now() - HOUR_MS).toISOString();
  for (const owner of new Set(rows.map((row) => row.customer_id)))
    await LastInteractionEntity.patch({ customer_id: owner }).set({ changed_at }).go();
}

const CALLS: Readonly<Record<string, (api: Api) => Promise<{ status: number; raw: unknown }>>> = {
  "the list": (api) => api.interactions.list({ query: { limit: 20 } }),
  "the oldest": (api) => api.interactions.list({ query: { limit: 20, sort_order: "asc" } }),
  "a sentiment": (api) => api.interactions.list({ query: { limit: 20, sentiment: "negative" } }),
  "a type and sentiment": (api) =>
    api.interactions.list({ query: { limit: 5, interaction_type: "meeting", sentiment: "positive" } }),
  "a day": (api) => {
    const today = new Date().toISOString().slice(0, 10);
    return api.interactions.list({ query: { limit: 1, start_date: today, end_date: today } });
  },
  "a customer": (api) => api.interactions.ofCustomer({ params: { id: customer_id }, query: { limit: 5 } }),
  "a late page": async (api) => {
    const page = (await api.interactions.list({ query: { limit: 20 } })).body();
    cloud.database.take();
    return api.interactions.list({ query: { limit: 20, cursor: page.next_cursor ?? "" } });
  },
  summary: (api) => api.interactions.summary({}),
  "pending follow-ups": (api) => api.interactions.pendingFollowups({ query: { limit: 10 } }),
};

/** One for who asks, one for the rows of a page. */
const BATCHES = 2;

/** What a call costs in a warm container, once the rows that have just changed are read no more with each request. */
async function costOf(call: (typeof CALLS)[string]) {
  let cost = await costNow(call);
  await vi.waitFor(
    async () => {
      cost = await costNow(call);
      const batches = cost.requests.filter((request) => request === "BatchGetItem");
      expect(batches.length).toBeLessThanOrEqual(BATCHES);
    },
    { timeout: 60_000, interval: 200 },
  );
  return cost;
}

async function costNow(call: (typeof CALLS)[string]) {
  const { api } = cloud.viewer;
  await call(api);
  cloud.database.take();
  expect((await call(api)).status).toBe(200);
  const requests = cloud.database.take();
  // What has just changed is asked for again with each request, for ten seconds.
  const lasting = requests.filter(({ subjects }) => subjects.join() !== "list_changes");
  return {
    requests: requests.map(({ operation, index }) => `${operation} ${index ?? ""}`.trim()).sort(),
    units: lasting.reduce((sum, { units }) => sum + units, 0),
  };
}

async function costs() {
  const found: Record<string, Awaited<ReturnType<typeof costOf>>> = {};
  for (const [name, call] of Object.entries(CALLS)) found[name] = await costOf(call);
  return found;
}

let small: Awaited<ReturnType<typeof costs>>;
let large: typeof small;
beforeAll(async () => {
  cloud = await testCloud();
  const body = { company_name: "Nordlicht" };
  customer_id = (await cloud.manager.api.customers.create({ body })).body().id;
  await putInteractions(0, FEW);
  small = await costs();
  await putInteractions(FEW, MANY);
  large = await costs();
});
afterAll(() => cloud?.stop());

describe(`with ${MANY} interactions instead of ${FEW}`, () => {
  it.each(Object.keys(CALLS))("%s takes as many requests, of the same size", (name) => {
    expect(small[name]?.units).toBeGreaterThan(0);
    expect(large[name]).toEqual(small[name]);
  });

  it("the totals are those of all interactions", async () => {
    expect((await cloud.viewer.api.interactions.list({})).body().total).toBe(MANY);
  });
});
