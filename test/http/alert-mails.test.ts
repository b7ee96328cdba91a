import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type TestCloud, testCloud } from "../support/cloud.ts";
import { lettersTo } from "../support/inbox.ts";
import { type ServiceProxy, serviceProxy } from "../support/service-proxy.ts";

let cloud: TestCloud;
let ses: ServiceProxy;
let customer_id: string;
/** Who gets the mails of a test. */
let recipient: string;

beforeAll(async () => {
  ses = await serviceProxy();
  cloud = await testCloud({ environment: { AWS_ENDPOINT_URL_SES: ses.url } });
  ses.forwardTo(cloud.endpoints.ses);
  const body = { company_name: "Nordlicht & <Söhne>" };
  customer_id = (await cloud.manager.api.customers.create({ body })).body().id;
});
afterAll(async () => {
  await cloud?.stop();
  await ses?.close();
});

const somebody = () => `ada-${randomUUID()}@example.com`;
const updateAlerts = (body: object) => cloud.admin.api.settings.updateAlerts({ body });
const updateNotifications = (body: object) => cloud.admin.api.settings.updateNotifications({ body });
const updateReports = (body: object) => cloud.admin.api.settings.updateReports({ body });

/** What SES answers when it takes no more mails (API reference, common errors): surely it has not taken this one. */
const BUSY = {
  status: 400,
  body: "<ErrorResponse><Error><Type>Sender</Type><Code>Throttling</Code></Error></ErrorResponse>",
};

beforeEach(async () => {
  recipient = somebody();
  await updateAlerts({ recipients: [recipient] });
});
afterEach(async () => {
  ses.refuse(undefined);
  await updateAlerts({ recipients: null, notify_severity: null });
  await updateNotifications({
    email_enabled: null,
    alert_digest: null,
    alert_digest_recipients: null,
    escalation: null,
    escalation_recipients: null,
    low_score: null,
    low_score_recipients: null,
  });
});

/** Mails that somebody got, once all that was written has been looked at. */
async function lettersOf(address = recipient) {
  await cloud.settled();
  return lettersTo(cloud.inboxUrl, address);
}

const escalate = async (changes: object = {}) =>
  (
    await cloud.viewer.api.interactions.create({
      body: {
        customer_id,
        interaction_type: "escalation",
        sentiment: "negative",
        subject: "The CTO called",
        description: "Nothing works since Monday.",
        ...changes,
      },
    })
  ).body();

const answer = (score: number) =>
  cloud.viewer.api.csat.create({
    body: {
      customer_id,
      survey_type: "nps",
      score,
      submitted_by_name: "Ada",
      submitted_by_email: "ada@example.com",
    },
  });

const raise = async (changes: object = {}) =>
  (
    await cloud.viewer.api.alerts.create({
      body: {
        customer_id,
        alert_type: "custom",
        severity: "critical",
        title: `Raised ${randomUUID()}`,
        description: "By hand.",
        ...changes,
      },
    })
  ).body();

/** A daily check, as its schedule starts it. */
let days = 0;
async function check() {
  const scheduled_time = new Date(Date.now() + ++days * 1000).toISOString();
  const { functionError, payload } = await cloud.invoke("success-manager-local-jobs-inactivity", {
    job: "inactivity_check",
    scheduled_time,
  });
  expect([functionError, payload]).toMatchObject([undefined, { result: "completed" }]);
}

