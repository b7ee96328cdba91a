import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { PASSWORD, type TestCloud, testCloud } from "../support/cloud.ts";
import { lettersTo } from "../support/inbox.ts";
import { putSchedule } from "../support/report-schedule.ts";
import { type LostAnswer, type ServiceProxy, serviceProxy } from "../support/service-proxy.ts";
import { type Storage, storageOf } from "../support/storage.ts";

/** How long the functions wait for SES here. */
const ANSWER_MS = 3_000;
const HOUR_MS = 60 * 60 * 1000;

let cloud: TestCloud;
let storage: Storage;
let ses: ServiceProxy;
let customer_id: string;

beforeAll(async () => {
  ses = await serviceProxy();
  cloud = await testCloud({
    environment: { AWS_ENDPOINT_URL_SES: ses.url, MAIL_ANSWER_MS: String(ANSWER_MS) },
  });
  ses.forwardTo(cloud.endpoints.ses);
  storage = storageOf(cloud);
  const body = { company_name: "Nordlicht" };
  customer_id = (await cloud.manager.api.customers.create({ body })).body().id;
});
afterEach(() => {
  ses.loseAnswers(undefined);
  ses.refuse(undefined);
  ses.take();
});
afterAll(async () => {
  storage?.close();
  await cloud?.stop();
  await ses?.close();
});

const somebody = () => `ada-${randomUUID()}@example.com`;
const letters = async (address: string) => (await lettersTo(cloud.inboxUrl, address)).length;
const UNKNOWN = { mail_status: "unknown", mail_error: expect.stringMatching(/may have gone out/) };

const error = (type: string, code: string) =>
  `<ErrorResponse><Error><Type>${type}</Type><Code>${code}</Code><Message>secret</Message></Error></ErrorResponse>`;

const LOST: [string, LostAnswer][] = [
  ["answers late", { afterMs: 3 * ANSWER_MS }],
  ["stops in its answer", "stalled"],
  ["hangs up", "reset"],
  ["says that it is broken", { status: 500, body: error("Receiver", "InternalFailure") }],
];

