import { randomUUID } from "node:crypto";
import type { CustomerStatus } from "@success-manager/contract/vocabulary";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Api, type TestCloud, testCloud } from "../support/cloud.ts";
import {
  type PassingRequest,
  type Refusal,
  type ServiceProxy,
  serviceProxy,
} from "../support/service-proxy.ts";

/** Follow-ups of customers who leave and return, when requests break off, meet, or come twice. */

let database: ServiceProxy;
let cloud: TestCloud;
let api: Api;
beforeAll(async () => {
  database = await serviceProxy();
  cloud = await testCloud({
    dynamodbProxy: async (target) => {
      database.forwardTo(target);
      return database;
    },
  });
  api = cloud.manager.api;
});
afterEach(() => database.refuse(undefined));
afterAll(() => cloud?.stop());

const create = async (company_name: string) =>
  (await api.customers.create({ body: { company_name } })).body().id;
const leave = (id: string) => api.customers.remove({ params: { id } });
const statusOf = async (id: string) => (await api.customers.get({ params: { id } })).body().customer.status;
const setStatus = (id: string, status: CustomerStatus) =>
  api.customers.update({ params: { id }, body: { status } });
/** Writes that many follow-ups, past the API; answers the ids of their interactions. */
async function give(customer_id: string, count: number): Promise<string[]> {
  const { chunkByWrites, commit, InteractionEntity, putItem } = await import("@success-manager/domain/table");
  const { toStoredInteraction } = await import("@success-manager/domain/interactions");
  const made = Array.from({ length: count }, () =>
    toStoredInteraction({
      id: randomUUID(),
      customer_id,
      interaction_type: "call",
      subject: "Call",
      description: "Talked.",
      sentiment: "neutral",
      performed_by: "Ada",
      interaction_date: new Date().toISOString(),
      follow_up_required: true,
    }),
  );
  for (const chunk of chunkByWrites(made, () => 1))
    await commit(chunk.map((one) => putItem(InteractionEntity.create(one))));
  return made.map(({ id }) => id);
}

/** How many follow-ups are open, once all that has happened was followed. */
async function open(): Promise<number> {
  await cloud.settled();
  // What the functions of the stream have written themselves.
  await cloud.settled();
  const { pending_followups } = (await api.interactions.summary({})).body();
  const { total, followups } = (await api.interactions.pendingFollowups({ query: { limit: 100 } })).body();
  expect([total, Math.min(total, 100)]).toEqual([pending_followups, followups.length]);
  return total;
}

/** A request of whoever changes the status, for the follow-ups that are not as the new status wants them. */
const looksFor = (open: boolean) => (asked: PassingRequest) =>
  asked.body.includes(`attribute_${open ? "not_" : ""}exists(#follow_up_paused)`);
/** A transaction that writes follow-ups; nobody logs any while requests are refused or held. */
const writesPauses = ({ body }: PassingRequest) =>
  body.includes('"TransactItems"') && body.includes('"follow_up_required"');

/** The same by the request that changes the status: the stream may be as quick. */
const requestWritesPauses = (asked: PassingRequest) =>
  writesPauses(asked) && !asked.asking?.includes("-streams-");

const BROKEN = {
  status: 400,
  body: JSON.stringify({ __type: "com.amazonaws.dynamodb.v20120810#ValidationException", message: "test" }),
};
/** What an index answers that knows of nothing yet. */
const NOTHING_YET = { status: 200, body: JSON.stringify({ Items: [], Count: 0, ScannedCount: 0 }) };

/** Refuses the first requests of a kind; answers how many it has refused. */
function refuseFirst(is: (asked: PassingRequest) => boolean, refusal: Refusal = BROKEN, times = 1) {
  let refused = 0;
  database.refuse((asked) => {
    if (refused === times || !is(asked)) return undefined;
    refused += 1;
    return refusal;
  });
  return () => refused;
}

