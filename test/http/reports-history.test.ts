import type { ReportHistoryFilter } from "@success-manager/contract/reports";
import { ReportType } from "@success-manager/contract/vocabulary";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type * as z from "zod";
import { type Api, type TestCloud, testCloud } from "../support/cloud.ts";
import { putReport, putReports, storedReport } from "../support/report.ts";

const NOBODY = "00000000-0000-4000-8000-000000000000";
const [WEEKLY, MONTHLY] = ["11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"];
const HOUR = 60 * 60 * 1000;

/** Of two schedules and of people, over some days of May. */
const REPORTS = [
  storedReport({ id: "a1", created_at: "2026-05-01T06:00:00.000Z", scheduled_report_id: WEEKLY }),
  storedReport({
    id: "b2",
    created_at: "2026-05-01T23:59:59.999Z",
    status: "failed",
    report_type: "csat_analysis",
  }),
  storedReport({ id: "c3", created_at: "2026-05-08T06:00:00.000Z", scheduled_report_id: WEEKLY }),
  storedReport({
    id: "d4",
    created_at: "2026-05-08T06:00:00.000Z",
    scheduled_report_id: MONTHLY,
    status: "pending",
  }),
  storedReport({ id: "e5", created_at: "2026-05-31T06:00:00.000Z", status: "generating" }),
];

let cloud: TestCloud;
let api: Api;
beforeAll(async () => {
  cloud = await testCloud();
  api = cloud.viewer.api;
  await putReports(REPORTS);
  await cloud.settled();
});
afterAll(() => cloud?.stop());

type Query = z.input<typeof ReportHistoryFilter>;
const list = async (query: Query = {}) => (await api.reports.listHistory({ query })).body();
const ids = async (query: Query = {}) => {
  const { history, total } = await list(query);
  return `${total}: ${history.map(({ id }) => id).join(" ")}`.trim();
};
const MAY = { date_from: "2026-05-01", date_to: "2026-05-31" };

describe("the history of reports", () => {
  it.each([
    [MAY, "5: e5 d4 c3 b2 a1"],
    [{ date_to: "2026-05-01" }, "2: b2 a1"],
    [{ date_from: "2026-05-02", date_to: "2026-05-30" }, "2: d4 c3"],
    [{ date_from: "2026-05-01", date_to: "2026-05-01" }, "2: b2 a1"],
    [{ date_from: "2026-05-09", date_to: "2026-05-30" }, "0:"],
    [{ ...MAY, status: "failed" }, "1: b2"],
    [{ ...MAY, status: "processing" }, "1: e5"],
    [{ ...MAY, status: "completed", report_type: "health_summary" }, "2: c3 a1"],
    [{ ...MAY, report_type: "csat_analysis" }, "1: b2"],
    [{ report_type: "no such type" }, "0:"],
    [{ report_type: "health_summary|completed" }, "0:"],
    [{ scheduled_report_id: WEEKLY }, "2: c3 a1"],
    [{ scheduled_report_id: WEEKLY, date_from: "2026-05-02" }, "1: c3"],
    [{ scheduled_report_id: MONTHLY, status: "completed" }, "0:"],
    [{ scheduled_report_id: NOBODY }, "0:"],
    [{ ...MAY, skip: 1, limit: 2 }, "5: d4 c3"],
    [{ ...MAY, skip: 9 }, "5:"],
  ] as const)("of %j, newest first", async (query, expected) => {
    expect(await ids(query)).toBe(expected);
  });

  it.each([MAY, { scheduled_report_id: WEEKLY }, { ...MAY, report_type: "health_summary" }])(
    "of %j comes in pages that miss and repeat nothing",
    async (query) => {
      const { history } = await list(query);
      const found: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await list({ ...query, limit: 1, cursor });
        found.push(...page.history.map(({ id }) => id));
        cursor = page.next_cursor ?? undefined;
      } while (cursor);
      expect(found).toEqual(history.map(({ id }) => id));
    },
  );

  it.each([
    [{ status: "done" }, "status"],
    [{ scheduled_report_id: "x" }, "scheduled_report_id"],
    [{ date_from: "2026-02-30" }, "date_from"],
    [{ date_from: "2026-05-02", date_to: "2026-05-01" }, "date_to"],
    [{ report_type: "a\u0000" }, "report_type"],
    [{ report_type: "x".repeat(101) }, "report_type"],
    [{ limit: 0 }, "limit"],
    [{ limit: "many" }, "limit"],
    [{ cursor: "!" }, "cursor"],
    [{ cursor: Buffer.from('["2026-05-01T00:00:00.000Z"]').toString("base64url") }, "cursor"],
    [{ cursor: Buffer.from('[5,"x"]').toString("base64url") }, "cursor"],
  ])("of %j is refused", async (query, field) => {
    const { status, raw } = await api.reports.listHistory({ query: query as Query });
    expect(status).toBe(422);
    expect(raw).toMatchObject({
      errors: expect.arrayContaining([expect.objectContaining({ loc: ["query", field] })]),
    });
  });

  it("never shows what links are signed with, nor what the table needs", async () => {
    const { raw } = await api.reports.listHistory({});
    expect(JSON.stringify(raw)).not.toMatch(/secret|sssss|due_|mail_attempts|expires_at_epoch|gsi|__edb/);
  });
});

