import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { PASSWORD, type TestCloud, testCloud } from "../support/cloud.ts";

/** A stand-in of SES that refuses every mail. */
let ses: Server;
/** With what it refuses (API reference, common errors), and how often it was asked. */
let refusal = { status: 500, code: "InternalFailure" };
let calls = 0;

let cloud: TestCloud;
let customer_id: string;
beforeAll(async () => {
  ses = createServer((message, answer) => {
    calls += 1;
    message.resume().on("end", () => {
      answer.writeHead(refusal.status, { "content-type": "text/xml", connection: "close" });
      answer.end(
        `<ErrorResponse xmlns="http://ses.amazonaws.com/doc/2010-12-01/"><Error><Type>Sender</Type><Code>${refusal.code}</Code><Message>secret</Message></Error><RequestId>1</RequestId></ErrorResponse>`,
      );
    });
  });
  await new Promise<void>((done) => ses.listen(0, "127.0.0.1", done));
  const { port } = ses.address() as AddressInfo;
  cloud = await testCloud({ environment: { AWS_ENDPOINT_URL_SES: `http://127.0.0.1:${port}` } });
  const { api } = cloud.manager;
  customer_id = (await api.customers.create({ body: { company_name: "Nordlicht" } })).body().id;
});
beforeEach(() => {
  calls = 0;
});
afterAll(() => {
  ses?.close();
  return cloud?.stop();
});

/** Makes a link that is to be mailed, and looks whether it can be answered. */
async function mailed() {
  const body = { customer_id, survey_type: "nps", send_to: "ada@example.com" } as const;
  const answer = await cloud.manager.api.csat.createLink({ body });
  const { token } = answer.body();
  const open = await cloud.stranger.csat.publicInfo({ params: { token } });
  expect([answer.status, open.status]).toEqual([200, 200]);
  return answer;
}

describe("an account whose mail can't be sent", () => {
  beforeAll(() => {
    refusal = { status: 400, code: "MessageRejected" };
  });

  it("is made all the same by an invitation, which says so and can be repeated", async () => {
    const body = { email: "grace@example.com", full_name: "Grace Hopper" };
    const first = (await cloud.admin.api.users.invite({ body })).body();
    expect(first).toMatchObject({
      mail_status: "failed",
      mail_error: expect.stringMatching(/refused this mail/),
      invited_at: first.created_at,
    });
    expect((await cloud.admin.api.users.invite({ body })).body()).toMatchObject({ id: first.id });
    expect(calls).toBeGreaterThan(1);
  });

  it("moves to another address all the same", async () => {
    const { api } = await cloud.person("viewer");
    const body = { email: "moved@example.com", current_password: PASSWORD };
    const answer = await api.auth.updateMe({ body });
    expect([answer.status, answer.body().email]).toEqual([200, "moved@example.com"]);
    expect(calls).toBeGreaterThan(0);
  });
});

describe("a link whose mail can't be sent", () => {
  it.each([
    ["is throttled", { status: 400, code: "Throttling" }, /no more mails at the moment/],
    ["refuses the address", { status: 400, code: "MessageRejected" }, /refused this mail/],
    ["does not let us", { status: 403, code: "AccessDenied" }, /does not let us send mail/],
  ])("because the mail service %s, works all the same", async (_, given, sentence) => {
    refusal = given;
    const { raw, body } = await mailed();
    expect(body()).toMatchObject({
      sent_to: "ada@example.com",
      mail_status: "failed",
      mail_error: expect.stringMatching(sentence),
    });
    expect(JSON.stringify(raw)).not.toContain("secret");
    expect(calls).toBeGreaterThan(0);
  });

  it("because the mail service is broken, and may have taken it all the same, works and is asked once", async () => {
    refusal = { status: 500, code: "InternalFailure" };
    const { raw, body } = await mailed();
    expect(body()).toMatchObject({
      mail_status: "unknown",
      mail_error: expect.stringMatching(/may have gone out/),
    });
    expect(JSON.stringify(raw)).not.toContain("secret");
    expect(calls).toBe(1);
  });

  it("is a request that failed; a reminder that fails too is not counted, and may be tried again", async () => {
    refusal = { status: 400, code: "Throttling" };
    const { surveyRequests } = cloud.manager.api;
    const to = { target_type: "specific", target_email: "ada@example.com" } as const;
    const made = await surveyRequests.create({ body: { customer_id, survey_type: "nps", ...to } });
    expect(made.status).toBe(201);
    const [request] = made.body();
    expect(request).toMatchObject({
      status: "failed",
      sent_at: null,
      mail_status: "failed",
      mail_error: expect.stringMatching(/no more mails at the moment/),
    });
    const params = { id: request?.id ?? "" };
    for (let attempt = 0; attempt < 2; attempt++) {
      const reminder = await surveyRequests.remind({ params });
      expect([reminder.status, reminder.raw]).toEqual([
        503,
        { detail: expect.stringMatching(/no more mails at the moment/) },
      ]);
      const after = (await surveyRequests.get({ params })).body();
      expect(after).toMatchObject({ status: "failed", reminder_count: 0, last_reminder_at: null });
    }
  });

  it("because nobody listens there, works all the same", async () => {
    await new Promise((done) => ses.close(done));
    const { body } = await mailed();
    expect(body()).toMatchObject({
      mail_status: "failed",
      mail_error: expect.stringMatching(/can't be reached right now/),
    });
    expect(calls).toBe(0);
  });
});
