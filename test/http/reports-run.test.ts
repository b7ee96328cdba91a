import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { type Api, type TestCloud, testCloud } from "../support/cloud.ts";
import { lettersTo } from "../support/inbox.ts";
import { linksOf } from "../support/report.ts";
import { putSchedule } from "../support/report-schedule.ts";
import { type ServiceProxy, serviceProxy } from "../support/service-proxy.ts";
import { type Storage, storageOf } from "../support/storage.ts";

const JOB = "scheduled_reports";
const HOUR_MS = 60 * 60 * 1000;

let cloud: TestCloud;
let s3: ServiceProxy;
let api: Api;
let storage: Storage;
let domain: typeof import("@success-manager/domain/reports") &
  typeof import("@success-manager/domain/jobs") & {
    processDue: typeof import("../../packages/domain/src/reports/due.ts").processDue;
  };

beforeAll(async () => {
  s3 = await serviceProxy();
  cloud = await testCloud({ environment: { AWS_ENDPOINT_URL_S3: s3.url } });
  s3.forwardTo(cloud.endpoints.s3);
  api = cloud.manager.api;
  storage = storageOf(cloud);
  domain = {
    ...(await import("@success-manager/domain/reports")),
    ...(await import("@success-manager/domain/jobs")),
    ...(await import("../../packages/domain/src/reports/due.ts")),
  };
  for (const company_name of ["Nordlicht", "Sonnendeck"])
    await api.customers.create({ body: { company_name } });
});
afterAll(async () => {
  storage?.close();
  await cloud?.stop();
  await s3?.close();
});

/** Nothing is left that could become due in another test. */
afterEach(async () => {
  vi.unstubAllEnvs();
  s3.take();
  await storage.remove("report#");
  await storage.remove("report_schedule#");
});

const times = <T>(n: number, one: (n: number) => T): T[] => Array.from({ length: n }, (_, i) => one(i));
const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

const jobName = () => cloud.functions.find((name) => name.endsWith("-jobs-scheduled-reports")) ?? "";
const hourlyJob = (more: object = {}) =>
  cloud.invoke(jobName(), { job: JOB, scheduled_time: new Date().toISOString(), ...more });

/** Keys of the files that were stored since the last look, each as often as it was. */
const stored = () =>
  s3
    .take()
    .filter(({ method }) => method === "PUT")
    .map(({ path }) => /reports\/[^?]*/.exec(path)?.[0] ?? path)
    // What mails say lies beside it.
    .filter((key) => key.endsWith(".pdf"));

const historyOf = async (scheduled_report_id: string) =>
  (await api.reports.listHistory({ query: { scheduled_report_id } })).body().history;

/** Somebody who gets nothing but what a test sends. */
const somebody = (name = "ada") => `${name}-${randomUUID()}@example.com`;
const letters = async (addresses: readonly string[]) =>
  (await Promise.all(addresses.map((address) => lettersTo(cloud.inboxUrl, address)))).map(
    ({ length }) => length,
  );

/** What is due at a time that a test chooses, in this process. */
const runAt = (now: string | Date, more: Partial<Parameters<typeof domain.processDue>[1]> = {}) =>
  domain.processDue(
    { triggered_by: "Schedule" },
    {
      remaining: () => 60_000,
      log: () => undefined,
      onAbandoned: () => undefined,
      now: () => new Date(now),
      ...more,
    },
  );

