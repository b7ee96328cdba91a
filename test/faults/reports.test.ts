import type { StoredReport } from "@success-manager/domain/table";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { type Api, type TestCloud, testCloud } from "../support/cloud.ts";
import { putReport, storedReport } from "../support/report.ts";
import { putSchedule } from "../support/report-schedule.ts";
import { type PassingRequest, type ServiceProxy, serviceProxy } from "../support/service-proxy.ts";
import { type Storage, storageOf } from "../support/storage.ts";

const JOB = "scheduled_reports";
const MINUTE_MS = 60 * 1000;
/** Here and in the functions, PDFs are made for the first time. */
const DAY_MS = 24 * 60 * MINUTE_MS;

let s3: ServiceProxy;
let ses: ServiceProxy;
let cloud: TestCloud;
let api: Api;
let storage: Storage;
let domain: typeof import("@success-manager/domain/reports") &
  typeof import("../../packages/domain/src/reports/due.ts") &
  typeof import("../../packages/domain/src/reports/storage.ts");

beforeAll(async () => {
  [s3, ses] = [await serviceProxy(), await serviceProxy()];
  cloud = await testCloud({
    environment: {
      AWS_ENDPOINT_URL_S3: s3.url,
      AWS_ENDPOINT_URL_SES: ses.url,
      // A service that is down is asked again for seconds, with each mail anew.
      AWS_MAX_ATTEMPTS: "1",
      POWERTOOLS_METRICS_DISABLED: "false",
    },
  });
  s3.forwardTo(cloud.endpoints.s3);
  ses.forwardTo(cloud.endpoints.ses);
  api = cloud.manager.api;
  storage = storageOf(cloud);
  domain = {
    ...(await import("@success-manager/domain/reports")),
    ...(await import("../../packages/domain/src/reports/due.ts")),
    ...(await import("../../packages/domain/src/reports/storage.ts")),
  };
});
afterAll(async () => {
  storage?.close();
  await cloud?.stop();
  await Promise.all([s3?.close(), ses?.close()]);
});

/** Nothing is broken, and nothing is left that could become due in another test. */
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const service of [s3, ses]) {
    service.refuse(undefined);
    service.take();
  }
  await storage.remove("report#");
  await storage.remove("report_schedule#");
  gone = [];
  logged = [];
});

let gone: StoredReport[] = [];
let logged: string[] = [];
type Means = Parameters<typeof domain.processDue>[1];

/** Does what is due at a time, in this process. */
const runAt = (now: string | Date = new Date(), more: Partial<Means> = {}) =>
  domain.processDue(
    { triggered_by: "Schedule" },
    {
      remaining: () => 60_000,
      log: (id) => logged.push(id),
      onAbandoned: (report) => gone.push(report),
      now: () => new Date(now),
      ...more,
    },
  );

const [ADA, BOB, CY] = ["ada@example.com", "bob@example.com", "cy@example.com"];

const addressesOf = ({ body }: PassingRequest) => new URLSearchParams(body).getAll("Destinations.member.1");
/** To whom SES was asked to send since the last look. */
const mailed = () => ses.take().flatMap(addressesOf);
/** Files that were stored since the last look. */
const stored = () => s3.take().filter(({ method }) => method === "PUT").length;

const history = async () => (await api.reports.listHistory({})).body().history;
const only = async () => {
  const [report, ...others] = await history();
  if (!report || others.length > 0) throw new Error(`${others.length} reports more than one`);
  return report;
};

const errorOf = (code: string) =>
  `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>secret</Message></Error></ErrorResponse>`;
const THROTTLED = { status: 400, body: errorOf("Throttling") };
const DOWN = { status: 503, body: "<Error><Code>SlowDown</Code><Message>secret</Message></Error>" };