describe.each(LOST)("a mail service that takes a mail and %s", (_, lost) => {
  it("invites somebody once, and nobody says that it failed", async () => {
    ses.loseAnswers(lost);
    const email = somebody();
    const body = { email, full_name: "Grace Hopper" };
    const answer = await cloud.admin.api.users.invite({ body });
    expect([answer.status, answer.body()]).toMatchObject([201, UNKNOWN]);
    expect(await letters(email)).toBe(1);
    // On purpose, it is sent again.
    ses.loseAnswers(undefined);
    expect((await cloud.admin.api.users.invite({ body })).body()).toMatchObject({ mail_status: "sent" });
    expect(await letters(email)).toBe(2);
  });

  it("tells an old address once of the new one", async () => {
    const { api, email } = await cloud.person("viewer", somebody());
    ses.loseAnswers(lost);
    const moved = { email: somebody(), current_password: PASSWORD };
    expect((await api.auth.updateMe({ body: moved })).status).toBe(200);
    expect(await letters(email)).toBe(1);
  });

  it("asks a customer once, and once more with a reminder", async () => {
    ses.loseAnswers(lost);
    const { csat, surveyRequests } = cloud.manager.api;
    const [one, other] = [somebody(), somebody()];
    const body = { customer_id, survey_type: "nps" } as const;
    const link = (await csat.createLink({ body: { ...body, send_to: one } })).body();
    expect(link).toMatchObject({ sent_to: one, ...UNKNOWN });
    expect((await cloud.stranger.csat.publicInfo({ params: { token: link.token } })).status).toBe(200);
    expect(await letters(one)).toBe(1);

    const to = { target_type: "specific", target_email: other } as const;
    const [made] = (await surveyRequests.create({ body: { ...body, ...to } })).body();
    expect(made).toMatchObject({ status: "pending", sent_at: null, ...UNKNOWN });
    const failed = await surveyRequests.list({ query: { status: "failed" } });
    expect(failed.body().total).toBe(0);
    const params = { id: made?.id ?? "" };
    const reminded = await surveyRequests.remind({ params });
    expect([reminded.status, reminded.body()]).toMatchObject([200, { reminder_count: 1, ...UNKNOWN }]);
    expect((await surveyRequests.remind({ params })).status).toBe(429);
    expect(await letters(other)).toBe(2);
  });

  it("mails a report once to each, and neither a later run nor the schedule calls it failed", async () => {
    const { processDue } = await import("../../packages/domain/src/reports/due.ts");
    const recipients = [somebody(), somebody()];
    const { id } = await putSchedule({ recipients, frequency: "monthly" });
    ses.loseAnswers(lost);
    const { reports } = cloud.manager.api;
    expect((await reports.runScheduled({})).body()).toMatchObject({
      message:
        "1 report generated and 0 mails sent. 2 mails may have gone out: the mail service did not say.",
      results: { total_due: 1, generated: 1, failed: 0, errors: [] },
    });
    const reportOf = async () => {
      const { history } = (await reports.listHistory({ query: { scheduled_report_id: id } })).body();
      expect(history).toHaveLength(1);
      return history[0];
    };
    const report = await reportOf();
    const unknown = { status: "unknown", sent_at: null, error: UNKNOWN.mail_error };
    expect(report).toMatchObject({
      status: "completed",
      next_attempt_at: null,
      deliveries: recipients.map((recipient) => ({ recipient, ...unknown })),
    });
    ses.loseAnswers(undefined);
    for (const hours of [1, 3, 12])
      await processDue(
        { triggered_by: "Schedule" },
        {
          remaining: () => 60_000,
          log: () => undefined,
          onAbandoned: () => undefined,
          now: () => new Date(Date.now() + hours * HOUR_MS),
        },
      );
    expect(await reportOf()).toEqual(report);
    expect(await Promise.all(recipients.map(letters))).toEqual([1, 1]);
    // On purpose, by one of three who press the button at once.
    const params = { id: report?.id ?? "" };
    const again = await Promise.all([1, 2, 3].map(() => reports.sendAgain({ params })));
    expect(again.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
    expect((await reportOf())?.deliveries.map(({ status }) => status)).toEqual(["sent", "sent"]);
    expect(await Promise.all(recipients.map(letters))).toEqual([2, 2]);
    expect((await reports.sendAgain({ params })).status).toBe(409);
  });

  it("tells of an escalation once", async () => {
    const recipient = somebody();
    await cloud.admin.api.settings.updateAlerts({ body: { recipients: [recipient] } });
    ses.loseAnswers(lost);
    await cloud.viewer.api.interactions.create({
      body: {
        customer_id,
        interaction_type: "escalation",
        sentiment: "negative",
        subject: "The CTO called",
        description: "Nothing works since Monday.",
      },
    });
    await cloud.settled();
    ses.loseAnswers(undefined);
    const { functionError } = await cloud.invoke("success-manager-local-jobs-inactivity", {
      job: "inactivity_check",
      scheduled_time: new Date().toISOString(),
    });
    expect(functionError).toBeUndefined();
    expect(await letters(recipient)).toBe(1);
    await cloud.admin.api.settings.updateAlerts({ body: { recipients: null } });
  });
});

describe("a mail service that takes a report for some and never answers", () => {
  it("is not waited for with all the others, who get it later", async () => {
    const { processDue } = await import("../../packages/domain/src/reports/due.ts");
    const recipients = [somebody(), somebody(), somebody(), somebody()];
    const { id } = await putSchedule({ recipients, frequency: "monthly" });
    ses.loseAnswers("reset");
    const { reports } = cloud.manager.api;
    expect((await reports.runScheduled({})).body().results).toMatchObject({
      failed: 1,
      errors: [{ error: expect.stringMatching(/^1 of 4 recipients did not get it: .* can't be reached/) }],
    });
    ses.loseAnswers(undefined);
    const query = { scheduled_report_id: id };
    const [report] = (await reports.listHistory({ query })).body().history;
    expect(report?.deliveries.map(({ status }) => status)).toEqual([
      "unknown",
      "unknown",
      "unknown",
      "failed",
    ]);
    const at = new Date(report?.next_attempt_at ?? "");
    const context = { remaining: () => 60_000, log: () => undefined, onAbandoned: () => undefined };
    await processDue({ triggered_by: "Schedule" }, { ...context, now: () => at });
    expect(await Promise.all(recipients.map(letters))).toEqual([1, 1, 1, 1]);
  });
});

describe("a mail service that is busy for a moment", () => {
  it("is asked again until it takes the mail, once", async () => {
    let refused = 0;
    ses.refuse(() => (refused++ < 2 ? { status: 400, body: error("Sender", "Throttling") } : undefined));
    const email = somebody();
    const invited = await cloud.admin.api.users.invite({ body: { email, full_name: "Grace Hopper" } });
    expect(invited.body()).toMatchObject({ mail_status: "sent", mail_error: null });
    expect([ses.take().length, await letters(email)]).toEqual([3, 1]);
  });
});

describe("a request that has little time left", () => {
  it("answers before it is cut off, though the mail service has not", async () => {
    const { trySending } = await import("../../packages/domain/src/mail/send.ts");
    const to = somebody();
    const tag = { kind: "alert", subject: randomUUID(), mail_id: randomUUID() } as const;
    const mail = { to, subject: "Hello", html: () => "<p>Hello</p>", text: "Hello", tag };
    ses.loseAnswers({ afterMs: 10 * 60_000 });
    process.env.MAIL_ANSWER_MS = String(10 * 60_000);
    expect(await trySending(mail, () => 6_000)).toMatchObject(UNKNOWN);
    process.env.MAIL_ANSWER_MS = String(ANSWER_MS);
    expect(await letters(to)).toBe(1);
  });
});
