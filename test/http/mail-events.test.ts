import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { PASSWORD, type TestCloud, testCloud } from "../support/cloud.ts";
import { lettersTo } from "../support/inbox.ts";
import { putSchedule } from "../support/report-schedule.ts";
import { type ServiceProxy, serviceProxy } from "../support/service-proxy.ts";
import { type Storage, storageOf } from "../support/storage.ts";

const ANSWER_MS = 1_000;
const FUNCTION = "success-manager-local-events-mail";

let cloud: TestCloud;
let storage: Storage;
let ses: ServiceProxy;

beforeAll(async () => {
  ses = await serviceProxy();
  cloud = await testCloud({
    mailEvents: true,
    environment: {
      AWS_ENDPOINT_URL_SES: ses.url,
      MAIL_ANSWER_MS: String(ANSWER_MS),
      POWERTOOLS_METRICS_DISABLED: "false",
    },
  });
  ses.forwardTo(cloud.endpoints.ses);
  storage = storageOf(cloud);
});
afterEach(() => {
  ses.loseAnswers(undefined);
  ses.take();
});
afterAll(async () => {
  storage?.close();
  await cloud?.stop();
  await ses?.close();
});

/** Addresses of the mailbox simulator (`packages/local/src/processes/mail-events.js`), each new. */
const simulated = (mailbox: string) => `${mailbox}+${randomUUID()}@simulator.amazonses.com`;
const letters = async (address: string) => (await lettersTo(cloud.inboxUrl, address)).length;

const newCustomer = async (contact_email?: string) =>
  (
    await cloud.manager.api.customers.create({
      body: { company_name: `Nordlicht ${randomUUID()}`, ...(contact_email && { contact_email }) },
    })
  ).body().id;

/** What the team sees of a report of a schedule. */
async function deliveriesOf(scheduled_report_id: string) {
  const { history } = (
    await cloud.manager.api.reports.listHistory({ query: { scheduled_report_id } })
  ).body();
  return Object.fromEntries((history[0]?.deliveries ?? []).map(({ recipient, ...one }) => [recipient, one]));
}

async function mailReport(recipients: readonly string[]) {
  const { id } = await putSchedule({ recipients: [...recipients], frequency: "monthly" });
  expect((await cloud.manager.api.reports.runScheduled({})).status).toBe(200);
  return id;
}

const asked = { survey_type: "nps", target_type: "specific" } as const;
const ask = async (customer_id: string, target_email: string) => {
  const body = { ...asked, customer_id, target_email };
  const [made] = (await cloud.manager.api.surveyRequests.create({ body })).body();
  if (!made) throw new Error("Nobody was asked");
  return made;
};
const requestOf = async (id: string) =>
  (await cloud.manager.api.surveyRequests.get({ params: { id } })).body();
const suppressionOf = async (email: string) =>
  (await cloud.admin.api.settings.suppressions({ query: { email } })).body().suppressions[0];

const WAIT = { timeout: 60_000, interval: 100 };

/** An event as SES publishes it, handed to the function by itself. */
async function tell(
  eventType: string,
  {
    message_id = String(randomUUID()),
    tags = {} as Record<string, string[]>,
    to = "ada@example.com",
    ...rest
  },
) {
  const mail = { timestamp: new Date().toISOString(), messageId: message_id, destination: [to], tags };
  const Message = JSON.stringify({ eventType, mail, ...rest });
  return cloud.invoke(FUNCTION, { Records: [{ Sns: { MessageId: randomUUID(), Message } }] });
}
const softBounce = (at = new Date()) => ({
  bounce: { bounceType: "Transient", bounceSubType: "MailboxFull", timestamp: at.toISOString() },
});
const hardBounce = (at = new Date()) => ({
  bounce: { bounceType: "Permanent", bounceSubType: "General", timestamp: at.toISOString() },
});

/** The tags that the newest mail to SES carried. */
function tagsOf(body: string): Record<string, string[]> {
  const fields = new URLSearchParams(body);
  const tags: Record<string, string[]> = {};
  for (let n = 1; fields.has(`Tags.member.${n}.Name`); n++)
    tags[fields.get(`Tags.member.${n}.Name`) ?? ""] = [fields.get(`Tags.member.${n}.Value`) ?? ""];
  return tags;
}

