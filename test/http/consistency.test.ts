import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Api, apiOf, PASSWORD, type Person, type TestCloud, testCloud } from "../support/cloud.ts";
import { laggingIndexes } from "../support/lagging-index.ts";
import {
  NEW_ALERT,
  NEW_DEPLOYMENT,
  NEW_INTERACTION,
  NEW_RESPONSE,
  NEW_SCHEDULE,
  NEW_TICKET,
  RECIPIENT,
} from "../support/sample-calls.ts";

const HEADER = "x-consistency";

const database = laggingIndexes();
let cloud: TestCloud;
beforeAll(async () => {
  cloud = await testCloud({ dynamodbProxy: database.proxy });
});
afterAll(() => cloud?.stop());
beforeEach(() => database.lag(0));

/** A client as apps use it: it brings along what it was told. */
const clientOf = ({ token }: Person): Api => apiOf(cloud.apiUrl, token);
const name = () => `Company ${randomUUID()}`;

interface Written {
  readonly api: Api;
  /** A customer and an interaction of theirs, from before. */
  readonly customer_id: string;
  readonly interaction_id: string;
}

/** What somebody writes, and how a list shows it: true when it is there as it was written. */
const CASES: [string, (given: Written) => Promise<() => Promise<boolean>>][] = [
  [
    "a new customer in the list",
    async ({ api }) => {
      const company_name = name();
      const { id } = (await api.customers.create({ body: { company_name } })).body();
      return async () => {
        const { customers, total } = (await api.customers.list({ query: { limit: 100 } })).body();
        return customers.some((one) => one.id === id) && total === customers.length;
      };
    },
  ],
  [
    "a customer's new name in a search",
    async ({ api, customer_id }) => {
      const company_name = name();
      await api.customers.update({ params: { id: customer_id }, body: { company_name } });
      return async () => (await api.customers.list({ query: { search: company_name } })).body().total === 1;
    },
  ],
  [
    "a customer who left, among those who did and not among the others",
    async ({ api, customer_id }) => {
      // What was just written waits from then on, too.
      await api.interactions.create({ body: { ...NEW_INTERACTION, customer_id } });
      await api.customers.remove({ params: { id: customer_id } });
      const followups = async () =>
        (await api.interactions.pendingFollowups({ query: { limit: 100 } }))
          .body()
          .followups.filter((one) => one.customer_id === customer_id).length;
      const isAmong = async (status: "churned" | "active" | "onboarding") =>
        (await api.customers.list({ query: { status, limit: 100 } }))
          .body()
          .customers.some(({ id }) => id === customer_id);
      return async () =>
        (await isAmong("churned")) &&
        !(await isAmong("active")) &&
        !(await isAmong("onboarding")) &&
        (await followups()) === 0;
    },
  ],
  [
    "a new deployment",
    async ({ api, customer_id }) => {
      const { id } = (await api.deployments.create({ body: { ...NEW_DEPLOYMENT, customer_id } })).body();
      return async () =>
        (await api.deployments.list({ query: { customer_id } }))
          .body()
          .deployments.some((one) => one.id === id);
    },
  ],
  [
    "a new score",
    async ({ api, customer_id }) => {
      const params = { customer_id };
      const { overall_score } = (await api.healthScores.calculate({ params, body: {} })).body();
      return async () => {
        const { customers } = (await api.customers.list({ query: { limit: 100 } })).body();
        return (
          customers.find(({ id }) => id === customer_id)?.latest_health_score?.overall_score === overall_score
        );
      };
    },
  ],
  ...(
    [
      ["all", () => ({})],
      ["those of the customer", ({ customer_id }) => ({ customer_id })],
      ["those of a kind", () => ({ interaction_type: "call" })],
      ["a search", () => ({ search: "Weekly call" })],
    ] as [string, (given: Written) => object][]
  ).map(([which, query]): (typeof CASES)[number] => [
    `a new interaction among ${which}`,
    async (given) => {
      const { api, customer_id } = given;
      const { id } = (await api.interactions.create({ body: { ...NEW_INTERACTION, customer_id } })).body();
      return async () =>
        (await api.interactions.list({ query: query(given) }))
          .body()
          .interactions.some((one) => one.id === id);
    },
  ]),
  [
    "a new interaction in the timeline and among the follow-ups",
    async ({ api, customer_id }) => {
      const { id } = (await api.interactions.create({ body: { ...NEW_INTERACTION, customer_id } })).body();
      return async () => {
        const { items } = (await api.customers.timeline({ params: { id: customer_id } })).body();
        const { followups } = (await api.interactions.pendingFollowups({ query: { limit: 100 } })).body();
        return items.some((one) => one.id === id) && followups.some((one) => one.interaction_id === id);
      };
    },
  ],
  [
    "an interaction that was removed nowhere",
    async ({ api, customer_id, interaction_id: id }) => {
      await api.interactions.remove({ params: { id } });
      return async () => {
        const { interactions } = (await api.interactions.list({})).body();
        const ofCustomer = (await api.interactions.list({ query: { customer_id } })).body().interactions;
        return ![...interactions, ...ofCustomer].some((one) => one.id === id);
      };
    },
  ],
  [
    "an interaction's new subject",
    async ({ api, interaction_id: id }) => {
      const subject = name();
      await api.interactions.update({ params: { id }, body: { subject } });
      return async () =>
        (await api.interactions.list({})).body().interactions.find((one) => one.id === id)?.subject ===
        subject;
    },
  ],
  [
    "an answer to a survey",
    async ({ api, customer_id }) => {
      const body = { ...NEW_RESPONSE, customer_id, survey_type: "nps" } as const;
      const { id } = (await api.csat.create({ body })).body();
      return async () => (await api.csat.list({})).body().surveys.some((one) => one.id === id);
    },
  ],
  [
    "a survey that was asked",
    async ({ api, customer_id }) => {
      const to = { target_type: "specific", target_email: RECIPIENT } as const;
      const [asked] = (
        await api.surveyRequests.create({ body: { customer_id, survey_type: "nps", ...to } })
      ).body();
      return async () =>
        (await api.surveyRequests.list({ query: { customer_id } }))
          .body()
          .requests.some(({ id }) => id === asked?.id);
    },
  ],
  [
    "a new alert, and not when it is resolved",
    async ({ api, customer_id }) => {
      const { id } = (await api.alerts.create({ body: { ...NEW_ALERT, customer_id } })).body();
      const isOpen = async () =>
        (await api.alerts.list({ query: { is_resolved: false, limit: 100 } }))
          .body()
          .alerts.some((one) => one.id === id);
      const wasOpen = await isOpen();
      await api.alerts.resolve({ params: { id }, body: { resolution_notes: "Done" } });
      return async () => wasOpen && !(await isOpen());
    },
  ],
  [
    "a new ticket",
    async ({ api, customer_id }) => {
      const { id } = (await api.tickets.create({ body: { ...NEW_TICKET, customer_id } })).body();
      return async () => {
        const all = (await api.tickets.list({})).body().tickets;
        const own = (await api.tickets.list({ query: { customer_id } })).body().tickets;
        return [all, own].every((tickets) => tickets.some((one) => one.id === id));
      };
    },
  ],
  [
    "a new schedule of reports",
    async ({ api }) => {
      const { id } = (
        await api.reports.createSchedule({ body: { ...NEW_SCHEDULE, recipients: [RECIPIENT] } })
      ).body();
      return async () => (await api.reports.listSchedules({})).body().reports.some((one) => one.id === id);
    },
  ],
  [
    "a new user",
    async ({ api }) => {
      const email = `${randomUUID()}@example.com`;
      const body = { email, full_name: "Grace Hopper", role: "viewer", password: PASSWORD } as const;
      await api.users.create({ body });
      return async () => (await api.users.list({ query: { search: email } })).body().total === 1;
    },
  ],
];

