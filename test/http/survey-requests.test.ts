import { randomBytes, randomUUID } from "node:crypto";
import type { NewSurveyRequest, SurveyRequest } from "@success-manager/contract/survey-requests";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type * as z from "zod";
import { type Api, type TestCloud, testCloud } from "../support/cloud.ts";
import { lettersTo } from "../support/inbox.ts";
import { deploymentBody } from "../support/rows.ts";
import { type Storage, storageOf } from "../support/storage.ts";
import { manyCalls, surveyLink } from "../support/survey-link.ts";

const HOUR = 60 * 60 * 1000;
const DAY = 24 * HOUR;

let cloud: TestCloud;
let storage: Storage;
let api: Api;
beforeAll(async () => {
  cloud = await testCloud();
  storage = storageOf(cloud);
  api = cloud.manager.api;
});
afterAll(() => {
  storage?.close();
  return cloud?.stop();
});
beforeEach(() => storage.remove(manyCalls));

const newCustomer = async (changes: object = {}) =>
  (await api.customers.create({ body: { company_name: `Company ${randomUUID()}`, ...changes } })).body().id;

type Sent = z.input<typeof NewSurveyRequest>;
const ask = (body: Sent) => api.surveyRequests.create({ body });
const newAddress = () => `${randomUUID()}@example.com`;

/** One request to an address of its own. */
async function request(changes: Partial<Sent> = {}): Promise<SurveyRequest> {
  const customer_id = changes.customer_id ?? (await newCustomer());
  const to = { target_type: "specific", target_email: newAddress() } as const;
  const [made] = (await ask({ survey_type: "nps", ...to, ...changes, customer_id })).body();
  if (!made) throw new Error("nobody was asked");
  return made;
}

const get = async (id: string) => (await api.surveyRequests.get({ params: { id } })).body();
const remind = (id: string, who = api) => who.surveyRequests.remind({ params: { id } });
const cancel = (id: string, who = api) => who.surveyRequests.cancel({ params: { id } });
const tokenOf = ({ unique_survey_token }: SurveyRequest) => unique_survey_token ?? "";
const view = (token: string) => cloud.stranger.portal.viewSurvey({ params: { token } });
const ADA = { submitter_name: "Ada", submitter_email: "ada@example.com" };
const submit = (token: string, body: object = {}) =>
  cloud.stranger.portal.submitSurvey({ params: { token }, body: { score: 9, ...ADA, ...body } });

const detailOf = ({ raw }: { raw: unknown }) => (raw as { detail: string }).detail;
const UUID = /[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}/i;

/** Changes a link behind the API's back: time passes. */
async function change(id: string, set: object) {
  const { SurveyLinkEntity } = await import("@success-manager/domain/table");
  await SurveyLinkEntity.patch({ id }).set(set).go();
}
const ago = (ms: number) => new Date(Date.now() - ms).toISOString();
const expire = (id: string) => change(id, { expires_at: ago(1_000), due_key: ago(1_000) });

