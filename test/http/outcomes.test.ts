import { setTimeout } from "node:timers/promises";
import type { NewCustomer } from "@success-manager/contract/customers";
import type { NewOutcome, Outcome } from "@success-manager/contract/outcomes";
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
const NOBODY = "00000000-0000-4000-8000-000000000000";

let names = 0;
/** A customer since two years ago, who pays 1000.00. */
const newCustomer = async (changes: Partial<z.input<typeof NewCustomer>> = {}) =>
  (
    await cloud.manager.api.customers.create({
      body: {
        company_name: `Company ${++names}`,
        status: "active",
        contract_start_date: inDays(-730),
        contract_value: "1000.00",
        ...changes,
      },
    })
  ).body().id;

type Sent = z.input<typeof NewOutcome>;
const post = (id: string, body: Sent) => cloud.manager.api.customers.recordOutcome({ params: { id }, body });
const record = async (id: string, kind: Sent["kind"], effective_on: string, more: Partial<Sent> = {}) =>
  (await post(id, { kind, effective_on, ...more })).body();
const ofCustomer = async (id: string, query: { include_withdrawn?: boolean; known_on?: string } = {}) =>
  (await cloud.viewer.api.customers.outcomes({ params: { id }, query })).body().outcomes;
const statusOf = async (id: string) =>
  (await cloud.viewer.api.customers.get({ params: { id } })).body().customer.status;
const setStatus = async (id: string, status: "active" | "churned" | "onboarding") =>
  (await cloud.manager.api.customers.update({ params: { id }, body: { status } })).body();
const detail = ({ status, raw }: { status: number; raw: unknown }) =>
  `${status} ${(raw as { detail: string }).detail}`;
const told = ({ kind, effective_on, spell, amount_before, amount_after }: Outcome) =>
  [kind, effective_on, spell, amount_before, amount_after].join(" ");

