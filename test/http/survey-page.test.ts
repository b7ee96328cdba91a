import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type TestCloud, testCloud } from "../support/cloud.ts";
import { FORM_BODY, JSON_BODY, type Received, type Sent, sender } from "../support/send.ts";
import { type Storage, storageOf } from "../support/storage.ts";
import { manyCalls, surveyLink } from "../support/survey-link.ts";
import { waitOf } from "../support/window.ts";

let cloud: TestCloud;
let storage: Storage;
/** All that the functions print. */
let printed: string[];

beforeAll(async () => {
  printed = [];
  cloud = await testCloud({ environment: { LOG_LEVEL: "DEBUG" }, log: (line) => printed.push(line) });
  storage = storageOf(cloud);
});
beforeEach(() => storage.remove(manyCalls));
afterAll(async () => {
  storage?.close();
  await cloud?.stop();
});

const send = (method: string, path: string, sent?: Sent) => sender(cloud.apiUrl)(method, path, sent);
const open = (token: string, query = "") => send("GET", `/survey/${token}${query}`);

const ANSWER = {
  score: "9",
  feedback_text: "Quick help, every time.",
  submitted_by_name: "Ada Lovelace",
  submitted_by_email: "ada@example.com",
};
const submit = (token: string, fields: Readonly<Record<string, string>> = ANSWER) =>
  send("POST", `/survey/${token}`, { headers: FORM_BODY, body: new URLSearchParams(fields).toString() });

/** What was stored of a link's survey. */
const stored = async ({ id }: { readonly id: string }) =>
  (await storage.items("survey#")).filter((item) => item.survey_link_id === id);

const DAY = 24 * 60 * 60 * 1000;
const daysAgo = (days: number) => new Date(Date.now() - days * DAY);

/** All the calls that an address has in this minute and the next. */
async function callsFromHere() {
  const { countSurveyCall } = await import("@success-manager/domain/rate-limit");
  const now = Date.now();
  for (const minute of [now, now + 60_000])
    for (let call = 0; call < 120; call += 1) await countSurveyCall("127.0.0.1", minute);
}

const POLICY =
  "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/** A page for people, whatever happened: HTML that lets nothing in and tells nobody where it stood. */
