import { createHash, randomBytes, randomUUID } from "node:crypto";
import { request } from "node:http";
import type { NewSurveyLink } from "@success-manager/contract/surveys";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type * as z from "zod";
import { type Api, type TestCloud, testCloud } from "../support/cloud.ts";
import { lettersTo } from "../support/inbox.ts";
import { deploymentBody } from "../support/rows.ts";
import { type Storage, storageOf } from "../support/storage.ts";
import { withinAMinute } from "../support/window.ts";

let cloud: TestCloud;
let storage: Storage;
let api: Api;
let customer_id: string;
let deployment: string;
beforeAll(async () => {
  cloud = await testCloud();
  storage = storageOf(cloud);
  api = cloud.manager.api;
  customer_id = (await api.customers.create({ body: { company_name: "Nordlicht" } })).body().id;
  deployment = (await newDeployment(customer_id)).id;
});
afterAll(() => {
  storage?.close();
  return cloud?.stop();
});
// Each test may make all the calls that a minute allows.
beforeEach(() => storage.remove("survey_calls#"));

const newDeployment = async (customer_id: string) =>
  (
    await api.deployments.create({
      body: deploymentBody(customer_id),
    })
  ).body();

type Sent = z.input<typeof NewSurveyLink>;
const make = (changes: Partial<Sent> = {}) =>
  api.csat.createLink({ body: { customer_id, survey_type: "nps", ...changes } });
const link = async (changes: Partial<Sent> = {}) => (await make(changes)).body();

const ANSWER = { score: 9, submitted_by_name: "Ada", submitted_by_email: "ada@example.com" };
const submit = (token: string, changes: object = {}) =>
  cloud.stranger.csat.publicSubmit({ params: { token }, body: { ...ANSWER, ...changes } });
const info = (token: string) => cloud.stranger.csat.publicInfo({ params: { token } });
const revoke = (id: string) => api.csat.revokeLink({ params: { id } });
const surveysOf = async (customer_id: string) =>
  (await api.csat.list({ query: { customer_id } })).body().surveys;

const detailOf = ({ raw }: { raw: unknown }) => (raw as { detail: string }).detail;
const UUID = /[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}/i;

describe("a new link", () => {
  it("names the page, the customer and the day it ends", async () => {
    const before = Date.now();
    const made = await link({ survey_type: "quarterly", expires_in_days: 30 });
    expect(made).toMatchObject({
      customer_name: "Nordlicht",
      survey_type: "quarterly",
      sent_to: null,
      mail_status: null,
      mail_error: null,
    });
    expect(made.survey_url).toBe(`${cloud.apiUrl}/survey/${made.token}`);
    expect(Buffer.from(made.token, "base64url")).toHaveLength(32);
    const days = (Date.parse(made.expires_at) - before) / 86_400_000;
    expect(days).toBeGreaterThanOrEqual(30);
    expect(days).toBeLessThan(30.01);
  });

  it("ends after seven days when nobody says", async () => {
    const { expires_at } = await link();
    expect(Math.round((Date.parse(expires_at) - Date.now()) / 86_400_000)).toBe(7);
  });

  it("is made by managers and admins alone", async () => {
    const body = { customer_id, survey_type: "nps" } as const;
    expect((await cloud.viewer.api.csat.createLink({ body })).status).toBe(403);
    expect((await cloud.stranger.csat.createLink({ body })).status).toBe(401);
    expect((await cloud.admin.api.csat.createLink({ body })).status).toBe(200);
  });

  it.each([
    [
      { survey_type: "weekly" },
      "survey_type: must be one of post_ticket, quarterly, nps, onboarding, general_feedback, product_feedback",
    ],
    [{ expires_in_days: 0 }, "expires_in_days: must be at least 1"],
    [{ expires_in_days: 31 }, "expires_in_days: must be at most 30"],
    [{ expires_in_days: 1.5 }, "expires_in_days: must be a whole number"],
    [{ expires_in_days: "7" }, "expires_in_days: must be a whole number"],
    [{ ticket_reference: "x".repeat(101) }, "ticket_reference: must be at most 100 characters"],
    [{ send_to: "ada@example.com, eve@example.com" }, "send_to: must be an e-mail address"],
    [{ send_to: "ada@example.com\r\nBcc: eve@example.com" }, "send_to: must be an e-mail address"],
    [{ customer_id: "x" }, "customer_id: must be a UUID"],
    [{ product_deployment_id: randomUUID() }, "product_deployment_id: must be the id of a deployment"],
  ])("is refused with %j", async (changes, detail) => {
    const answer = await make(changes as Partial<Sent>);
    expect([answer.status, detailOf(answer)]).toEqual([422, expect.stringContaining(detail)]);
  });

  it("is about a deployment of its customer, and about no other's", async () => {
    const { id: other } = (await api.customers.create({ body: { company_name: "Südlicht" } })).body();
    expect((await make({ product_deployment_id: deployment })).status).toBe(200);
    expect((await make({ customer_id: other, product_deployment_id: deployment })).status).toBe(422);
    expect((await make({ customer_id: randomUUID() })).status).toBe(404);
  });

  it("takes the former names of survey types", async () => {
    expect((await link({ survey_type: "quarterly_review" })).survey_type).toBe("quarterly");
    expect((await link({ survey_type: "ticket_followup" })).survey_type).toBe("post_ticket");
  });

  it("leads where the gateway is, whatever the caller says about hosts", async () => {
    const url = await new Promise<string>((resolve, reject) => {
      const { hostname, port } = new URL(cloud.apiUrl);
      const headers = {
        authorization: `Bearer ${cloud.manager.token}`,
        "content-type": "application/json",
        "x-forwarded-host": "evil.example",
        "x-forwarded-proto": "https",
        forwarded: "host=evil.example",
      };
      const call = request(
        { hostname, port, method: "POST", path: "/api/v1/csat/survey-link", headers },
        async (answer) => {
          const chunks: Buffer[] = [];
          for await (const chunk of answer) chunks.push(chunk);
          resolve(JSON.parse(Buffer.concat(chunks).toString()).survey_url);
        },
      );
      call.on("error", reject);
      call.end(JSON.stringify({ customer_id, survey_type: "nps" }));
    });
    expect(url.startsWith(`${cloud.apiUrl}/survey/`)).toBe(true);
  });

  it("is stored without its token", async () => {
    const { id, token } = await link();
    const stored = await storage.items(`survey_link#${id}`);
    expect(stored).toHaveLength(1);
    expect(JSON.stringify(stored)).not.toContain(token);
    expect(stored[0]?.token_hash).toBe(createHash("sha256").update(token).digest("base64url"));
  });
});