describe("reports that are due", () => {
  it("are generated and mailed once each, by twenty people and the hourly job at once", async () => {
    const schedules = await Promise.all(
      times(6, (n) =>
        putSchedule({ report_name: `Report ${n}`, recipients: [somebody("ada"), somebody("bob")] }),
      ),
    );
    const jobs = times(2, (n) =>
      hourlyJob({ scheduled_time: new Date(Date.now() - n * HOUR_MS).toISOString() }),
    );
    const runs = await Promise.all(times(20, () => api.reports.runScheduled({})));
    const done = (await Promise.all(jobs)).map(({ payload }) => payload as { progress?: { due: number } });

    const results = runs.map(({ body }) => body().results);
    const byJobs = sum(done.map(({ progress }) => progress?.due ?? 0));
    expect(results.map(({ failed, errors }) => [failed, errors])).toEqual(times(20, () => [0, []]));
    // Who has no time left leaves the rest to the job.
    expect(sum(results.map(({ total_due }) => total_due)) + byJobs).toBeLessThanOrEqual(6);
    const histories = () => Promise.all(schedules.map(({ id }) => historyOf(id)));
    await expect
      .poll(async () => (await histories()).map((some) => some.map(({ status }) => status)))
      .toEqual(times(6, () => ["completed"]));
    const reports = (await histories()).flat();
    for (const report of reports) {
      expect(report).toMatchObject({ status: "completed", attempts: 1, next_attempt_at: null });
      expect(report.deliveries.map(({ status }) => status)).toEqual(["sent", "sent"]);
    }
    expect(stored().sort()).toEqual(reports.map(({ file_path }) => file_path).sort());
    expect(await letters(schedules.flatMap(({ recipients }) => recipients))).toEqual(times(12, () => 1));
    expect((await api.reports.runScheduled({})).body()).toEqual({
      message: "No report is due.",
      results: { total_due: 0, generated: 0, failed: 0, errors: [] },
    });
  });

  it("say who asked for them, and move their schedules on", async () => {
    const [one] = [await putSchedule()];
    const ran = await api.reports.runScheduled({});
    expect(ran.body().message).toBe("1 report generated and 1 mail sent.");
    const me = (await api.auth.me({})).body();
    const [report] = await historyOf(one.id);
    expect(report).toMatchObject({
      triggered_by: me.full_name,
      triggered_by_id: me.id,
      report_name: one.report_name,
      scheduled_report_id: one.id,
    });
    const after = (await api.reports.getSchedule({ params: { id: one.id } })).body();
    expect(after.next_scheduled_at).toBe(
      new Date(Date.parse(one.next_scheduled_at) + 24 * HOUR_MS).toISOString(),
    );
    expect(after.last_generated_at).toBe(report?.generated_at);

    const two = await putSchedule();
    expect((await hourlyJob()).payload).toMatchObject({
      result: "completed",
      progress: { due: 1, generated: 1, mailed: 1, failed: 0, given_up: 0 },
    });
    expect(await historyOf(two.id)).toMatchObject([{ triggered_by: "Schedule", triggered_by_id: null }]);
    const jobs = (await cloud.admin.api.scheduler.list({})).body();
    expect(jobs.find(({ id }) => id === JOB)?.last_run).toMatchObject({
      state: "completed",
      counts: { due: 1, generated: 1, mailed: 1, failed: 0, given_up: 0 },
    });
  });

  it("are those of active schedules whose time has come, and no others", async () => {
    const paused = await putSchedule({ is_active: false });
    const later = await putSchedule({ next_scheduled_at: new Date(Date.now() + HOUR_MS).toISOString() });
    expect((await api.reports.runScheduled({})).body().results.total_due).toBe(0);
    expect([...(await historyOf(paused.id)), ...(await historyOf(later.id))]).toEqual([]);
  });

  it.each(["daily", "weekly", "monthly", "quarterly"] as const)(
    "do not run again when a form sends back the whole schedule as it was before the run: %s",
    async (frequency) => {
      const { id } = await putSchedule({ frequency });
      const params = { id };
      const before = (await api.reports.getSchedule({ params })).body();
      expect((await api.reports.runScheduled({})).body().results.generated).toBe(1);
      const after = (await api.reports.getSchedule({ params })).body();
      const saved = (
        await api.reports.updateSchedule({ params, body: { ...before, report_name: "Renamed" } })
      ).body();
      expect(saved).toMatchObject({ report_name: "Renamed", next_scheduled_at: after.next_scheduled_at });
      expect((await api.reports.runScheduled({})).body().results.total_due).toBe(0);
      // Whoever wants it once more says when.
      const body = { next_scheduled_at: new Date(Date.now() - 1000).toISOString() };
      (await api.reports.updateSchedule({ params, body })).body();
      expect((await api.reports.runScheduled({})).body().results.generated).toBe(1);
    },
  );

  it("are not mailed to users who were deactivated, until they are back", async () => {
    const [leaver, stayer] = [await cloud.person("viewer"), await cloud.person("viewer")];
    const [outside, written] = [somebody(), leaver.email.replace("viewer", "Viewer")];
    const { id } = await putSchedule({ recipients: [written, stayer.email, outside] });
    const params = { id };
    const get = async () => (await api.reports.getSchedule({ params })).body();
    const deliveries = async () =>
      (await historyOf(id)).map(({ deliveries: all }) => all.map(({ status }) => status));
    const runAgain = async () => {
      const body = { next_scheduled_at: new Date(Date.now() - 1000).toISOString() };
      (await api.reports.updateSchedule({ params, body })).body();
      return (await api.reports.runScheduled({})).body();
    };
    const setActive = async (user_id: string, is_active: boolean) =>
      (await cloud.admin.api.users.update({ params: { user_id }, body: { is_active } })).body();

    await api.reports.runScheduled({});
    const [first] = await historyOf(id);
    const { file } = await linksOf(id, first?.id ?? "", written);
    const loaded = async () =>
      (await fetch(`${cloud.apiUrl}/report/${file}/file`, { redirect: "manual" })).status;
    expect(await loaded()).toBe(303);
    await setActive(leaver.id, false);
    expect(await get()).toMatchObject({
      recipients: [written, stayer.email, outside],
      deactivated_recipients: [written],
      notice: null,
      is_active: true,
    });
    expect((await runAgain()).message).toBe("1 report generated and 2 mails sent.");
    expect(await deliveries()).toEqual([
      ["deactivated", "sent", "sent"],
      ["sent", "sent", "sent"],
    ]);
    expect(await letters([written, stayer.email, outside])).toEqual([1, 2, 2]);
    expect(await loaded()).toBe(404);

    await setActive(leaver.id, true);
    expect(await get()).toMatchObject({ deactivated_recipients: [], notice: null });
    await runAgain();
    expect(await letters([written, stayer.email, outside])).toEqual([2, 3, 3]);
  });

  it("are made, but mailed to nobody, when all recipients were deactivated, and the schedule says so", async () => {
    const leaver = await cloud.person("viewer");
    const { id } = await putSchedule({ recipients: [leaver.email] });
    (
      await cloud.admin.api.users.activate({ params: { user_id: leaver.id }, body: { is_active: false } })
    ).body();
    const { reports } = (await api.reports.listSchedules({})).body();
    expect(reports.find((one) => one.id === id)).toMatchObject({
      is_active: true,
      deactivated_recipients: [leaver.email],
      notice: expect.stringContaining("deactivated"),
    });
    expect((await api.reports.runScheduled({})).body().message).toBe("1 report generated and 0 mails sent.");
    expect(await historyOf(id)).toMatchObject([
      {
        status: "completed",
        next_attempt_at: null,
        deliveries: [{ recipient: leaver.email, status: "deactivated", sent_at: null, error: null }],
      },
    ]);
    expect(await letters([leaver.email])).toEqual([0]);
  });

  it("come on the last day of short months, each about the month before, and never twice", async () => {
    const recipients = [somebody()];
    const { id } = await putSchedule({
      frequency: "monthly",
      recipients,
      anchor: "2028-01-31T06:00:00.000Z",
      next_scheduled_at: "2028-01-31T06:00:00.000Z",
    });
    const days = ["01-31", "02-29", "03-31", "04-30"].map((day) => `2028-${day}T06:00:00.000Z`);
    for (const day of days) {
      expect(await runAt(new Date(Date.parse(day) - 1))).toMatchObject({ due: 0 });
      expect(await runAt(day)).toMatchObject({ due: 1, generated: 1, mailed: 1, finished: true });
      expect(await runAt(day)).toMatchObject({ due: 0 });
    }
    const periods = (await historyOf(id)).map(({ date_from, date_to }) => [date_from, date_to]);
    expect(periods.sort()).toEqual([
      ["2027-12-01", "2027-12-31"],
      ["2028-01-01", "2028-01-31"],
      ["2028-02-01", "2028-02-29"],
      ["2028-03-01", "2028-03-31"],
    ]);
    const next = (await api.reports.getSchedule({ params: { id } })).body().next_scheduled_at;
    expect(next).toBe("2028-05-31T06:00:00.000Z");
    expect(await letters(recipients)).toEqual([4]);
  });

  it("that were missed are not caught up, but for the newest", async () => {
    const { id } = await putSchedule({
      frequency: "quarterly",
      next_scheduled_at: "2026-01-01T06:00:00.000Z",
    });
    expect(await runAt("2026-11-22T07:00:00.000Z")).toMatchObject({ due: 1, generated: 1 });
    expect(await historyOf(id)).toMatchObject([{ date_from: "2026-07-01", date_to: "2026-09-30" }]);
  });

  it("are left to the job when a request is too short for them", async () => {
    await Promise.all(times(3, () => putSchedule()));
    let left = 2;
    const remaining = () => (left-- > 0 ? 60_000 : 0);
    const ran = await domain.Reports.runScheduled(
      { id: cloud.manager.id, full_name: "Mia" },
      { remaining, log: () => undefined, onAbandoned: () => undefined },
    );
    expect(ran.message).toContain("The rest is done in the background.");
    const all = async () => (await api.reports.listHistory({})).body().history;
    await expect.poll(all).toMatchObject(times(3, () => ({ status: "completed" })));
    await expect
      .poll(async () => (await all()).flatMap(({ deliveries }) => deliveries))
      .toMatchObject(times(3, () => ({ status: "sent" })));
    expect((await all()).map(({ triggered_by }) => triggered_by).sort()).toEqual([
      "Mia",
      "Schedule",
      "Schedule",
    ]);
    // The lock that was taken for the job is free again.
    await expect.poll(async () => (await jobOf())?.is_running).toBe(false);
  });

  it("may not be run by viewers", async () => {
    expect((await cloud.viewer.api.reports.runScheduled({})).status).toBe(403);
  });
});