describe("while the storage is down", () => {
  it("reports that are due fail with a sentence, and come with a later attempt", async () => {
    const { id, next_scheduled_at } = await putSchedule({ recipients: [ADA, BOB] });
    s3.refuse(DOWN);
    const ran = (await api.reports.runScheduled({})).body();
    const broken = await only();
    expect(ran).toMatchObject({
      message: "0 reports generated and 0 mails sent. 1 report failed.",
      results: {
        total_due: 1,
        generated: 0,
        failed: 1,
        errors: [{ report_id: broken.id, error: broken.error_message }],
      },
    });
    expect(broken).toMatchObject({
      status: "failed",
      error_message: "The storage for reports is too busy at the moment. Try again in a few minutes.",
      file_path: null,
      file_size: 0,
      attempts: 1,
    });
    expect(JSON.stringify(broken)).not.toContain("secret");
    expect(mailed()).toEqual([]);

    s3.refuse(undefined);
    const retry = broken.next_attempt_at ?? "";
    expect(await runAt(new Date(Date.parse(retry) - 1))).toMatchObject({ due: 0 });
    expect(await runAt(retry)).toMatchObject({ due: 1, generated: 1, mailed: 2, failed: 0 });
    expect(await only()).toMatchObject({ status: "completed", attempts: 2, error_message: null });
    expect(mailed()).toEqual([ADA, BOB]);
    // The schedule had gone on meanwhile.
    const after = (await api.reports.getSchedule({ params: { id } })).body();
    expect(after.next_scheduled_at > next_scheduled_at).toBe(true);
  });

  it("a report that a person asks for is not lost", async () => {
    s3.refuse(DOWN);
    const answer = await api.reports.generate({ body: { report_type: "health_summary" } });
    const { status, error_message, next_attempt_at } = answer.body();
    expect([answer.status, status]).toEqual([200, "failed"]);
    expect(error_message).toMatch(/^The storage for reports/);
    s3.refuse(undefined);
    expect(await runAt(next_attempt_at ?? "")).toMatchObject({ due: 1, generated: 1, mailed: 0 });
    expect(await only()).toMatchObject({ status: "completed", attempts: 2 });
  });

  it("reports are given up after five attempts, and their schedule waits for its next run", async () => {
    const { id, next_scheduled_at } = await putSchedule();
    s3.refuse(DOWN);
    let now = new Date();
    const waits: number[] = [];
    for (let attempt = 1; attempt <= 5; attempt++) {
      expect(await runAt(now)).toMatchObject({ due: 1, failed: 1, given_up: attempt === 5 ? 1 : 0 });
      const { next_attempt_at, attempts } = await only();
      expect(attempts).toBe(attempt);
      if (next_attempt_at === null) break;
      waits.push(Math.round((Date.parse(next_attempt_at) - now.getTime()) / (60 * MINUTE_MS)));
      now = new Date(next_attempt_at);
    }
    expect(waits.slice(1)).toEqual([2, 4, 8]);
    expect(gone.map(({ scheduled_report_id }) => scheduled_report_id)).toEqual([id]);
    s3.refuse(undefined);
    expect(await runAt(new Date(Date.parse(next_scheduled_at) + DAY_MS - 1))).toMatchObject({ due: 0 });
    expect(await runAt(new Date(Date.parse(next_scheduled_at) + DAY_MS))).toMatchObject({ generated: 1 });
    expect((await history()).map(({ status }) => status).sort()).toEqual(["completed", "failed"]);
  });

  it("a report whose file is there is not mailed without it, but later", async () => {
    const { id } = await putSchedule({ is_active: false });
    const due_at = new Date().toISOString();
    await putFile({ scheduled_report_id: id, deliveries: pending(ADA), due_at });
    s3.refuse(DOWN);
    expect(await runAt(due_at)).toMatchObject({ due: 1, mailed: 0, failed: 1 });
    const { next_attempt_at, deliveries, status } = await only();
    expect(status).toBe("completed");
    expect(deliveries[0]?.error).toMatch(/^The storage for reports/);
    s3.refuse(undefined);
    expect(await runAt(next_attempt_at ?? "")).toMatchObject({ mailed: 1 });
    expect(mailed()).toEqual([ADA]);
  });
});

const pending = (...recipients: string[]) =>
  recipients.map((recipient) => ({ recipient, status: "pending" as const, sent_at: null, error: null }));

/** A report whose file is in the bucket. */
async function putFile(changes: Partial<StoredReport>) {
  const report = storedReport(changes);
  await domain.storeFile(report.file_path ?? "", new TextEncoder().encode("%PDF-1.7 kept"));
  await putReport(report);
  s3.take();
  return report;
}

