import { randomUUID } from "node:crypto";
import type { CustomerChanges, NewCustomer } from "@success-manager/contract/customers";
import type { NewOutcome } from "@success-manager/contract/outcomes";
import type { RenewalChanges, RenewalFilter, TermRenewal } from "@success-manager/contract/renewals";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type * as z from "zod";
import { type TestCloud, testCloud } from "../support/cloud.ts";

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await testCloud();
});
afterAll(() => cloud?.stop());

const DAY_MS = 24 * 60 * 60 * 1000;
const inDays = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10);
const daysTo = (day: string) => Math.round((Date.parse(day) - Date.parse(inDays(0))) / DAY_MS);
const NOBODY = "00000000-0000-4000-8000-000000000000";

/** A customer since two years ago, whose contract of 1000.00 ends in so many days. */
const newCustomer = async (ends: number, changes: Partial<z.input<typeof NewCustomer>> = {}) =>
  (
    await cloud.manager.api.customers.create({
      body: {
        company_name: `Company ${randomUUID()}`,
        status: "active",
        contract_start_date: inDays(-730),
        contract_end_date: inDays(ends),
        contract_value: "1000.00",
        ...changes,
      },
    })
  ).body().id;

const list = async (query: z.input<typeof RenewalFilter> = {}) =>
  (await cloud.viewer.api.outcomes.renewals({ query })).body();
const ofCustomer = async (customer_id: string) => (await list({ customer_id })).renewals;
async function renewalOf(customer_id: string): Promise<TermRenewal> {
  const [renewal] = await ofCustomer(customer_id);
  if (!renewal) throw new Error("There is no renewal");
  return renewal;
}
const put = (id: string, body: z.input<typeof RenewalChanges>, headers: Record<string, string> = {}) =>
  cloud.manager.api.outcomes.updateRenewal({ params: { id }, body }, headers);
const record = async (id: string, body: z.input<typeof NewOutcome>) =>
  (await cloud.manager.api.customers.recordOutcome({ params: { id }, body })).body();
const outcomesOf = async (id: string) =>
  (await cloud.viewer.api.customers.outcomes({ params: { id } })).body().outcomes;
const customerOf = async (id: string) =>
  (await cloud.viewer.api.customers.get({ params: { id } })).body().customer;
const detail = ({ status, raw }: { status: number; raw: unknown }) =>
  `${status} ${(raw as { detail: string }).detail}`;

/** The job, as its schedule starts it so many days from now. Each run has a time of its own. */
let runs = 0;
const eventIn = (days: number) => ({
  job: "renewals",
  scheduled_time: new Date(Date.now() + days * DAY_MS + ++runs * 1000).toISOString(),
});
async function runJob(days = 0, event = eventIn(days)) {
  const { functionError, payload } = await cloud.invoke("success-manager-local-jobs-renewals", event);
  expect([functionError, payload]).toMatchObject([undefined, { result: "completed" }]);
  return (payload as { progress: Record<string, number> }).progress;
}

const cents = (amount: string) => Math.round(Number(amount) * 100);

