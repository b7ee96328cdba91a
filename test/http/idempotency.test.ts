import { randomUUID } from "node:crypto";
import { client, createMarks } from "@success-manager/contract/client";
import { customers } from "@success-manager/contract/customers";
import { IDEMPOTENCY_HEADER, isKeyed, REPLAYED_HEADER } from "@success-manager/contract/dsl/endpoint";
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { type TestCloud, testCloud } from "../support/cloud.ts";
import {
  A_KEY,
  NEW_INTERACTION,
  newRows,
  putRun,
  requestOf,
  type Sample,
  samples,
  wantedBy,
} from "../support/sample-calls.ts";
import { inParallel, JSON_BODY, type Received, sender } from "../support/send.ts";
import {
  changedItems,
  forgetCalls,
  type Storage,
  storageOf,
  tableContents,
  untilQuiet,
} from "../support/storage.ts";
import { surveyLink } from "../support/survey-link.ts";

const HOUR_MS = 60 * 60 * 1000;
const NOTHING = "success-manager-local-pages-docs";
/** Jobs that a call starts do nothing: what changes afterwards is by a second call. */
const IDLE_JOBS = {
  INACTIVITY_JOB_FUNCTION: NOTHING,
  PERSONAL_DATA_JOB_FUNCTION: NOTHING,
  SCORE_BACKTESTS_JOB_FUNCTION: NOTHING,
};

let cloud: TestCloud;
let storage: Storage;
let send: ReturnType<typeof sender>;
beforeAll(async () => {
  cloud = await testCloud({ environment: IDLE_JOBS, maxInstances: 6 });
  storage = storageOf(cloud);
  send = sender(cloud.apiUrl);
  await putRun();
});
afterAll(async () => {
  storage?.close();
  await cloud?.stop();
});

