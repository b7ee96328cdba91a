import type { NewReportSchedule, ReportScheduleChanges } from "@success-manager/contract/report-schedules";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type * as z from "zod";
import { type Api, type TestCloud, testCloud } from "../support/cloud.ts";
import { putReport } from "../support/report.ts";

let cloud: TestCloud;
let api: Api;
let customer_id: string;
beforeAll(async () => {
  cloud = await testCloud();
  api = cloud.manager.api;
  customer_id = (await api.customers.create({ body: { company_name: "Nordlicht" } })).body().id;
});
afterAll(() => cloud?.stop());

const NOBODY = "00000000-0000-4000-8000-000000000000";
const PAST = "2026-01-31T08:30:15.250Z";

type Sent = z.input<typeof NewReportSchedule>;
const newSchedule = (changes: object = {}): Sent => ({
  report_name: "Monthly health",
  report_type: "health_summary",
  frequency: "monthly",
  recipients: ["ada@example.com"],
  ...changes,
});
const create = async (changes: object = {}) =>
  (await api.reports.createSchedule({ body: newSchedule(changes) })).body();
const read = async (id: string) => (await api.reports.getSchedule({ params: { id } })).body();
const change = (id: string, body: object, headers?: Record<string, string>) =>
  api.reports.updateSchedule(
    { params: { id }, body: body as z.input<typeof ReportScheduleChanges> },
    headers,
  );
const toggle = (id: string) => api.reports.toggleSchedule({ params: { id } });

/** Status and refused fields of a call. */
const refusal = ({ status, raw }: { status: number; raw: unknown }) => {
  const { errors = [] } = raw as { errors?: { loc: (string | number)[] }[] };
  return [status, ...new Set(errors.map(({ loc }) => loc.join(".")))].join(" ");
};

const addresses = (count: number) => Array.from({ length: count }, (_, n) => `reader${n}@example.com`);

const BAD = [
  [{ report_name: "" }, "report_name"],
  [{ report_name: "   " }, "report_name"],
  [{ report_name: "x".repeat(256) }, "report_name"],
  [{ report_name: "a\u0000" }, "report_name"],
  [{ report_name: "\ud800" }, "report_name"],
  [{ report_name: 5 }, "report_name"],
  [{ report_type: "all" }, "report_type"],
  [{ report_type: "__proto__" }, "report_type"],
  [{ frequency: "hourly" }, "frequency"],
  [{ recipients: [] }, "recipients"],
  [{ recipients: "ada@example.com" }, "recipients"],
  [{ recipients: addresses(51) }, "recipients"],
  [{ recipients: ["ada@example.com", "nobody"] }, "recipients.1"],
  [{ recipients: ["Ada <ada@example.com>"] }, "recipients.0"],
  [{ recipients: ["ada@example.com\r\nBcc: eve@example.com"] }, "recipients.0"],
  [{ recipients: [null] }, "recipients.0"],
  [{ recipients: [`${"a".repeat(250)}@example.com`] }, "recipients.0"],
  [{ filters: [] }, "filters"],
  [{ filters: "all" }, "filters"],
  [{ filters: { secret_filter: 1 } }, "filters"],
  [{ filters: { min_score: "5" } }, "filters.min_score"],
  [{ filters: { min_score: 101 } }, "filters.min_score"],
  [{ filters: { min_score: 60, max_score: 40 } }, "filters.max_score"],
  [{ filters: { survey_types: ["nps"] } }, "filters.survey_types"],
  [{ filters: { days_to_renewal: 30 } }, "filters.days_to_renewal"],
  [{ filters: { sections: ["kpis"] } }, "filters.sections"],
  [{ filters: { sections: ["everything"] } }, "filters.sections.0"],
  [{ filters: { customer_id: "x" } }, "filters.customer_id"],
  [{ filters: { industries: [] } }, "filters.industries"],
  [{ filters: { industries: ["a\u0000"] } }, "filters.industries.0"],
  [{ filters: { date_from: "2026-02-01", date_to: "2026-01-31" } }, "filters.date_to"],
  [{ filters: { date_from: "2026-02-30" } }, "filters.date_from"],
  [{ filters: { paper: "a3" } }, "filters.paper"],
  [{ industries: ["Energy"] }, "industries"],
  [{ min_score: 5 }, "min_score"],
  [{ date_from: "2026-01-01" }, "date_from"],
  [{ customer_id: "x" }, "customer_id"],
  [{ next_scheduled_at: "2026-01-31" }, "next_scheduled_at"],
  [{ next_scheduled_at: "2026-02-30T08:00:00Z" }, "next_scheduled_at"],
  [{ next_scheduled_at: 5 }, "next_scheduled_at"],
  [{ next_scheduled_at: "9999-01-01T00:00:00Z" }, "next_scheduled_at"],
  [{ time: "24:00" }, "time"],
  [{ time: "6" }, "time"],
  [{ day_of_week: 7 }, "day_of_week"],
  [{ day_of_month: 0 }, "day_of_month"],
  [{ day_of_month: 32 }, "day_of_month"],
  [{ quarter_month: 1.5 }, "quarter_month"],
  [{ is_active: "yes" }, "is_active"],
] as const satisfies readonly (readonly [object, string])[];