describe("an outcome", () => {
  it("comes back as sent, with who recorded it, and is listed everywhere at once", async () => {
    const id = await newCustomer();
    const sent = {
      kind: "churned",
      notice_on: inDays(-90),
      effective_on: inDays(-3),
      amount_before: "1200.50",
      reason: "price_competitor",
      note: "They told Ada.\nTwice.",
      competitor: "Cheaper Ltd",
      voluntary: true,
      reference: "CRM-1",
    } as const;
    const answer = await post(id, sent);
    expect([answer.status, answer.headers.get("etag")]).toEqual([201, '"1"']);
    const outcome = answer.body();
    expect(outcome).toMatchObject({
      ...sent,
      customer_id: id,
      spell: 1,
      amount_after: "0.00",
      source: "person",
      is_withdrawn: false,
      version: 1,
    });
    expect(outcome.recorded_by).toBeTruthy();
    expect(await ofCustomer(id)).toEqual([outcome]);
    const all = (await cloud.manager.api.outcomes.list({ query: { customer_id: id } })).body();
    expect([all.total, all.outcomes]).toEqual([1, [outcome]]);
    expect((await cloud.viewer.api.outcomes.get({ params: { id: outcome.id } })).body()).toEqual(outcome);
  });

  it("takes amounts that nobody has said from what is known", async () => {
    const id = await newCustomer();
    await record(id, "expanded", inDays(-100), { amount_after: "1500" });
    await record(id, "renewed", inDays(-50));
    await record(id, "contracted", inDays(-200), { amount_after: "800", amount_before: "900" });
    await record(id, "churned", inDays(-1));
    expect((await ofCustomer(id)).map(told)).toEqual([
      `churned ${inDays(-1)} 1 1500.00 0.00`,
      `renewed ${inDays(-50)} 1 1500.00 1500.00`,
      `expanded ${inDays(-100)} 1 1000.00 1500.00`,
      `contracted ${inDays(-200)} 1 900.00 800.00`,
    ]);
  });

  it.each<[left: Partial<Sent>, sent: Partial<Sent> & Pick<Sent, "kind">, expected: string]>([
    // What is paid in one spell says nothing of another, and the contract's value of today is about the last one.
    [{}, { kind: "renewed", effective_on: inDays(-450) }, "201  "],
    [{ amount_before: "700" }, { kind: "renewed", effective_on: inDays(-450) }, "201 700.00 700.00"],
    [{ amount_before: "700" }, { kind: "renewed", effective_on: inDays(-100) }, "201 1000.00 1000.00"],
    [{ amount_before: "700" }, { kind: "churned", effective_on: inDays(-100) }, "201 1000.00 0.00"],
  ])("takes no amounts from another spell: after %j, %j", async (left, sent, expected) => {
    const customer_id = await newCustomer();
    const outcomes: (Sent & { customer_id: string })[] = [
      { customer_id, kind: "churned", effective_on: inDays(-400), ...left },
      { customer_id, kind: "reactivated", effective_on: inDays(-300) },
    ];
    (await cloud.manager.api.outcomes.import({ body: { outcomes } })).body();
    expect((await ofCustomer(customer_id)).map(told)).toEqual([
      `reactivated ${inDays(-300)} 2 0.00 1000.00`,
      `churned ${inDays(-400)} 1 ${left.amount_before ? "700.00" : ""} 0.00`,
    ]);
    const { status, raw } = await post(customer_id, { effective_on: inDays(0), ...sent });
    const { amount_before, amount_after } = raw as Outcome;
    expect([status, amount_before, amount_after].join(" ")).toBe(expected);
  });

  it("that changes an amount which nobody knows is told to say it", async () => {
    const customer_id = await newCustomer({ contract_value: null });
    const outcomes: (Sent & { customer_id: string })[] = [
      { customer_id, kind: "churned", effective_on: inDays(-400) },
      { customer_id, kind: "reactivated", effective_on: inDays(-300) },
    ];
    (await cloud.manager.api.outcomes.import({ body: { outcomes } })).body();
    const sent = { kind: "expanded", effective_on: inDays(-100), amount_after: 1000 } as const;
    expect(detail(await post(customer_id, sent))).toMatch(/^422 amount_before: is required/);
    expect(told(await record(customer_id, "expanded", inDays(-100), { ...sent, amount_before: 900 }))).toBe(
      `expanded ${inDays(-100)} 2 900.00 1000.00`,
    );
  });

  it.each<[why: string, sent: Partial<Sent> & Pick<Sent, "kind">, expected: RegExp]>([
    [
      "before the contract",
      { kind: "renewed", effective_on: "2001-01-01" },
      /^422 effective_on: must not be before/,
    ],
    ["an amount below zero", { kind: "expanded", amount_after: -1 }, /^422 .*0 to 9999999999999.99/],
    ["who contracts to more", { kind: "contracted", amount_after: 1001 }, /^422 amount_after: must be below/],
    [
      "who contracts to the same",
      { kind: "contracted", amount_after: 1000 },
      /^422 amount_after: must be below/,
    ],
    ["who expands to less", { kind: "expanded", amount_after: 999 }, /^422 amount_after: must be above/],
    ["who expands to nobody knows what", { kind: "expanded" }, /^422 amount_after: is required/],
    ["who leaves and pays", { kind: "churned", amount_after: 1 }, /^422 amount_after: must be 0/],
    ["notice after it", { kind: "churned", notice_on: inDays(1) }, /^422 notice_on: must not be after/],
    ["who comes back without having left", { kind: "reactivated" }, /^409 .*had not left before/],
    ["an unknown reason", { kind: "churned", reason: "weather" }, /^422 reason: must be the id/],
    ["a reason that is none", { kind: "churned", reason: "Price!" }, /^422 /],
    ["no day", { kind: "churned", effective_on: "2026-02-30" }, /^422 /],
    ["no kind", { kind: "left" as "churned" }, /^422 /],
  ])("is refused for %s", async (_, sent, expected) => {
    const id = await newCustomer();
    expect(detail(await post(id, { effective_on: inDays(0), ...sent }))).toMatch(expected);
    expect([await ofCustomer(id), await statusOf(id)]).toEqual([[], "active"]);
  });

  it("must fit what is known: spells do not overlap, and nothing happens with who is gone", async () => {
    const id = await newCustomer();
    await record(id, "churned", inDays(-300));
    await record(id, "reactivated", inDays(-200), { amount_after: "500" });
    const refused = async (kind: Sent["kind"], days: number, more: Partial<Sent> = {}) =>
      detail(await post(id, { kind, effective_on: inDays(days), ...more }));
    expect(await refused("churned", -250)).toMatch(/^409 The customer had left already/);
    expect(await refused("churned", -400)).toMatch(/^409 It contradicts what is known of .* \(churned\)/);
    expect(await refused("renewed", -250)).toMatch(/^409 It was no customer of ours/);
    expect(await refused("reactivated", -100)).toMatch(/^409 The customer had not left before/);
    expect(await refused("reactivated", -200, { amount_before: 1 })).toMatch(/^4(09|22)/);
    await record(id, "churned", inDays(-200));
    expect((await ofCustomer(id)).map(({ kind, spell }) => `${kind} ${spell}`).sort()).toEqual([
      "churned 1",
      "churned 2",
      "reactivated 2",
    ]);
  });

  it("of nobody is 404, and viewers record none", async () => {
    const sent = { kind: "renewed", effective_on: inDays(0) } as const;
    expect((await post(NOBODY, sent)).status).toBe(404);
    expect((await cloud.viewer.api.outcomes.get({ params: { id: NOBODY } })).status).toBe(404);
    const params = { id: await newCustomer() };
    expect((await cloud.viewer.api.customers.recordOutcome({ params, body: sent })).status).toBe(403);
  });

  it("is one of twenty that lie ahead at most; who leaves calls all of them off", async () => {
    const id = await newCustomer();
    for (let n = 1; n <= 20; n++) await record(id, "renewed", inDays(n));
    expect(detail(await post(id, { kind: "renewed", effective_on: inDays(1) }))).toMatch(
      /^409 .*20 outcomes/,
    );
    (await cloud.manager.api.customers.remove({ params: { id } })).body();
    expect((await ofCustomer(id)).map(({ kind }) => kind)).toEqual(["churned"]);
    expect(await ofCustomer(id, { include_withdrawn: true })).toHaveLength(21);
  });

  it("with a reference is recorded once; the reference is of no other", async () => {
    const id = await newCustomer();
    const sent = { reference: "R-1", amount_after: "2000" };
    const first = await record(id, "expanded", inDays(-9), sent);
    expect(await record(id, "expanded", inDays(-9), sent)).toEqual(first);
    expect(detail(await post(id, { kind: "churned", effective_on: inDays(-1), reference: "R-1" }))).toMatch(
      /^409 Another outcome/,
    );
    const other = await newCustomer();
    expect((await record(other, "expanded", inDays(-9), sent)).id).not.toBe(first.id);
  });

  it.each<
    [
      then: string,
      kind: Sent["kind"],
      change: "withdraw" | "correct" | undefined,
      posted: RegExp,
      imported: RegExp | number,
    ]
  >([
    ["is there", "churned", undefined, /^201/, 1],
    ["is there", "renewed", undefined, /^409 Another/, /^Another outcome/],
    ["was withdrawn", "churned", "withdraw", /^409 .* was withdrawn. Record this one with/, 1],
    ["was withdrawn", "renewed", "withdraw", /^409 Another/, /^Another outcome/],
    ["was corrected", "churned", "correct", /^201/, 1],
    ["was corrected", "renewed", "correct", /^409 Another/, /^Another outcome/],
  ])("of a departure that %s, once more of the kind %s", async (_, kind, change, posted, imported) => {
    const customer_id = await newCustomer();
    const { api } = cloud.manager;
    const effective_on = inDays(-5);
    const params = { id: (await record(customer_id, "churned", effective_on, { reference: "CRM-1" })).id };
    if (change === "withdraw") (await api.outcomes.withdraw({ params })).body();
    if (change === "correct") (await api.outcomes.correct({ params, body: { note: "So." } })).body();
    const before = await ofCustomer(customer_id, { include_withdrawn: true });
    const sent = { kind, effective_on, reference: "CRM-1" };
    expect(detail(await post(customer_id, sent))).toMatch(posted);
    const { recorded, unchanged, failed } = (
      await api.outcomes.import({ body: { outcomes: [{ ...sent, customer_id }] } })
    ).body();
    const told = failed[0]?.detail ?? unchanged;
    expect(told).toEqual(typeof imported === "number" ? imported : expect.stringMatching(imported));
    expect([recorded, await ofCustomer(customer_id, { include_withdrawn: true })]).toEqual([0, before]);
  });
});