describe("while the mail service is busy", () => {
  it("those who did not get a report get it later, alone", async () => {
    await putSchedule({ recipients: [ADA, BOB, CY] });
    ses.refuse((asked) => (addressesOf(asked).includes(BOB) ? THROTTLED : undefined));
    const ran = (await api.reports.runScheduled({})).body();
    const sentence = "The mail service is taking no more mails at the moment. Try again in a few minutes.";
    expect(ran.results).toMatchObject({
      generated: 1,
      failed: 1,
      errors: [{ error: `1 of 3 recipients did not get it: ${sentence}` }],
    });
    expect(ses.take().flatMap(addressesOf)).toEqual([ADA, BOB, CY]);
    const { status, deliveries, next_attempt_at } = await only();
    expect(status).toBe("completed");
    expect(deliveries).toMatchObject([
      { recipient: ADA, status: "sent", error: null },
      { recipient: BOB, status: "failed", sent_at: null, error: sentence },
      { recipient: CY, status: "sent", error: null },
    ]);
    ses.refuse(undefined);
    stored();
    expect(await runAt(next_attempt_at ?? "")).toMatchObject({ due: 1, generated: 0, mailed: 1, failed: 0 });
    expect(mailed()).toEqual([BOB]);
    expect(stored()).toBe(0);
    const after = await only();
    expect(after.deliveries.map((one) => one.status)).toEqual(["sent", "sent", "sent"]);
    expect(after.next_attempt_at).toBeNull();
  });

  it("it is not asked on and on", async () => {
    const many = Array.from({ length: 20 }, (_, n) => `reader${n}@example.com`);
    await putSchedule({ recipients: many });
    ses.refuse(THROTTLED);
    expect(await runAt()).toMatchObject({ generated: 1, mailed: 0, failed: 1, given_up: 0 });
    expect(mailed()).toEqual(many.slice(0, 3));
    const { deliveries, next_attempt_at } = await only();
    expect(new Set(deliveries.map(({ status }) => status))).toEqual(new Set(["failed"]));
    ses.refuse(undefined);
    expect(await runAt(next_attempt_at ?? "")).toMatchObject({ mailed: 20, failed: 0 });
    expect(mailed()).toEqual(many);
  });

  it("mailing is given up after five attempts", async () => {
    await putSchedule();
    ses.refuse(THROTTLED);
    let now = new Date().toISOString();
    for (let attempt = 1; attempt <= 5; attempt++) {
      expect(await runAt(now)).toMatchObject({ due: 1, failed: 1, given_up: attempt === 5 ? 1 : 0 });
      now = (await only()).next_attempt_at ?? now;
    }
    expect(mailed()).toHaveLength(5);
    expect(gone).toHaveLength(1);
    expect(await only()).toMatchObject({ status: "completed", next_attempt_at: null, attempts: 1 });
    expect(await runAt(new Date(Date.parse(now) + 60 * MINUTE_MS))).toMatchObject({ due: 0 });
  });
});

describe("a worker that dies", () => {
  it("after storing the file leaves it to the next one to mail it, and nothing to generate", async () => {
    const { id } = await putSchedule({ is_active: false, recipients: [ADA, BOB] });
    const lease = new Date(Date.now() - 1).toISOString();
    const [sent, open] = [pending(ADA).map((one) => ({ ...one, status: "sent" as const })), pending(BOB)];
    await putFile({ scheduled_report_id: id, deliveries: [...sent, ...open], due_at: lease });
    const ran = (await api.reports.runScheduled({})).body();
    expect(ran).toMatchObject({
      message: "0 reports generated and 1 mail sent.",
      results: { total_due: 1, generated: 0, failed: 0 },
    });
    expect(mailed()).toEqual([BOB]);
    expect(stored()).toBe(0);
    expect(await only()).toMatchObject({ attempts: 1, next_attempt_at: null });
  });

  it("while generating is waited for as long as it may still live, then another one does it", async () => {
    const { file_path: _, ...unmade } = storedReport();
    const due_at = new Date(Date.now() + MINUTE_MS).toISOString();
    const { scheduled_report_id: _of, ...asked } = unmade;
    await putReport({
      ...asked,
      status: "generating",
      deliveries: [],
      file_size: 0,
      due_at,
      file_path: undefined,
    });
    expect(await runAt()).toMatchObject({ due: 0 });
    expect(await runAt(due_at)).toMatchObject({ due: 1, generated: 1 });
    expect(await only()).toMatchObject({ status: "completed", attempts: 2 });
  });

  it("at each of five attempts makes the report a given-up one, of which somebody is told", async () => {
    const due_at = new Date(Date.now() - 1).toISOString();
    const dead = { attempts: 5, status: "generating", deliveries: [], due_at, file_path: undefined } as const;
    await putReport(dead);
    const name = cloud.functions.find((known) => known.endsWith("-jobs-scheduled-reports")) ?? "";
    const scheduled_time = new Date().toISOString();
    const { logs, payload } = await cloud.invoke(name, { job: JOB, scheduled_time });
    expect(payload).toMatchObject({ progress: { due: 1, failed: 1, given_up: 1 } });
    const metric = logs.split("\n").find((line) => line.includes("ReportGivenUp")) ?? "{}";
    expect(JSON.parse(metric.slice(metric.indexOf("{")))).toMatchObject({
      ReportGivenUp: 1,
      service: "jobs-scheduled-reports",
      stage: "local",
      _aws: { CloudWatchMetrics: [{ Namespace: "SuccessManager", Dimensions: [["service", "stage"]] }] },
    });
    const [job] = (await cloud.admin.api.scheduler.list({})).body().filter(({ id }) => id === JOB);
    expect(job?.last_run?.error).toBe("It did not work for 1 report; the details are in the log.");
    expect(await only()).toMatchObject({
      status: "failed",
      error_message: expect.stringContaining("broke off at each of its attempts"),
      next_attempt_at: null,
    });
    expect(await runAt(new Date(Date.now() + DAY_MS))).toMatchObject({ due: 0 });
  });
});