describe("a request", () => {
  it("to the customer's contact is a link and a mail, as the client asks for them", async () => {
    const contact_email = newAddress();
    const customer_id = await newCustomer({ contact_email, contact_name: "Grace" });
    const answer = await ask({
      customer_id,
      survey_type: "quarterly_review",
      target_type: "primary",
      target_email: "",
      expires_in_days: 90,
      custom_message: "Dear Grace,\nit was good to meet you.",
    });
    expect(answer.status).toBe(201);
    const requests = answer.body();
    expect(requests).toHaveLength(1);
    const [made] = requests;
    expect(made).toMatchObject({
      customer_id,
      survey_type: "quarterly",
      recipient_email: contact_email,
      recipient_name: "Grace",
      target_email: contact_email,
      custom_message: "Dear Grace,\nit was good to meet you.",
      status: "pending",
      sent_at: expect.any(String),
      mail_status: "sent",
      mail_error: null,
      opened_at: null,
      completed_at: null,
      reminder_count: 0,
      last_reminder_at: null,
      score: null,
      response_id: null,
      created_by: cloud.manager.id,
      created_by_name: expect.stringContaining("manager"),
      survey_url: `${cloud.apiUrl}/survey/${made?.unique_survey_token}`,
    });
    const days = (Date.parse(made?.expires_at ?? "") - Date.parse(made?.created_at ?? "")) / DAY;
    expect(days).toBe(90);
    const [letter, ...others] = await lettersTo(cloud.inboxUrl, contact_email);
    expect(others).toEqual([]);
    for (const part of [letter?.body.html, letter?.body.text]) {
      expect(part).toContain(made?.survey_url);
      expect(part).toContain("it was good to meet you.");
    }
    // Shown once, kept nowhere.
    expect(await get(made?.id ?? "")).toEqual({ ...made, survey_url: null, unique_survey_token: null });
    expect(JSON.stringify(await storage.items("survey_link#"))).not.toContain(made?.unique_survey_token);
  });

  it("to all goes to the contact and to whoever was asked or answered before, once each", async () => {
    const [contact_email, respondent, asked] = [newAddress(), newAddress(), newAddress()];
    const customer_id = await newCustomer({ contact_email, contact_name: "Grace" });
    const about = { customer_id, survey_type: "nps", score: 9 } as const;
    for (const submitted_by_email of [respondent, contact_email.toUpperCase()])
      await api.csat.create({ body: { ...about, submitted_by_name: "Ada", submitted_by_email } });
    await request({ customer_id, target_email: asked });
    await api.csat.createLink({ body: { customer_id, survey_type: "nps" } });
    // Lists by customer are indexes, which follow in a moment.
    await expect
      .poll(async () => {
        const requests = (await ask({ customer_id, survey_type: "nps", target_type: "all" })).body();
        return requests.map(({ recipient_email, recipient_name }) => `${recipient_email} ${recipient_name}`);
      })
      .toEqual([`${contact_email} Grace`, `${respondent} Ada`, `${asked} null`]);
  });

  it("to an address names the contact whose address it is", async () => {
    const contact_email = newAddress();
    const customer_id = await newCustomer({ contact_email, contact_name: "Grace" });
    const made = await request({ customer_id, target_email: contact_email.toUpperCase() });
    expect(made.recipient_name).toBe("Grace");
    expect((await request({ customer_id })).recipient_name).toBeNull();
  });

  it.each<[Partial<Sent>, string]>([
    [{ target_type: "primary" }, "target_type: must be specific, with a target_email"],
    [{ target_type: "all" }, "target_type: must be specific, with a target_email"],
    [{ target_type: "specific", target_email: null }, "target_email: is required when"],
    [{ target_type: "specific", target_email: " " }, "target_email: is required when"],
    [{ target_email: "ada" }, "target_email: must be an e-mail address"],
    [{ target_email: "a@example.com\r\nBcc: eve@example.com" }, "target_email: must be an e-mail address"],
    [{ target_type: "everybody" as "all" }, "target_type: must be one of primary, all, specific"],
    [{ survey_type: "weekly" as "nps" }, "survey_type: must be one of post_ticket, quarterly"],
    [{ expires_in_days: 0 }, "expires_in_days: must be at least 1"],
    [{ expires_in_days: 91 }, "expires_in_days: must be at most 90"],
    [{ expires_in_days: 1.5 }, "expires_in_days: must be a whole number"],
    [{ custom_message: "x".repeat(1_001) }, "custom_message: must be at most 1000 characters"],
    [{ custom_message: "a\u0000" }, "custom_message: must not contain NUL"],
    [{ product_deployment_id: randomUUID() }, "product_deployment_id: must be the id of a deployment"],
  ])("with %j is refused, and mails nobody", async (changes, detail) => {
    const customer_id = await newCustomer();
    const body = { customer_id, survey_type: "nps", target_type: "specific", target_email: newAddress() };
    const answer = await ask({ ...body, ...changes } as Sent);
    expect([answer.status, detailOf(answer)]).toEqual([422, expect.stringContaining(detail)]);
    expect((await api.surveyRequests.stats({ query: { customer_id } })).body().total).toBe(0);
  });

  it("is made, reminded of and cancelled by managers, read by everybody in the team", async () => {
    const { id, customer_id } = await request();
    const body = { customer_id, survey_type: "nps" } as const;
    const { viewer } = cloud;
    expect((await viewer.api.surveyRequests.create({ body })).status).toBe(403);
    expect((await remind(id, viewer.api)).status).toBe(403);
    expect((await cancel(id, viewer.api)).status).toBe(403);
    expect((await viewer.api.surveyRequests.get({ params: { id } })).status).toBe(200);
    expect((await viewer.api.surveyRequests.list({})).status).toBe(200);
    const missing = randomUUID();
    expect((await ask({ ...body, customer_id: missing })).status).toBe(404);
    for (const call of [remind, cancel]) expect((await call(missing)).status).toBe(404);
    expect((await api.surveyRequests.get({ params: { id: missing } })).status).toBe(404);
  });

  it("and a survey link are one thing", async () => {
    const link = await surveyLink(cloud);
    expect(await get(link.id)).toMatchObject({ id: link.id, status: "pending", recipient_email: null });
    const { id, ...made } = await request();
    expect(
      (await cloud.stranger.csat.publicInfo({ params: { token: tokenOf({ id, ...made }) } })).status,
    ).toBe(200);
    expect((await api.csat.revokeLink({ params: { id } })).status).toBe(200);
    expect(await get(id)).toMatchObject({ status: "cancelled", cancelled_at: expect.any(String) });
  });
});

