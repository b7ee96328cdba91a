import type { NewReportSchedule, ReportScheduleFilter } from "@success-manager/contract/report-schedules";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type * as z from "zod";
import { type Api, type TestCloud, testCloud } from "../support/cloud.ts";

const SCHEDULES = [
  ["beta", "health_summary", "daily", true, "2031-01-03"],
  ["Alpha", "csat_analysis", "weekly", true, "2031-01-02"],
  ["gamma", "csat_analysis", "weekly", false, "2031-01-01"],
  ["Delta", "executive_summary", "monthly", false, "2031-01-05"],
  ["alpha", "health_summary", "quarterly", true, "2031-01-04"],
] as const;

let cloud: TestCloud;
let api: Api;
beforeAll(async () => {
  cloud = await testCloud();
  api = cloud.viewer.api;
  for (const [report_name, report_type, frequency, is_active, day] of SCHEDULES) {
    const when = { is_active, next_scheduled_at: `${day}T06:00:00Z` };
    const body: z.input<typeof NewReportSchedule> = {
      ...{ report_name, report_type, frequency, ...when },
      recipients: ["ada@example.com"],
    };
    (await cloud.manager.api.reports.createSchedule({ body })).body();
  }
  await cloud.settled();
});
afterAll(() => cloud?.stop());

type Query = z.input<typeof ReportScheduleFilter>;
const list = async (query: Query = {}) => (await api.reports.listSchedules({ query })).body();
const names = async (query: Query = {}) => {
  const { reports, total } = await list(query);
  return [total, ...reports.map(({ report_name }) => report_name)];
};

describe("the list of schedules", () => {
  it("shows the newest first, as each is shown alone", async () => {
    expect(await names()).toEqual([5, "alpha", "Delta", "gamma", "Alpha", "beta"]);
    const { reports } = await list();
    for (const schedule of reports)
      expect((await api.reports.getSchedule({ params: { id: schedule.id } })).body()).toEqual(schedule);
  });

  it.each([
    [{ report_type: "csat_analysis" }, [2, "gamma", "Alpha"]],
    [{ frequency: "weekly", is_active: false }, [1, "gamma"]],
    [{ is_active: "true" }, [3, "alpha", "Alpha", "beta"]],
    [{ report_type: "health_summary", frequency: "quarterly", is_active: true }, [1, "alpha"]],
    [{ report_type: "customer_overview" }, [0]],
    [{ sort_order: "asc" }, [5, "beta", "Alpha", "gamma", "Delta", "alpha"]],
    [{ sort_by: "next_scheduled_at", sort_order: "asc" }, [5, "gamma", "Alpha", "beta", "alpha", "Delta"]],
    [{ sort_by: "report_type", sort_order: "asc", limit: 2 }, [5, expect.any(String), expect.any(String)]],
    [{ sort_by: "report_name", is_active: true, limit: 1, sort_order: "desc" }, [3, "beta"]],
    [{ skip: 3, limit: 1 }, [5, "Alpha"]],
    [{ skip: 5 }, [5]],
    [{ skip: 100, sort_by: "report_name" }, [5]],
  ] as const)("of %j", async (query, expected) => {
    expect(await names(query)).toEqual(expected);
  });

  it("is sorted by name whatever its case, and those that were never generated come last", async () => {
    const { reports } = await list({ sort_by: "report_name", sort_order: "asc" });
    expect(reports.map(({ name }) => name.toLowerCase())).toEqual([
      "alpha",
      "alpha",
      "beta",
      "delta",
      "gamma",
    ]);
    expect((await list({ sort_by: "last_generated_at" })).total).toBe(5);
  });

  it.each([
    {},
    { sort_by: "report_name" },
    { is_active: true },
    { sort_by: "frequency", sort_order: "asc" },
  ] as const)("of %j comes in pages that miss and repeat nothing", async (query) => {
    const { reports, total } = await list(query);
    const found: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await list({ ...query, limit: 2, cursor });
      found.push(...page.reports.map(({ id }) => id));
      cursor = page.next_cursor ?? undefined;
    } while (cursor);
    expect(found).toEqual(reports.map(({ id }) => id));
    expect(found.length).toBe(total);
  });

  it.each([
    [{ sort_by: "secret" }, "sort_by"],
    [{ sort_by: "constructor" }, "sort_by"],
    [{ sort_order: "up" }, "sort_order"],
    [{ report_type: "all" }, "report_type"],
    [{ frequency: "hourly" }, "frequency"],
    [{ is_active: "maybe" }, "is_active"],
    [{ limit: 0 }, "limit"],
    [{ skip: -1 }, "skip"],
    [{ cursor: "!" }, "cursor"],
    [{ cursor: Buffer.from('["yesterday","x"]').toString("base64url") }, "cursor"],
    [{ cursor: Buffer.from("[]").toString("base64url"), sort_by: "report_name" }, "cursor"],
    [{ cursor: "x".repeat(4097) }, "cursor"],
  ])("of %j is refused", async (query, field) => {
    const { status, raw } = await api.reports.listSchedules({ query: query as Query });
    expect([status, raw]).toMatchObject([422, { errors: [{ loc: ["query", field] }] }]);
  });

  it("shows a schedule at once, and its total is right when it is read whole", async () => {
    const body = { report_name: "New", report_type: "customer_overview", frequency: "daily" } as const;
    const { id } = (
      await cloud.manager.api.reports.createSchedule({ body: { ...body, recipients: ["ada@example.com"] } })
    ).body();
    const { reports, total } = await list();
    expect([total, reports[0]?.id]).toEqual([6, id]);
    await cloud.manager.api.reports.removeSchedule({ params: { id } });
    expect((await list()).total).toBe(5);
  });

  it("never shows what links are signed with", async () => {
    const { raw } = await api.reports.listSchedules({});
    expect(JSON.stringify(raw)).not.toMatch(/secret|anchor|gsi|__edb/);
  });
});