const jobOf = async () => (await cloud.admin.api.scheduler.list({})).body().find(({ id }) => id === JOB);

describe("a report that a person asks for", () => {
  it("is there at once, with its file", async () => {
    const answer = await cloud.viewer.api.reports.generate({
      body: { report_type: "health_summary", date_from: "2026-01-01", date_to: "2026-01-31" },
    });
    const report = answer.body();
    expect([answer.status, report.status]).toEqual([200, "completed"]);
    expect(report).toMatchObject({
      scheduled_report_id: null,
      date_from: "2026-01-01",
      date_to: "2026-01-31",
      filters: { date_from: "2026-01-01", date_to: "2026-01-31" },
      triggered_by_id: cloud.viewer.id,
      attempts: 1,
      next_attempt_at: null,
      error_message: null,
      deliveries: [],
    });
    const params = { id: report.id };
    expect((await api.reports.getHistory({ params })).body()).toEqual(report);
    const { url } = (await api.reports.download({ params }, { accept: "application/json" })).body();
    const bytes = await (await fetch(url)).arrayBuffer();
    expect(bytes.byteLength).toBe(report.file_size);
    expect(Buffer.from(bytes).subarray(0, 5).toString()).toBe("%PDF-");
  });

  it("is made in the background when asked for, also while the hourly job is at work", async () => {
    const claim = await domain.JobRuns.claim(JOB, new Date().toISOString());
    if (claim.result !== "claimed") throw new Error(claim.result);
    const answer = await api.reports.generate({
      query: { async: true },
      body: { report_type: "executive_summary" },
    });
    const { id, status, file_path } = answer.body();
    expect([answer.status, status, file_path]).toEqual([202, "generating", null]);
    const now = async () => (await api.reports.getHistory({ params: { id } })).body();
    await expect.poll(now).toMatchObject({ status: "completed", attempts: 1 });
    await domain.JobRuns.release(claim.claim, { state: "completed" }, {}, {});
  });

  it("is made once, however often the job is told of it", async () => {
    vi.stubEnv("SCHEDULED_REPORTS_JOB_FUNCTION", undefined);
    const { id } = await domain.Reports.generate(
      { report_type: "executive_summary", filters: {} },
      { async: true },
      { id: cloud.manager.id, full_name: "Mia" },
      { remaining: () => 60_000, log: () => undefined, onAbandoned: () => undefined },
    );
    const told = await Promise.all(times(4, () => hourlyJob({ subject_id: id })));
    const counts = told.map(({ payload }) => (payload as { counts: { generated: number } }).counts);
    expect(sum(counts.map(({ generated }) => generated))).toBe(1);
    expect(stored()).toHaveLength(1);
    expect((await hourlyJob({ subject_id: randomUUID() })).payload).toMatchObject({ counts: { due: 0 } });
  });

  it("is for the job of reports alone", async () => {
    const health = cloud.functions.find((name) => name.endsWith("-jobs-health")) ?? "";
    const event = {
      job: "daily_health_scores",
      scheduled_time: new Date().toISOString(),
      subject_id: randomUUID(),
    };
    expect((await cloud.invoke(health, event)).functionError).toBeDefined();
  });

  it("goes to the background when the request has too little time left", async () => {
    const { status } = await domain.Reports.generate(
      { report_type: "health_summary", filters: {} },
      { async: false },
      { id: cloud.manager.id, full_name: "Mia" },
      { remaining: () => 5_000, log: () => undefined, onAbandoned: () => undefined },
    );
    expect(status).toBe("generating");
    await expect
      .poll(async () => (await api.reports.listHistory({})).body().history[0]?.status)
      .toBe("completed");
  });

  it("about a customer nobody knows is not even begun", async () => {
    const answer = await api.reports.generate({
      body: { report_type: "customer_overview", customer_id: randomUUID() },
    });
    expect([answer.status, answer.raw]).toEqual([404, { detail: "Customer not found" }]);
    expect((await api.reports.listHistory({})).body().history).toEqual([]);
  });
});
