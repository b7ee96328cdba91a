import { randomUUID } from "node:crypto";
import type { NewSurveyRequest, SurveyRequest } from "@success-manager/contract/survey-requests";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type * as z from "zod";
import { type Api, type TestCloud, testCloud } from "../support/cloud.ts";
import { lettersTo } from "../support/inbox.ts";
import { FORM_BODY, sender } from "../support/send.ts";
import { type ServiceProxy, serviceProxy } from "../support/service-proxy.ts";
import { type Storage, storageOf } from "../support/storage.ts";
import { manyCalls, surveyLink } from "../support/survey-link.ts";

const DAY = 24 * 60 * 60 * 1000;

let cloud: TestCloud;
let storage: Storage;
let ses: ServiceProxy;
let api: Api;
beforeAll(async () => {
  ses = await serviceProxy();
  cloud = await testCloud({ environment: { AWS_ENDPOINT_URL_SES: ses.url } });
  ses.forwardTo(cloud.endpoints.ses);
  storage = storageOf(cloud);
  api = cloud.manager.api;
});
beforeEach(() => storage.remove(manyCalls));
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

const newAddress = () => `${randomUUID()}@example.com`;
const newCustomer = async () =>
  (await api.customers.create({ body: { company_name: `Company ${randomUUID()}` } })).body().id;

type Sent = z.input<typeof NewSurveyRequest>;
async function request(changes: Partial<Sent> = {}): Promise<SurveyRequest> {
  const customer_id = changes.customer_id ?? (await newCustomer());
  const to = { target_type: "specific", target_email: newAddress() } as const;
  const body = { survey_type: "nps" as const, ...to, ...changes, customer_id };
  const [made] = (await api.surveyRequests.create({ body })).body();
  if (!made) throw new Error("nobody was asked");
  return made;
}
const get = async (id: string) => (await api.surveyRequests.get({ params: { id } })).body();
const lettersOf = ({ recipient_email }: SurveyRequest) => lettersTo(cloud.inboxUrl, recipient_email ?? "");
const submit = (token: string | null) =>
  sender(cloud.apiUrl)("POST", `/survey/${token}`, { headers: FORM_BODY, body: "score=9" });

/** The job, as its schedule starts it so many days from now. Each run has a time of its own. */
let runs = 0;
async function runJob(days: number) {
  const scheduled_time = new Date(Date.now() + days * DAY + ++runs * 1000).toISOString();
  const { functionError, payload } = await cloud.invoke("success-manager-local-jobs-survey-reminders", {
    job: "survey_reminders",
    scheduled_time,
  });
  expect([functionError, payload]).toMatchObject([undefined, { result: "completed" }]);
  return (payload as { progress: { reminded: number; failed: number } }).progress;
}