describe("the holder of a link", () => {
  it("is told what is asked, and no ids", async () => {
    const { token, expires_at } = await link({
      survey_type: "post_ticket",
      product_deployment_id: deployment,
      ticket_reference: " SUP-7 ",
    });
    const asked = (await info(token)).body();
    expect(asked).toEqual({
      customer_name: "Nordlicht",
      survey_type: "post_ticket",
      product: "MonetX",
      ticket_reference: "SUP-7",
      custom_message: null,
      language: null,
      expires_at,
      scale: { min: 1, max: 5 },
    });
    expect((await info((await link()).token)).body().scale).toEqual({ min: 0, max: 10 });
  });

  it("answers, and gets the answer back without ids", async () => {
    const { token } = await link({ product_deployment_id: deployment, ticket_reference: "SUP-8" });
    const answer = await submit(token, { feedback_text: " Fast <script>alert(1)</script> " });
    expect(answer.status).toBe(200);
    expect(answer.body()).toMatchObject({
      survey_type: "nps",
      score: 9,
      feedback_text: "Fast <script>alert(1)</script>",
      feedback: "Fast <script>alert(1)</script>",
      submitted_by_name: "Ada",
      submitted_by: "Ada",
      submitted_by_email: "ada@example.com",
      respondent_email: "ada@example.com",
      submitted_via: "email_link",
      customer_name: "Nordlicht",
      product: "MonetX",
      ticket_reference: "SUP-8",
    });
    expect(JSON.stringify(answer.raw)).not.toMatch(UUID);
    const [stored] = await surveysOf(customer_id);
    expect(stored).toMatchObject({
      product_deployment_id: deployment,
      submitted_via: "email_link",
      entered_by_staff_id: null,
      feedback: "Fast <script>alert(1)</script>",
    });
  });

  it.each([
    ["nps", { score: 11 }, "score: must be at most 10"],
    ["nps", { score: -1 }, "score: must be at least 0"],
    ["quarterly", { score: 6 }, "score: must be at most 5"],
    ["quarterly", { score: 0 }, "score: must be at least 1"],
    ["nps", { score: 4.5 }, "score: must be a whole number"],
    ["nps", { score: "9" }, "score: must be a whole number"],
    ["nps", { score: true }, "score: must be a whole number"],
    ["nps", { score: null }, "score: must be a whole number"],
    ["nps", { score: undefined }, "score: is required"],
    ["nps", { submitted_by_name: " " }, "submitted_by_name: must not be empty"],
    ["nps", { submitted_by_name: "x".repeat(256) }, "submitted_by_name: must be at most 255 characters"],
    ["nps", { submitted_by_email: "ada" }, "submitted_by_email: must be an e-mail address"],
    ["nps", { feedback_text: "x".repeat(5001) }, "feedback_text: must be at most 5000 characters"],
    ["nps", { feedback_text: "\u0000" }, "feedback_text: must not contain NUL"],
  ] as const)("of a %s survey is refused %j, and may try again", async (survey_type, changes, detail) => {
    const { token } = await link({ survey_type });
    const answer = await submit(token, changes);
    expect([answer.status, detailOf(answer)]).toEqual([422, expect.stringContaining(detail)]);
    expect((await submit(token, { score: 4 })).status).toBe(200);
  });

  it("answers once: of 50 at the same moment one counts", async () => {
    const { id } = (await api.customers.create({ body: { company_name: "Crowded" } })).body();
    const { token } = await link({ customer_id: id, survey_type: "quarterly" });
    // All instances of the function are up, so that they do work at the same time.
    await Promise.all(Array.from({ length: 16 }, () => info(token)));
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, n) => submit(token, { score: 1, submitted_by_name: `Ada ${n}` })),
    );
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(statuses.filter((status) => status === 409)).toHaveLength(49);
    expect(await surveysOf(id)).toHaveLength(1);
    expect((await api.alerts.byCustomer({ params: { id } })).body().total).toBe(1);
    expect((await info(token)).status).toBe(409);
  });
});