/** Holds a request that comes by; `come` resolves when it is there. */
function holding(is: (asked: PassingRequest) => boolean) {
  const [arrived, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  database.hold((asked) => {
    if (!is(asked)) return false;
    arrived.resolve();
    return true;
  }, released.promise);
  return { come: arrived.promise, release: () => released.resolve() };
}

describe("a request that breaks off", () => {
  it.each([
    ["before it looks for follow-ups", looksFor(true), BROKEN],
    ["before it writes them", requestWritesPauses, BROKEN],
    ["because an index knows of none yet, which is no error", looksFor(true), NOTHING_YET],
  ])("%s leaves none open of a customer who left", async (_when, is, refusal) => {
    const before = await open();
    const id = await create(`Leaves ${_when}`);
    await give(id, 3);
    expect(await open()).toBe(before + 3);
    const refused = refuseFirst(is, refusal);
    expect((await leave(id)).status).toBe(refusal.status === 200 ? 200 : 500);
    expect(refused()).toBe(1);
    expect(await statusOf(id)).toBe("churned");
    await expect.poll(open).toBe(before);
  });

  it.each([
    ["before it looks for follow-ups", looksFor(false), BROKEN],
    ["before it writes them", requestWritesPauses, BROKEN],
    ["because an index knows of none yet, which is no error", looksFor(false), NOTHING_YET],
  ])("%s leaves none waiting of a customer who returned", async (_when, is, refusal) => {
    const before = await open();
    const id = await create(`Returns ${_when}`);
    await give(id, 3);
    (await leave(id)).body();
    expect(await open()).toBe(before);
    const refused = refuseFirst(is, refusal);
    expect((await setStatus(id, "active")).status).toBe(refusal.status === 200 ? 200 : 500);
    expect(refused()).toBe(1);
    await expect.poll(open).toBe(before + 3);
  });

  it("in the middle of many is finished", async () => {
    const before = await open();
    const id = await create("Has many");
    await give(id, 120);
    expect(await open()).toBe(before + 120);
    // What does not fit into the first transaction, whoever writes it.
    const isRest = (asked: PassingRequest) => writesPauses(asked) && asked.body.split('"Put"').length < 99;
    let refused = refuseFirst(isRest);
    await leave(id);
    await expect.poll(open).toBe(before);
    expect(refused()).toBe(1);
    refused = refuseFirst(isRest);
    await setStatus(id, "onboarding");
    await expect.poll(open).toBe(before + 120);
    expect(refused()).toBe(1);
  });

  it("is tried again by the stream until the database is back", async () => {
    const before = await open();
    const id = await create("Waits");
    await give(id, 2);
    expect(await open()).toBe(before + 2);
    const refused = refuseFirst(writesPauses, BROKEN, 3);
    expect((await leave(id)).status).toBe(500);
    await expect.poll(open).toBe(before);
    expect(refused()).toBe(3);
  });
});

describe("leaving and returning at once", () => {
  it("leaves no follow-up waiting when the return overtakes the leaving", async () => {
    const before = await open();
    const id = await create("Returns at once");
    await give(id, 3);
    const held = holding(looksFor(true));
    const leaving = leave(id);
    await held.come;
    (await setStatus(id, "active")).body();
    expect(await open()).toBe(before + 3);
    held.release();
    expect((await leaving).status).toBe(200);
    expect(await open()).toBe(before + 3);
  });

  it("leaves none open when they leave again before the return is through", async () => {
    const before = await open();
    const id = await create("Leaves again");
    await give(id, 3);
    (await leave(id)).body();
    const held = holding(looksFor(false));
    const returning = setStatus(id, "active");
    await held.come;
    (await leave(id)).body();
    expect(await open()).toBe(before);
    held.release();
    expect((await returning).status).toBe(200);
    expect(await open()).toBe(before);
  });

  it("ends as the customer's status says, whoever comes when", async () => {
    const before = await open();
    const id = await create("Comes and goes");
    await give(id, 30);
    for (let round = 0; round < 5; round++) {
      const answers = await Promise.all([
        leave(id),
        setStatus(id, "active"),
        leave(id),
        setStatus(id, "onboarding"),
      ]);
      expect(answers.map(({ status }) => status).filter((status) => ![200, 409].includes(status))).toEqual(
        [],
      );
      const status = await statusOf(id);
      expect(await open()).toBe(before + (status === "churned" ? 0 : 30));
    }
  });
});

describe("what comes twice", () => {
  it("changes a follow-up once: two who mark a customer as churned, and a record of the stream", async () => {
    const id = await create("Twice");
    const [interaction = ""] = await give(id, 1);
    const revision = async () =>
      (await api.interactions.get({ params: { id: interaction } })).headers.get("etag");
    const [first, image] = [
      await revision(),
      (status: string) => ({
        pk: { S: `customer#${id}` },
        sk: { S: "customer" },
        __edb_e__: { S: "customer" },
        __edb_v__: { S: "1" },
        id: { S: id },
        status: { S: status },
      }),
    ];
    await Promise.all([leave(id), leave(id)]);
    await open();
    const paused = await revision();
    expect(paused).not.toBe(first);
    const dynamodb = { SequenceNumber: "1", OldImage: image("active"), NewImage: image("churned") };
    const event = { Records: [{ eventID: "1", dynamodb }] };
    for (let n = 0; n < 2; n++) {
      const { payload } = await cloud.invoke("success-manager-local-streams-notifications", event);
      expect(payload).toEqual({ batchItemFailures: [] });
    }
    expect(await revision()).toBe(paused);
  });

  it("does nothing when it comes so late that the customer has returned", async () => {
    const before = await open();
    const id = await create("Late");
    await give(id, 2);
    const held = holding(writesPauses);
    const leaving = leave(id);
    await held.come;
    (await setStatus(id, "active")).body();
    held.release();
    await leaving;
    expect(await open()).toBe(before + 2);
  });
});
