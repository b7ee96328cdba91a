import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type Api, type Person, type TestCloud, testCloud } from "../support/cloud.ts";
import { putSchedule } from "../support/report-schedule.ts";
import { withinAnHour } from "../support/window.ts";

const QUOTAS = { reports: 2, mails: 4, jobs: 3 };
const HOUR_S = 60 * 60;

let cloud: TestCloud;
let customer_id: string;
beforeAll(async () => {
  cloud = await testCloud({ environment: { QUOTAS: JSON.stringify(QUOTAS) } });
  const body = { company_name: "Nordlicht" };
  customer_id = (await cloud.manager.api.customers.create({ body })).body().id;
});
afterAll(() => cloud?.stop());

interface Answered {
  readonly status: number;
  readonly raw: unknown;
  readonly headers: Headers;
}
type Call = (api: Api) => Promise<Answered>;

const link = (send_to?: string): Call => {
  return (api) =>
    api.csat.createLink({ body: { customer_id, survey_type: "nps", ...(send_to && { send_to }) } });
};
const generate: Call = (api) => api.reports.generate({ body: { report_type: "health_summary" } });
const runScheduled: Call = (api) => api.reports.runScheduled({});

/** What costs, and how often a user may do it in an hour. */
const COSTLY: [name: string, call: Call, most: number, refused?: Call][] = [
  [
    "generating reports",
    generate,
    QUOTAS.reports,
    (api) => api.reports.generate({ body: { report_type: "none" as "health_summary" } }),
  ],
  [
    "generating reports in the background",
    (api) => api.reports.generate({ query: { async: true }, body: { report_type: "health_summary" } }),
    QUOTAS.reports,
  ],
  ["mailing survey links", link("ada@example.com"), QUOTAS.mails, link("nobody")],
  [
    "asking for opinions",
    (api) =>
      api.surveyRequests.create({
        body: { customer_id, survey_type: "nps", target_type: "specific", target_email: "ada@example.com" },
      }),
    QUOTAS.mails,
  ],
  [
    "inviting users",
    (api) =>
      api.users.invite({
        body: { email: `${randomUUID()}@example.com`, full_name: "Ada", role: "viewer" },
      }),
    QUOTAS.mails,
    (api) => api.users.invite({ body: { email: "nobody", full_name: "Ada", role: "viewer" } }),
  ],
  ["sending reports that are due", runScheduled, QUOTAS.jobs],
  ["scoring all customers", (api) => api.healthScores.calculateAll({}), QUOTAS.jobs],
  ["looking for alerts", (api) => api.alerts.runChecks({}), QUOTAS.jobs],
  [
    "starting jobs",
    (api) => api.scheduler.run({ params: { job: "directory_snapshot" } }),
    QUOTAS.jobs,
    (api) => api.scheduler.run({ params: { job: "x".repeat(65) } }),
  ],
];

/** A fresh user: nobody has spent anything of their quotas. */
const somebody = (): Promise<Person> => cloud.person("admin");

/** How many times a call was refused, of so many one after the other; the last answer. */
async function repeat(call: Call, api: Api, times: number) {
  const statuses: number[] = [];
  let last: Answered | undefined;
  for (let n = 0; n < times; n++) {
    last = await call(api);
    statuses.push(last.status);
  }
  return { statuses, last };
}

describe("a user", () => {
  it.each(COSTLY)("has a quota for %s", (...[, call, most, refused]) =>
    withinAnHour(async () => {
      const { api } = await somebody();
      // What is wrong costs nothing.
      if (refused) expect((await repeat(refused, api, most + 1)).statuses).toEqual(Array(most + 1).fill(422));
      const { statuses, last } = await repeat(call, api, most + 2);
      expect(statuses.slice(0, most)).not.toContain(429);
      expect(statuses.slice(most)).toEqual([429, 429]);
      const seconds = Number(last?.headers.get("retry-after"));
      expect(seconds).toBeGreaterThan(0);
      expect(seconds).toBeLessThanOrEqual(HOUR_S);
      expect(last?.raw).toEqual({
        detail: expect.stringMatching(
          /^You have used up the .* in an hour\. Try again in (a minute|\d+ minutes)\.$/,
        ),
      });
      // Others have theirs.
      expect((await call((await somebody()).api)).status).not.toBe(429);
    }),
  );

  it("spends no more than the quota with many calls at once", () =>
    withinAnHour(async () => {
      const { api } = await somebody();
      const answers = await Promise.all(Array.from({ length: 12 }, () => link("ada@example.com")(api)));
      expect(answers.map(({ status }) => status).filter((status) => status === 200)).toHaveLength(
        QUOTAS.mails,
      );
      expect(answers.filter(({ status }) => status === 429)).toHaveLength(12 - QUOTAS.mails);
    }));

  it("who mails nothing, or only reads, spends nothing", async () => {
    const { api } = await somebody();
    expect((await repeat(link(), api, 2 * QUOTAS.mails)).statuses).not.toContain(429);
    expect((await repeat((one) => one.reports.listHistory({}), api, 5)).statuses).not.toContain(429);
  });

  it("spends the mails of reports that are sent", () =>
    withinAnHour(async () => {
      const { api } = await somebody();
      await putSchedule({
        recipients: Array.from({ length: QUOTAS.mails }, (_, n) => `reader${n}@example.com`),
      });
      expect((await runScheduled(api)).raw).toMatchObject({ results: { generated: 1 } });
      expect((await link("ada@example.com")(api)).status).toBe(429);
      expect((await runScheduled(api)).status).toBe(429);
      expect((await generate(api)).status).toBe(200);
    }));

  it("may go on in the next hour", async () => {
    const { spend } = await import("@success-manager/domain/rate-limit");
    const now = Date.UTC(2026, 0, 31, 8, 59, 30);
    vi.stubEnv("QUOTAS", undefined);
    for (let n = 0; n < 120; n++) await spend("u", ["jobs"], { now });
    await expect(spend("u", ["jobs"], { now })).rejects.toMatchObject({
      status: 429,
      headers: { "retry-after": "30" },
      message: "You have used up the 120 jobs that one person may start in an hour. Try again in a minute.",
    });
    await spend("u", ["jobs"], { now: now + 30_000 });
    // As a whole or not at all.
    await expect(spend("u", ["mails"], { now, by: 301 })).rejects.toMatchObject({ status: 429 });
    await spend("u", ["mails"], { now, by: 300 });
    await expect(spend("u", ["mails", "reports"], { now })).rejects.toMatchObject({ status: 429 });
    vi.unstubAllEnvs();
  });
});