describe("a link that can't be answered", () => {
  /** Stored as the domain stores it, but made in the past. */
  async function expired() {
    const { SurveyLinkEntity } = await import("@success-manager/domain/table");
    const { id, token } = await link();
    await SurveyLinkEntity.patch({ id })
      .set({ expires_at: new Date(Date.now() - 1000).toISOString() })
      .go();
    return token;
  }
  const revoked = async () => {
    const { id, token } = await link();
    (await revoke(id)).body();
    return token;
  };
  const used = async () => {
    const { token } = await link();
    (await submit(token)).body();
    return token;
  };

  it.each([
    ["expired", expired, 410, "This link has expired. Ask for a new one."],
    ["revoked", revoked, 410, "This link is no longer valid. Ask for a new one."],
    ["answered", used, 409, "This survey has been answered already."],
    ["never given out", async () => randomBytes(32).toString("base64url"), 404, "Survey not found"],
    ["malformed", async () => "abc", 404, "Survey not found"],
    ["too long", async () => "x".repeat(4000), 404, "Survey not found"],
    ["odd", async () => "ü/../%00", 404, "Survey not found"],
    ["an id of a link", async () => (await link()).id, 404, "Survey not found"],
  ])("because it is %s says so, and writes nothing", async (_, make, status, detail) => {
    const token = await make();
    const before = (await surveysOf(customer_id)).length;
    for (const answer of [await info(token), await submit(token)])
      expect([answer.status, detailOf(answer)]).toEqual([status, detail]);
    expect(await surveysOf(customer_id)).toHaveLength(before);
  });

  it("is not opened by a token whose hash begins alike", async () => {
    const { SurveyLinkEntity } = await import("@success-manager/domain/table");
    const { id, token } = await link();
    await SurveyLinkEntity.patch({ id })
      .set({ token_hash: createHash("sha256").update("another").digest("base64url") })
      .go();
    expect((await info(token)).status).toBe(404);
  });
});

describe("revoking", () => {
  it("can be done again, changes nothing then, and is no business of viewers", async () => {
    const { id } = await link();
    expect((await cloud.viewer.api.csat.revokeLink({ params: { id } })).status).toBe(403);
    const [first, second] = [await revoke(id), await revoke(id)];
    expect([first.status, second.status]).toEqual([200, 200]);
    expect(first.body().message).toContain("revoked");
    const [stored] = await storage.items(`survey_link#${id}`);
    expect(stored?.revision).toBe(2);
  });

  it("comes too late for a link that has been answered", async () => {
    const { id, token } = await link();
    (await submit(token)).body();
    expect((await revoke(id)).status).toBe(409);
  });

  it("needs a link", async () => {
    expect((await revoke(randomUUID())).status).toBe(404);
  });

  it("and answering at the same moment end in one of both", async () => {
    for (let round = 0; round < 5; round++) {
      const { id, token } = await link();
      const [revoked, answered] = await Promise.all([revoke(id), submit(token)]);
      expect([revoked.status, answered.status].sort()).toEqual(
        answered.status === 200 ? [200, 409] : [200, 410],
      );
    }
  });
});