describe("an escalation", () => {
  it("is mailed at once to whom an admin has named, with the footer of mails", async () => {
    await updateReports({ footer_text: "Extravis, streng vertraulich" });
    await escalate();
    const [letter, ...others] = await lettersOf();
    expect(others).toEqual([]);
    expect(letter?.subject).toBe("Alert: Nordlicht & <Söhne>: Escalation: The CTO called");
    expect(letter?.body.text).toContain("Nothing works since Monday.");
    expect(letter?.body.text).toContain("Extravis, streng vertraulich");
    expect(letter?.body.html).toContain("<bdi>Nordlicht &amp; &lt;Söhne&gt;</bdi>: ");
    expect(letter?.body.html).not.toContain("<Söhne>");
    await updateReports({ footer_text: null });
  });

  it("that is changed, snoozed or resolved later is no news", async () => {
    const { id } = await escalate({ sentiment: "positive" });
    const { alerts } = cloud.viewer.api;
    await cloud.viewer.api.interactions.update({ params: { id }, body: { sentiment: "negative" } });
    const [alert] = (await alerts.list({ query: { customer_id } })).body().alerts;
    const params = { id: alert?.id ?? "" };
    await alerts.snooze({ params, body: { snooze_days: 1 } });
    await alerts.resolve({ params, body: null });
    expect(await lettersOf()).toHaveLength(1);
  });

  it("stays on one line of the subject, whatever somebody typed", async () => {
    await escalate({ subject: "Bad\r\nBcc: eve@example.com" });
    const [letter] = await lettersOf();
    expect(letter?.subject).toContain("Bcc: eve@example.com");
    expect(letter?.destination).toEqual({ to: [recipient], cc: [], bcc: [] });
  });

  it("that comes twice out of the stream is mailed once", async () => {
    const id = randomUUID();
    const at = new Date().toISOString();
    const text = (S: string) => ({ S });
    const NewImage = {
      pk: text(`alert#${id}`),
      sk: text("alert"),
      __edb_e__: text("alert"),
      __edb_v__: text("1"),
      id: text(id),
      customer_id: text("none"),
      condition: text(`manual#${id}`),
      alert_type: text("escalation"),
      severity: text("high"),
      title: text("Twice"),
      description: text("Delivered again."),
      is_resolved: { BOOL: false },
      created_by: text("Ada"),
      created_at: text(at),
      updated_at: text(at),
      revision: { N: "1" },
    };
    const event = { Records: [{ eventID: id, dynamodb: { SequenceNumber: "1", NewImage } }] };
    const name = "success-manager-local-streams-notifications";
    const answers = await Promise.all([cloud.invoke(name, event), cloud.invoke(name, event)]);
    answers.push(await cloud.invoke(name, event));
    expect(answers.map(({ payload }) => payload)).toEqual([1, 2, 3].map(() => ({ batchItemFailures: [] })));
    expect((await lettersOf()).map(({ subject }) => subject)).toEqual(["Alert: Twice"]);
  });
});

describe("a low score", () => {
  it("is mailed at once; a good one is not, and neither is one that is not severe enough", async () => {
    await answer(9);
    await answer(6);
    expect(await lettersOf()).toEqual([]);
    await answer(1);
    expect(await lettersOf()).toHaveLength(1);
    await updateAlerts({ notify_severity: "medium" });
    await answer(6);
    expect(await lettersOf()).toHaveLength(2);
  });
});

describe("who is told", () => {
  const all = async () => {
    await escalate();
    await answer(0);
    await raise();
    await check();
  };

  it("is each kind's own recipients, else those of alerts", async () => {
    const [own, other] = [somebody(), somebody()];
    await updateNotifications({ escalation_recipients: [own, other], alert_digest_recipients: [other] });
    await all();
    expect([
      (await lettersOf()).length,
      (await lettersOf(own)).length,
      (await lettersOf(other)).length,
    ]).toEqual([1, 1, 2]);
  });

  it.each([
    ["escalation", 2],
    ["low_score", 2],
    ["alert_digest", 2],
    ["email_enabled", 0],
  ])("is nobody of %s where an admin has stopped it", async (setting, letters) => {
    await updateNotifications({ [setting]: false });
    await all();
    expect(await lettersOf()).toHaveLength(letters);
  });

  it("is nobody where nobody is named", async () => {
    await updateAlerts({ recipients: [] });
    await all();
    expect(await lettersOf()).toEqual([]);
  });

  it("is no user who was deactivated", async () => {
    const { id, email } = await cloud.person("manager");
    await updateAlerts({ recipients: [email.toUpperCase(), recipient] });
    await cloud.admin.api.users.activate({ params: { user_id: id }, body: { is_active: false } });
    await escalate();
    expect(await lettersOf(email)).toEqual([]);
    expect(await lettersOf(email.toUpperCase())).toEqual([]);
    expect(await lettersOf()).toHaveLength(1);
  });
});

