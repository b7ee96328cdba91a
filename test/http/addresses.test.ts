import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PASSWORD, type TestCloud, testCloud } from "../support/cloud.ts";
import { lettersTo } from "../support/inbox.ts";
import { putSchedule } from "../support/report-schedule.ts";
import { FORM_BODY, JSON_BODY, sender } from "../support/send.ts";
import { type ServiceProxy, serviceProxy } from "../support/service-proxy.ts";
import { surveyLink } from "../support/survey-link.ts";

let cloud: TestCloud;
/** Between the functions and SES: the inbox shows international domains as people write them. */
let ses: ServiceProxy;
beforeAll(async () => {
  ses = await serviceProxy();
  cloud = await testCloud({ environment: { AWS_ENDPOINT_URL_SES: ses.url } });
  ses.forwardTo(cloud.endpoints.ses);
});
afterAll(async () => {
  await cloud?.stop();
  await ses?.close();
});

/** Where SES was told to send mails, and the address in each message. */
const sentTo = () =>
  ses.take().map(({ body }) => {
    const call = new URLSearchParams(body);
    const message = Buffer.from(call.get("RawMessage.Data") ?? "", "base64").toString();
    const [, header] = /^To: (.*)$/m.exec(message.replace(/\r\n[ \t]+/g, " ")) ?? [];
    return [call.get("Destinations.member.1"), call.get("Destinations.member.2"), header?.trim()];
  });

const asAdmin = (method: string, path: string, body?: object) =>
  sender(cloud.apiUrl)(method, `/api/v1${path}`, {
    token: cloud.admin.token,
    ...(body && { headers: JSON_BODY, body: JSON.stringify(body) }),
  });
const form = (path: string, fields: Readonly<Record<string, string>>) =>
  sender(cloud.apiUrl)("POST", path, { headers: FORM_BODY, body: new URLSearchParams(fields).toString() });
const logIn = (username: string) => form("/api/v1/auth/login", { username, password: PASSWORD });
const named = (name: string) => `${name}-${randomUUID().slice(0, 8)}`;

const newCustomer = async (contact_email?: string) =>
  asAdmin("POST", "/customers", { company_name: named("Company"), ...(contact_email && { contact_email }) });
const newUser = (email: string) =>
  asAdmin("POST", "/users", { email, full_name: "Ada", role: "viewer", password: PASSWORD });
const idOf = ({ json }: { readonly json: unknown }) => (json as { readonly id: string }).id;

const ANSWER = { score: 9, submitted_by_name: "Ada" };
const SCHEDULE = { report_name: "Week", report_type: "health_summary", frequency: "weekly" };

/** Every place that takes an address, by the field that holds it. */
const places: readonly (readonly [string, string, (address: string) => ReturnType<typeof asAdmin>])[] = [
  ["a user", "email", newUser],
  ["a changed user", "email", (email) => asAdmin("PUT", `/users/${cloud.viewer.id}`, { email })],
  ["a customer", "contact_email", newCustomer],
  [
    "a changed customer",
    "contact_email",
    async (contact_email) => asAdmin("PUT", `/customers/${idOf(await newCustomer())}`, { contact_email }),
  ],
  [
    "a survey response",
    "submitted_by_email",
    async (submitted_by_email) =>
      asAdmin("POST", "/csat", {
        customer_id: idOf(await newCustomer()),
        survey_type: "nps",
        ...ANSWER,
        submitted_by_email,
      }),
  ],
  [
    "a response through a link",
    "submitted_by_email",
    async (submitted_by_email) => {
      const { token } = await surveyLink(cloud);
      return asAdmin("POST", `/csat/public/submit/${token}`, { ...ANSWER, submitted_by_email });
    },
  ],
  [
    "a survey link",
    "send_to",
    async (send_to) =>
      asAdmin("POST", "/csat/survey-link", {
        customer_id: idOf(await newCustomer()),
        survey_type: "nps",
        send_to,
      }),
  ],
  [
    "a schedule of reports",
    "recipients",
    (address) => asAdmin("POST", "/reports/scheduled", { ...SCHEDULE, recipients: [address] }),
  ],
];