describe("a mailed link", () => {
  it("reaches the customer with question, button and end", async () => {
    const { survey_url, ...made } = await link({
      send_to: " grace@example.com ",
      product_deployment_id: deployment,
    });
    expect(made).toMatchObject({ sent_to: "grace@example.com", mail_status: "sent", mail_error: null });
    const [letter, ...others] = await lettersTo(cloud.inboxUrl, "grace@example.com");
    expect(others).toEqual([]);
    expect(letter).toMatchObject({
      subject: "Extravis asks Nordlicht: How likely are you to recommend MonetX to a friend or colleague?",
      destination: { to: ["grace@example.com"], cc: [], bcc: [] },
    });
    expect(letter?.from).toContain("success-manager@example.com");
    for (const part of [letter?.body.html, letter?.body.text]) {
      expect(part).toContain(survey_url);
      expect(part).toContain("Nordlicht");
      expect(part).toContain("How likely are you to recommend MonetX");
      expect(part).toMatch(/\d{1,2} \w+ \d{4} at \d\d:\d\d UTC/);
    }
    expect(letter?.body.html).toContain('<html lang="en" dir="ltr">');
  });

  it("shows what people wrote as text", async () => {
    const company_name = `<script>alert("x")</script>\r\nBcc: eve@example.com & Söhne`;
    const { id } = (await api.customers.create({ body: { company_name } })).body();
    const ticket_reference = "<img src=x onerror=alert(1)>\r\nBcc: eve@example.com";
    const made = await link({
      customer_id: id,
      survey_type: "post_ticket",
      ticket_reference,
      send_to: "alan@example.com",
    });
    expect(made.mail_status).toBe("sent");
    const [letter] = await lettersTo(cloud.inboxUrl, "alan@example.com");
    expect(letter?.body.html).not.toMatch(/<script|<img/);
    expect(letter?.body.html).toContain("&lt;script&gt;");
    expect(letter?.body.html).toContain("&amp; Söhne");
    expect(letter?.subject).toContain("<img src=x onerror=alert(1)> Bcc: eve@example.com");
    expect(letter?.destination).toEqual({ to: ["alan@example.com"], cc: [], bcc: [] });
    expect(await lettersTo(cloud.inboxUrl, "eve@example.com")).toEqual([]);
  });
});

it("an answer is not lost to somebody who looks at the survey in the same moment", async () => {
  const tokens = await Promise.all(Array.from({ length: 5 }, async () => (await link()).token));
  const statuses = tokens.flatMap((token) => [
    submit(token).then(({ status }) => status),
    info(token).then(({ status }) => (status === 409 ? 200 : status)),
    cloud.stranger.portal.viewSurvey({ params: { token } }).then(({ status }) => status),
  ]);
  expect(new Set(await Promise.all(statuses))).toEqual(new Set([200]));
});

describe("too many calls", () => {
  it("are refused also when they come at once, each with a link of its own, and answer nothing", () =>
    withinAMinute(async () => {
      const [ours, others] = [await link(), await link()];
      await storage.remove("survey_calls#");
      const looks = await Promise.all(Array.from({ length: 119 }, () => info(ours.token)));
      expect(looks.filter(({ status }) => status !== 200)).toEqual([]);
      const answers = await Promise.all([submit(ours.token), submit(others.token), submit("x".repeat(43))]);
      const statuses = answers.map(({ status }) => status);
      // One call was left: whoever had it got an answer, or learned that there is no such survey.
      expect(statuses.filter((status) => status === 429)).toHaveLength(2);
      await storage.remove("survey_calls#");
      const again = [await submit(ours.token), await submit(others.token)].map(({ status }) => status);
      expect(again).toEqual(statuses.slice(0, 2).map((status) => (status === 200 ? 409 : 200)));
    }));

  const many = async () => {
    await storage.remove("survey_calls#");
    const { token } = await link();
    const first = await Promise.all(Array.from({ length: 119 }, () => info(token)));
    expect(new Set(first.map(({ status }) => status))).toEqual(new Set([200]));
    expect((await submit(token, { score: 5 })).status).toBe(200);
    for (const refused of [await info(token), await submit(token)]) {
      expect(refused.status).toBe(429);
      const seconds = Number(refused.headers.get("retry-after"));
      expect(seconds).toBeGreaterThan(0);
      expect(seconds).toBeLessThanOrEqual(60);
      expect(detailOf(refused)).toContain("Try again in");
    }
    expect((await api.csat.list({})).status).toBe(200);
  };

  it("of an address in a minute are refused, whatever they ask", () => withinAMinute(many));
});