describe("a mail whose answer was lost", () => {
  it("is settled by what SES tells of it: in reports", async () => {
    const [ada, gone] = [simulated("success"), simulated("bounce")];
    ses.loseAnswers({ afterMs: 3 * ANSWER_MS });
    const id = await mailReport([ada, gone]);
    await vi.waitFor(async () => {
      expect(await deliveriesOf(id)).toMatchObject({
        [ada]: { status: "delivered", sent_at: expect.any(String), error: null },
        [gone]: { status: "bounced", error: expect.stringMatching(/refused this mail for good/) },
      });
    }, WAIT);
    expect(await Promise.all([ada, gone].map(letters))).toEqual([1, 1]);
  });

  it("is settled in survey requests, too", async () => {
    ses.loseAnswers("reset");
    const customer = await newCustomer();
    const [ada, gone] = [simulated("success"), simulated("bounce")];
    const [one, other] = [await ask(customer, ada), await ask(customer, gone)];
    await vi.waitFor(async () => {
      expect(await requestOf(one.id)).toMatchObject({
        ...{ status: "pending", mail_status: "delivered", mail_error: null, sent_at: expect.any(String) },
      });
      expect(await requestOf(other.id)).toMatchObject({
        ...{ status: "failed", mail_status: "bounced", mail_error: expect.stringMatching(/for good/) },
      });
    }, WAIT);
    const failed = await cloud.manager.api.surveyRequests.list({
      query: { customer_id: customer, status: "failed" },
    });
    expect(failed.body().requests.map(({ id }) => id)).toEqual([other.id]);
  });
});

describe("an address that bounced", () => {
  it("gets no mail, its customer's page says so, and an admin lets mail go there again", async () => {
    const gone = simulated("bounce");
    const customer = await newCustomer(gone);
    const params = { id: customer };
    const problem = async () =>
      (await cloud.viewer.api.customers.get({ params })).body().contact_email_problem;
    expect(await problem()).toBeNull();
    await ask(customer, gone);
    await vi.waitFor(async () => expect(await problem()).toMatchObject({ reason: "bounced" }), WAIT);

    // In any spelling, by every kind of mail.
    const spelled = gone.replace("bounce", "BOUNCE");
    const unsent = { mail_status: "suppressed", mail_error: expect.stringMatching(/was not sent/) };
    expect(await ask(customer, spelled)).toMatchObject({ status: "failed", sent_at: null, ...unsent });
    const invited = { email: gone, full_name: "Grace Hopper" };
    expect((await cloud.admin.api.users.invite({ body: invited })).body()).toMatchObject(unsent);
    const report = await mailReport([gone, simulated("success")]);
    expect(await deliveriesOf(report)).toMatchObject({
      [gone]: { status: "suppressed", error: unsent.mail_error, sent_at: null },
    });
    expect(await letters(gone)).toBe(1);
    expect(await letters(spelled)).toBe(0);

    // Another address has no mark, and the old one has it still.
    const moved = { params, body: { contact_email: "ada@example.com" } };
    expect((await cloud.manager.api.customers.update(moved)).status).toBe(200);
    expect(await problem()).toBeNull();
    await cloud.manager.api.customers.update({ params, body: { contact_email: gone } });
    expect(await problem()).toMatchObject({ reason: "bounced" });

    const suppressed = await suppressionOf(spelled);
    expect(suppressed).toMatchObject({ reason: "bounced", expires_at: expect.any(String) });
    const all = (await cloud.admin.api.settings.suppressions({})).body().suppressions;
    expect(all.map(({ id }) => id)).toContain(suppressed?.id);
    const lift = () => cloud.admin.api.settings.liftSuppression({ params: { id: suppressed?.id ?? "" } });
    expect([(await lift()).status, (await lift()).status]).toEqual([200, 404]);
    expect(await problem()).toBeNull();
    // The same event once more is older than that decision.
    await tell("Bounce", { to: gone, ...hardBounce(new Date(Date.now() - 60_000)) });
    expect(await problem()).toBeNull();
    await ask(customer, gone);
    expect(await letters(gone)).toBe(2);
    await vi.waitFor(async () => expect(await problem()).toMatchObject({ reason: "bounced" }), WAIT);
  });

  it("can be sent a report again once it is lifted, and stays without before", async () => {
    const gone = simulated("bounce");
    const id = await mailReport([gone]);
    await vi.waitFor(async () => {
      expect((await deliveriesOf(id))[gone]?.status).toBe("bounced");
      expect(await suppressionOf(gone)).toBeDefined();
    }, WAIT);
    const { history } = (
      await cloud.manager.api.reports.listHistory({ query: { scheduled_report_id: id } })
    ).body();
    const params = { id: history[0]?.id ?? "" };
    const again = await cloud.manager.api.reports.sendAgain({ params });
    expect(again.body().deliveries).toMatchObject([{ recipient: gone, status: "suppressed" }]);
    await cloud.admin.api.settings.liftSuppression({ params: { id: (await suppressionOf(gone))?.id ?? "" } });
    await cloud.manager.api.reports.sendAgain({ params });
    expect(await letters(gone)).toBe(2);
  });

  it("is not reminded", async () => {
    const customer = await newCustomer();
    const { id } = await ask(customer, simulated("bounce"));
    await vi.waitFor(async () => expect((await requestOf(id)).mail_status).toBe("bounced"), WAIT);
    const reminded = await cloud.manager.api.surveyRequests.remind({ params: { id } });
    expect([reminded.status, await requestOf(id)]).toMatchObject([
      409,
      { reminder_count: 0, mail_status: "bounced", status: "failed" },
    ]);
  });
});

