import { success } from "@success-manager/contract/dsl/endpoint";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { PASSWORD, type TestCloud, testCloud } from "../support/cloud.ts";
import { lettersTo } from "../support/inbox.ts";
import { isRead, newRows, samples, wantedBy } from "../support/sample-calls.ts";
import { turnOn } from "../support/second-factor.ts";
import { inParallel } from "../support/send.ts";

/** The SDK asks five times in all before it gives up. */
const ATTEMPTS = 5;
const THROTTLED = "ProvisionedThroughputExceededException";

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await testCloud();
  // Wakes as many instances as the tests need: a new one reads the directory from both ends, in two requests.
  await Promise.all(Array.from({ length: 3 }, () => cloud.viewer.api.customers.list({})));
});
afterAll(() => cloud?.stop());

interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly raw: unknown;
}

const expectTryAgain = ({ status, headers, raw }: Answered) => {
  expect(status).toBe(503);
  expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
  expect(raw).toEqual({ detail: expect.stringContaining("Try again") });
  expect(headers.get("x-request-id")).toBeTruthy();
  expect(headers.get("x-content-type-options")).toBe("nosniff");
};

describe("a database that is too busy", () => {
  it("for a moment is asked again, and nobody notices", async () => {
    cloud.database.fail("BatchGetItem", THROTTLED, 2);
    expect((await cloud.viewer.api.auth.me({})).status).toBe(200);
  });

  it("for longer makes a request fail with a word when to come back; the next one works", async () => {
    cloud.database.fail("BatchGetItem", THROTTLED, ATTEMPTS);
    expectTryAgain(await cloud.viewer.api.auth.me({}));
    expect((await cloud.viewer.api.auth.me({})).status).toBe(200);
  });

  it("fails log-ins, writes and lists that way, and leaves nothing behind", async () => {
    const form = { username: cloud.viewer.email, password: PASSWORD };
    const body = { company_name: "Busy Day" };
    const logIn = () => cloud.stranger.auth.login({ form });
    const create = () => cloud.manager.api.customers.create({ body });
    const list = () => cloud.viewer.api.customers.list({ query: { search: "busy day" } });
    // What the stream still writes must not meet the faults.
    await cloud.settled();
    cloud.database.fail("UpdateItem", THROTTLED, ATTEMPTS);
    cloud.database.fail("TransactWriteItems", THROTTLED, ATTEMPTS);
    cloud.database.fail("Query", THROTTLED, ATTEMPTS);
    // Side by side: each meets another failing operation, and giving up takes seconds.
    for (const answer of await Promise.all([logIn(), create(), list()])) expectTryAgain(answer);
    expect((await list()).body().total).toBe(0);
    expect((await logIn()).status).toBe(200);
    expect((await create()).status).toBe(201);
    expect((await list()).body().total).toBe(1);
  });
});

describe("a database that refuses what it is asked", () => {
  it.each(["ValidationException", "AccessDeniedException", "ResourceNotFoundException"])(
    "with %s is our fault, which is all that a caller learns",
    async (error) => {
      cloud.database.fail("BatchGetItem", error, 1);
      const { status, headers, raw } = await cloud.viewer.api.auth.me({});
      expect(status).toBe(500);
      expect(raw).toEqual({ detail: expect.stringMatching(/^Something went wrong on our side/) });
      expect(headers.get("content-type")).toBe("application/json");
      expect(headers.get("x-request-id")).toBeTruthy();
      expect((await cloud.viewer.api.auth.me({})).status).toBe(200);
    },
  );

  it("fails a refresh without ending the session", async () => {
    const person = await cloud.person("viewer");
    const refresh = () => cloud.stranger.auth.refresh({ body: { refresh_token: person.refresh_token } });
    // What the stream writes of the sign-in must not meet the fault.
    await cloud.settled();
    cloud.database.fail("TransactWriteItems", "AccessDeniedException", 1);
    expect((await refresh()).status).toBe(500);
    expect((await refresh()).status).toBe(200);
  });
});