describe("a worker that was thought dead", () => {
  it("mails nothing and changes nothing when it comes back", async () => {
    await putSchedule({ recipients: [ADA] });
    const release = Promise.withResolvers<void>();
    s3.hold(({ method }) => method === "PUT", release.promise);
    const slow = runAt();
    await expect.poll(stored).toBeGreaterThan(0);
    expect(await runAt(new Date(Date.now() + 3 * MINUTE_MS))).toMatchObject({
      due: 1,
      generated: 1,
      mailed: 1,
    });
    const after = await only();
    release.resolve();
    expect(await slow).toMatchObject({ due: 1, generated: 0, mailed: 0, failed: 0, finished: true });
    expect(await only()).toEqual(after);
    expect(mailed()).toEqual([ADA]);
  });

  it("sends no further mail after one that took too long, which nobody else sends again", async () => {
    await putSchedule({ recipients: [ADA, BOB] });
    const release = Promise.withResolvers<void>();
    ses.hold((asked) => addressesOf(asked).includes(ADA), release.promise);
    const slow = runAt();
    const letters: string[] = [];
    await expect.poll(() => letters.push(...mailed()) && letters).toEqual([ADA]);
    const begun = await only();
    expect(begun.deliveries.map(({ status }) => status)).toEqual(["unknown", "pending"]);
    expect(begun.deliveries[0]?.error).toMatch(/may have gone out/);
    // The other one does not know whether it is sent yet.
    expect(await runAt(new Date(Date.now() + 3 * MINUTE_MS))).toMatchObject({ generated: 0, mailed: 1 });
    release.resolve();
    expect(await slow).toMatchObject({ generated: 1, mailed: 1 });
    expect(mailed()).toEqual([BOB]);
    const { deliveries, next_attempt_at } = await only();
    expect(deliveries.map(({ status }) => status)).toEqual(["unknown", "sent"]);
    expect(next_attempt_at).toBeNull();
  });
});

describe("a worker that was held up for longer than it may be", () => {
  it("sends nothing before somebody has taken the report on again", async () => {
    await putSchedule({ recipients: [ADA] });
    let now = Date.now();
    const halting = () => {
      now += 3 * MINUTE_MS;
      return new Date(now);
    };
    expect(await runAt(new Date(), { now: halting })).toMatchObject({ generated: 1, mailed: 0 });
    expect(mailed()).toEqual([]);
    expect(await runAt(new Date(now + 3 * MINUTE_MS))).toMatchObject({ due: 1, generated: 0, mailed: 1 });
    expect(mailed()).toEqual([ADA]);
  });
});