describe("a report", () => {
  it("is shown with all that became of it", async () => {
    const created_at = "2026-06-01T06:00:00.000Z";
    const deliveries = [
      { recipient: "ada@example.com", status: "sent", sent_at: created_at, error: null },
      { recipient: "grace@example.com", status: "failed", sent_at: null, error: "The address was refused." },
      { recipient: "cy@example.com", status: "unknown", sent_at: null, error: "It may have gone out." },
    ] as const;
    const id = await putReport({
      created_at,
      // SES's id of a mail is stored, and shown to nobody.
      deliveries: deliveries.map((one) => ({ ...one, message_id: "0100" })),
      scheduled_report_id: WEEKLY,
      due_at: "2026-06-01T07:00:00.000Z",
      report_name: "<b>Health</b>",
    });
    expect((await api.reports.getHistory({ params: { id } })).body()).toEqual({
      id,
      scheduled_report_id: WEEKLY,
      report_name: "<b>Health</b>",
      language: "en",
      report_type: "health_summary",
      filters: { min_score: 40 },
      date_from: "2026-01-01",
      date_to: "2026-01-31",
      status: "completed",
      file_path: `reports/2026/02/${id}.pdf`,
      file_size: 12_345,
      has_tables: true,
      error_message: null,
      generated_at: created_at,
      created_at,
      triggered_by: "Schedule",
      triggered_by_id: null,
      attempts: 1,
      next_attempt_at: "2026-06-01T07:00:00.000Z",
      deliveries,
    });
  });

  it("that nobody knows is 404", async () => {
    const answer = await api.reports.getHistory({ params: { id: NOBODY } });
    expect([answer.status, answer.raw]).toEqual([404, { detail: "Report not found" }]);
    expect((await api.reports.getHistory({ params: { id: "../1" } })).status).toBe(422);
  });
});