describe("its status", () => {
  const look: Readonly<Record<string, (token: string) => Promise<{ status: number }>>> = {
    "the portal": view,
    "the page": (token) => cloud.stranger.survey.opened({ params: { token } }),
    "the API": (token) => cloud.stranger.csat.publicInfo({ params: { token } }),
  };
  it.each(Object.entries(look))("is opened with the first look at it through %s", async (_, open) => {
    const made = await request();
    expect((await open(tokenOf(made))).status).toBe(200);
    const opened = await get(made.id);
    expect(opened).toMatchObject({ status: "opened", opened_at: expect.any(String) });
    await open(tokenOf(made));
    expect((await get(made.id)).opened_at).toBe(opened.opened_at);
  });

  it("stays what it is when a program fetches the page, chooses a score and asks about unsubscribing", async () => {
    const made = await request();
    const params = { token: tokenOf(made) };
    for (const query of [{}, { score: "9" }, { score: "9", lang: "de" }]) {
      expect((await cloud.stranger.survey.open({ params, query })).status).toBe(200);
      expect((await fetch(`${made.survey_url}?score=3`, { method: "HEAD" })).status).toBe(200);
    }
    expect((await cloud.stranger.survey.leave({ params })).status).toBe(200);
    expect(await get(made.id)).toEqual({ ...made, survey_url: null, unique_survey_token: null });
    expect(
      (await storage.items("survey#")).filter(({ survey_link_id }) => survey_link_id === made.id),
    ).toEqual([]);
    expect(await storage.items("suppression#")).toEqual([]);
  });

  it("is completed with the response, whose score and id it tells", async () => {
    const made = await request({ survey_type: "product_feedback" });
    await submit(tokenOf(made), { score: 2 });
    const completed = await get(made.id);
    expect(completed).toMatchObject({ status: "completed", score: 2, completed_at: expect.any(String) });
    const survey = (await api.csat.get({ params: { survey_id: completed.response_id ?? "" } })).body();
    expect(survey).toMatchObject({ score: 2, survey_request_id: made.id, survey_type: "product_feedback" });
  });

  it("is expired when its time is over, and failed when its mail was not sent", async () => {
    const [late, failed] = [await request(), await request()];
    await expire(late.id);
    expect((await get(late.id)).status).toBe("expired");
    await change(failed.id, { mail_status: "failed" });
    expect((await get(failed.id)).status).toBe("failed");
    // Its link works all the same.
    expect((await submit(tokenOf(failed))).status).toBe(200);
    expect((await get(failed.id)).status).toBe("completed");
  });

  it("is cancelled by the team, once; not after the answer", async () => {
    const made = await request();
    expect((await cancel(made.id)).body()).toMatchObject({ status: "cancelled" });
    const again = (await cancel(made.id)).body();
    expect(again).toEqual(await get(made.id));
    expect((await submit(tokenOf(made))).status).toBe(410);
    const answered = await request();
    await submit(tokenOf(answered));
    expect((await cancel(answered.id)).status).toBe(409);
  });
});