describe("a report", () => {
  it("is not mailed to those who have left its schedule meanwhile, nor to anybody when that is gone", async () => {
    const { id } = await putSchedule({ is_active: false, recipients: [BOB.toUpperCase()] });
    const due_at = new Date(Date.now() - 1).toISOString();
    await putFile({ scheduled_report_id: id, deliveries: pending(ADA, BOB), due_at });
    expect(await runAt()).toMatchObject({ mailed: 1, failed: 0 });
    expect(mailed()).toEqual([BOB]);
    expect((await only()).deliveries).toMatchObject([{ status: "left", sent_at: null }, { status: "sent" }]);

    await storage.remove("report#");
    await putFile({ scheduled_report_id: id, deliveries: pending(ADA, BOB), due_at });
    expect((await api.reports.removeSchedule({ params: { id } })).status).toBe(200);
    expect(await runAt()).toMatchObject({ due: 1, mailed: 0, failed: 0 });
    expect(mailed()).toEqual([]);
    expect(await only()).toMatchObject({
      next_attempt_at: null,
      deliveries: [{ status: "left" }, { status: "left" }],
    });
  });

  it("of a schedule that was deleted before it was due is not made", async () => {
    const { id } = await putSchedule();
    await api.reports.removeSchedule({ params: { id } });
    expect(await runAt()).toMatchObject({ due: 0 });
  });

  it("is mailed to the end by the next one when the time is up in between", async () => {
    await putSchedule({ recipients: [ADA, BOB, CY] });
    // The run, the first mail and its sending ask how much time is left.
    let left = 3;
    expect(await runAt(new Date(), { remaining: () => (left-- > 0 ? 60_000 : 5_000) })).toMatchObject({
      generated: 1,
      mailed: 1,
      failed: 0,
      finished: false,
    });
    expect(await runAt()).toMatchObject({ due: 1, generated: 0, mailed: 2, finished: true });
    expect(mailed()).toEqual([ADA, BOB, CY]);
  });

  it("that can't be made stops no other", async () => {
    const due_at = new Date(Date.now() - 1).toISOString();
    const unknown = "00000000-0000-4000-8000-000000000000";
    const waiting = { status: "pending", attempts: 0, deliveries: [], due_at, file_path: undefined } as const;
    const bad = await putReport({
      ...waiting,
      filters: { customer_id: unknown },
      report_type: "customer_overview",
    });
    const broken = await putReport({ ...waiting, report_type: "csat_analysis", date_from: "soon" });
    await putReport({ ...waiting });
    expect(await runAt()).toMatchObject({ due: 3, generated: 1, failed: 2 });
    expect(new Set(logged)).toEqual(new Set([bad, broken]));
    const errors = new Map((await history()).map(({ id, error_message }) => [id, error_message]));
    expect(errors.get(bad)).toBe("Customer not found");
    expect(errors.get(broken)).toBe("It broke off for an unexpected reason; the details are in the log.");
  });

  it("that is asked for is kept when its job can't be started, and done with the next run", async () => {
    vi.stubEnv("SCHEDULED_REPORTS_JOB_FUNCTION", undefined);
    const report = await domain.Reports.generate(
      { report_type: "executive_summary", filters: {} },
      { async: true },
      { id: cloud.manager.id, full_name: "Mia" },
      { remaining: () => 60_000, log: (id) => logged.push(id), onAbandoned: () => undefined },
    );
    expect([report.status, logged]).toEqual(["generating", [report.id]]);
    expect(await runAt()).toMatchObject({ due: 1, generated: 1 });
    expect(await only()).toMatchObject({ id: report.id, status: "completed" });
  });
});

describe("while the database is busy", () => {
  it("a step that can't be stored is done again, and nobody gets a second mail", async () => {
    await putSchedule({ recipients: [ADA] });
    const fail = (times: number) => cloud.database.fail("TransactWriteItems", "ValidationException", times);
    s3.refuse(({ method }) => {
      // The function of the stream writes as well.
      if (method === "PUT") fail(1_000);
      return undefined;
    });
    expect(await runAt()).toMatchObject({ due: 1, generated: 0, mailed: 0, failed: 1 });
    s3.refuse(undefined);
    fail(0);
    expect(await runAt()).toMatchObject({ due: 0 });
    expect(await runAt(new Date(Date.now() + 3 * MINUTE_MS))).toMatchObject({ generated: 1, mailed: 1 });
    expect(mailed()).toEqual([ADA]);
    expect(await only()).toMatchObject({ status: "completed", attempts: 2 });
  });
});