describe("a new schedule", () => {
  it("comes back as sent, with who made it", async () => {
    const sent = newSchedule({
      report_name: " <b>Überblick</b> 你好 ",
      recipients: ["Ada@example.com", "grace@example.com", "ADA@EXAMPLE.COM", " grace@example.com "],
      filters: { min_score: 40, max_score: 60, customer_id, sections: ["overview"], paper: "letter" },
      next_scheduled_at: "2031-01-31T10:30:00+02:00",
      is_active: false,
    });
    const answer = await api.reports.createSchedule({ body: sent });
    expect([answer.status, answer.headers.get("etag")]).toEqual([201, '"1"']);
    const { full_name } = (await api.auth.me({})).body();
    const schedule = answer.body();
    expect(schedule).toEqual({
      id: expect.any(String),
      report_name: "<b>Überblick</b> 你好",
      name: "<b>Überblick</b> 你好",
      report_type: "health_summary",
      frequency: "monthly",
      recipients: ["Ada@example.com", "grace@example.com"],
      deactivated_recipients: [],
      notice: null,
      filters: sent.filters,
      customer_id,
      next_scheduled_at: "2031-01-31T08:30:00.000Z",
      next_scheduled: "2031-01-31T08:30:00.000Z",
      time: "08:30",
      day_of_week: null,
      day_of_month: 31,
      quarter_month: null,
      is_active: false,
      skip_unchanged: false,
      attach_csv: false,
      language: null,
      last_generated_at: null,
      last_generated: null,
      created_by: full_name,
      created_by_id: cloud.manager.id,
      created_at: schedule.updated_at,
      updated_at: schedule.updated_at,
      revision: 1,
    });
    expect(await read(schedule.id)).toEqual(schedule);
  });

  it("takes the customer beside the filters, as the form of the client sends it", async () => {
    const sent = { ...newSchedule({ filters: null }), customer_id };
    const { filters, ...made } = (await api.reports.createSchedule({ body: sent })).body();
    expect([filters, made.customer_id]).toEqual([{ customer_id }, customer_id]);
    const unknown = { ...newSchedule({ filters: null }), customer_id: NOBODY };
    expect((await api.reports.createSchedule({ body: unknown })).status).toBe(404);
    const unfit = { ...newSchedule({ report_type: "executive_summary", filters: null }), customer_id };
    expect((await api.reports.createSchedule({ body: unfit })).status).toBe(422);
  });

  it.each([
    ["daily", { time: "06:00", day_of_week: null, day_of_month: null, quarter_month: null }],
    ["weekly", { time: "06:00", day_of_week: 1, day_of_month: null, quarter_month: null }],
    ["monthly", { time: "06:00", day_of_week: null, day_of_month: 1, quarter_month: null }],
    ["quarterly", { time: "06:00", day_of_week: null, day_of_month: 1, quarter_month: 1 }],
  ])("that is %s comes at 06:00 UTC when nobody says when", async (frequency, timing) => {
    for (const when of [{}, { next_scheduled_at: null, time: null, day_of_week: null }]) {
      const schedule = await create({ frequency, ...when });
      expect(schedule).toMatchObject({ ...timing, filters: null, is_active: true });
      expect(schedule.next_scheduled_at > schedule.created_at).toBe(true);
      expect(schedule.next_scheduled_at.slice(11)).toBe("06:00:00.000Z");
    }
  });

  it("comes when it is wanted", async () => {
    const wanted = { frequency: "weekly", time: "23:15", day_of_week: 0, day_of_month: 5, quarter_month: 2 };
    const schedule = await create(wanted);
    expect(schedule).toMatchObject({ time: "23:15", day_of_week: 0, day_of_month: null });
    const next = new Date(schedule.next_scheduled_at);
    expect([next.getUTCDay(), next.toISOString().slice(11)]).toEqual([0, "23:15:00.000Z"]);
  });

  it("may be due at once", async () => {
    expect(await create({ next_scheduled_at: PAST })).toMatchObject({
      next_scheduled_at: PAST,
      time: "08:30",
      day_of_month: 31,
    });
  });

  it("has fifty recipients at most", async () => {
    expect((await create({ recipients: addresses(50) })).recipients).toEqual(addresses(50));
  });

  it("is about customers who exist", async () => {
    const answer = await api.reports.createSchedule({
      body: newSchedule({ filters: { customer_id: NOBODY } }),
    });
    expect([answer.status, answer.raw]).toEqual([404, { detail: "Customer not found" }]);
  });

  it.each(BAD)("with %j is refused", async (changes, field) => {
    await cloud.settled();
    const before = (await api.reports.listSchedules({ query: { limit: 1 } })).body().total;
    const answer = await api.reports.createSchedule({ body: newSchedule(changes) });
    expect(refusal(answer)).toBe(`422 body.${field}`);
    expect((await api.reports.listSchedules({ query: { limit: 1 } })).body().total).toBe(before);
  });

  it("whose filters reach for prototypes is refused", async () => {
    const filters = JSON.parse('{"__proto__":{"min_score":1}}');
    expect(refusal(await api.reports.createSchedule({ body: newSchedule({ filters }) }))).toBe("422 body");
  });

  it("never repeats what was sent", async () => {
    const hostile = { filters: { "<script>": 1 }, recipients: ["<script>"], report_type: "<script>" };
    const { raw } = await api.reports.createSchedule({ body: newSchedule(hostile) });
    expect(JSON.stringify(raw)).not.toContain("<script>");
  });

  it("is a manager's to make, to change, to pause and to remove; a viewer may look", async () => {
    const { id } = await create();
    const { reports } = cloud.viewer.api;
    const params = { id };
    const refused = await Promise.all([
      reports.createSchedule({ body: newSchedule() }),
      reports.updateSchedule({ params, body: { report_name: "Mine" } }),
      reports.toggleSchedule({ params }),
      reports.removeSchedule({ params }),
    ]);
    expect(refused.map(({ status }) => status)).toEqual([403, 403, 403, 403]);
    expect((await reports.getSchedule({ params })).body()).toEqual(await read(id));
    expect((await reports.listSchedules({})).status).toBe(200);
  });
});