describe("the digest of the daily checks", () => {
  it("names what is new since the last one, once, the worst first", async () => {
    await updateAlerts({ notify_severity: "medium" });
    await check();
    const before = (await lettersOf()).length;
    const [medium, critical] = [await raise({ severity: "medium" }), await raise({ customer_id: null })];
    await raise({ severity: "low" });
    await check();
    const [letter, ...others] = (await lettersOf()).slice(before);
    expect(others).toEqual([]);
    expect(letter?.subject).toBe("2 new alerts");
    const { text = "" } = letter?.body ?? {};
    expect(text.indexOf(critical.title)).toBeGreaterThan(0);
    expect(text.indexOf(medium.title)).toBeGreaterThan(text.indexOf(critical.title));
    await cloud.viewer.api.alerts.update({ params: { id: medium.id }, body: { severity: "high" } });
    await check();
    expect(await lettersOf()).toHaveLength(before + 1);
    const later = await raise();
    await check();
    expect((await lettersOf()).at(-1)?.subject).toContain(later.title);
  });

  it("says nothing of what has been resolved by then", async () => {
    await check();
    const before = (await lettersOf()).length;
    const { id } = await raise();
    await cloud.viewer.api.alerts.resolve({ params: { id }, body: null });
    await check();
    expect(await lettersOf()).toHaveLength(before);
  });
});

describe("a mail service that takes nothing", () => {
  it("breaks no alert and no check, and what it did not take is mailed later", async () => {
    await check();
    const before = (await lettersOf()).length;
    ses.refuse(BUSY);
    const { title } = await raise();
    await check();
    expect(await lettersOf()).toHaveLength(before);
    ses.refuse(undefined);
    await check();
    expect((await lettersOf()).at(-1)?.subject).toContain(title);
  });

  it("delays an escalation until the stream tries again", async () => {
    ses.refuse(BUSY);
    await escalate();
    await expect.poll(() => ses.take().length).toBeGreaterThan(0);
    ses.refuse(undefined);
    await expect.poll(async () => (await lettersOf()).length).toBe(1);
  });
});

describe("somebody who sees some customers", () => {
  it("is told of these alone; an address that is nobody's of the team gets all", async () => {
    const seer = await cloud.person("manager");
    const other = await cloud.person("manager");
    for (const { id: user_id } of [seer, other])
      await cloud.admin.api.users.update({ params: { user_id }, body: { access: "owned" } });
    const name = (await cloud.admin.api.users.get({ params: { user_id: seer.id } })).body().full_name;
    const create = async (body: object) =>
      (
        await cloud.admin.api.customers.create({ body: { company_name: `Mail ${randomUUID()}`, ...body } })
      ).body();
    const [linked, named, foreign] = [
      await create({ account_manager_id: seer.id }),
      await create({ account_manager: name.toUpperCase() }),
      await create({ account_manager_id: other.id }),
    ];
    await updateAlerts({ recipients: [recipient, seer.email] });
    for (const { id } of [linked, named, foreign]) await escalate({ customer_id: id });
    const told = async (address: string) => (await lettersOf(address)).map(({ subject }) => subject).join();
    const everything = await told(recipient);
    const own = await told(seer.email);
    for (const { company_name } of [linked, named, foreign]) expect(everything).toContain(company_name);
    for (const { company_name } of [linked, named]) expect(own).toContain(company_name);
    expect(own).not.toContain(foreign.company_name);
  });
});