describe("a reminder", () => {
  it("brings a link of its own; both links open one survey, which is answered once", async () => {
    const made = await request({ custom_message: "Hello again" });
    const reminded = (await remind(made.id)).body();
    expect(reminded).toMatchObject({ reminder_count: 1, last_reminder_at: expect.any(String) });
    const [first, second] = await lettersTo(cloud.inboxUrl, made.recipient_email ?? "");
    expect(second?.subject).toBe(`Reminder: ${first?.subject}`);
    expect(second?.body.text).toMatch(/We asked you on \d{1,2} \w+ \d{4}/);
    expect(second?.body.text).toContain("Hello again");
    const [, token = ""] = /\/survey\/([\w-]+)/.exec(second?.body.text ?? "") ?? [];
    expect(token).not.toBe(tokenOf(made));
    expect(JSON.stringify(await storage.items("survey_link#"))).not.toContain(token);
    expect((await view(token)).body()).toEqual((await view(tokenOf(made))).body());
    const answers = await Promise.all([submit(token), submit(tokenOf(made)), submit(token)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
    // Neither a wrong end nor another link's beginning opens it.
    const other = Buffer.from(token, "base64url");
    const forged = Buffer.concat([other.subarray(0, 16), randomBytes(32)]).toString("base64url");
    expect((await view(forged)).status).toBe(404);
  });

  it("is sent once when two people press the button, and not again within a day", async () => {
    const made = await request();
    const answers = await Promise.all([remind(made.id), remind(made.id), remind(made.id, cloud.admin.api)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 429, 429]);
    const refused = answers.find(({ status }) => status === 429);
    const seconds = Number(refused?.headers.get("retry-after"));
    expect(seconds).toBeGreaterThan(23 * 3600);
    expect(seconds).toBeLessThanOrEqual(24 * 3600);
    expect(await lettersTo(cloud.inboxUrl, made.recipient_email ?? "")).toHaveLength(2);
    for (const times of [2, 3]) {
      await change(made.id, { last_reminder_at: ago(DAY + 1_000) });
      expect((await remind(made.id)).body().reminder_count).toBe(times);
    }
    await change(made.id, { last_reminder_at: ago(DAY + 1_000) });
    const last = await remind(made.id);
    expect([last.status, detailOf(last)]).toEqual([409, expect.stringContaining("3 times")]);
  });

  const ends: Readonly<Record<string, (made: SurveyRequest) => Promise<unknown>>> = {
    answered: (made) => submit(tokenOf(made)),
    cancelled: ({ id }) => cancel(id),
    expired: ({ id }) => expire(id),
  };
  it.each(Object.entries(ends))("of what is %s is refused, and sends nothing", async (_, end) => {
    const made = await request();
    await end(made);
    for (const call of [remind(made.id), api.surveyRequests.postReminder({ params: { id: made.id } })])
      expect((await call).status).toBe(409);
    expect(await lettersTo(cloud.inboxUrl, made.recipient_email ?? "")).toHaveLength(1);
  });

  it("of a link that was mailed to nobody is refused", async () => {
    const { id } = await surveyLink(cloud);
    expect((await remind(id)).status).toBe(409);
  });

  it("makes up for a first mail that failed", async () => {
    const made = await request();
    const { SurveyLinkEntity } = await import("@success-manager/domain/table");
    await SurveyLinkEntity.patch({ id: made.id })
      .set({ mail_status: "failed", mail_error: "Try again" })
      .remove(["sent_at"])
      .go();
    expect((await get(made.id)).status).toBe("failed");
    expect((await remind(made.id)).body()).toMatchObject({
      status: "pending",
      mail_status: "sent",
      mail_error: null,
      sent_at: expect.any(String),
    });
  });

  it("and cancelling take the version that they are based on", async () => {
    const made = await request();
    const stale = { "if-match": `"${made.revision + 1}"` };
    const params = { id: made.id };
    expect((await api.surveyRequests.remind({ params }, stale)).status).toBe(412);
    expect((await api.surveyRequests.cancel({ params }, stale)).status).toBe(412);
    const { headers } = await api.surveyRequests.get({ params });
    const fresh = { "if-match": headers.get("etag") ?? "" };
    expect((await api.surveyRequests.cancel({ params }, fresh)).status).toBe(200);
  });
});

describe("the portal", () => {
  it("shows what is asked, and no ids", async () => {
    const customer_id = await newCustomer();
    const { id: product_deployment_id } = (
      await api.deployments.create({ body: deploymentBody(customer_id) })
    ).body();
    const made = await request({
      customer_id,
      product_deployment_id,
      survey_type: "product_feedback",
      custom_message: "Please",
      ticket_reference: "SUP-7",
    });
    const shown = await view(tokenOf(made));
    expect(shown.body()).toEqual({
      customer_name: made.customer_name,
      survey_type: "product_feedback",
      question: "How well does MonetX do what you need?",
      product: "MonetX",
      scale: { min: 1, max: 5 },
      custom_message: "Please",
      linked_ticket_number: "SUP-7",
      linked_ticket_subject: null,
      language: null,
      expires_at: made.expires_at,
      status: "opened",
      is_completed: false,
      is_expired: false,
      is_cancelled: false,
    });
    const answered = await submit(tokenOf(made), { score: 5, feedback_text: null });
    const ids = [
      JSON.stringify(shown.raw).replace(made.customer_name, ""),
      JSON.stringify(answered.raw).replace(made.customer_name, ""),
    ];
    for (const text of ids) expect(text).not.toMatch(UUID);
  });

  it("says what became of a survey that can't be answered any more", async () => {
    const [done, late, withdrawn] = [await request(), await request(), await request()];
    await submit(tokenOf(done));
    await expire(late.id);
    await cancel(withdrawn.id);
    const state = async (made: SurveyRequest) => {
      const { status, is_completed, is_expired, is_cancelled } = (await view(tokenOf(made))).body();
      return [status, is_completed, is_expired, is_cancelled, (await submit(tokenOf(made))).status];
    };
    expect(await state(done)).toEqual(["completed", true, false, false, 409]);
    expect(await state(late)).toEqual(["expired", false, true, false, 410]);
    expect(await state(withdrawn)).toEqual(["cancelled", false, true, true, 410]);
    for (const token of ["x", randomBytes(32).toString("base64url"), randomBytes(48).toString("base64url")])
      for (const answer of [await view(token), await submit(token)]) expect(answer.status).toBe(404);
  });

  it.each<[object, string, string]>([
    [{}, "Ada", "ada@example.com"],
    [{ submitter_name: null, submitter_email: null }, "Grace", "contact"],
    [{ submitter_name: " ", submitter_email: "" }, "Grace", "contact"],
    [{ submitter_name: undefined, submitter_email: undefined }, "Grace", "contact"],
  ])("takes the answer of who sends %j as %s's", async (changes, name, address) => {
    const contact_email = newAddress();
    const customer_id = await newCustomer({ contact_email, contact_name: "Grace" });
    const made = await request({ customer_id, target_email: contact_email });
    expect((await submit(tokenOf(made), changes)).body()).toMatchObject({
      submitted_by_name: name,
      submitted_by_email: address === "contact" ? contact_email : address,
      submitted_via: "email_link",
    });
  });

  it.each<[object, string]>([
    [{ submitter_email: null }, "submitter_email: is required"],
    [{ submitter_name: "" }, "submitter_name: is required"],
    [{ score: 11 }, "score: must be at most 10"],
    [{ score: "9" }, "score: must be a whole number"],
    [{ submitter_email: "ada" }, "submitter_email: must be an e-mail address"],
    [{ feedback_text: "x".repeat(5_001) }, "feedback_text: must be at most 5000 characters"],
  ])(
    "refuses %j through a link that was mailed to nobody, and takes a better answer",
    async (changes, detail) => {
      const { token } = await surveyLink(cloud);
      const answer = await submit(token, changes);
      expect([answer.status, detailOf(answer)]).toEqual([422, expect.stringContaining(detail)]);
      expect((await submit(token)).status).toBe(200);
    },
  );

  it("and the page and the API take one answer together, of 30 at the same moment", async () => {
    const customer_id = await newCustomer();
    const made = await request({ customer_id });
    const token = tokenOf(made);
    const form = { score: "1", submitted_by_name: "Ada", submitted_by_email: "ada@example.com" };
    const ways = [
      () => submit(token, { score: 1 }),
      () => cloud.stranger.survey.submit({ params: { token }, form }),
      () => cloud.stranger.csat.publicSubmit({ params: { token }, body: { ...form, score: 1 } }),
    ];
    const answers = await Promise.all(Array.from({ length: 30 }, (_, n) => ways[n % 3]?.()));
    const statuses = answers.map((answer) => answer?.status ?? 0);
    expect(statuses.filter((status) => status < 400)).toHaveLength(1);
    expect(statuses.filter((status) => status === 409)).toHaveLength(29);
    expect((await api.csat.list({ query: { customer_id } })).body().surveys).toHaveLength(1);
    expect((await api.alerts.byCustomer({ params: { id: customer_id } })).body().total).toBe(1);
  });
});

describe("lists and figures of requests", () => {
  let customer_id: string;
  let made: Record<string, SurveyRequest>;
  beforeAll(async () => {
    // Counters follow. Those of a function's memory must not be newer than the table's, so they stay.
    await storage.remove("survey_link#");
    await cloud.settled();
    customer_id = await newCustomer({ company_name: "Größe AG" });
    const of = (changes: Partial<Sent> = {}) => request({ customer_id, ...changes });
    made = {
      completed: await of({ survey_type: "general_feedback", custom_message: "Roadmap" }),
      cancelled: await of({ survey_type: "product_feedback" }),
      expired: await of(),
      opened: await of(),
      failed: await of(),
      pending: await of(),
      "pending of another": await request(),
    };
    const { completed, cancelled, expired, opened, failed } = made;
    if (!completed || !cancelled || !expired || !opened || !failed) throw new Error("missing");
    await submit(tokenOf(completed), { score: 4 });
    await cancel(cancelled.id);
    await expire(expired.id);
    await view(tokenOf(opened));
    await change(failed.id, { mail_status: "failed" });
    await cloud.settled();
  });

  const list = async (query: Parameters<Api["surveyRequests"]["list"]>[0]["query"]) =>
    (await api.surveyRequests.list({ query })).body();
  const idsOf = (page: { requests: readonly SurveyRequest[] }) => page.requests.map(({ id }) => id);
  const stats = async (query: object = {}) => (await api.surveyRequests.stats({ query })).body();

  it.each(["completed", "cancelled", "expired", "opened", "failed"] as const)(
    "know who is %s",
    async (status) => {
      const page = await list({ status });
      expect(idsOf(page)).toEqual([made[status]?.id]);
      expect(page).toMatchObject({ total: 1, requests: [{ status }] });
    },
  );

  it("show the newest first, page by page", async () => {
    const newest = Object.values(made)
      .map(({ id }) => id)
      .reverse();
    const first = await list({ limit: 3 });
    expect([idsOf(first), first.total]).toEqual([newest.slice(0, 3), 7]);
    const second = await list({ limit: 3, cursor: first.next_cursor ?? "" });
    expect(idsOf(second)).toEqual(newest.slice(3, 6));
    expect(idsOf(await list({ skip: 6 }))).toEqual(newest.slice(6));
    expect(idsOf(await list({ sort_order: "asc", limit: 1 }))).toEqual(newest.slice(-1));
  });

  it.each<[Parameters<Api["surveyRequests"]["list"]>[0]["query"] & object, readonly string[]]>([
    [{ survey_type: "general_feedback" }, ["completed"]],
    [{ survey_type: "feature" }, ["cancelled"]],
    [{ survey_type: "ticket_followup" }, []],
    [{ search: "roadmap" }, ["completed"]],
    [{ search: "größe", status: "opened" }, ["opened"]],
    [{ status: "pending", start_date: "2020-01-01" }, ["pending of another", "pending"]],
    [{ end_date: "2020-01-01" }, []],
    [{ sort_by: "status", limit: 2, sort_order: "asc" }, ["cancelled", "completed"]],
  ])("take %j", async (query, names) => {
    expect(idsOf(await list(query))).toEqual(names.map((name) => made[name]?.id));
  });

  it("are about one customer", async () => {
    expect((await list({ customer_id })).total).toBe(6);
    expect(idsOf(await list({ customer_id, status: "pending" }))).toEqual([made.pending?.id]);
    expect((await list({ customer_id: randomUUID() })).total).toBe(0);
  });

  const figures = {
    completed: 1,
    cancelled: 1,
    expired: 1,
    opened: 1,
    failed: 1,
    by_survey_type: {
      general_feedback: { total: 1, completed: 1, response_rate: 100 },
      product_feedback: { total: 1, completed: 0, response_rate: 0 },
    },
  };
  it("come to the same from counters and from the requests themselves", async () => {
    expect(await stats()).toMatchObject({
      ...figures,
      pending: 2,
      total: 7,
      total_sent: 7,
      open: 4,
      response_rate: 14.3,
    });
    expect(await stats({ start_date: "2020-01-01" })).toEqual(await stats());
    expect(await stats({ customer_id })).toMatchObject({
      ...figures,
      pending: 1,
      total: 6,
      response_rate: 16.7,
    });
    expect(await stats({ survey_type: "support" })).toMatchObject({ total: 0, response_rate: null });
  });

  it("tell the response rate of the analytics", async () => {
    const { response_rate } = (await api.csat.analytics({})).body();
    expect((await stats()).response_rate).toBe(response_rate);
  });

  it.each([
    [{ status: "sent" }, "status: must be one of pending, opened"],
    [{ survey_type: "x" }, "survey_type: must be one of"],
    [{ sort_by: "token_hash" }, "sort_by: must be one of"],
    [{ start_date: "2026-02-01", end_date: "2026-01-01" }, "end_date: must not be before start_date"],
  ])("refuse %j", async (query, detail) => {
    const answer = await api.surveyRequests.list({ query: query as object });
    expect([answer.status, detailOf(answer)]).toEqual([422, expect.stringContaining(detail)]);
  });
});