describe("a change of a schedule", () => {
  it("keeps what is absent, and is the next revision", async () => {
    const before = await create({ filters: { min_score: 40 } });
    const answer = await change(before.id, { report_name: "New" });
    const after = answer.body();
    expect(after).toEqual({
      ...before,
      report_name: "New",
      name: "New",
      revision: 2,
      updated_at: after.updated_at,
    });
    expect(answer.headers.get("etag")).toBe('"2"');
    expect(await read(before.id)).toEqual(after);
  });

  it("clears filters with null, and replaces them as a whole", async () => {
    const { id } = await create({ filters: { min_score: 40, paper: "a4" } });
    expect((await change(id, { filters: { max_score: 60 } })).body().filters).toEqual({ max_score: 60 });
    expect((await change(id, { filters: null })).body().filters).toBeNull();
    expect((await read(id)).filters).toBeNull();
  });

  it("that sends back all that is shown changes nothing but the revision", async () => {
    // On a day that most months don't have: the next run may be on another.
    const before = await create({ day_of_month: 31, time: "23:59" });
    const after = (await change(before.id, before)).body();
    expect(after).toEqual({ ...before, revision: 2, updated_at: after.updated_at });
  });

  it("of the frequency or the time counts from now, unless a next run is named", async () => {
    const { id, next_scheduled_at } = await create({ next_scheduled_at: "2031-03-31T08:30:00.000Z" });
    const daily = (await change(id, { frequency: "daily", next_scheduled_at })).body();
    const tomorrow = new Date(Date.now() + 24 * 60 * 60 * 1000).toISOString();
    expect(daily.next_scheduled_at <= tomorrow).toBe(true);
    expect(daily.next_scheduled_at.slice(11)).toBe("08:30:00.000Z");
    expect((await change(id, { time: "09:00" })).body().next_scheduled_at.slice(11)).toBe("09:00:00.000Z");
    const named = { frequency: "weekly", time: "09:15", next_scheduled_at: PAST };
    expect((await change(id, named)).body()).toMatchObject({ next_scheduled_at: PAST, time: "08:30" });
  });

  it("has to leave filters that are for the type of report", async () => {
    const { id, revision } = await create({ filters: { min_score: 40 } });
    const foreign = await change(id, { report_type: "csat_analysis" });
    expect(refusal(foreign)).toBe("422 body.filters.min_score");
    expect(foreign.raw).toMatchObject({
      detail: expect.stringContaining("filters.min_score: is not for csat"),
    });
    expect(refusal(await change(id, { filters: { survey_types: ["nps"] } }))).toBe(
      "422 body.filters.survey_types",
    );
    expect((await read(id)).revision).toBe(revision);
    const both = { report_type: "csat_analysis", filters: { survey_types: ["quarterly_review"] } };
    expect((await change(id, both)).body()).toMatchObject({
      report_type: "csat_analysis",
      filters: { survey_types: ["quarterly"] },
    });
    expect((await change(id, { report_type: "health_summary", filters: null })).status).toBe(200);
  });

  it("is about customers who exist", async () => {
    const { id } = await create({ filters: { customer_id } });
    expect((await change(id, { filters: { customer_id: NOBODY } })).status).toBe(404);
    expect((await change(id, { filters: { customer_id, min_score: 1 } })).status).toBe(200);
  });

  it.each(BAD)("with %j is refused", async (changes, field) => {
    const { id } = await create();
    expect(refusal(await change(id, changes))).toBe(`422 body.${field}`);
    expect((await read(id)).revision).toBe(1);
  });

  it.each([
    { report_name: null },
    { recipients: null },
    { frequency: null },
    { is_active: null },
    { next_scheduled_at: null },
  ])("can't clear what has to be there: %j", async (changes) => {
    const { id } = await create();
    expect((await change(id, changes)).status).toBe(422);
  });

  it("knows only what may be changed", async () => {
    const before = await create();
    const mallory = { id: NOBODY, created_by: "Mallory", secret: "s", anchor: PAST, last_generated_at: PAST };
    const after = (await change(before.id, mallory)).body();
    expect(after).toEqual({ ...before, revision: 2, updated_at: after.updated_at });
  });

  it("that was overtaken says so to who asks with If-Match", async () => {
    const { id } = await create();
    expect((await change(id, { report_name: "First" }, { "if-match": '"1"' })).status).toBe(200);
    const late = await change(id, { report_name: "Late" }, { "if-match": '"1"' });
    expect([late.status, (await read(id)).report_name]).toEqual([412, "First"]);
  });

  it("of two people at once is kept, both of them", async () => {
    const { id } = await create();
    const answers = await Promise.all([
      change(id, { report_name: "Together" }),
      change(id, { recipients: ["grace@example.com"] }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(await read(id)).toMatchObject({
      report_name: "Together",
      recipients: ["grace@example.com"],
      revision: 3,
    });
  });

  it("of two people who both saw the same revision is one's", async () => {
    const { id } = await create();
    const answers = await Promise.all(
      ["A", "B", "C", "D"].map((report_name) => change(id, { report_name }, { "if-match": "1" })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412, 412, 412]);
  });

  it("of nothing that there is is 404", async () => {
    expect((await change(NOBODY, { report_name: "New" })).status).toBe(404);
    expect((await toggle(NOBODY)).status).toBe(404);
    expect((await api.reports.getSchedule({ params: { id: NOBODY } })).raw).toEqual({
      detail: "Scheduled report not found",
    });
    expect((await api.reports.getSchedule({ params: { id: "x" } })).status).toBe(422);
  });
});

describe("pausing", () => {
  it("and going on does not catch up on what was missed", async () => {
    const { id } = await create({ next_scheduled_at: PAST });
    const paused = (await toggle(id)).body();
    expect(paused).toMatchObject({ is_active: false, next_scheduled_at: PAST, revision: 2 });
    const resumed = (await toggle(id)).body();
    expect(resumed.is_active).toBe(true);
    expect(resumed.next_scheduled_at > new Date().toISOString()).toBe(true);
    expect(resumed.next_scheduled_at.slice(11)).toBe(PAST.slice(11));
    expect(resumed.day_of_month).toBe(31);
  });

  it("as a change does the same", async () => {
    const { id } = await create({ next_scheduled_at: PAST, is_active: false });
    const resumed = (await change(id, { is_active: true })).body();
    expect(resumed.next_scheduled_at > new Date().toISOString()).toBe(true);
    expect((await change(id, { is_active: false })).body().is_active).toBe(false);
    const named = { is_active: true, next_scheduled_at: "2026-02-28T08:00:00.000Z" };
    expect((await change(id, named)).body()).toMatchObject(named);
  });

  it.each([2, 3])("happens as often as it is asked for, %i times at once too", async (times) => {
    const { id } = await create();
    const answers = await Promise.all(Array.from({ length: times }, () => toggle(id)));
    expect(answers.map(({ status }) => status)).toEqual(Array(times).fill(200));
    expect(await read(id)).toMatchObject({ is_active: times % 2 === 0, revision: times + 1 });
  });
});

describe("a removed schedule", () => {
  it("is gone; what came of it stays", async () => {
    const { id } = await create();
    const report = await putReport({ scheduled_report_id: id });
    const answer = await api.reports.removeSchedule({ params: { id } });
    expect(answer.body()).toEqual({ message: "The scheduled report was deleted." });
    expect((await api.reports.getSchedule({ params: { id } })).status).toBe(404);
    const { history } = (await api.reports.listHistory({ query: { scheduled_report_id: id } })).body();
    expect(history.map((entry) => entry.id)).toEqual([report]);
  });

  it("can't be removed again, nor changed", async () => {
    const { id } = await create();
    const remove = () => api.reports.removeSchedule({ params: { id } });
    const answers = await Promise.all([remove(), remove(), remove()]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 404, 404]);
    expect((await change(id, { report_name: "New" })).status).toBe(404);
    expect((await toggle(id)).status).toBe(404);
  });

  it("does not come back when somebody changes it at that moment", async () => {
    for (let round = 0; round < 5; round++) {
      const { id } = await create();
      const [, changed] = await Promise.all([
        api.reports.removeSchedule({ params: { id } }),
        change(id, { report_name: "New" }),
      ]);
      expect([200, 404]).toContain(changed.status);
      expect((await api.reports.getSchedule({ params: { id } })).status).toBe(404);
    }
  });
});