describe.each(places)("%s", (_, field, put) => {
  it.each([
    ["info@müller.de"],
    ["info@xn--mller-kva.de"],
    ["info@例え.テスト"],
    ["sales/eu@example.com"],
    ["o'neil+x@example.com"],
    ["!#$%&'*+/=?^_`{|}~-@example.com"],
  ])("takes %s", async (address) => {
    // Of each user there is one address.
    const mine = field === "email" ? address.replace("@", `-${randomUUID().slice(0, 8)}@`) : address;
    const answer = await put(mine);
    expect([200, 201]).toContain(answer.status);
    if (answer.text.includes(`"${field}"`)) expect(answer.text).toContain(JSON.stringify(mine));
  });

  it.each([
    ["müller@example.com", "must have only letters from a to z before the @"],
    ['"ada lovelace"@example.com', "must have no quotation marks before the @"],
    [`${"x".repeat(65)}@example.com`, "must have at most 64 characters before the @"],
    [`${"l".repeat(64)}@${"x".repeat(60)}.${"y".repeat(60)}.${"z".repeat(61)}.www.de`, "must be at most 254"],
    ["a..b@example.com", "must be an e-mail address like name@example.com"],
    ["ada@example.com\r\nBcc: eve@example.com", "must be an e-mail address like name@example.com"],
  ])("refuses %s in a sentence", async (address, sentence) => {
    const answer = await put(address);
    expect(answer.status).toBe(422);
    expect(answer.json).toMatchObject({ detail: expect.stringContaining(`: ${sentence}`) });
    expect(answer.text).not.toContain("example.com\\r\\n");
    expect(answer.json).toMatchObject({
      errors: [{ loc: field === "recipients" ? ["body", field, 0] : ["body", field] }],
    });
  });
});

describe("an address of a user", () => {
  const domain = `${named("müller")}.de`;
  const ascii = new URL(`http://${domain}`).hostname;
  const spellings = [
    `info@${domain}`,
    `INFO@${domain.toUpperCase()}`,
    `info@${ascii}`,
    ` info@${domain.normalize("NFD")} `,
    `ｉｎｆｏ＠${domain}`,
    `in\u200bfo@${domain}`,
  ];

  it("is one, however it is written", async () => {
    expect(ascii).toMatch(/^xn--/);
    const made = await newUser(`info@${domain}`);
    expect([made.status, made.json]).toMatchObject([201, { email: `info@${domain}` }]);
    for (const spelling of spellings) expect((await newUser(spelling)).status, spelling).toBe(409);
    for (const spelling of spellings) expect((await logIn(spelling)).status, spelling).toBe(200);
    const { id } = made.json as { readonly id: string };
    expect((await asAdmin("PUT", `/users/${id}`, { email: `info@${ascii}` })).status).toBe(200);
    // Ten log-ins a minute are what an account may have.
    for (const spelling of spellings.slice(0, 3)) expect((await logIn(spelling)).status, spelling).toBe(200);
    expect((await asAdmin("PUT", `/users/${cloud.viewer.id}`, { email: `Info@${domain}` })).status).toBe(409);
  });

  it("is taken by one of many who come at once, each with another spelling", async () => {
    const other = `${named("grün")}.de`;
    const typed = [other, other.toUpperCase(), new URL(`http://${other}`).hostname, other.normalize("NFD")];
    const statuses = (await Promise.all(typed.map((one) => newUser(`a@${one}`)))).map(({ status }) => status);
    expect(statuses.sort()).toEqual([201, 409, 409, 409]);
  });

  it("works as before when it was stored before this rule", async () => {
    const { LoginEntity, UserEntity } = await import("@success-manager/domain/table");
    const email = `${"Old".repeat(30)}-${randomUUID()}@Example-.com`;
    const made = await newUser(`${named("new")}@example.com`);
    const { id } = made.json as { readonly id: string };
    const login = await LoginEntity.get({ email_key: (made.json as { email: string }).email }).go();
    expect(login.data).not.toBeNull();
    await UserEntity.patch({ id }).set({ email }).go();
    await LoginEntity.put({
      email_key: email.toLowerCase(),
      user_id: id,
      password_hash: login.data?.password_hash ?? "",
    }).go();
    expect((await logIn(` ${email}`)).status).toBe(200);
    expect((await asAdmin("PUT", `/users/${id}`, { full_name: "Ada King" })).json).toMatchObject({ email });
  });
});

