import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type GrowingPortfolio, growingPortfolio } from "../support/growing-portfolio.ts";
import { isRead, type SampleCall, samples } from "../support/sample-calls.ts";

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
}, 180_000);
afterAll(async () => {
  await few?.cloud.stop();
  await many?.cloud.stop();
});

/**
 * Calls that cost more where there are more rows: no index and no counter knows what they ask for, so they look through
 * up to 5 000 entries; or they read on past rows that do not fit until their page is full.
 */
const GROWING = new Set([
  "GET /csat with a text",
  "GET /survey-requests with a text",
  "GET /alerts with a text",
  "GET /interactions with a text",
  "GET /tickets with a text",
  "GET /tickets that are late",
  "GET /reports/scheduled that are active",
  "GET /reports/scheduled in another order",
  "GET /reports/history of a schedule",
]);

const readings = samples.filter((sample) => isRead(sample) && sample.endpoint.access !== "public");

/** Public calls alone need these. */
const PUBLIC_ROWS = {
  mailed: { leave: "", file: "" },
  link: { id: "", token: "" },
  session: { email: "", refresh_token: "" },
  invited: "",
  invitation: "",
};

/** What a call costs in a warm container: read units, and the requests besides that of signing in. */
async function costOf(call: SampleCall, portfolio: GrowingPortfolio) {
  const { api } = portfolio.cloud.admin;
  const { database } = portfolio.cloud;
  const rows = { ...portfolio, ...PUBLIC_ROWS };
  await call(api, rows);
  database.take();
  expect((await call(api, rows)).status).toBe(200);
  const asked = database.take();
  const units = asked.reduce((sum, request) => sum + request.units, 0);
  const names = asked.map(({ operation, index }) => `${operation} ${index ?? ""}`.trim()).sort();
  names.splice(names.indexOf(AUTHENTICATION), 1);
  return { units, requests: names.join(", ") || "none" };
}

const AUTHENTICATION = "BatchGetItem";

/** What each call costs, as a line says it. */
const costs = new Map<string, string>();

const INTRODUCTION = `# What reading costs

Read units (signing in included: 2) and requests (besides that one) of each call that reads, in a warm function: the same with ${FEW} customers and with ${MANY}. Written by \`test/http/requests-growth.test.ts\`, never by hand:

\`\`\`
npx vitest run --project http test/http/requests-growth.test.ts -u
\`\`\`

Which requests these are: [access-patterns.md](access-patterns.md). A call that "grows" looks through up to 5 000 entries, because neither an index nor a counter knows what it asks for, or reads past rows that do not fit until its page is full.

| Endpoint | Units | Requests |
| -------- | ----: | -------- |
`;

describe("what reading costs", () => {
  const steady = readings.filter(({ title }) => !GROWING.has(title));
  it.each(steady)("$title costs the same in a larger portfolio", async ({ title, call }) => {
    const cost = await costOf(call, few);
    expect(await costOf(call, many)).toEqual(cost);
    costs.set(title, `${cost.units} | ${cost.requests}`);
  });

  const growing = readings.filter(({ title }) => GROWING.has(title));
  it.each(growing)("$title costs more in a larger portfolio", async ({ title, call }) => {
    const { units } = await costOf(call, few);
    expect((await costOf(call, many)).units).toBeGreaterThan(units);
    costs.set(title, "grows | grow");
  });

  it("is what docs/read-costs.md says", async () => {
    expect([...GROWING].sort()).toEqual(growing.map(({ title }) => title).sort());
    const lines = readings.map(({ title }) => {
      const [method, path, ...difference] = title.split(" ");
      const cost = costs.get(title);
      if (!cost) throw new Error(`${title} was not called: run the whole file`);
      return `| ${[`\`${method} ${path}\``, ...difference].join(" ")} | ${cost} |\n`;
    });
    await expect(INTRODUCTION + lines.join("")).toMatchFileSnapshot("../../docs/read-costs.md");
  });

  it("is for the answers of the larger portfolio", async () => {
    const { api } = many.cloud.viewer;
    expect((await api.customers.list({ query: { limit: 1 } })).body().total).toBe(MANY);
    expect((await api.deployments.stats({})).body().total_active).toBe(2 * MANY);
    expect((await api.healthScores.trends({})).body().total_customers).toBe(MANY);
    expect((await api.dashboard.stats({})).body().total_customers).toBe(MANY);
    expect((await api.interactions.list({ query: { limit: 1 } })).body().total).toBe(3 * MANY);
    expect((await api.csat.list({ query: { limit: 1 } })).body().total).toBe(2 * MANY);
    expect((await api.tickets.list({ query: { limit: 1 } })).body().total).toBe(MANY);
    expect((await api.reports.listHistory({ query: { limit: 1 } })).body().total).toBe(2 * MANY);
    expect((await api.reports.dashboard({})).body()).toMatchObject({
      total_scheduled: MANY,
      active_scheduled: MANY / 2,
    });
    expect((await api.surveyRequests.stats({})).body()).toMatchObject({
      ...{ total: 3 * MANY, completed: 2 * MANY, pending: MANY, response_rate: 66.7 },
    });
    // The one score that was calculated raised an alert as well.
    expect((await api.alerts.list({ query: { is_resolved: false, limit: 1 } })).body().total).toBe(MANY + 1);
    expect((await api.alerts.list({ query: { limit: 1 } })).body().total).toBe(MANY + 1);
  });
});
