import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { Person } from "../support/cloud.ts";
import { type GrowingPortfolio, growingPortfolio } from "../support/growing-portfolio.ts";
import { isRead, type SampleCall, samples } from "../support/sample-calls.ts";

const FEW = 20;
const MANY = 400;
/** Scores of the one customer whose history is read. */
const SHORT = 60;
const LONG = 600;

let few: GrowingPortfolio;
let many: GrowingPortfolio;
beforeAll(async () => {
  few = await growingPortfolio(FEW, SHORT);
  many = await growingPortfolio(MANY, LONG);
  // The directory reads rows once more with each request while they are as young as half a minute.
  for (const { cloud } of [few, many])
    await vi.waitFor(
      async () => {
        await cloud.admin.api.customers.list({});
        cloud.database.take();
        await cloud.admin.api.customers.list({});
        expect(cloud.database.take().find(({ index }) => index === "byType")?.units).toBe(0.5);
      },
      { timeout: 120_000, interval: 500 },
    );
});
afterAll(async () => {
  await few?.cloud.stop();
  await many?.cloud.stop();
});

const readings = samples.filter((sample) => isRead(sample) && sample.endpoint.access !== "public");

/** Public calls alone need these. */
const PUBLIC_ROWS = {
  mailed: { leave: "", file: "" },
  link: { id: "", token: "" },
  session: { email: "", refresh_token: "" },
  invited: "",
  invitation: "",
  linked: "",
  oidcCode: "",
  suppression: "",
  logo: "",
  apiKey: "",
  avatar: "",
  protected: "",
  second: { ticket: "", code: "" },
  published: "",
};

/** What a call costs in a warm container: read units, and the requests besides that of signing in. */
async function costOf(call: SampleCall, portfolio: GrowingPortfolio, { api }: Person) {
  const { database } = portfolio.cloud;
  const rows = { ...portfolio, ...PUBLIC_ROWS };
  // The first call loads what is kept in memory, the second takes what has changed meanwhile.
  await call(api, rows);
  await call(api, rows);
  // Nothing that it has written is under way.
  await portfolio.cloud.settled();
  database.take();
  expect((await call(api, rows)).status).toBe(200);
  const asked = database.take();
  const units = asked.reduce((sum, request) => sum + request.units, 0);
  const names = asked.map(({ operation, index }) => `${operation} ${index ?? ""}`.trim()).sort();
  names.splice(names.indexOf(AUTHENTICATION), 1);
  return { units, requests: names.join(", ") || "none" };
}

/**
 * What a call costs in both portfolios. What was written a few seconds ago is read once more with each call, so the
 * newer portfolio costs more at first.
 */
async function costOfBoth(call: SampleCall, caller: (portfolio: GrowingPortfolio) => Person) {
  let cost = { units: Number.NaN, requests: "" };
  const compared = async () => {
    cost = await costOf(call, few, caller(few));
    const large = await costOf(call, many, caller(many));
    return isDeepStrictEqual(cost, large) ? "the same" : [cost, large];
  };
  await expect.poll(compared, { timeout: 60_000 }).toBe("the same");
  return cost;
}

/** About one report or schedule, which is their owner's. */
const OWN = /^reports\.(download|getHistory|getSchedule|tables)$/;

const AUTHENTICATION = "BatchGetItem";

/** What each call costs, as a line says it. */
const costs = new Map<string, string>();

const INTRODUCTION = `# What reading costs

Read units (signing in included: 2) and requests (besides that one) of each call that reads, in a warm function: the same with ${FEW} customers and with ${MANY}. Written by \`test/http/requests-growth.test.ts\`, never by hand:

\`\`\`
npx vitest run --project http test/http/requests-growth.test.ts -u
\`\`\`

Which requests these are: [access-patterns.md](access-patterns.md). Lists that read \`list_changes\` are answered from a copy in memory ([read-models.md](read-models.md#copies-of-lists)); half a unit for each row that they show.

| Endpoint | Units | Requests |
| -------- | ----: | -------- |
`;

describe("what reading costs", () => {
  it.each(readings)("$title costs the same in a larger portfolio", async ({ title, call }) => {
    const { units, requests } = await costOfBoth(call, ({ cloud }) => cloud.admin);
    costs.set(title, `${units} | ${requests}`);
  });

  const narrowedReadings = readings.filter(
    ({ endpoint }) => endpoint.access !== "admin" && endpoint.sees !== "all",
  );
  describe.each(["owned", "team"] as const)("for who sees customers that are %s", (access) => {
    it.each(narrowedReadings.filter(({ id }) => access === "owned" || !OWN.test(id)))(
      "$title costs the same in a larger portfolio",
      async ({ call }) => {
        await costOfBoth(call, ({ narrowed }) => narrowed[access]);
      },
    );

    it("is for the answers of a part that grows with the portfolio", async () => {
      for (const [portfolio, size] of [
        [few, FEW],
        [many, MANY],
      ] as const) {
        const { api } = portfolio.narrowed[access];
        const seen = size * { owned: 0.8, team: 0.9 }[access];
        expect((await api.customers.list({ query: { limit: 1 } })).body().total).toBe(seen);
        expect((await api.interactions.list({ query: { limit: 1 } })).body().total).toBe(3 * seen);
        expect((await api.csat.list({ query: { limit: 1 } })).body().total).toBe(2 * seen);
        expect((await api.tickets.list({ query: { limit: 1 } })).body().total).toBe(seen);
        expect((await api.dashboard.stats({})).body().total_customers).toBe(seen);
        expect((await api.surveyRequests.stats({})).body().total).toBe(3 * seen);
        const own = access === "owned" ? 2 * seen : 0;
        expect((await api.reports.listHistory({ query: { limit: 1 } })).body().total).toBe(own);
      }
    });
  });

  it("of the largest page of a list is 60 units at most, whatever it is asked for", async () => {
    const { api } = many.cloud.admin;
    const largest = { limit: 100, skip: 150 };
    const asked: Record<string, () => Promise<{ status: number }>> = {
      interactions: () => api.interactions.list({ query: { ...largest, search: "roadmap" } }),
      "interactions from far behind": () => api.interactions.list({ query: { ...largest, skip: 1_000 } }),
      performers: () => api.interactions.list({ query: { ...largest, performed_by: "ad" } }),
      responses: () => api.csat.list({ query: { ...largest, search: "roadmap" } }),
      "responses by name": () => api.csat.list({ query: { ...largest, sort_by: "customer_name" } }),
      requests: () => api.surveyRequests.list({ query: { ...largest, search: "ada@", sort_by: "status" } }),
      "open requests": () => api.surveyRequests.list({ query: { ...largest, status: "pending" } }),
      alerts: () => api.alerts.list({ query: { ...largest, search: "leaving" } }),
      tickets: () => api.tickets.list({ query: { ...largest, sort_by: "subject" } }),
      "late tickets": () => api.tickets.list({ query: { ...largest, sla_breached: false } }),
      schedules: () => api.reports.listSchedules({ query: { ...largest, sort_by: "report_name" } }),
      reports: () => api.reports.listHistory({ query: { ...largest, report_type: "health_summary" } }),
    };
    for (const [name, ask] of Object.entries(asked)) {
      await ask();
      await ask();
      many.cloud.database.take();
      expect((await ask()).status).toBe(200);
      const units = many.cloud.database.take().reduce((sum, request) => sum + request.units, 0);
      expect.soft(units, name).toBeLessThanOrEqual(60);
    }
  });

  it("is what docs/read-costs.md says", async () => {
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