describe("a download", () => {
  const download = (id: string, accept?: string) =>
    api.reports.download({ params: { id } }, accept === undefined ? {} : { accept });

  it.each([undefined, "application/json, text/plain, */*", "text/html,*/*;q=0.8", "application/pdf"])(
    "for who accepts %s leads to the file, for five minutes, under a name that says what it is",
    async (accept) => {
      const id = await putReport({ created_at: "2026-06-01T06:07:08.900Z" });
      const answer = await download(id, accept);
      expect([answer.status, answer.raw]).toEqual([307, ""]);
      expect(answer.headers.get("cache-control")).toBe("no-store");
      const url = new URL(answer.headers.get("location") ?? "");
      expect(url.pathname).toMatch(new RegExp(`/reports/2026/02/${id}\\.pdf$`));
      expect(url.searchParams.get("X-Amz-Expires")).toBe("300");
      expect(url.searchParams.get("response-content-disposition")).toBe(
        'attachment; filename="Monthly health, January 2026.pdf"',
      );
    },
  );

  it("for who wants JSON answers where it is, and until when", async () => {
    const before = Date.now();
    const answer = await download(await putReport(), "application/json");
    expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "application/json"]);
    const { url, expires_at } = answer.body();
    expect(new URL(url).searchParams.has("X-Amz-Signature")).toBe(true);
    expect(Date.parse(expires_at) - before).toBeGreaterThan(298_000);
    expect(Date.parse(expires_at) - Date.now()).toBeLessThanOrEqual(300_000);
  });

  it.each([
    [
      "is not generated yet",
      { status: "pending" },
      "This report is not generated yet. Try again in a moment.",
    ],
    [
      "is being generated",
      { status: "generating" },
      "This report is being generated. Try again in a moment.",
    ],
    [
      "failed",
      { status: "failed" },
      "This report has no file: generating it failed. Its history entry says why.",
    ],
  ] as const)("of a report that %s is 404, in words", async (_, changes, detail) => {
    const { file_path: _path, ...report } = storedReport(changes);
    await putReports([report]);
    const answer = await download(report.id);
    expect([answer.status, answer.raw]).toEqual([404, { detail }]);
  });

  it("of a report that is no longer kept is 404, although the table still has it", async () => {
    const id = await putReport({ expires_at_epoch: Math.floor(Date.now() / 1000) - 1 });
    const answer = await download(id);
    expect([answer.status, answer.raw]).toEqual([
      404,
      { detail: "The file of this report is no longer kept. Generate the report again." },
    ]);
    expect((await api.reports.getHistory({ params: { id } })).status).toBe(200);
  });

  it("of another id is 404", async () => {
    expect((await download(NOBODY)).raw).toEqual({ detail: "Report not found" });
    expect((await download("..%2F..%2Fsecret")).status).toBe(422);
    expect((await cloud.stranger.reports.download({ params: { id: NOBODY } })).status).toBe(401);
  });
});

describe("the figures of reports", () => {
  it("count schedules, and this month's reports by what became of them", async () => {
    const none = (await api.reports.dashboard({})).body();
    expect(Object.keys(none.by_type).sort()).toEqual([...ReportType.options].sort());
    const now = Date.now();
    const today = new Date(now).toISOString();
    // The last moment of the month before.
    const lastMonth = new Date(Date.parse(`${today.slice(0, 7)}-01T00:00:00Z`) - 1).toISOString();
    await cloud.settled();
    const before = (await api.reports.dashboard({})).body();
    const [failed, retried] = [
      storedReport({ created_at: today, status: "failed" }),
      storedReport({ created_at: today, status: "failed" }),
    ];
    await putReports([
      storedReport({ created_at: today }),
      storedReport({ created_at: today, status: "generating" }),
      storedReport({ created_at: lastMonth, generated_at: today }),
      storedReport({ created_at: lastMonth, status: "failed" }),
      failed,
      retried,
    ]);
    await putReports([{ ...retried, status: "completed", generated_at: new Date(now + HOUR).toISOString() }]);
    const body = { report_name: "A", frequency: "daily", recipients: ["ada@example.com"] } as const;
    const { reports } = cloud.manager.api;
    await reports.createSchedule({
      body: { ...body, report_type: "csat_analysis", recipients: ["ada@example.com"] },
    });
    const paused = { ...body, report_type: "health_summary", is_active: false } as const;
    const { id } = (
      await reports.createSchedule({ body: { ...paused, recipients: ["ada@example.com"] } })
    ).body();
    await cloud.settled();
    expect((await api.reports.dashboard({})).body()).toEqual({
      total_scheduled: 2,
      active_scheduled: 1,
      generated_this_month: before.generated_this_month + 2,
      failed_this_month: before.failed_this_month + 1,
      by_type: {
        ...{ health_summary: 1, csat_analysis: 1, customer_overview: 0, executive_summary: 0 },
        score_backtest: 0,
      },
    });
    await reports.toggleSchedule({ params: { id } });
    await cloud.settled();
    expect((await api.reports.dashboard({})).body()).toMatchObject({
      total_scheduled: 2,
      active_scheduled: 2,
    });
    await reports.removeSchedule({ params: { id } });
    await cloud.settled();
    expect((await api.reports.dashboard({})).body()).toMatchObject({
      total_scheduled: 1,
      active_scheduled: 1,
      by_type: { health_summary: 0 },
    });
  });
});