interface Post {
  readonly path: string;
  readonly body?: string;
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const post = (key: string, { path, body, token, headers }: Post): Promise<Received> =>
  send("POST", path, {
    ...(token && { token }),
    headers: { ...JSON_BODY, ...headers, [IDEMPOTENCY_HEADER]: key },
    ...(body !== undefined && { body }),
  });

const CUSTOMERS = "/api/v1/customers";
const newCustomer = (name = `Company ${randomUUID()}`): Post => ({
  path: CUSTOMERS,
  body: JSON.stringify({ company_name: name }),
  token: cloud.manager.token,
});
const isReplayed = ({ headers }: Pick<Received, "headers">) => headers.get(REPLAYED_HEADER) === "true";
/** What has to be the same each time. */
const answerOf = ({ status, headers, text }: Received) => ({
  status,
  text,
  ...Object.fromEntries(["content-type", "etag", "location"].map((name) => [name, headers.get(name)])),
});
const records = async () => storage.items("idempotency#");
const forget = () => storage.remove("idempotency#");

const posts = samples.filter(({ endpoint }) => isKeyed(endpoint));

describe("every POST that is remembered", () => {
  it("is nearly every POST", () => {
    const forgotten = samples.filter(
      ({ endpoint, group }) =>
        endpoint.method === "POST" && !isKeyed(endpoint) && !["survey", "report", "password"].includes(group),
    );
    const others = forgotten.map(({ id }) => id).filter((id) => !/^(auth|account)\./.test(id));
    expect(others).toEqual(["users.startAvatar"]);
    expect(posts.length).toBeGreaterThan(25);
  });

  it.each(posts)("$title is done once and answered the same again", async (sample: Sample) => {
    await forgetCalls(storage);
    const rows = await newRows(cloud, wantedBy(sample));
    const { path, body, headers } = await requestOf(sample, rows);
    const { token } = cloud.admin;
    const call: Post = { path, headers, ...(body !== undefined && { body }), token };
    if (sample.endpoint.access === "public") Object.assign(call, { token: undefined });
    const key = randomUUID();
    const first = await post(key, call);
    expect(first.status).toBeLessThan(400);
    expect(isReplayed(first)).toBe(false);

    await cloud.settled();
    const before = await untilQuiet(storage);
    const second = await post(key, call);
    expect(answerOf(second)).toEqual(answerOf(first));
    expect(isReplayed(second)).toBe(true);
    expect(second.headers.get("cache-control")).toBe("no-store");
    await cloud.settled();
    expect(changedItems(before, await tableContents(storage))).toEqual([]);
  });
});

describe("a key", () => {
  it("that comes with another body, or to another path, is 422 and changes nothing", async () => {
    const key = randomUUID();
    const call = newCustomer();
    expect((await post(key, call)).status).toBe(201);
    const others = [
      newCustomer(),
      { ...call, body: `${call.body} ` },
      { ...call, path: `${CUSTOMERS}?dry=1` },
      { ...call, path: "/api/v1/alerts" },
    ];
    await cloud.settled();
    const before = await untilQuiet(storage);
    for (const other of others) {
      const answer = await post(key, other);
      expect(answer.status).toBe(422);
      expect(answer.json).toMatchObject({
        errors: [{ loc: ["header", IDEMPOTENCY_HEADER], type: "idempotency_reused" }],
      });
    }
    expect(changedItems(before, await tableContents(storage))).toEqual([]);
  });

  it("means the same with a slash at the end of the path, and as a quoted string", async () => {
    const key = randomUUID();
    const call = newCustomer();
    const first = await post(key, call);
    const again = await post(`"${key}"`, { ...call, path: `${CUSTOMERS}/` });
    expect(answerOf(again)).toEqual(answerOf(first));
    expect(isReplayed(again)).toBe(true);
  });

  it("of somebody else is another key, also with the same body", async () => {
    const key = randomUUID();
    const call = { ...newCustomer(), body: JSON.stringify({ company_name: `Company ${randomUUID()}` }) };
    expect((await post(key, call)).status).toBe(201);
    const other = await post(key, { ...call, token: cloud.admin.token });
    expect(other.status).toBe(409);
    expect(isReplayed(other)).toBe(false);
    expect(other.headers.get("retry-after")).toBeNull();
  });

  it.each([
    ["empty", ""],
    ["blank", " "],
    ["too long", "k".repeat(256)],
    ["with a blank in it", "a b"],
    ["not ASCII", "schl%C3%BCssel".replace("%C3%BC", "\u00fc")],
    ["with an open quotation mark", '"abc'],
    ["two quoted ones", '"a", "b"'],
  ])("that is %s is 422", async (_, key) => {
    const call = newCustomer();
    const { status, json } = await post(key, call);
    expect(status).toBe(422);
    expect(json).toMatchObject({
      errors: [{ loc: ["header", IDEMPOTENCY_HEADER], type: "idempotency_key" }],
    });
  });

  it.each(["k", "k".repeat(255), `"${"k".repeat(255)}"`, "!#$%&'()*+,-./:;<=>?@[]^_`{|}~"])(
    "may be %s",
    async (key) => {
      await forget();
      const call = newCustomer();
      const first = await post(key, call);
      expect(first.status).toBe(201);
      expect(isReplayed(await post(key, call))).toBe(true);
    },
  );

  it("is told to be wrong only to who may call", async () => {
    const call = newCustomer();
    expect((await post("a b", { ...call, token: "nobody" })).status).toBe(401);
    expect((await post("a b", { ...call, token: cloud.viewer.token })).status).toBe(403);
  });

  it("means nothing to GET, PUT and DELETE", async () => {
    const headers = { [IDEMPOTENCY_HEADER]: "a b" };
    const { token } = cloud.manager;
    expect((await send("GET", CUSTOMERS, { token, headers })).status).toBe(200);
    expect((await send("DELETE", `${CUSTOMERS}/${randomUUID()}`, { token, headers })).status).toBe(404);
  });

  it("is good for a day, also where the table has not forgotten it yet", async () => {
    const key = randomUUID();
    const call = newCustomer();
    await forget();
    await post(key, call);
    const [record] = await records();
    const left = Number(record?.free_at) - Date.now();
    expect(left).toBeGreaterThan(24 * HOUR_MS - 60_000);
    expect(left).toBeLessThanOrEqual(24 * HOUR_MS);
    expect(Number(record?.expires_at_epoch) * 1000).toBeGreaterThanOrEqual(Number(record?.free_at));
    await storage.change("idempotency#", () => ({ free_at: Date.now() - 1 }));
    // Done anew, and so it meets what it did the first time.
    const again = await post(key, call);
    expect([again.status, isReplayed(again)]).toEqual([409, false]);
    const other = newCustomer();
    expect((await post(key, other)).status).toBe(201);
    expect(isReplayed(await post(key, other))).toBe(true);
  });
});

describe("what is remembered", () => {
  it("are successes: refused calls have changed nothing, and are tried anew", async () => {
    const [key, company_name] = [randomUUID(), `Company ${randomUUID()}`];
    const refused = { ...newCustomer(), body: JSON.stringify({ company_name: "" }) };
    expect((await post(key, refused)).status).toBe(422);
    const wrong = {
      ...newCustomer(),
      body: JSON.stringify({ company_name, account_manager_id: randomUUID() }),
    };
    expect((await post(key, wrong)).status).toBe(422);
    const right = newCustomer(company_name);
    expect((await post(key, right)).status).toBe(201);
    expect(isReplayed(await post(key, right))).toBe(true);
  });

  it("holds nothing in the clear: neither answers nor keys nor passwords that came", async () => {
    await forget();
    const { token } = cloud.admin;
    const [key, email] = [`key-${randomUUID()}`, `${randomUUID()}@example.com`];
    const password = "Very-Secret-Horse-7";
    const body = JSON.stringify({ email, full_name: "Ada Winter", role: "viewer", password });
    expect((await post(key, { path: "/api/v1/users", body, token })).status).toBe(201);
    const made = await post(randomUUID(), {
      path: "/api/v1/api-keys",
      body: JSON.stringify(A_KEY.body),
      token,
    });
    const { secret } = made.json as { secret: string };
    const kept = await records();
    expect(kept).toHaveLength(2);
    const told = kept
      .flatMap((record) => Object.values(record))
      .map((value) => (value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : String(value)))
      .join("\n");
    for (const word of [key, email, password, secret, "Ada Winter", "smk_live"])
      expect(told).not.toContain(word);
  });

  it("answers with the secret of a new API key again, to who has asked for it", async () => {
    const { token } = cloud.admin;
    const call = { path: "/api/v1/api-keys", body: JSON.stringify(A_KEY.body), token };
    const key = randomUUID();
    const first = await post(key, call);
    expect(await post(key, call)).toMatchObject({ status: 201, text: first.text });
  });

  it("is not what signs in: the header is refused there, and the typed client sends none", async () => {
    const login = await send("POST", "/api/v1/auth/login", {
      headers: { "content-type": "application/x-www-form-urlencoded", [IDEMPOTENCY_HEADER]: randomUUID() },
      body: "username=ada%40example.com&password=x",
    });
    expect(login.status).toBe(422);
    expect(login.json).toMatchObject({ errors: [{ loc: ["header", IDEMPOTENCY_HEADER] }] });
  });

  it("lasts no longer than the right to call", async () => {
    const person = await cloud.person("manager");
    const key = randomUUID();
    const call = { ...newCustomer(), token: person.token };
    expect((await post(key, call)).status).toBe(201);
    await cloud.admin.api.users.update({ params: { user_id: person.id }, body: { role: "viewer" } });
    expect((await post(key, call)).status).toBe(403);
  });

  it("carries the mark of what was written, so that who lost the answer finds it in lists", async () => {
    const key = randomUUID();
    const call = newCustomer();
    const first = await post(key, call);
    const mark = first.headers.get("x-consistency");
    expect(mark).toBeTruthy();
    expect((await post(key, call)).headers.get("x-consistency")).toBe(mark);
  });
});

describe("many at once with one key", () => {
  const TIMES = 20;
  const atOnce = (key: string, call: Post) =>
    Promise.all(Array.from({ length: TIMES }, () => post(key, call)));

  /** Each has the first one's answer, or is told that it is still on its way. */
  function expectOne(answers: readonly Received[], status: number): Received {
    const done = answers.filter((answer) => answer.status === status);
    const running = answers.filter((answer) => answer.status === 409);
    expect(done.length + running.length).toBe(TIMES);
    for (const { headers } of running) expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
    const [first, ...others] = done;
    if (!first) throw new Error("Nobody was answered");
    expect(done.filter((answer) => !isReplayed(answer)).length).toBeLessThanOrEqual(1);
    for (const other of others) expect(answerOf(other)).toEqual(answerOf(first));
    return first;
  }

  test("a customer is created once", async () => {
    const company_name = `Company ${randomUUID()}`;
    const answers = await atOnce(randomUUID(), newCustomer(company_name));
    expectOne(answers, 201);
    const stored = await storage.items("customer#");
    expect(stored.filter((item) => item.company_name === company_name)).toHaveLength(1);
  });

  test("an interaction is logged once", async () => {
    const { customer } = await newRows(cloud, (...names) => names.includes("customer"));
    const subject = `Call ${randomUUID()}`;
    const body = JSON.stringify({ ...NEW_INTERACTION, subject, customer_id: customer });
    const { token } = cloud.viewer;
    const answers = await atOnce(randomUUID(), { path: "/api/v1/interactions", body, token });
    expectOne(answers, 201);
    const stored = await storage.items("interaction#");
    expect(stored.filter((item) => item.subject === subject)).toHaveLength(1);
  });

  test("a survey link is made once, mailed once, and costs one mail of the quota", async () => {
    const { customer } = await newRows(cloud, (...names) => names.includes("customer"));
    const person = await cloud.person("manager");
    const send_to = `${randomUUID()}@example.com`;
    const body = JSON.stringify({ customer_id: customer, survey_type: "nps", send_to });
    const call = { path: "/api/v1/csat/survey-link", body, token: person.token };
    const key = randomUUID();
    expectOne(await atOnce(key, call), 200);
    expect((await storage.items("survey_link#")).filter((item) => item.sent_to === send_to)).toHaveLength(1);
    const [quota] = await storage.items("quota#");
    expect((await storage.items("quota#")).map((item) => item.mails)).toContain(1);
    expect(quota).toBeDefined();
    expect(isReplayed(await post(key, call))).toBe(true);
  });

  test("a survey is answered once, by who has the link", async () => {
    await forgetCalls(storage);
    const { token } = await surveyLink(cloud);
    const body = JSON.stringify({
      score: 9,
      submitted_by_name: "Ada Winter",
      submitted_by_email: "ada@example.com",
    });
    const call = { path: `/api/v1/csat/public/submit/${token}`, body };
    const key = randomUUID();
    expectOne(await atOnce(key, call), 200);
    const again = await post(key, call);
    expect([again.status, isReplayed(again)]).toEqual([200, true]);
    const other = await post(key, { ...call, body: body.replace("9", "8") });
    expect(other.status).toBe(422);
    const without = await send("POST", call.path, { headers: JSON_BODY, body });
    expect(without.status).toBe(409);
  });
});

describe("what it costs", () => {
  const asked = () => cloud.database.take().map(({ operation, subjects }) => ({ operation, subjects }));

  it("is an item more in the transaction, and nothing without the header", async () => {
    await cloud.settled();
    const measure = async (headers: Readonly<Record<string, string>>) => {
      cloud.database.take();
      const { token, ...call } = newCustomer();
      expect(
        (
          await send("POST", call.path, {
            token: token ?? "",
            body: call.body ?? "",
            headers: { ...JSON_BODY, ...headers },
          })
        ).status,
      ).toBe(201);
      return asked();
    };
    const without = await measure({});
    const withKey = await measure({ [IDEMPOTENCY_HEADER]: randomUUID() });
    expect(without.some(({ subjects }) => subjects.includes("idempotency"))).toBe(false);
    expect(withKey.map(({ operation }) => operation)).toEqual(without.map(({ operation }) => operation));
    const others = (calls: typeof without) =>
      calls.map(({ operation, subjects }) => ({
        operation,
        subjects: subjects.filter((subject) => subject !== "idempotency"),
      }));
    expect(others(withKey)).toEqual(others(without));
    // Read with the session, written with the change.
    expect(
      withKey.filter(({ subjects }) => subjects.includes("idempotency")).map((c) => c.operation),
    ).toEqual(["BatchGetItem", "TransactWriteItems"]);
  });

  it("is one request for a call that comes again", async () => {
    const [key, call] = [randomUUID(), newCustomer()];
    await post(key, call);
    await cloud.settled();
    cloud.database.take();
    await post(key, call);
    expect(asked().map(({ operation }) => operation)).toEqual(["BatchGetItem"]);
  });

  it("is one write more where mails follow the change", async () => {
    const { customer } = await newRows(cloud, (...names) => names.includes("customer"));
    const person = await cloud.person("manager");
    const body = JSON.stringify({ customer_id: customer, survey_type: "nps", send_to: "ada@example.com" });
    const path = "/api/v1/csat/survey-link";
    const count = async (headers: Readonly<Record<string, string>>) => {
      await cloud.settled();
      cloud.database.take();
      await send("POST", path, { token: person.token, headers: { ...JSON_BODY, ...headers }, body });
      return asked().length;
    };
    await count({});
    const without = await count({});
    expect(await count({ [IDEMPOTENCY_HEADER]: randomUUID() })).toBe(without + 1);
  });
});

describe("when something breaks", () => {
  it("an answer that got lost is found again, though nobody knew that it was written", async () => {
    const [key, call] = [randomUUID(), newCustomer()];
    cloud.database.loseAnswer("TransactWriteItems");
    const first = await post(key, call);
    const second = await post(key, call);
    expect(second.status).toBe(201);
    if (first.status === 201) expect(second.text).toBe(first.text);
    expect(isReplayed(await post(key, call))).toBe(true);
  });

  it("a throttled table gives nothing away and blocks nothing", async () => {
    const [key, call] = [randomUUID(), newCustomer()];
    cloud.database.fail("BatchGetItem", "ThrottlingException", 3);
    const first = await post(key, call);
    expect([201, 503]).toContain(first.status);
    const second = await post(key, call);
    expect(second.status).toBe(201);
    expect(isReplayed(await post(key, call))).toBe(true);
  });

  it("a function that dies between claim and answer holds the key until it has surely ended", async () => {
    await forget();
    const { customer } = await newRows(cloud, (...names) => names.includes("customer"));
    const send_to = `${randomUUID()}@example.com`;
    const body = JSON.stringify({ customer_id: customer, survey_type: "nps", send_to });
    const call = { path: "/api/v1/csat/survey-link", body, token: cloud.manager.token };
    const key = randomUUID();
    const first = await post(key, call);
    expect(first.status).toBe(200);
    // As the table is then: the claim that went along with the first change.
    await storage.change("idempotency#", () => ({
      is_done: false,
      answer: undefined,
      free_at: Date.now() + 30_000,
    }));
    const meanwhile = await post(key, call);
    expect(meanwhile.status).toBe(409);
    expect(meanwhile.headers.get("retry-after")).toBe("1");
    expect((await post(key, { ...call, body: `${body} ` })).status).toBe(422);
    await storage.change("idempotency#", () => ({ free_at: Date.now() - 1 }));
    const later = await post(key, call);
    expect([later.status, isReplayed(later)]).toEqual([200, false]);
    expect(isReplayed(await post(key, call))).toBe(true);
  });

  it("the lease of a call ends with its function: at most half a minute", async () => {
    await forget();
    const invited = { email: `${randomUUID()}@example.com`, full_name: "Ada Winter", role: "viewer" };
    // The answer can't be kept: its caller gets it all the same.
    cloud.database.fail("PutItem", "ThrottlingException", 3);
    const first = await post(randomUUID(), {
      path: "/api/v1/users/invite",
      body: JSON.stringify(invited),
      token: cloud.admin.token,
    });
    expect(first.status).toBe(201);
    expect(cloud.database.failuresLeft("PutItem")).toBe(0);
    const [record] = await records();
    expect(record?.is_done).toBe(false);
    expect(Number(record?.free_at) - Date.now()).toBeLessThanOrEqual(32_000);
  });

  it("a call that fails after its claim gives the key free", async () => {
    await forget();
    const person = await cloud.person("manager");
    // The quota is spent, then the customer is not there.
    const body = JSON.stringify({
      customer_id: randomUUID(),
      survey_type: "nps",
      send_to: "ada@example.com",
    });
    const call = { path: "/api/v1/csat/survey-link", body, token: person.token };
    const key = randomUUID();
    expect((await post(key, call)).status).toBe(404);
    expect((await post(key, call)).status).toBe(404);
  });

  it("a key whose signing key is gone says that its answer is not kept", async () => {
    await forget();
    const [key, call] = [randomUUID(), newCustomer()];
    await post(key, call);
    await storage.change("idempotency#", () => ({ key_id: "another-version" }));
    const { status, json } = await post(key, call);
    expect(status).toBe(409);
    expect(json).toEqual({ detail: expect.stringContaining("not kept") });
  });
});

describe("the typed client", () => {
  const clientOf = (fetcher: typeof fetch) =>
    client(customers, cloud.apiUrl, cloud.manager.token, {}, fetcher, createMarks());

  it("sends the same key until it is answered, so that a call whose answer got lost is done once", async () => {
    const sent: (string | null)[] = [];
    const losing: typeof fetch = async (url, init) => {
      sent.push(new Headers(init?.headers).get(IDEMPOTENCY_HEADER));
      const answer = await fetch(url, init);
      if (sent.length === 1) throw new TypeError("fetch failed");
      return answer;
    };
    const company_name = `Company ${randomUUID()}`;
    const answer = await clientOf(losing).create({ body: { company_name } });
    expect(answer.status).toBe(201);
    expect(answer.headers.get(REPLAYED_HEADER)).toBe("true");
    expect(new Set(sent).size).toBe(1);
    expect(sent).toHaveLength(2);
  });

  it("has another key for each call", async () => {
    const sent = new Set<string | null>();
    const noting: typeof fetch = (url, init) => {
      sent.add(new Headers(init?.headers).get(IDEMPOTENCY_HEADER));
      return fetch(url, init);
    };
    const { create } = clientOf(noting);
    await inParallel([1, 2, 3], 3, () => create({ body: { company_name: `Company ${randomUUID()}` } }));
    expect(sent.size).toBe(3);
  });
});