describe("an answer of the database that is lost", () => {
  const about = async (company_name: string) => {
    const { id } = (await cloud.manager.api.customers.create({ body: { company_name } })).body();
    return { customer_id: id };
  };
  const CALL = { interaction_type: "call", subject: "Roadmap", description: "Talked about it." } as const;

  it("leaves one interaction, which the caller gets", async () => {
    const customer = await about("Lost Call");
    cloud.database.loseAnswer("PutItem");
    const answer = await cloud.manager.api.interactions.create({ body: { ...CALL, ...customer } });
    expect(answer.status).toBe(201);
    const { interactions } = (
      await cloud.viewer.api.interactions.ofCustomer({ params: { id: customer.customer_id } })
    ).body();
    expect(interactions).toEqual([answer.body()]);
  });

  it("leaves one survey response, which the caller gets", async () => {
    const customer = await about("Lost Response");
    cloud.database.loseAnswer("PutItem");
    const answer = await cloud.manager.api.csat.create({
      body: {
        ...customer,
        survey_type: "nps",
        score: 9,
        submitted_by_name: "Ada",
        submitted_by_email: "ada@example.com",
      },
    });
    expect(answer.status).toBe(201);
    const { surveys } = (await cloud.viewer.api.csat.list({ query: customer })).body();
    expect(surveys.map(({ id }) => id)).toEqual([answer.body().id]);
  });

  it("of a change is no change by somebody else: it happens once, also with If-Match", async () => {
    const customer = await about("Lost Change");
    const { id, revision } = (
      await cloud.manager.api.interactions.create({ body: { ...CALL, ...customer } })
    ).body();
    cloud.database.loseAnswer("PutItem");
    const body = { subject: "Roadmap and prices" };
    const headers = { "if-match": `"${revision}"` };
    const changed = await cloud.manager.api.interactions.update({ params: { id }, body }, headers);
    expect(changed.status).toBe(200);
    expect(changed.body()).toMatchObject({ ...body, revision: revision + 1 });
    expect((await cloud.viewer.api.interactions.get({ params: { id } })).body()).toEqual(changed.body());
  });
});

const SINGLE_WRITES = ["PutItem", "UpdateItem", "DeleteItem"] as const;
const writing = samples.filter((sample) => !isRead(sample));

describe("the first answer to each single write, lost", () => {
  afterEach(() => cloud.database.loseFirstAnswers([]));

  it("fails no call: what the SDK repeats is not taken for somebody else's", async () => {
    const ready = await inParallel(writing, 4, async (sample) => {
      const rows = await newRows(cloud, wantedBy(sample));
      const person = sample.endpoint.access === "public" ? undefined : await cloud.person("admin");
      if (person) await sample.call.prepare?.(person.api, person.session_id);
      return { sample, rows, person };
    });
    await cloud.settled();
    cloud.database.loseFirstAnswers(SINGLE_WRITES);
    const answers = await inParallel(ready, 4, async ({ sample: { title, call }, rows, person }) => {
      const send = () => call(person?.api ?? cloud.stranger, rows, person?.session_id);
      let answer = await send();
      // Of two who publish or retire definitions at once one is told to do it again.
      while (answer.status === 409 && /\/(publish|retire)$/.test(title)) answer = await send();
      return answer.status < 400 ? [] : [[title, answer.status, answer.raw]];
    });
    expect(answers.flat()).toEqual([]);
  });

  it("fails nothing in the background: a notice is mailed, a back-test and an export are completed", async () => {
    const person = await cloud.person("admin");
    const { draft = "" } = await newRows(cloud, (...wanted) => wanted.includes("draft"));
    await cloud.settled();
    cloud.database.loseFirstAnswers(SINGLE_WRITES);
    const { api } = person;
    const body = { definition_id: draft, horizon_days: 60, cuts: 6 };
    const test = (await api.scoreDefinitions.startBacktest({ body })).body();
    const run = (await api.personalData.exportPerson({ body: { email: person.email } })).body();
    await turnOn(api);
    const limit = { timeout: 60_000, interval: 200 };
    const ended = async (get: () => Promise<{ readonly status: string }>) =>
      vi.waitFor(async () => expect((await get()).status).not.toMatch(/pending|running/), limit);
    await ended(async () => (await api.scoreDefinitions.getBacktest({ params: { id: test.id } })).body());
    await ended(async () => (await api.personalData.getRun({ params: { id: run.id } })).body());
    expect((await api.scoreDefinitions.getBacktest({ params: { id: test.id } })).body().status).toBe(
      "completed",
    );
    expect((await api.personalData.getRun({ params: { id: run.id } })).body().status).toBe("completed");
    await vi.waitFor(
      async () => expect(await lettersTo(cloud.inboxUrl, person.email)).toHaveLength(1),
      limit,
    );
  });
});

describe("a transaction that is at the same item", () => {
  const met = new Set<string>();

  it.each(writing)("is waited for by $title, which then is done", async (sample) => {
    const { endpoint, call, title } = sample;
    const rows = await newRows(cloud, wantedBy(sample));
    const person = endpoint.access === "public" ? undefined : await cloud.person("admin");
    if (person) await call.prepare?.(person.api, person.session_id);
    await cloud.settled();
    for (const operation of SINGLE_WRITES) cloud.database.fail(operation, "TransactionConflictException", 1);
    const answer = await call(person?.api ?? cloud.stranger, rows, person?.session_id);
    for (const operation of SINGLE_WRITES) {
      if (cloud.database.failuresLeft(operation) === 0) met.add(title);
      cloud.database.fail(operation, "TransactionConflictException", 0);
    }
    const { status } = success(endpoint);
    expect([answer.status, answer.status < 400 ? undefined : answer.raw]).toEqual([
      answer.status === 202 ? 202 : status,
      undefined,
    ]);
  });

  it("is met by many single writes", () => {
    expect(met.size).toBeGreaterThan(40);
    expect([...met]).toEqual(expect.arrayContaining(["PUT /customers/{id}", "POST /tickets"]));
  });
});