async function given(): Promise<Written> {
  const api = clientOf(cloud.admin);
  const { id: customer_id } = (await api.customers.create({ body: { company_name: name() } })).body();
  const body = { ...NEW_INTERACTION, customer_id };
  const { id: interaction_id } = (await api.interactions.create({ body })).body();
  // What the cases write before anything is late does not belong to them.
  return { customer_id, interaction_id, api: clientOf(cloud.admin) };
}

describe.each([0, 300, 2_000])("indexes that follow %i ms later", (lag) => {
  it.each(CASES)("show who wrote it %s", async (_, write) => {
    const before = await given();
    database.lag(lag);
    const isShown = await write(before);
    expect(await isShown()).toBe(true);
    expect(await isShown()).toBe(true);
  });
});

it("without the mark, a list shows what its index shows", async () => {
  database.lag(60_000);
  const company_name = name();
  const answer = await cloud.manager.api.customers.create({ body: { company_name } });
  expect(answer.headers.get(HEADER)).toMatch(/^[\w-]+$/);
  const found = async (api: Api) =>
    (await api.customers.list({ query: { search: company_name } })).body().total;
  expect(await found(cloud.viewer.api)).toBe(0);
  const told = apiOf(cloud.apiUrl, cloud.viewer.token, { [HEADER]: answer.headers.get(HEADER) ?? "" });
  // Whoever was told of it sees it, and from then on all whom this function serves.
  expect(await found(told)).toBe(1);
});