// First: the runs of other cases are at days that lie ahead.
describe("the forecasts of a quarter", () => {
  it("are kept once a week, and judged when the quarter is over", async () => {
    const { api } = cloud.admin;
    const snapshots = async (query: { period?: string } = {}) =>
      (await api.outcomes.forecastSnapshots({ query: { limit: 100, ...query } })).body().snapshots;
    await runJob();
    const first = await snapshots();
    // The next quarter: the present one may end tomorrow.
    const { period } = (await api.outcomes.renewalForecast({ query: { period: "next" } })).body();
    expect(first.some((one) => one.period === period && one.actual === null)).toBe(true);
    await runJob();
    await Promise.all(
      [eventIn(0), eventIn(0)].map((event) => cloud.invoke("success-manager-local-jobs-renewals", event)),
    );
    expect(await snapshots()).toEqual(first);
    // One that ends well, and one of which nobody says how it ended.
    const last = first.find((one) => one.period === period)?.last_day ?? "";
    const id = await newCustomer(daysTo(last));
    await newCustomer(daysTo(last));
    await runJob(7);
    await record(id, { kind: "renewed", effective_on: last });
    const [newest] = await snapshots({ period });
    expect(await snapshots({ period })).toHaveLength(first.filter((one) => one.period === period).length + 1);
    expect((await api.outcomes.forecastRecord({})).body().sentence).toMatch(/^No quarter/);
    await runJob(daysTo(last) + 2);
    expect((await snapshots({ period })).every((one) => one.actual === null)).toBe(true);
    // 90 days later it counts as not renewed.
    await runJob(daysTo(last) + 91);
    const judged = await snapshots({ period });
    const { actual, held, ...rest } = judged.find(({ week }) => week === newest?.week) ?? {};
    expect(rest).toMatchObject({ period, p10: newest?.p10, p90: newest?.p90, at_stake: newest?.at_stake });
    expect(actual).toBe("1000.00");
    expect(held).toBe(
      cents(newest?.p10 ?? "") <= cents(actual ?? "") && cents(actual ?? "") <= cents(newest?.p90 ?? ""),
    );
    const found = (await api.outcomes.forecastRecord({})).body();
    // Where nothing was at stake in what was open, nothing was forecast.
    const forecasts = judged.filter(({ open }) => cents(open.amount) > 0);
    expect(forecasts.length).toBeGreaterThan(0);
    expect(found).toMatchObject({
      ...{ periods: 1, snapshots: forecasts.length },
      held: forecasts.filter((one) => one.held).length,
    });
    expect(found.leads.reduce((sum, lead) => sum + lead.snapshots, 0)).toBe(forecasts.length);
    expect(found.sentence).toMatch(/1 quarter can't tell/);
    // What is judged stays, whatever is corrected later.
    await runJob(daysTo(last) + 120);
    expect(await snapshots({ period })).toEqual(judged);
  });
});

it("lists and forecasts are one query beside the session, whatever there is; so is what was forecast", async () => {
  const { api } = cloud.viewer;
  const asked = async (call: () => Promise<unknown>) => {
    await call();
    cloud.database.take();
    await call();
    return cloud.database.take().map(({ operation, index }) => `${operation} ${index ?? ""}`.trim());
  };
  const directory = ["BatchGetItem", "Query byType"];
  expect((await asked(() => api.outcomes.renewals({}))).sort()).toEqual(directory);
  const byBand = { query: { by: "band" } } as const;
  expect((await asked(() => api.outcomes.renewalForecast(byBand))).sort()).toEqual(directory);
  const forecasts = ["BatchGetItem", "Query"];
  expect((await asked(() => api.outcomes.forecastSnapshots({}))).sort()).toEqual(forecasts);
  expect((await asked(() => api.outcomes.forecastRecord({}))).sort()).toEqual(forecasts);
});

describe("a renewal", () => {
  it("is there from 180 days before the contract's end on, as the job then keeps it", async () => {
    const id = await newCustomer(120, { account_manager_id: cloud.manager.id });
    expect(await ofCustomer(await newCustomer(181))).toEqual([]);
    const before = await renewalOf(id);
    expect(before).toMatchObject({
      ...{ customer_id: id, term_end: inDays(120), days_left: 120, stage: "not_started" },
      ...{ amount: "1000.00", is_amount_set: false, owner_id: cloud.manager.id, is_owner_set: false },
      ...{ band: "unknown", score_at_creation: null, created_at: null, revision: 1, former_term_ends: [] },
    });
    await runJob();
    const after = await renewalOf(id);
    expect(after).toMatchObject({
      ...{ id: before.id, revision: 1, created_at: expect.any(String), score_at_lead: null },
      score_at_creation: { on: inDays(0), score: null, band: "unknown" },
    });
    await runJob();
    expect(await renewalOf(id)).toEqual(after);
    expect((await cloud.viewer.api.outcomes.renewal({ params: { id: after.id } })).body()).toEqual(after);
    expect((await cloud.viewer.api.outcomes.renewal({ params: { id: NOBODY } })).status).toBe(404);
  });

  it("is made once by runs that meet, by an event that comes twice, and by one of a day that is over", async () => {
    const id = await newCustomer(33);
    const event = eventIn(0);
    await Promise.all([1, 2, 3].map(() => cloud.invoke("success-manager-local-jobs-renewals", event)));
    await expect.poll(async () => (await renewalOf(id)).created_at).not.toBeNull();
    const before = await ofCustomer(id);
    expect(before).toHaveLength(1);
    expect((await runJob(-40)).created).toBe(0);
    expect(await ofCustomer(id)).toEqual(before);
    // It is 33 days before the end: the time of 90 days is over.
    expect(before[0]?.score_at_lead).toMatchObject({ on: inDays(0) });
  });

  it("is changed by who has seen its newest state; what was changed stands in the audit trail", async () => {
    const id = await newCustomer(60);
    const { id: renewal, revision } = await renewalOf(id);
    const body = {
      ...{ stage: "proposal" as const, amount: 1500, next_step: "Send the offer.", next_step_due: inDays(3) },
      owner_id: cloud.admin.id,
    } as const;
    const answer = await put(renewal, body, { "if-match": `"${revision}"` });
    expect(answer.body()).toMatchObject({
      ...{ ...body, amount: "1500.00", is_amount_set: true, is_owner_set: true, owner_is_active: true },
      revision: revision + 1,
    });
    expect(answer.headers.get("etag")).toBe(`"${revision + 1}"`);
    expect((await put(renewal, { stage: "in_discussion" }, { "if-match": `"${revision}"` })).status).toBe(
      412,
    );
    // What it says already changes nothing.
    expect((await put(renewal, body)).body().revision).toBe(revision + 1);
    expect(await renewalOf(id)).toEqual(answer.body());
    const cleared = { amount: null, next_step: null, next_step_due: null, owner_id: null };
    expect((await put(renewal, cleared)).body()).toMatchObject({
      ...{ amount: "1000.00", is_amount_set: false, next_step: null, next_step_due: null, owner_id: null },
      stage: "proposal",
    });
    const trail = async () => {
      const query = { entity: "renewal", id: renewal } as const;
      const { entries } = (await cloud.admin.api.audit.list({ query })).body();
      return entries.map(({ action, changes }) => [action, changes.map(({ field }) => field)]);
    };
    await expect.poll(trail).toEqual([
      ["updated", ["amount", "next_step", "next_step_due", "owner_id"]],
      [
        "created",
        expect.arrayContaining(["amount", "next_step", "next_step_due", "owner_id", "stage", "term_end"]),
      ],
    ]);
  });

  it.each<[why: string, body: unknown, expected: RegExp]>([
    ["an amount below zero", { amount: -1 }, /^422 /],
    ["no stage", { stage: "won" }, /^422 /],
    ["an unknown owner", { owner_id: NOBODY }, /^422 owner_id: must be the id of an active user/],
    ["no day", { next_step_due: "2026-02-30" }, /^422 /],
    ["a text of too many letters", { next_step: "x".repeat(1_001) }, /^422 /],
    ["an outcome of one that goes on", { stage: "proposal", outcome: {} }, /^422 outcome: is for a stage/],
    ["an outcome alone", { outcome: { reason: "price" } }, /^422 outcome: is for a stage/],
    [
      "a new contract that ends before the term",
      { stage: "renewed", outcome: { contract_end_date: inDays(59) } },
      /^422 outcome.contract_end_date: must be after/,
    ],
    [
      "a new contract of who is lost",
      { stage: "lost", outcome: { contract_end_date: inDays(600) } },
      /^422 outcome.contract_end_date: is for/,
    ],
    [
      "a renewal from years before the term's end on",
      { stage: "renewed", outcome: { effective_on: inDays(-300) } },
      /^422 outcome.effective_on: must not be more than 180 days/,
    ],
    [
      "who leaves and pays",
      { stage: "lost", outcome: { amount_after: 5 } },
      /^422 outcome.amount_after: must be 0/,
    ],
    [
      "an unknown reason",
      { stage: "lost", outcome: { reason: "weather" } },
      /^422 outcome.reason: must be the id/,
    ],
    [
      "who leaves before they came",
      { stage: "lost", outcome: { effective_on: "2001-01-01" } },
      /^422 outcome.effective_on: must not be before/,
    ],
    [
      "a notice behind its departure",
      { stage: "lost", outcome: { notice_on: inDays(62) } },
      /^422 outcome.notice_on: must not be after/,
    ],
  ])("is not changed to %s", async (_, body, expected) => {
    const id = await newCustomer(60);
    const before = await renewalOf(id);
    const answer = await put(before.id, body as object);
    expect(detail(answer)).toMatch(expected);
    const { detail: told, errors } = answer.raw as { detail: string; errors: { loc: string[] }[] };
    expect(errors.map(({ loc }) => loc.join("."))).toEqual([`body.${told.split(":")[0]}`]);
    expect([await renewalOf(id), await outcomesOf(id)]).toEqual([before, []]);
  });

  it("of nobody is 404, viewers change none, and an owner has to be active", async () => {
    expect((await put(NOBODY, { stage: "proposal" })).status).toBe(404);
    const { id } = await renewalOf(await newCustomer(60));
    const change = { params: { id }, body: { stage: "proposal" } } as const;
    expect((await cloud.viewer.api.outcomes.updateRenewal(change)).status).toBe(403);
    const gone = await cloud.person("manager");
    expect((await put(id, { owner_id: gone.id })).body()).toMatchObject({ owner_is_active: true });
    const params = { user_id: gone.id };
    (await cloud.admin.api.users.update({ params, body: { is_active: false } })).body();
    // It stays theirs until somebody takes it over.
    const { renewals } = await list({ owner_id: gone.id });
    expect(renewals).toMatchObject([{ id, owner_is_active: false }]);
    expect((await put(id, { owner_id: gone.id, stage: "proposal" })).status).toBe(200);
    const other = await renewalOf(await newCustomer(60));
    expect(detail(await put(other.id, { owner_id: gone.id }))).toMatch(/^422 owner_id/);
  });

  it("follows the contract while it is open, and goes while that has no end", async () => {
    const id = await newCustomer(80);
    await runJob();
    const first = await renewalOf(id);
    expect(first.score_at_lead).not.toBeNull();
    const move = (contract_end_date: string | null) =>
      cloud.manager.api.customers.update({ params: { id }, body: { contract_end_date } });
    await move(inDays(300));
    expect(await renewalOf(id)).toMatchObject({ id: first.id, term_end: inDays(300), days_left: 300 });
    await runJob();
    // The band of the former time counts no more.
    expect(await renewalOf(id)).toMatchObject({ former_term_ends: [inDays(80)], score_at_lead: null });
    await move(null);
    expect(await ofCustomer(id)).toEqual([]);
    expect((await put(first.id, { stage: "proposal" })).status).toBe(404);
    await runJob();
    await move(inDays(20));
    expect(await renewalOf(id)).toMatchObject({ id: first.id, term_end: inDays(20), stage: "not_started" });
  });
});

describe("a renewal that is closed", () => {
  it("as renewed records the outcome and moves the contract, and the next one comes in time", async () => {
    const id = await newCustomer(10);
    const { id: renewal } = await renewalOf(id);
    await put(renewal, { amount: "1200", stage: "verbal_commitment" });
    const outcome = {
      reason: "adoption_goals_met",
      note: "Two more.",
      contract_end_date: inDays(375),
    } as const;
    const closed = (await put(renewal, { stage: "renewed", outcome })).body();
    expect(closed).toMatchObject({
      ...{ stage: "renewed", term_end: inDays(10), ended_on: inDays(11), reason: "adoption_goals_met" },
      ...{ amount: "1200.00", amount_after: "1200.00" },
    });
    expect(await renewalOf(id)).toEqual(closed);
    expect(await outcomesOf(id)).toMatchObject([
      {
        id: closed.outcome_id,
        kind: "renewed",
        effective_on: inDays(11),
        amount_after: "1200.00",
        note: "Two more.",
      },
    ]);
    expect((await customerOf(id)).contract_end_date).toBe(inDays(375));
    expect(detail(await put(renewal, { stage: "lost" }))).toMatch(/^409 This renewal has ended/);
    expect(detail(await put(renewal, { next_step: "Call" }))).toMatch(/^409/);
    await runJob();
    expect(await ofCustomer(id)).toEqual([closed]);
    await runJob(200);
    expect(await ofCustomer(id)).toMatchObject([
      { id: renewal },
      { term_end: inDays(375), stage: "not_started" },
    ]);
  });

  it("leaves a contract with dates that fit, however it was changed meanwhile", async () => {
    const id = await newCustomer(10, { contract_start_date: inDays(-400) });
    const change = (body: z.input<typeof CustomerChanges>) =>
      cloud.manager.api.customers.update({ params: { id }, body });
    const close = (renewal: TermRenewal | undefined, days: number) =>
      put(renewal?.id ?? "", { stage: "renewed", outcome: { contract_end_date: inDays(days) } });
    const first = (await close(await renewalOf(id), 100)).body();
    const [, second] = await ofCustomer(id);
    (await put(second?.id ?? "", { stage: "proposal" })).body();
    (await change({ contract_start_date: inDays(11) })).body();
    (await cloud.manager.api.outcomes.withdraw({ params: { id: first.outcome_id ?? "" } })).body();
    // Both are open now.
    expect(detail(await close(first, 11))).toMatch(
      /^422 outcome.contract_end_date: must not be before .*, the end of the contract/,
    );
    (await change({ contract_end_date: null })).body();
    expect(detail(await close(first, 11))).toMatch(
      /^422 outcome.contract_end_date: must be after contract_start_date/,
    );
    (await close(first, 100)).body();
    expect(await customerOf(id)).toMatchObject({
      contract_start_date: inDays(11),
      contract_end_date: inDays(100),
    });
    expect((await change({ notes: "x" })).status).toBe(200);
  });

  it("as lost records a departure, which sets the status on its day", async () => {
    const id = await newCustomer(12);
    const { id: renewal } = await renewalOf(id);
    const lost = (
      await put(renewal, { stage: "lost", outcome: { reason: "price", voluntary: true } })
    ).body();
    expect(lost).toMatchObject({ stage: "lost", ended_on: inDays(13), reason: "price" });
    expect([(await customerOf(id)).status, (await outcomesOf(id))[0]?.kind]).toEqual(["active", "churned"]);
    await runJob(12);
    expect((await customerOf(id)).status).toBe("active");
    await runJob(13);
    expect((await customerOf(id)).status).toBe("churned");
    expect(await outcomesOf(id)).toHaveLength(1);
    expect(await ofCustomer(id)).toMatchObject([{ id: renewal, stage: "lost" }]);
  });

  it("is the same as one whose outcome is recorded, and opens again when that is withdrawn", async () => {
    const id = await newCustomer(100);
    await runJob();
    const { id: renewal } = await renewalOf(id);
    await put(renewal, { stage: "proposal" });
    const outcome = await record(id, { kind: "renewed", effective_on: inDays(0), amount_after: "900" });
    const closed = {
      id: renewal,
      stage: "renewed",
      outcome_id: outcome.id,
      amount: "1000.00",
      amount_after: "900.00",
    };
    expect(await renewalOf(id)).toMatchObject(closed);
    const params = { id: outcome.id };
    (await cloud.manager.api.outcomes.correct({ params, body: { amount_after: "800" } })).body();
    expect(await renewalOf(id)).toMatchObject({ ...closed, amount_after: "800.00" });
    (await cloud.manager.api.outcomes.withdraw({ params })).body();
    expect(await renewalOf(id)).toMatchObject({ id: renewal, stage: "proposal", outcome_id: null });
    // A larger contract within the term is no renewal; at its end it is.
    await record(id, { kind: "expanded", effective_on: inDays(5), amount_after: "2000" });
    expect((await renewalOf(id)).stage).toBe("proposal");
    await record(id, { kind: "expanded", effective_on: inDays(101), amount_after: "2500" });
    expect(await renewalOf(id)).toMatchObject({ stage: "renewed", amount: "2000.00" });
  });

  it("by two people at once in different ways is closed by one; the other is told", async () => {
    for (let round = 0; round < 5; round++) {
      const id = await newCustomer(20);
      const { id: renewal } = await renewalOf(id);
      const answers = await Promise.all([
        put(renewal, { stage: "renewed" }),
        put(renewal, { stage: "lost" }),
        put(renewal, { stage: "renewed" }, { "if-match": '"1"' }),
        put(renewal, { stage: "lost" }, { "if-match": '"1"' }),
      ]);
      const statuses = answers.map(({ status }) => status).sort();
      expect(statuses[0]).toBe(200);
      expect(statuses.slice(1).every((status) => status === 409 || status === 412)).toBe(true);
      const [outcome, ...others] = await outcomesOf(id);
      expect(others).toEqual([]);
      expect((await renewalOf(id)).stage).toBe(outcome?.kind === "renewed" ? "renewed" : "lost");
    }
  });

  it("while somebody records an outcome has one outcome, or both that fit", async () => {
    for (let round = 0; round < 5; round++) {
      const id = await newCustomer(20);
      const { id: renewal } = await renewalOf(id);
      await Promise.all([
        put(renewal, { stage: "lost" }),
        cloud.manager.api.customers.recordOutcome({
          params: { id },
          body: { kind: "churned", effective_on: inDays(21) },
        }),
      ]);
      expect(await outcomesOf(id)).toHaveLength(1);
      expect((await renewalOf(id)).stage).toBe("lost");
    }
  });

  it("by DELETE of the customer is lost; who comes back has another one", async () => {
    const id = await newCustomer(40);
    await runJob();
    const { id: renewal } = await renewalOf(id);
    (await cloud.manager.api.customers.remove({ params: { id } })).body();
    expect(await ofCustomer(id)).toMatchObject([{ id: renewal, stage: "lost", ended_on: inDays(0) }]);
    expect(detail(await put(renewal, { stage: "proposal" }))).toMatch(/^409/);
    const body = { status: "active", contract_end_date: inDays(150) } as const;
    (await cloud.manager.api.customers.update({ params: { id }, body })).body();
    const found = await ofCustomer(id);
    expect(found).toMatchObject([
      { id: renewal, stage: "lost" },
      { term_end: inDays(150), spell: 2 },
    ]);
    await runJob();
    expect((await ofCustomer(id)).map((one) => one.id)).toEqual(found.map((one) => one.id));
  });
});

describe("what was announced for a day", () => {
  it("takes effect on it, once, with all that follows", async () => {
    const id = await newCustomer(300);
    const about = { customer_id: id };
    const { id: followUp } = (
      await cloud.manager.api.interactions.create({
        body: {
          ...about,
          ...{ interaction_type: "call", subject: "Offer", description: "They wait for it." },
          ...{ follow_up_required: true, follow_up_date: inDays(2) },
        },
      })
    ).body();
    await record(id, { kind: "churned", effective_on: inDays(6), reason: "price" });
    const pending = async () =>
      (await cloud.manager.api.interactions.pendingFollowups({ query: { limit: 100 } }))
        .body()
        .followups.some(({ interaction_id }) => interaction_id === followUp);
    expect((await runJob(5)).moved).toBe(0);
    expect([(await customerOf(id)).status, await pending()]).toEqual(["active", true]);
    expect((await runJob(6)).moved).toBe(1);
    expect((await customerOf(id)).status).toBe("churned");
    await expect.poll(pending).toBe(false);
    expect((await runJob(7)).moved).toBe(0);
    expect(await outcomesOf(id)).toHaveLength(1);
  });

  it("is left alone when it was called off, or the customer has left before", async () => {
    const id = await newCustomer(300);
    const { id: outcome } = await record(id, { kind: "churned", effective_on: inDays(8) });
    (await cloud.manager.api.outcomes.withdraw({ params: { id: outcome } })).body();
    const other = await newCustomer(300);
    await record(other, { kind: "churned", effective_on: inDays(-60) });
    await record(other, { kind: "reactivated", effective_on: inDays(-30) });
    await record(other, { kind: "churned", effective_on: inDays(90) });
    (await cloud.manager.api.customers.remove({ params: { id: other } })).body();
    await runJob(9);
    expect([(await customerOf(id)).status, (await customerOf(other)).status]).toEqual(["active", "churned"]);
  });

  it("brings back who returns on a day", async () => {
    const id = await newCustomer(300);
    await record(id, { kind: "churned", effective_on: inDays(-60) });
    await record(id, { kind: "reactivated", effective_on: inDays(4), amount_after: "500" });
    expect((await customerOf(id)).status).toBe("churned");
    await runJob(4);
    expect((await customerOf(id)).status).toBe("active");
  });
});

describe("lists of renewals", () => {
  it("have those that end first first, filters, pages and totals", async () => {
    const owner = (await cloud.person("manager")).id;
    const ids = await Promise.all(
      [50, 20, 70].map((ends, n) =>
        newCustomer(ends, { account_manager_id: owner, contract_value: `${100 * (n + 1)}` }),
      ),
    );
    const renewals = await Promise.all(ids.map(renewalOf));
    await put(renewals[1]?.id ?? "", { stage: "proposal" });
    await put(renewals[2]?.id ?? "", { stage: "lost" });
    const ends = async (query: z.input<typeof RenewalFilter>) =>
      (await list({ owner_id: owner, ...query })).renewals.map(({ term_end }) => daysTo(term_end));
    expect(await ends({})).toEqual([20, 50, 70]);
    expect(await ends({ sort_by: "amount", sort_order: "desc" })).toEqual([70, 20, 50]);
    expect(await ends({ state: "open" })).toEqual([20, 50]);
    expect(await ends({ stage: "lost" })).toEqual([70]);
    expect(await ends({ stage: "proposal" })).toEqual([20]);
    expect(await ends({ term_end_from: inDays(50), term_end_to: inDays(70) })).toEqual([50, 70]);
    expect(await ends({ band: "low" })).toEqual([]);
    expect(await ends({ account_manager_id: owner, band: "unknown" })).toEqual([20, 50, 70]);
    const first = await list({ owner_id: owner, limit: 2 });
    expect([first.total, first.renewals.length]).toEqual([3, 2]);
    const next = await list({ owner_id: owner, limit: 2, cursor: first.next_cursor ?? "" });
    expect(next.renewals.map(({ term_end }) => daysTo(term_end))).toEqual([70]);
    const inverted = { term_end_from: inDays(2), term_end_to: inDays(1) };
    expect((await cloud.viewer.api.outcomes.renewals({ query: inverted })).status).toBe(422);
  });

  it("have those whose time has not come up to a day that is asked for, as a forecast counts them", async () => {
    const customer_id = await newCustomer(300);
    const found = async (days: number) => (await list({ customer_id, term_end_to: inDays(days) })).total;
    expect([(await list({ customer_id })).total, await found(299), await found(300)]).toEqual([0, 0, 1]);
    expect((await list({ customer_id, term_end_from: inDays(0) })).total).toBe(0);
    const day = inDays(300);
    const period = `${day.slice(0, 4)}-Q${Math.ceil(Number(day.slice(5, 7)) / 3)}`;
    const { first_day, last_day, at_stake } = (
      await cloud.viewer.api.outcomes.renewalForecast({ query: { period } })
    ).body();
    expect((await list({ term_end_from: first_day, term_end_to: last_day })).total).toBe(at_stake.renewals);
  });

  it("show who sees some customers theirs alone, also as an owner", async () => {
    const person = await cloud.person("manager");
    const params = { user_id: person.id };
    (await cloud.admin.api.users.update({ params, body: { access: "owned" } })).body();
    const [own, other] = [await newCustomer(30, { account_manager_id: person.id }), await newCustomer(30)];
    const foreign = await renewalOf(other);
    await put(foreign.id, { owner_id: person.id });
    const seen = (await person.api.outcomes.renewals({})).body().renewals;
    expect(seen.map(({ customer_id }) => customer_id)).toEqual([own]);
    const hidden = { params: { id: foreign.id } };
    expect((await person.api.outcomes.renewal(hidden)).status).toBe(404);
    expect((await person.api.outcomes.updateRenewal({ ...hidden, body: { stage: "lost" } })).status).toBe(
      404,
    );
    expect((await person.api.outcomes.forecastRecord({})).status).toBe(403);
    expect((await person.api.outcomes.forecastSnapshots({})).status).toBe(403);
  });
});

describe("a forecast", () => {
  const forecast = async (period: string, by?: "stage" | "band" | "account_manager" | "size") =>
    (await cloud.viewer.api.outcomes.renewalForecast({ query: { period, ...(by && { by }) } })).body();

  it("has what was renewed and lost, and what may come of the rest; two calls are equal", async () => {
    // A quarter with nothing but these: beyond what other cases use.
    const day = inDays(1_000);
    const ids = await Promise.all(
      Array.from({ length: 12 }, (_, n) => newCustomer(1_000, { contract_value: `${1000 + n}` })),
    );
    const period = `${day.slice(0, 4)}-Q${Math.ceil(Number(day.slice(5, 7)) / 3)}`;
    const before = await forecast(period);
    expect(before).toMatchObject({
      ...{ period, at_stake: { renewals: 12 }, open: { renewals: 12 }, renewed: { renewals: 0 } },
      rates: [{ band: "unknown", open: { renewals: 12 } }],
    });
    expect(await forecast(period)).toEqual(before);
    expect(cents(before.p10)).toBeLessThanOrEqual(cents(before.p50));
    expect(cents(before.p50)).toBeLessThanOrEqual(cents(before.p90));
    expect(cents(before.p90)).toBeLessThanOrEqual(cents(before.at_stake.amount));
    // Their time has not come: the job of a later day makes them.
    await runJob(900);
    const [renewed, lost] = await Promise.all(ids.slice(0, 2).map(renewalOf));
    (await put(renewed?.id ?? "", { stage: "renewed", outcome: { amount_after: "5000" } })).body();
    (await put(lost?.id ?? "", { stage: "lost" })).body();
    const after = await forecast(period, "stage");
    expect(after).toMatchObject({
      // Of what was renewed for more, what was at stake counts.
      renewed: { renewals: 1, amount: renewed?.amount },
      lost: { renewals: 1, amount: lost?.amount },
      open: { renewals: 10 },
      groups: [
        { group: "not_started", open: { renewals: 10 } },
        { group: "renewed", p10: renewed?.amount, p90: renewed?.amount },
        { group: "lost", p90: "0.00" },
      ],
    });
    expect(cents(after.p10)).toBeGreaterThanOrEqual(cents(renewed?.amount ?? ""));
    const sum = after.groups.reduce((all, { at_stake }) => all + cents(at_stake.amount), 0);
    expect(sum).toBe(cents(after.at_stake.amount));
    // Both are in the history by their band of 90 days before the end.
    expect(after.rates[0]?.n).toBe((before.rates[0]?.n ?? 0) + 2);
  });

  it("of a group is the same however its name is spelled", async () => {
    const day = inDays(1_400);
    const period = `${day.slice(0, 4)}-Q${Math.ceil(Number(day.slice(5, 7)) / 3)}`;
    const ids = await Promise.all(
      Array.from({ length: 10 }, (_, n) =>
        newCustomer(1_400, { account_manager: "Ada Byron", contract_value: `${1_000 + 97 * n}` }),
      ),
    );
    const groups = async () =>
      (await forecast(period, "account_manager")).groups.map(({ label: _, ...figures }) => figures);
    const before = await groups();
    expect(before).toMatchObject([{ group: "name:ada byron", at_stake: { renewals: 10 } }]);
    for (const id of ids)
      (
        await cloud.manager.api.customers.update({
          params: { id },
          body: { account_manager: "ada BYRON" },
        })
      ).body();
    expect(await groups()).toEqual(before);
  });

  it("is refused for what is no quarter", async () => {
    for (const period of ["2026", "2026-Q5", "2026-01", "quarter", "", "2026-Q1; DROP"])
      expect((await cloud.viewer.api.outcomes.renewalForecast({ query: { period } })).status).toBe(422);
    for (const period of ["current", "next", "1999-Q4"])
      expect((await forecast(period)).at_stake).toBeTruthy();
  });
});