describe("who has not answered after five days", () => {
  it("is reminded by itself, once, in their language, with a link of its own", async () => {
    const made = await request({ language: "de" });
    await runJob(4.9);
    expect(await lettersOf(made)).toHaveLength(1);
    expect((await runJob(5)).reminded).toBeGreaterThanOrEqual(1);
    const [first, second] = await lettersOf(made);
    expect(second?.subject).toBe(`Erinnerung: ${first?.subject}`);
    expect(second?.body.text).toMatch(/Wir haben Sie am \d{1,2}\. \S+ \d{4} gefragt/);
    const [, token = ""] = /\/survey\/([\w-]+)\n/.exec(second?.body.text ?? "") ?? [];
    expect(token).not.toBe(made.unique_survey_token);
    expect(await get(made.id)).toMatchObject({ reminder_count: 1, mail_status: "sent", status: "pending" });
    for (const days of [5, 6, 7.9, 9]) await runJob(days);
    expect(await lettersOf(made)).toHaveLength(2);
    expect((await submit(token)).status).toBe(303);
    expect((await get(made.id)).status).toBe("completed");
  });

  it("is reminded once by many runs at once, and by the same event twice", async () => {
    const made = await request();
    const { surveyReminders } = await import("@success-manager/domain/surveys");
    const environment = {
      GATEWAY_URL: cloud.apiUrl,
      MAIL_FROM: "success-manager@example.com",
      AWS_ENDPOINT_URL_SES: ses.url,
    };
    const before = Object.fromEntries(Object.keys(environment).map((name) => [name, process.env[name]]));
    Object.assign(process.env, environment);
    const now = new Date(Date.now() + 5 * DAY + 1000);
    const context = {
      run_id: now.toISOString(),
      remaining: () => 600_000,
      log: (_: string, error: unknown) => {
        throw error;
      },
      save: () => undefined,
      checkpoint: () => Promise.resolve(),
    };
    const start = { reminded: 0, failed: 0, finished: false };
    const all = await Promise.all(Array.from({ length: 4 }, () => surveyReminders.run(now, start, context)));
    for (const [name, value] of Object.entries(before))
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    expect(all.reduce((sum, { reminded }) => sum + reminded, 0)).toBe(1);
    expect(await lettersOf(made)).toHaveLength(2);
    const event = { job: "survey_reminders", scheduled_time: new Date(Date.now() + 6 * DAY).toISOString() };
    await Promise.all([1, 2].map(() => cloud.invoke("success-manager-local-jobs-survey-reminders", event)));
    expect(await lettersOf(made)).toHaveLength(2);
  });

  const ENDS: Readonly<Record<string, (made: SurveyRequest) => Promise<unknown>>> = {
    "has answered": ({ unique_survey_token }) => submit(unique_survey_token),
    "was reminded by hand": ({ id }) => api.surveyRequests.remind({ params: { id } }),
    "is asked no more": ({ id }) => api.surveyRequests.cancel({ params: { id } }),
    unsubscribed: ({ unique_survey_token: token }) =>
      cloud.stranger.survey.unsubscribe({ params: { token: token ?? "" } }),
    "is at a customer who has left": ({ customer_id: id }) =>
      api.customers.update({ params: { id }, body: { status: "churned" } }),
  };
  it.each(Object.entries(ENDS))("is not reminded when the person %s", async (_, end) => {
    const made = await request();
    await end(made);
    const letters = (await lettersOf(made)).length;
    await runJob(5);
    expect(await lettersOf(made)).toHaveLength(letters);
  });

  it("is not reminded of what has ended, of what nobody was mailed, and of a mail that never arrived", async () => {
    const [short, failed] = [await request({ expires_in_days: 5 }), await request()];
    const open = await surveyLink(cloud, { expires_in_days: 30 });
    const { SurveyLinkEntity } = await import("@success-manager/domain/table");
    await SurveyLinkEntity.patch({ id: failed.id }).set({ mail_status: "bounced" }).go();
    await runJob(5);
    for (const made of [short, failed]) expect(await lettersOf(made)).toHaveLength(1);
    expect((await get(open.id)).reminder_count).toBe(0);
  });

  it("is reminded by a later run when the mail service takes nothing; a mail that may have gone out counts", async () => {
    const made = await request();
    ses.refuse({
      status: 400,
      body: "<ErrorResponse><Error><Code>Throttling</Code></Error></ErrorResponse>",
    });
    const failed = await runJob(5);
    expect(failed).toMatchObject({ reminded: 0, failed: 1 });
    expect(await get(made.id)).toMatchObject({
      reminder_count: 0,
      mail_status: "sent",
      last_reminder_at: null,
    });
    ses.refuse(undefined);
    ses.loseAnswers("reset");
    expect(await runJob(5)).toMatchObject({ reminded: 1, failed: 0 });
    ses.loseAnswers(undefined);
    expect(await get(made.id)).toMatchObject({ reminder_count: 1, mail_status: "unknown" });
    expect(await runJob(5)).toMatchObject({ reminded: 0, failed: 0 });
    expect(await lettersOf(made)).toHaveLength(2);
  });
});