describe("the status of a customer", () => {
  it("follows who leaves and comes back by today", async () => {
    const id = await newCustomer();
    await record(id, "churned", inDays(0), { reason: "product_quality" });
    expect(await statusOf(id)).toBe("churned");
    await record(id, "reactivated", inDays(0));
    expect(await statusOf(id)).toBe("active");
    const ahead = await record(id, "churned", inDays(30));
    expect(await statusOf(id)).toBe("active");
    // DELETE records nothing more: the departure is known.
    (await cloud.manager.api.customers.remove({ params: { id } })).body();
    expect([await statusOf(id), (await ofCustomer(id))[0]]).toEqual(["churned", ahead]);
    // Who comes back before that has never left.
    await setStatus(id, "active");
    expect((await ofCustomer(id)).map(({ kind }) => kind).sort()).toEqual(["churned", "reactivated"]);
    expect(
      (await ofCustomer(id, { include_withdrawn: true })).map(({ is_withdrawn }) => is_withdrawn),
    ).toEqual([true, false, false]);
  });

  it("stays with the departure that it rests on", async () => {
    const id = await newCustomer();
    const { api } = cloud.manager;
    const params = { id: (await record(id, "churned", inDays(30))).id };
    (await api.customers.remove({ params: { id } })).body();
    expect(detail(await api.outcomes.withdraw({ params }))).toMatch(/^409 .*Set another status/);
    // Another day of it is none the less a departure.
    (await api.outcomes.correct({ params, body: { effective_on: inDays(20) } })).body();
    expect([await statusOf(id), (await ofCustomer(id)).length]).toEqual(["churned", 1]);
    await setStatus(id, "active");
    expect([await statusOf(id), await ofCustomer(id)]).toEqual(["active", []]);
    const next = await record(id, "churned", inDays(30));
    (await api.outcomes.withdraw({ params: { id: next.id } })).body();
    expect([await statusOf(id), await ofCustomer(id)]).toEqual(["active", []]);
  });

  it.each([30, -30])("rests on a departure, whoever withdraws it meanwhile: in %i days", async (days) => {
    const { CustomerEntity } = await import("@success-manager/domain/table");
    const { api } = cloud.manager;
    const pairs = Array.from({ length: 6 }, async (_, n) => {
      const id = await newCustomer();
      const params = { id: (await record(id, "churned", inDays(days))).id };
      // As long as no job has looked at the departure, the status is that of before.
      await CustomerEntity.patch({ id }).set({ status: "active" }).go();
      const removal = api.customers.remove({ params: { id } });
      await setTimeout(n * 2);
      const { status } = await api.outcomes.withdraw({ params });
      expect([(await removal).status, days > 0 ? [200, 409] : [200]]).toEqual([
        200,
        expect.arrayContaining([status]),
      ]);
      return `${await statusOf(id)} ${(await ofCustomer(id)).map(({ kind }) => kind)}`;
    });
    for (const pair of await Promise.all(pairs)) expect(["active ", "churned churned"]).toContain(pair);
  });

  it("is decided anew where the departure is withdrawn meanwhile, and the withdrawal where the status is", async () => {
    const { CustomerEntity, OutcomeEntity, commit, getOrThrow, getRequest } = await import(
      "@success-manager/domain/table"
    );
    const { ledgerRequest, recordingOfWithdrawal, statusWrites } = await import(
      "@success-manager/domain/outcomes"
    );
    const { api } = cloud.manager;
    const announced = async () => {
      const id = await newCustomer();
      const outcome = (await record(id, "churned", inDays(30))).id;
      const customer = await getOrThrow(getRequest(CustomerEntity, id), "Customer");
      return { id, outcome, customer };
    };
    const withdrawn = await announced();
    const status = await statusWrites(
      withdrawn.customer,
      { ...withdrawn.customer, status: "churned" },
      new Date(),
    );
    (await api.outcomes.withdraw({ params: { id: withdrawn.outcome } })).body();
    expect(await commit(status)).not.toEqual([]);
    const removed = await announced();
    const { writes } = recordingOfWithdrawal(
      {
        customer: removed.customer,
        ledger: await getOrThrow(ledgerRequest(removed.id), "Ledger"),
      },
      await getOrThrow(getRequest(OutcomeEntity, removed.outcome), "Outcome"),
      new Date(),
    );
    (await api.customers.remove({ params: { id: removed.id } })).body();
    expect(await commit(writes)).not.toEqual([]);
  });

  it("of long ago follows nothing: what came after it holds", async () => {
    const id = await newCustomer();
    (
      await cloud.manager.api.outcomes.import({
        body: {
          outcomes: [
            { customer_id: id, kind: "reactivated", effective_on: inDays(-300) },
            { customer_id: id, kind: "churned", effective_on: inDays(-400) },
          ],
        },
      })
    ).body();
    expect([await statusOf(id), (await ofCustomer(id)).length]).toEqual(["active", 2]);
  });

  it("that somebody sets records an outcome, and a new spell", async () => {
    const id = await newCustomer();
    await record(id, "renewed", inDays(40), { amount_after: "7" });
    await setStatus(id, "churned");
    await setStatus(id, "churned");
    await setStatus(id, "onboarding");
    (await cloud.manager.api.customers.remove({ params: { id } })).body();
    const outcomes = await ofCustomer(id);
    expect(outcomes.map(told).sort()).toEqual([
      `churned ${inDays(0)} 1 1000.00 0.00`,
      `churned ${inDays(0)} 2 1000.00 0.00`,
      `reactivated ${inDays(0)} 2 0.00 1000.00`,
    ]);
    expect(outcomes.map(({ reason, source }) => `${reason} ${source}`)).toEqual(
      Array(3).fill("unspecified status"),
    );
    expect(outcomes.map(({ spell }) => spell).sort()).toEqual([1, 2, 2]);
  });

  it("with which somebody is created counts, too", async () => {
    const id = await newCustomer({ status: "churned" });
    expect((await ofCustomer(id)).map(told)).toEqual([`churned ${inDays(0)} 1 1000.00 0.00`]);
  });

  it("of twenty DELETEs at once is one outcome; of twenty returns one, too", async () => {
    const id = await newCustomer();
    const twenty = <T>(call: () => Promise<T>) => Promise.all(Array.from({ length: 20 }, call));
    const left = await twenty(() => cloud.manager.api.customers.remove({ params: { id } }));
    expect(left.filter(({ status }) => status === 200).length).toBeGreaterThan(0);
    expect((await ofCustomer(id)).map(({ kind }) => kind)).toEqual(["churned"]);
    await twenty(() => cloud.manager.api.customers.update({ params: { id }, body: { status: "active" } }));
    expect((await ofCustomer(id)).map(({ kind }) => kind).sort()).toEqual(["churned", "reactivated"]);
  });

  it("and twenty departures at once: one is recorded, the others are told so", async () => {
    const id = await newCustomer();
    const sent = { kind: "churned", effective_on: inDays(0) } as const;
    const answers = await Promise.all(Array.from({ length: 20 }, () => post(id, sent)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(19);
    expect([await statusOf(id), (await ofCustomer(id)).length]).toEqual(["churned", 1]);
  });

  it("that was set before anybody recorded outcomes is dated by whoever comes back", async () => {
    const id = await newCustomer({ status: "churned" });
    // As a table from before has it.
    const { OutcomeEntity, OutcomeLedgerEntity } = await import("@success-manager/domain/table");
    const [outcome] = await ofCustomer(id);
    await OutcomeEntity.delete({ id: outcome?.id ?? "" }).go();
    await OutcomeLedgerEntity.delete({ customer_id: id }).go();
    expect(await ofCustomer(id)).toEqual([]);
    await setStatus(id, "active");
    expect((await ofCustomer(id)).map(({ kind, spell }) => `${kind} ${spell}`).sort()).toEqual([
      "churned 1",
      "reactivated 2",
    ]);
  });
});

describe("a correction", () => {
  it("is a new version; the former one stays readable, with who and when", async () => {
    const id = await newCustomer();
    const first = await record(id, "churned", inDays(-30), { note: "Nobody knows why." });
    const params = { id: first.id };
    const { api } = cloud.admin;
    const body = { effective_on: inDays(-20), reason: "service_support", note: null } as const;
    const answer = await api.outcomes.correct({ params, body }, { "if-match": '"1"' });
    const second = answer.body();
    expect(answer.headers.get("etag")).toBe('"2"');
    expect(second).toMatchObject({ ...body, version: 2, created_at: first.created_at });
    expect(second.recorded_at > first.recorded_at).toBe(true);
    expect((await api.outcomes.correct({ params, body: {} }, { "if-match": '"1"' })).status).toBe(412);
    // What it says already is no version.
    expect((await api.outcomes.correct({ params, body })).body()).toEqual(second);
    const { versions, total } = (await cloud.viewer.api.outcomes.versions({ params })).body();
    expect([total, versions]).toEqual([2, [second, { ...first, revision: null }]]);
    expect(await ofCustomer(id)).toEqual([second]);
  });

  it("must fit what is known, and brings back who had not left yet", async () => {
    const id = await newCustomer();
    const { id: outcome } = await record(id, "churned", inDays(-30));
    const params = { id: outcome };
    const { api } = cloud.manager;
    expect(detail(await api.outcomes.correct({ params, body: { effective_on: "2000-01-01" } }))).toMatch(
      /^422/,
    );
    expect(await statusOf(id)).toBe("churned");
    (await api.outcomes.correct({ params, body: { effective_on: inDays(30) } })).body();
    expect(await statusOf(id)).toBe("active");
    (await api.outcomes.correct({ params, body: { effective_on: inDays(-1) } })).body();
    expect(await statusOf(id)).toBe("churned");
  });

  it("may say that it never was, unless something rests on it", async () => {
    const id = await newCustomer();
    const left = await record(id, "churned", inDays(-30));
    const back = await record(id, "reactivated", inDays(-10));
    const { api } = cloud.manager;
    expect(detail(await api.outcomes.withdraw({ params: { id: left.id } }))).toMatch(
      /^409 It contradicts what is known of .* \(reactivated\)/,
    );
    const gone = (await api.outcomes.withdraw({ params: { id: back.id } })).body();
    expect(gone).toMatchObject({ is_withdrawn: true, spell: null, version: 2 });
    expect(await statusOf(id)).toBe("churned");
    expect(detail(await api.outcomes.withdraw({ params: { id: back.id } }))).toMatch(/^409 This outcome was/);
    (await api.outcomes.withdraw({ params: { id: left.id } })).body();
    expect([await ofCustomer(id), await statusOf(id)]).toEqual([[], "active"]);
    expect(await ofCustomer(id, { include_withdrawn: true })).toHaveLength(2);
  });
});

describe("what was known on a day", () => {
  it("is what was recorded until then, as it was", async () => {
    const id = await newCustomer();
    const outcome = await record(id, "churned", inDays(-30), { note: "First." });
    (
      await cloud.manager.api.outcomes.correct({ params: { id: outcome.id }, body: { note: "Second." } })
    ).body();
    const { OutcomeLedgerEntity } = await import("@success-manager/domain/table");
    const { data } = await OutcomeLedgerEntity.get({ customer_id: id }).go();
    if (!data) throw new Error("No ledger");
    // The first version is of ten days ago.
    const at = new Date(Date.now() - 10 * DAY_MS).toISOString();
    const facts = data.facts.replace(outcome.recorded_at, at);
    await OutcomeLedgerEntity.put({ ...data, facts, revision: 9, changed_at: new Date().toISOString() }).go();
    const notes = async (known_on?: string) =>
      (await ofCustomer(id, { ...(known_on && { known_on }) })).map(
        ({ note, version }) => `${version} ${note}`,
      );
    expect(await notes()).toEqual(["2 Second."]);
    expect(await notes(inDays(-5))).toEqual(["1 First."]);
    expect(await notes(inDays(-11))).toEqual([]);
    const listed = async (known_on: string) =>
      (await cloud.viewer.api.outcomes.list({ query: { customer_id: id, known_on } })).body().outcomes;
    expect((await listed(inDays(-5))).map(({ note }) => note)).toEqual(["First."]);
    expect(await listed(inDays(-11))).toEqual([]);
  });
});

describe("an import", () => {
  const send = async (outcomes: readonly (Sent & { customer_id: string })[]) =>
    (await cloud.manager.api.outcomes.import({ body: { outcomes: [...outcomes] } })).body();

  it("records the past in any order, and again nothing", async () => {
    const [a, b] = [await newCustomer(), await newCustomer()];
    const outcomes = [
      { customer_id: a, kind: "reactivated", effective_on: inDays(-200), amount_after: "500" },
      { customer_id: b, kind: "expanded", effective_on: inDays(-20), amount_after: "1100", reference: "B" },
      { customer_id: a, kind: "churned", effective_on: inDays(-300), reason: "company_closed" },
      { customer_id: a, kind: "expanded", effective_on: inDays(-100), amount_after: "600" },
    ] as const;
    expect(await send(outcomes)).toEqual({ recorded: 4, unchanged: 0, failed: [] });
    expect(await send(outcomes)).toEqual({ recorded: 0, unchanged: 4, failed: [] });
    expect((await ofCustomer(a)).map(told)).toEqual([
      `expanded ${inDays(-100)} 2 500.00 600.00`,
      `reactivated ${inDays(-200)} 2 0.00 500.00`,
      `churned ${inDays(-300)} 1  0.00`,
    ]);
  });

  it("records all of a customer or none, and says what was wrong with whom", async () => {
    const [a, b] = [await newCustomer(), await newCustomer()];
    const answer = await send([
      { customer_id: a, kind: "renewed", effective_on: inDays(-20) },
      { customer_id: b, kind: "renewed", effective_on: inDays(-20) },
      { customer_id: a, kind: "reactivated", effective_on: inDays(-10) },
      { customer_id: NOBODY, kind: "renewed", effective_on: inDays(-10) },
    ]);
    expect([answer.recorded, answer.failed.map(({ index }) => index)]).toEqual([1, [0, 2, 3]]);
    expect(answer.failed.map(({ detail }) => detail)).toEqual([
      expect.stringMatching(/had not left/),
      expect.stringMatching(/had not left/),
      "Customer not found",
    ]);
    expect([(await ofCustomer(a)).length, (await ofCustomer(b)).length]).toEqual([0, 1]);
  });

  it("that comes ten times at once records each outcome once", async () => {
    const id = await newCustomer();
    const outcomes = [
      { customer_id: id, kind: "churned", effective_on: inDays(-300) },
      { customer_id: id, kind: "reactivated", effective_on: inDays(-200) },
    ] as const;
    const answers = await Promise.all(Array.from({ length: 10 }, () => send(outcomes)));
    expect(answers.reduce((sum, { recorded }) => sum + recorded, 0)).toBe(2);
    expect(await ofCustomer(id)).toHaveLength(2);
  });
});

describe("the list of outcomes", () => {
  it("filters, sorts and turns pages", async () => {
    const { api } = cloud.manager;
    const since = { contract_start_date: "2020-01-01" };
    const ids = await Promise.all(Array.from({ length: 5 }, () => newCustomer(since)));
    const [first = "", ...others] = ids;
    await record(first, "churned", "2025-03-01", { reason: "price" });
    for (const [n, id] of others.entries())
      await record(id, "expanded", `2025-03-0${n + 2}`, { amount_after: 2000, reason: "price_value" });
    const of2025 = { effective_from: "2025-03-01", effective_to: "2025-03-31" };
    const list = async (query: object) =>
      (await api.outcomes.list({ query: { ...of2025, ...query } })).body();
    const days = async (query: object) =>
      (await list(query)).outcomes.map(({ effective_on }) => effective_on.slice(8));
    expect(await days({})).toEqual(["05", "04", "03", "02", "01"]);
    expect(await days({ sort_order: "asc", kind: "expanded" })).toEqual(["02", "03", "04", "05"]);
    expect(await days({ sort_by: "recorded_at", sort_order: "asc" })).toEqual(["01", "02", "03", "04", "05"]);
    // One of the upper level stands for those below it.
    expect([await days({ reason: "price" }), await days({ reason: "price_value" })]).toEqual([
      ["05", "04", "03", "02", "01"],
      ["05", "04", "03", "02"],
    ]);
    expect(await days({ customer_id: first })).toEqual(["01"]);
    expect(await days({ effective_from: "2025-03-04" })).toEqual(["05", "04"]);
    expect(await days({ recorded_to: inDays(-1) })).toEqual([]);
    expect(await days({ recorded_from: inDays(0) })).toHaveLength(5);
    const pages: string[][] = [];
    for (let cursor: string | undefined; ; ) {
      const { outcomes, next_cursor, total } = await list({ limit: 2, ...(cursor && { cursor }) });
      expect(total).toBe(5);
      pages.push(outcomes.map(({ effective_on }) => effective_on.slice(8)));
      if (!next_cursor) break;
      cursor = next_cursor;
    }
    expect(pages).toEqual([["05", "04"], ["03", "02"], ["01"]]);
    for (const query of [
      { effective_from: "2026-01-02", effective_to: "2026-01-01" },
      { recorded_from: "2026-01-02", recorded_to: "2026-01-01" },
    ])
      expect((await api.outcomes.list({ query })).status).toBe(422);
  });
});

describe("reasons", () => {
  it("are archived, never deleted; outcomes keep them", async () => {
    const { api } = cloud.admin;
    const id = await newCustomer();
    const outcome = await record(id, "churned", inDays(-1), { reason: "price_budget" });
    const before = (await api.settings.outcomes({})).body().reasons;
    const kept = before.filter(({ id }) => id !== "price");
    const { reasons } = (
      await api.settings.updateOutcomes({
        body: {
          reasons: [...kept, { id: "weather", label: "Weather", children: [{ id: "rain", label: "Rain" }] }],
        },
      })
    ).body();
    const price = reasons.find(({ id }) => id === "price");
    expect([
      price?.archived,
      price?.children.every(({ archived }) => archived),
      price?.children.length,
    ]).toEqual([true, true, 4]);
    expect(reasons.length).toBe(before.length + 1);
    const other = await newCustomer();
    expect(
      detail(await post(other, { kind: "churned", effective_on: inDays(-1), reason: "price_value" })),
    ).toMatch(/^422 reason: is archived/);
    await record(other, "churned", inDays(-1), { reason: "rain" });
    // It may stay where it is.
    (
      await api.outcomes.correct({
        params: { id: outcome.id },
        body: { reason: "price_budget", note: "So." },
      })
    ).body();
    expect((await ofCustomer(id))[0]).toMatchObject({ reason: "price_budget", note: "So." });
    const refused = async (reasons: object[]) =>
      detail(await api.settings.updateOutcomes({ body: { reasons: reasons as typeof before } }));
    expect(await refused([...kept, { id: "rain", label: "Twice" }, { id: "rain", label: "Twice" }])).toMatch(
      /^422/,
    );
    expect(await refused([{ id: "unspecified", label: "None", archived: true }])).toMatch(
      /^422 reasons: must hold/,
    );
    const again = (await api.settings.updateOutcomes({ body: { reasons: null } })).body().reasons;
    expect(again.find(({ id }) => id === "price")?.archived).toBe(false);
    expect(again.find(({ id }) => id === "weather")).toMatchObject({ archived: true });
  });
});

describe("what else shows outcomes", () => {
  it("is the customer's timeline", async () => {
    const id = await newCustomer();
    await record(id, "expanded", inDays(-5), { amount_after: "1500", reason: "adoption_more_users" });
    await record(id, "churned", inDays(-3), { reason: "price_budget" });
    const { items, total } = (await cloud.viewer.api.customers.timeline({ params: { id } })).body();
    expect([
      total,
      items.map(({ type, date, title, description }) => [type, date, title, description]),
    ]).toEqual([
      2,
      [
        ["outcome", `${inDays(-3)}T00:00:00.000Z`, "Left", "Price: Budget cut"],
        ["outcome", `${inDays(-5)}T00:00:00.000Z`, "Pays more", "Adoption: More users"],
      ],
    ]);
    const first = (await cloud.viewer.api.customers.timeline({ params: { id }, query: { limit: 1 } })).body();
    const query = { limit: 1, cursor: first.next_cursor ?? "" };
    const second = (await cloud.viewer.api.customers.timeline({ params: { id }, query })).body();
    expect([...first.items, ...second.items]).toEqual(items);
    expect(second.next_cursor).toBeNull();
  });

  it("is the audit trail", async () => {
    const id = await newCustomer();
    const outcome = await record(id, "renewed", inDays(-5), { note: "Ada said so." });
    (
      await cloud.manager.api.outcomes.correct({ params: { id: outcome.id }, body: { reason: "price" } })
    ).body();
    await cloud.settled(60_000);
    const query = { entity: "outcome", id: outcome.id } as const;
    const { entries } = (await cloud.admin.api.audit.list({ query })).body();
    expect(entries.map(({ action, actor }) => [action, actor.id])).toEqual([
      ["updated", cloud.manager.id],
      ["created", cloud.manager.id],
    ]);
    expect(entries[0]?.changes).toEqual([{ field: "reason", before: "unspecified", after: "price" }]);
  });
});