describe("a mark", () => {
  const mark = (keys: unknown) => Buffer.from(JSON.stringify(keys)).toString("base64url");
  const list = async (value: string) =>
    (await apiOf(cloud.apiUrl, cloud.viewer.token, { [HEADER]: value }).interactions.list({})).status;

  it("is in the answer to a write, and not in one that only reads or is refused", async () => {
    const { customers } = cloud.manager.api;
    expect((await customers.list({})).headers.get(HEADER)).toBeNull();
    expect((await customers.create({ body: { company_name: "" } })).headers.get(HEADER)).toBeNull();
    expect((await customers.create({ body: { company_name: name() } })).headers.get(HEADER)).not.toBeNull();
  });

  it("names nothing of sessions, log-ins and quotas", async () => {
    const body = {
      email: `${randomUUID()}@example.com`,
      full_name: "Grace",
      role: "viewer",
      password: PASSWORD,
    } as const;
    const value = (await cloud.admin.api.users.create({ body })).headers.get(HEADER) ?? "";
    const keys: [string, string][] = JSON.parse(Buffer.from(value, "base64url").toString());
    expect([...new Set(keys.map(([pk]) => pk.split("#")[0]))].sort()).toEqual(["teammate", "user"]);
    expect(value).not.toContain(Buffer.from(body.email).toString("base64url"));
  });

  it.each([
    ["nothing", ""],
    ["no base64", "!!!"],
    ["no JSON", "bm8ganNvbg"],
    ["no list", mark({ pk: "customer#1" })],
    [
      "other things",
      mark([1, null, ["customer#1"], ["customer#1", 2], [["customer#1"], "customer"], ["", ""]]),
    ],
    ["a log-in", mark([["login#ada@example.com", "login"]])],
    ["an item that is not there", mark([["customer#nobody", "customer"]])],
    ["the same item often", mark(Array(100).fill(["customer#nobody", "customer"]))],
    ["more items than are read", mark(Array.from({ length: 150 }, (_, n) => [`customer#${n}`, "customer"]))],
    ["long keys", mark([[`customer#${"x".repeat(3_000)}`, "customer"]])],
    ["prototypes", mark([["__proto__", "constructor"]])],
    [
      "many marks",
      Array(200)
        .fill(mark([["customer#nobody", "customer"]]))
        .join(","),
    ],
  ])("from outside that says %s does no harm", async (_, value) => {
    expect(await list(value)).toBe(200);
  });
});