describe("who unsubscribes", () => {
  const suppressionsOf = async (email: string | null) =>
    (await cloud.admin.api.settings.suppressions({ query: { email: email ?? "" } })).body().suppressions;
  const leave = (
    token: string | null,
    body = "List-Unsubscribe=One-Click",
    headers: Readonly<Record<string, string>> = FORM_BODY,
  ) => sender(cloud.apiUrl)("POST", `/survey/${token}/unsubscribe`, { headers, body });

  it("does so by the button or by one click in a mail program, and by looking never", async () => {
    const made = await request({ language: "fr" });
    const email = made.recipient_email;
    const raw = ses
      .take()
      .map(({ body }) =>
        Buffer.from(new URLSearchParams(body).get("RawMessage.Data") ?? "", "base64").toString(),
      )
      .join("\n");
    expect(raw.replace(/\r\n[ \t]+/g, " ")).toContain(`List-Unsubscribe: <${made.survey_url}/unsubscribe>`);
    const [letter] = await lettersOf(made);
    for (const part of [letter?.body.html, letter?.body.text])
      expect(part).toContain(`${made.survey_url}/unsubscribe`);

    for (const method of ["GET", "HEAD"]) {
      const page = await sender(cloud.apiUrl)(method, `/survey/${made.unique_survey_token}/unsubscribe`, {});
      expect(page.status).toBe(200);
      expect(page.headers.get("content-language")).toBe("fr");
    }
    expect(await suppressionsOf(email)).toEqual([]);
    const done = await leave(made.unique_survey_token);
    expect(done.status).toBe(200);
    expect(done.text).toContain("Vous ne recevrez plus d’enquêtes");
    const [suppression, ...others] = await suppressionsOf(email);
    expect(others).toEqual([]);
    expect(suppression).toMatchObject({ email, kind: "surveys", reason: "unsubscribed", expires_at: null });
    // Again changes nothing, also without a body, and so does looking.
    expect((await leave(made.unique_survey_token, "", {})).status).toBe(200);
    expect(await suppressionsOf(email)).toEqual([suppression]);
    expect((await cloud.admin.api.settings.suppressions({})).body().suppressions).toContainEqual(suppression);
  });

  it("gets no surveys any more, from nobody, and the team reads why; other mail still comes", async () => {
    const made = await request();
    const email = made.recipient_email ?? "";
    await leave(made.unique_survey_token);
    const again = await request({ target_email: email.toUpperCase() });
    expect(again).toMatchObject({
      status: "failed",
      mail_status: "suppressed",
      mail_error: expect.stringContaining("unsubscribed from surveys"),
    });
    const customer_id = await newCustomer();
    const link = (
      await api.csat.createLink({ body: { customer_id, survey_type: "nps", send_to: email } })
    ).body();
    expect(link.mail_status).toBe("suppressed");
    const reminder = await api.surveyRequests.remind({ params: { id: made.id } });
    expect([reminder.status, reminder.raw]).toEqual([
      409,
      expect.objectContaining({ detail: expect.stringContaining("unsubscribed from surveys") }),
    ]);
    expect(await get(made.id)).toMatchObject({ reminder_count: 0, mail_status: "sent" });
    expect(await lettersOf(made)).toHaveLength(1);
    const invited = (await cloud.admin.api.users.invite({ body: { email, full_name: "Ada" } })).body();
    expect(invited).toMatchObject({ mail_status: "sent" });
    // The survey that they have can still be answered.
    expect((await submit(made.unique_survey_token)).status).toBe(303);
  });

  it("is asked again once an admin has lifted it, and may unsubscribe again", async () => {
    const made = await request();
    const email = made.recipient_email ?? "";
    await leave(made.unique_survey_token);
    const [{ id = "" } = {}] = await suppressionsOf(email);
    expect((await api.settings.liftSuppression({ params: { id } })).status).toBe(403);
    const lifted = (await cloud.admin.api.settings.liftSuppression({ params: { id } })).body();
    expect(lifted.message).toBe(`Surveys go to ${email} again.`);
    expect(await suppressionsOf(email)).toEqual([]);
    expect((await request({ target_email: email })).mail_status).toBe("sent");
    await leave(made.unique_survey_token);
    expect(await suppressionsOf(email)).toMatchObject([{ id, kind: "surveys" }]);
  });

  it("stays so when all mail had been held back and that is lifted", async () => {
    const made = await request();
    const email = made.recipient_email ?? "";
    await leave(made.unique_survey_token);
    const { noteAddresses } = await import("@success-manager/domain/mail/events");
    const at = new Date().toISOString();
    const event = {
      status: "bounced",
      at,
      message_id: "m",
      sent_at: at,
      tag: undefined,
      error: null,
    } as const;
    await noteAddresses({ ...event, addresses: [email] });
    const both = await suppressionsOf(email);
    expect(both.map(({ kind, reason }) => `${kind} ${reason}`).sort()).toEqual([
      "all bounced",
      "surveys unsubscribed",
    ]);
    const { id = "" } = both.find(({ kind }) => kind === "all") ?? {};
    (await cloud.admin.api.settings.liftSuppression({ params: { id } })).body();
    expect((await request({ target_email: email })).mail_status).toBe("suppressed");
  });

  it.each([
    ["of a link that nobody was mailed", async () => (await surveyLink(cloud)).token],
    ["of nothing", async () => "A".repeat(43)],
  ])("%s, does so in vain", async (_, tokenOf) => {
    const token = await tokenOf();
    const before = (await storage.items("suppression#")).length;
    for (const answer of [
      await leave(token),
      await sender(cloud.apiUrl)("GET", `/survey/${token}/unsubscribe`, {}),
    ])
      expect([answer.status, answer.headers.get("content-type")]).toEqual([404, "text/html; charset=utf-8"]);
    expect(await storage.items("suppression#")).toHaveLength(before);
  });

  it("by many links and presses at once is noted once", async () => {
    const target_email = newAddress();
    const made = await Promise.all([request({ target_email }), request({ target_email })]);
    const answers = await Promise.all(
      [...made, ...made].map(({ unique_survey_token }) => leave(unique_survey_token)),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(await suppressionsOf(target_email)).toHaveLength(1);
  });
});