function expectPage({ status, headers, text }: Received, expected: number, heading: string) {
  expect(status).toBe(expected);
  expect(headers.get("content-type")).toBe("text/html; charset=utf-8");
  expect(headers.get("content-security-policy")).toBe(POLICY);
  expect(headers.get("referrer-policy")).toBe("no-referrer");
  expect(headers.get("cache-control")).toBe("no-store");
  expect(headers.get("x-robots-tag")).toBe("noindex, nofollow");
  expect(headers.get("x-content-type-options")).toBe("nosniff");
  expect(headers.get("x-frame-options")).toBe("DENY");
  expect(headers.get("strict-transport-security")).toContain("max-age=");
  expect(headers.get("x-request-id")).toBeTruthy();
  expect(text).toContain('<html lang="en" dir="ltr">');
  expect(text).toContain('<meta name="robots" content="noindex, nofollow">');
  expect(text).not.toMatch(/<script(?! type="module" src="\/survey\/assets\/)/);
  expect(text).not.toMatch(/<style|\sstyle=|\son\w+=|(?:src|href)="(?!\/survey\/assets\/|#|")/);
  expect(/<h1>(.*?)<\/h1>/.exec(text)?.[1]).toBe(heading);
}

const NPS = "How likely are you to recommend us to a friend or colleague?";
const UNKNOWN = "We can’t find this survey";
const ANSWERED = "This survey has been answered";

describe("an open link", () => {
  it("shows the survey, with nothing chosen or filled in", async () => {
    const answer = await open((await surveyLink(cloud, { company: "Nordlicht" })).token);
    expectPage(answer, 200, NPS);
    expect(answer.text).toContain("<strong>Extravis</strong> asks <strong>Nordlicht</strong>");
    expect([...answer.text.matchAll(/type="radio"[^>]*value="(\d+)"/g)].map(([, value]) => value)).toEqual(
      Array.from({ length: 11 }, (_, score) => String(score)),
    );
    expect(answer.text).not.toMatch(/\schecked|value="[^"\d]/);
    expect(answer.text).toContain("Not at all likely");
    expect(answer.text).toContain("Extremely likely");
  });

  it.each([
    [
      { survey_type: "post_ticket", ticket_reference: "SUP-7" },
      "How satisfied are you with how we handled your request SUP-7?",
    ],
    [{ survey_type: "post_ticket" }, "How satisfied are you with how we handled your request?"],
    [{ survey_type: "quarterly" }, "How satisfied have you been with us over the last three months?"],
    [{ survey_type: "onboarding" }, "How satisfied are you with the way we got you started?"],
  ] as const)("of %j asks for 1 to 5", async (asked, question) => {
    const answer = await open((await surveyLink(cloud, asked)).token);
    expectPage(answer, 200, question);
    expect([...answer.text.matchAll(/type="radio"/g)]).toHaveLength(5);
    expect(answer.text).toContain("Very dissatisfied");
    expect(answer.text).toContain("Very satisfied");
  });

  it.each([
    ["general_feedback", "All in all, how satisfied are you with us?", "Very satisfied"],
    ["product_feedback", "How well does our product do what you need?", "Very well"],
  ] as const)("of type %s has a question and words of its own", async (survey_type, question, best) => {
    const { text, ...answer } = await open((await surveyLink(cloud, { survey_type })).token);
    expectPage({ ...answer, text }, 200, question);
    expect([...text.matchAll(/type="radio"/g)]).toHaveLength(5);
    expect(text).toContain(`<b>5</b> ${best}`);
  });

  it("shows what the team wrote as text, line by line, turning nothing around it", async () => {
    const custom_message = "Dear <b>Ada</b>,\r\n\r\n\r\n\u202eevil & gone\u2067\nשלום";
    const { text } = await open((await surveyLink(cloud, { custom_message })).token);
    const box = /<div class="message"[^>]*>(.*?)<\/div>/s.exec(text)?.[1] ?? "";
    expect(box.split("</p>").map((line) => line.replace('<p dir="auto">', "").trim())).toEqual([
      ...["Dear &lt;b&gt;Ada&lt;/b&gt;,", "", "evil &amp; gone", "שלום", ""],
    ]);
    expect((await open((await surveyLink(cloud)).token)).text).not.toContain('class="message"');
  });

  it("about a deployment names its product", async () => {
    const { api } = cloud.manager;
    const { id: customer_id } = (await api.customers.create({ body: { company_name: "Kite" } })).body();
    const facts = { deployment_date: "2026-01-01", version: "1", license_type: "Pro" };
    const deployed = { customer_id, product_name: "SupportX", environment: "cloud", ...facts } as const;
    const { id: product_deployment_id } = (
      await api.deployments.create({ body: { ...deployed, license_expiry: "2031-01-01" } })
    ).body();
    const { token } = await surveyLink(cloud, { customer_id, product_deployment_id });
    expectPage(await open(token), 200, "How likely are you to recommend SupportX to a friend or colleague?");
  });

  it("shows names as text, whatever they are", async () => {
    const company = `<script>alert("1")</script> & 'Söhne'`;
    const ticket = '"><img src=x onerror=alert(1)>';
    const link = await surveyLink(cloud, { company, survey_type: "post_ticket", ticket_reference: ticket });
    const { text } = await open(link.token);
    expect(text).toContain(
      "<strong>&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;Söhne&#39;</strong>",
    );
    expect(text).toContain("your request &quot;&gt;&lt;img src=x onerror=alert(1)&gt;?");
    expect(text).not.toMatch(/<script>|<img src=x/);
  });

  it("answers HEAD without a body, and with a slash at its end", async () => {
    const { token } = await surveyLink(cloud);
    const head = await send("HEAD", `/survey/${token}`);
    expect([head.status, head.text]).toEqual([200, ""]);
    expect(head.headers.get("content-security-policy")).toBe(POLICY);
    expectPage(await open(`${token}/`), 200, NPS);
  });

  it("is where its address says", async () => {
    const { survey_url } = await surveyLink(cloud);
    const { origin, pathname } = new URL(survey_url);
    expect(origin).toBe(new URL(cloud.apiUrl).origin);
    expectPage(await send("GET", pathname), 200, NPS);
  });

  it("weighs less than 20 KB, style and script included", async () => {
    const { text } = await open((await surveyLink(cloud)).token);
    const files = [...new Set(text.match(/\/survey\/assets\/[^"]+/g))];
    expect(files).toHaveLength(4);
    let bytes = Buffer.byteLength(text);
    for (const file of files) {
      const { headers } = await send("HEAD", file);
      expect(headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
      expect(headers.get("content-encoding")).toBe("gzip");
      const sent = await fetch(cloud.apiUrl + file, { headers: { "accept-encoding": "gzip" } });
      bytes += Number(sent.headers.get("content-length"));
    }
    expect(bytes).toBeLessThan(20_000);
  });
});

describe("an answer", () => {
  it("is kept once, and thanked for on a page that can be loaded again", async () => {
    const link = await surveyLink(cloud, { company: "Grateful" });
    const sent = await submit(link.token);
    expect([sent.status, sent.headers.get("location")]).toEqual([303, "?thanks=1"]);
    for (let load = 0; load < 2; load += 1)
      expectPage(await open(link.token, "?thanks=1"), 200, "Thank you!");
    expect(await stored(link)).toMatchObject([
      { ...ANSWER, score: 9, survey_type: "nps", submitted_via: "email_link" },
    ]);
  });

  it("is taken without a comment, with blanks around it", async () => {
    const link = await surveyLink(cloud, { survey_type: "quarterly" });
    const fields = {
      score: "5",
      feedback_text: " \r\n",
      submitted_by_name: " Ada ",
      submitted_by_email: "a@b.de ",
    };
    expect((await submit(link.token, fields)).status).toBe(303);
    const [survey] = await stored(link);
    expect(survey).toMatchObject({ score: 5, submitted_by_name: "Ada", submitted_by_email: "a@b.de" });
    expect(survey?.feedback_text).toBeUndefined();
  });

  it("may hold 5000 characters, where the end of a line is one", async () => {
    const link = await surveyLink(cloud);
    const feedback_text = `${"line\r\n".repeat(999)}lines`;
    expect((await submit(link.token, { ...ANSWER, feedback_text })).status).toBe(303);
    expect((await stored(link))[0]?.feedback_text).toBe(feedback_text.replaceAll("\r\n", "\n"));
  });

  it("comes through a link once, however many are sent at the same time", async () => {
    const link = await surveyLink(cloud);
    const answers = await Promise.all(Array.from({ length: 8 }, () => submit(link.token)));
    expect(answers.map(({ status }) => status).sort()).toEqual([303, ...Array(7).fill(409)]);
    for (const answer of answers) if (answer.status === 409) expectPage(answer, 409, ANSWERED);
    expect(await stored(link)).toHaveLength(1);
  });
});

describe("an incomplete answer", () => {
  const cases: readonly [string, Readonly<Record<string, string>>, string][] = [
    ["no score", { score: "" }, "Choose a number from 0 to 10."],
    ["a score beyond the scale", { score: "11" }, "Choose a number from 0 to 10."],
    ["a score that is none", { score: "nine" }, "Choose a number from 0 to 10."],
    ["a broken score", { score: "9.5" }, "Choose a number from 0 to 10."],
    ["no name", { submitted_by_name: "  " }, "Enter your name."],
    ["a long name", { submitted_by_name: "x".repeat(256) }, "Shorten your name to 255 characters."],
    [
      "a NUL in the name",
      { submitted_by_name: "A\u0000" },
      "Your name holds a character that can&#39;t be stored",
    ],
    ["no address", { submitted_by_email: "" }, "Enter your e-mail address."],
    ["half an address", { submitted_by_email: "ada@" }, "Enter an e-mail address like name@example.com."],
    ["a long comment", { feedback_text: "x".repeat(5001) }, "Shorten your comment to 5,000 characters."],
    [
      "a NUL in the comment",
      { feedback_text: "\u0000" },
      "Your comment holds a character that can&#39;t be stored",
    ],
  ];
  it.each(cases)("with %s is shown again, with what to do", async (_, wrong, sentence) => {
    const link = await surveyLink(cloud);
    const answer = await submit(link.token, { ...ANSWER, ...wrong });
    expectPage(answer, 422, NPS);
    const [field = ""] = Object.keys(wrong);
    expect(answer.text).toContain(`<a href="#${field === "score" ? "score-0" : field}">${sentence}`);
    expect(answer.text).toContain(`id="${field}-fault"><span class="unseen">Error: </span>${sentence}`);
    expect([...answer.text.matchAll(/<li>/g)]).toHaveLength(1);
    expect(answer.text).toContain("<title>Not sent yet: ");
    expect(await stored(link)).toEqual([]);
    expectPage(await open(link.token), 200, NPS);
  });

  it("names everything that is wrong, in the order of the page", async () => {
    const { token } = await surveyLink(cloud, { survey_type: "onboarding" });
    const { text } = await submit(token, {});
    expect([...text.matchAll(/<li><a[^>]*>([^<]+)/g)].map(([, sentence]) => sentence)).toEqual([
      "Choose a number from 1 to 5.",
      "Enter your name.",
      "Enter your e-mail address.",
    ]);
  });

  it("keeps what was typed, as text", async () => {
    const { token } = await surveyLink(cloud, { survey_type: "quarterly" });
    const feedback_text = `\n</textarea><script>alert(1)</script>`;
    const typed = { score: "7", feedback_text, submitted_by_name: '"><b>Ada', submitted_by_email: "ada@'" };
    const { text } = await submit(token, typed);
    expect(text).toContain(`>\n\n&lt;/textarea&gt;&lt;script&gt;alert(1)&lt;/script&gt;</textarea>`);
    expect(text).toContain('value="&quot;&gt;&lt;b&gt;Ada"');
    expect(text).toContain('value="ada@&#39;"');
    expect(text).not.toContain("<script>");
  });

  it("keeps the score that was chosen", async () => {
    const { token } = await surveyLink(cloud);
    const { text } = await submit(token, { score: "3" });
    expect(text).toMatch(/id="score-3" value="3" data-group="low" required checked/);
    expect([...text.matchAll(/ checked/g)]).toHaveLength(1);
  });
});

describe("a link that can't be answered", () => {
  it("says that it has been answered", async () => {
    const { token } = await surveyLink(cloud, { company: "Nordstern" });
    await submit(token);
    const answers = [await open(token), await submit(token), await submit(token, {})];
    for (const answer of answers) expectPage(answer, 409, ANSWERED);
    expect(answers[0]?.text).toContain("asks <strong>Nordstern</strong>");
  });

  it("says that it has expired, and when", async () => {
    const { token, expires_at } = await surveyLink(cloud, { at: daysAgo(8) });
    for (const answer of [await open(token), await submit(token), await submit(token, {})]) {
      expectPage(answer, 410, "This survey has ended");
      expect(answer.text).toContain(`<time datetime="${expires_at}">`);
    }
  });

  it("says that it was withdrawn", async () => {
    const { id, token } = await surveyLink(cloud);
    (await cloud.manager.api.csat.revokeLink({ params: { id } })).body();
    for (const answer of [await open(token), await submit(token), await open(token, "?thanks=1")])
      expectPage(answer, 410, "This survey was withdrawn");
  });

  it.each([
    ["made up", "A".repeat(43)],
    ["cut off", "A".repeat(20)],
    ["far too long", "A".repeat(4000)],
    ["of other characters", "%C3%BC%20%3Cscript%3E"],
    ["a NUL", "%00"],
    ["a way out", "..%2F..%2Fetc"],
    ["a UUID", "0b0e3d3a-6f0c-4b5e-9d51-7a1e7f4b2c11"],
    ["not there at all", ""],
    ["two parts", "a/b"],
  ])("is not found: one that is %s", async (_, token) => {
    const answers = [await open(token), await submit(token), await open(token, "?thanks=1")];
    for (const answer of answers) expectPage(answer, 404, UNKNOWN);
    expect(answers[0]?.text).not.toContain("<script>");
  });
});

describe("what is no answer", () => {
  const ODD = "We didn’t understand that";
  it.each([
    ["JSON", JSON_BODY, JSON.stringify(ANSWER)],
    ["several parts", { "content-type": "multipart/form-data; boundary=x" }, "--x--"],
    ["plain text", { "content-type": "text/plain" }, "score=9"],
    ["bytes", FORM_BODY, Uint8Array.from([0xff, 0xfe, 0xc3])],
  ])("is refused with the way back: %s", async (_, headers, body) => {
    const link = await surveyLink(cloud);
    const answer = await send("POST", `/survey/${link.token}`, { headers, body });
    expectPage(answer, 422, ODD);
    expect(answer.text).toContain('<a class="button" href="">Back to the survey</a>');
    expect(await stored(link)).toEqual([]);
  });

  it.each([40_000, 1_100_000])("is refused when it is %i characters long", async (length) => {
    const link = await surveyLink(cloud);
    const answer = await submit(link.token, { ...ANSWER, feedback_text: "x".repeat(length) });
    expectPage(answer, 413, "That is too long");
    expect(await stored(link)).toEqual([]);
  });

  it("is a form without fields: nothing is filled in", async () => {
    const { token } = await surveyLink(cloud);
    expectPage(await send("POST", `/survey/${token}`, { headers: FORM_BODY }), 422, NPS);
  });

  it.each(["PUT", "PATCH", "DELETE"])("is the method %s", async (method) => {
    const answer = await send(method, `/survey/${"A".repeat(43)}`);
    expectPage(answer, 405, ODD);
    expect(answer.headers.get("allow")).toBe("GET, HEAD, POST");
  });

  it.each(["/survey", "/survey/", "/survey/assets/none.js", "/survey/assets/..%2Findex.mjs"])(
    "is the address %s",
    async (path) => expect((await send("GET", path)).headers.get("content-type")).toMatch(/^text\/html/),
  );
});

describe("a failure", () => {
  it("of the database shows a page that sends the same answer again", async () => {
    const link = await surveyLink(cloud);
    const comment = `Quick & "good"\nhelp`;
    cloud.database.fail("TransactWriteItems", "InternalServerError", 10);
    const broken = await submit(link.token, { ...ANSWER, feedback_text: comment });
    cloud.database.fail("TransactWriteItems", "InternalServerError", 0);
    expectPage(broken, 503, "That didn’t work");
    expect(broken.headers.get("retry-after")).toBe("2");
    expect(broken.text).toContain("Your answer has not been saved yet");
    const hidden = [...broken.text.matchAll(/type="hidden" name="(\w+)" value="([^"]*)"/g)];
    const unescaped = (value = "") => value.replaceAll("&quot;", '"').replaceAll("&amp;", "&");
    const again = Object.fromEntries(hidden.map(([, name, value]) => [name, unescaped(value)]));
    expect(again).toEqual({ ...ANSWER, feedback_text: comment });
    expect((await submit(link.token, again)).status).toBe(303);
    expect(await stored(link)).toHaveLength(1);
  });

  it("to look at the link is no reason to give up", async () => {
    const { token } = await surveyLink(cloud);
    cloud.database.fail("GetItem", "ValidationException", 1);
    const broken = await open(token);
    expectPage(broken, 500, "That didn’t work");
    expect(broken.text).toContain('<a class="button" href="">Try again</a>');
    expectPage(await open(token), 200, NPS);
  });

  it("is told for too many calls in a minute, and what was typed is still there", async () => {
    const { token } = await surveyLink(cloud);
    await callsFromHere();
    const last = await open(token);
    expectPage(last, 429, "One moment, please");
    expect(Number(last.headers.get("retry-after"))).toBeGreaterThan(0);
    const refused = await submit(token);
    expectPage(refused, 429, "One moment, please");
    expect(refused.text).toContain('name="submitted_by_name" value="Ada Lovelace"');
    expect(refused.text).toContain(`again in ${waitOf(refused)}.`);
  });
});

describe("a token", () => {
  it("is printed by nobody, not even for a failure", async () => {
    const { token } = await surveyLink(cloud);
    cloud.database.fail("GetItem", "ValidationException", 1);
    printed.length = 0;
    const statuses = [(await open(token)).status, (await submit(token)).status, (await submit(token)).status];
    expect(statuses).toEqual([500, 303, 409]);
    expect(printed.join("\n")).toContain("request failed");
    expect(printed.filter((line) => line.includes(token))).toEqual([]);
  });
});