describe("an address whose owner complained", () => {
  it("gets no mail, but for a notice about the own account", async () => {
    const { api, email, id } = await cloud.person("viewer", simulated("complaint"));
    const report = await mailReport([email]);
    await vi.waitFor(async () => {
      expect((await deliveriesOf(report))[email]).toMatchObject({ status: "complained" });
      expect(await suppressionOf(email)).toMatchObject({ reason: "complained", expires_at: null });
    }, WAIT);
    const next = await mailReport([email]);
    expect((await deliveriesOf(next))[email]?.status).toBe("suppressed");
    expect(await letters(email)).toBe(1);
    const moved = { email: `${randomUUID()}@example.com`, current_password: PASSWORD };
    expect([(await api.auth.updateMe({ body: moved })).status, id]).toEqual([200, expect.any(String)]);
    expect(await letters(email)).toBe(2);
  });
});

describe("soft bounces", () => {
  it("suppress nothing, until five come in a row without a mail that arrives", async () => {
    const to = `${randomUUID()}@example.com`;
    const bounce = async (message_id?: string) =>
      tell("Bounce", { to, ...softBounce(), ...(message_id && { message_id }) });
    for (const message_id of ["1", "2", "3", "4", "4", "4", "2"]) await bounce(message_id);
    expect(await suppressionOf(to)).toBeUndefined();
    await tell("Delivery", { to, delivery: { timestamp: new Date(Date.now() + 1).toISOString() } });
    for (const message_id of ["5", "6", "7", "8"]) await bounce(message_id);
    expect(await suppressionOf(to)).toBeUndefined();
    await bounce("9");
    expect(await suppressionOf(to)).toMatchObject({ reason: "bounced" });
    expect((await suppressionOf(to))?.detail).toMatch(/5 times in a row/);
  });
});