describe("a mail to an international domain", () => {
  it("of a survey goes to its form in punycode", async () => {
    const domain = `${named("müller")}.de`;
    const ascii = `sales/eu@${new URL(`http://${domain}`).hostname}`;
    ses.take();
    const made = await asAdmin("POST", "/csat/survey-link", {
      customer_id: idOf(await newCustomer()),
      survey_type: "nps",
      send_to: `sales/eu@${domain}`,
    });
    expect(made.json).toMatchObject({ mail_status: "sent", sent_to: `sales/eu@${domain}` });
    expect(sentTo()).toEqual([[ascii, null, ascii]]);
    expect(await lettersTo(cloud.inboxUrl, `sales/eu@${domain}`)).toHaveLength(1);
  });

  it("of a report goes there once, and can be left", async () => {
    const domain = `${named("müller")}.de`;
    const ascii = `ada@${new URL(`http://${domain}`).hostname}`;
    const typed = [`ada@${domain}`, ascii, `ADA@${domain.toUpperCase()}`, "o'neil+x@example.com"];
    const made = await asAdmin("POST", "/reports/scheduled", { ...SCHEDULE, recipients: typed });
    expect(made.json).toMatchObject({ recipients: [`ada@${domain}`, "o'neil+x@example.com"] });

    const { id } = await putSchedule({ recipients: [`ada@${domain}`, "o'neil+x@example.com"] });
    const run = (await cloud.manager.api.reports.runScheduled({})).body();
    expect(run.results).toMatchObject({ generated: 1, errors: [] });
    expect(sentTo().sort()).toEqual([
      [ascii, null, ascii],
      ["o'neil+x@example.com", null, "o'neil+x@example.com"],
    ]);
    const [letter] = await lettersTo(cloud.inboxUrl, `ada@${domain}`);
    const [, leave = ""] = /(\/report\/\S+\/leave)/.exec(letter?.body.text ?? "") ?? [];
    // Somebody wrote it differently meanwhile; it is the same recipient.
    await asAdmin("PUT", `/reports/scheduled/${id}`, { recipients: [ascii, "o'neil+x@example.com"] });
    expect((await form(leave, {})).status).toBe(200);
    const { json } = await asAdmin("GET", `/reports/scheduled/${id}`);
    expect(json).toMatchObject({ recipients: ["o'neil+x@example.com"] });
  });
});

describe("the survey's page", () => {
  const submit = async (submitted_by_email: string) => {
    const customer_id = idOf(await newCustomer());
    const link = await surveyLink(cloud, { customer_id });
    const answer = await form(`/survey/${link.token}`, {
      score: "9",
      submitted_by_name: "Ada",
      submitted_by_email,
    });
    return { ...answer, customer_id };
  };

  it.each(["info@müller.de", "info@xn--mller-kva.de", "o'neil+x@example.com", "ａｄａ＠example.com"])(
    "takes %s",
    async (address) => {
      const { status, customer_id } = await submit(address);
      expect(status).toBe(303);
      const { surveys } = (await cloud.viewer.api.csat.list({ query: { limit: 1 } })).body();
      expect(surveys).toMatchObject([{ customer_id, submitted_by_email: address.normalize("NFKC") }]);
    },
  );

  it.each([
    ["müller@example.com", "only letters from a to z"],
    ['"ada"@example.com', "only letters from a to z"],
    ["ada@example", "like name@example.com"],
    [`ada@${"x.".repeat(130)}com`, "a shorter e-mail address"],
  ])("asks for another than %s, and keeps what was typed", async (address, sentence) => {
    const { status, text } = await submit(address);
    expect(status).toBe(422);
    expect(text).toContain(sentence);
    expect(text).toContain(`value="${address.replaceAll('"', "&quot;")}"`);
  });
});