describe("events of one mail", () => {
  it("end where they should, in any order, twice, and at once", async () => {
    const to = `ada-${randomUUID()}@example.com`;
    const request = await ask(await newCustomer(), to);
    const { body = "" } = ses.take().at(-1) ?? {};
    const tags = tagsOf(body);
    expect(tags).toEqual({
      mail_kind: ["survey"],
      mail_subject: [request.id],
      mail_id: [expect.stringMatching(/^[\w-]+$/)],
    });
    await vi.waitFor(async () => expect((await requestOf(request.id)).mail_status).toBe("delivered"), WAIT);
    const at = { timestamp: new Date().toISOString() };
    const about = { to, tags, message_id: "m" };
    await Promise.all([
      tell("Complaint", { ...about, complaint: at }),
      tell("Bounce", { ...about, ...softBounce() }),
      tell("Delivery", { ...about, delivery: at }),
      tell("Complaint", { ...about, complaint: at }),
      tell("Send", { ...about, send: {} }),
    ]);
    const after = await requestOf(request.id);
    expect(after).toMatchObject({ mail_status: "complained", status: "pending" });
    await tell("Send", { ...about, send: {} });
    await tell("Delivery", { ...about, delivery: at });
    await tell("Bounce", { ...about, ...softBounce() });
    expect(await requestOf(request.id)).toEqual(after);
  });

  it("do not take a report from whoever is mailing it", async () => {
    const recipients = Array.from({ length: 8 }, () => simulated("success"));
    const id = await mailReport(recipients);
    await vi.waitFor(async () => {
      const statuses = Object.values(await deliveriesOf(id)).map(({ status }) => status);
      expect(statuses).toEqual(recipients.map(() => "delivered"));
    }, WAIT);
    expect(await Promise.all(recipients.map(letters))).toEqual(recipients.map(() => 1));
  });

  it("about nothing that we know are passed over", async () => {
    const to = `${randomUUID()}@example.com`;
    const tags = { mail_kind: ["report"], mail_subject: [randomUUID()], mail_id: [randomUUID()] };
    const send = { to, send: {} };
    const known: Record<string, string[]>[] = [
      tags,
      {},
      { mail_kind: ["other"] },
      { ...tags, mail_kind: ["survey"] },
    ];
    for (const given of known)
      expect((await tell("Send", { ...send, tags: given })).functionError).toBeUndefined();
    expect((await tell("DeliveryDelay", { to, deliveryDelay: {} })).functionError).toBeUndefined();
    expect((await tell("Click", { to })).functionError).toBeUndefined();
    const greeting = "Successfully validated SNS topic for Amazon SES event publishing.";
    const Records = [{ Sns: { MessageId: "1", Message: greeting } }];
    expect((await cloud.invoke(FUNCTION, { Records })).functionError).toBeUndefined();
  });

  it.each([
    ["no JSON", "{"],
    ["no event", "{}"],
    ["an unknown type", JSON.stringify({ eventType: "Exploded" })],
    ["a bounce without facts", JSON.stringify({ eventType: "Bounce", mail: {} })],
  ])("that are %s fail, so that they end in the dead-letter queue", async (_, Message) => {
    const answer = await cloud.invoke(FUNCTION, { Records: [{ Sns: { MessageId: "1", Message } }] });
    expect(answer.functionError).toBeDefined();
  });

  it("count bounces and complaints once", async () => {
    const to = `${randomUUID()}@example.com`;
    const bounce = { to, message_id: "b", ...hardBounce() };
    const logs = [(await tell("Bounce", bounce)).logs, (await tell("Bounce", bounce)).logs];
    expect(logs.map((text) => text.includes('"MailBounced":1'))).toEqual([true, false]);
    const complaint = { to, complaint: { timestamp: new Date().toISOString() } };
    expect((await tell("Complaint", complaint)).logs).toContain('"MailComplained":1');
    expect(logs.join()).not.toContain(to);
  });
});

describe("suppressions", () => {
  it("are for admins, page by page", async () => {
    expect((await cloud.manager.api.settings.suppressions({})).status).toBe(403);
    const some = Array.from({ length: 3 }, () => `${randomUUID()}@example.com`);
    for (const to of some) await tell("Bounce", { to, ...hardBounce() });
    const found: string[] = [];
    let cursor: string | undefined;
    do {
      const query = { limit: 2, ...(cursor && { cursor }) };
      const page = (await cloud.admin.api.settings.suppressions({ query })).body();
      found.push(...page.suppressions.map(({ email }) => email));
      cursor = page.next_cursor ?? undefined;
    } while (cursor);
    expect(new Set(found).size).toBe(found.length);
    expect(found.slice(0, 3)).toEqual(some.toReversed());
    expect((await cloud.admin.api.settings.suppressions({ query: { cursor: "x" } })).status).toBe(422);
  });
});
