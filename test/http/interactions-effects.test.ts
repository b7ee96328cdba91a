import type { InteractionChanges, NewInteraction } from "@success-manager/contract/interactions";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type * as z from "zod";
import { type Api, type TestCloud, testCloud } from "../support/cloud.ts";
import { printedDate } from "../support/printed.ts";

let cloud: TestCloud;
let api: Api;
beforeAll(async () => {
  cloud = await testCloud();
  api = cloud.manager.api;
});
afterAll(() => cloud?.stop());

const DAY_MS = 24 * 60 * 60 * 1000;
const ago = (days: number) => new Date(Date.now() - days * DAY_MS).toISOString();
const times = <T>(n: number, one: (n: number) => T): T[] => Array.from({ length: n }, (_, i) => one(i));

let names = 0;
const newCustomer = async () =>
  (await api.customers.create({ body: { company_name: `Company ${++names}` } })).body().id;

type Sent = Partial<z.input<typeof NewInteraction>>;
const log = async (customer_id: string, changes: Sent = {}) =>
  (
    await api.interactions.create({
      body: {
        customer_id,
        interaction_type: "call",
        subject: "Weekly call",
        description: "Talked about the roadmap.",
        ...changes,
      },
    })
  ).body();
const change = async (id: string, body: z.input<typeof InteractionChanges>) =>
  (await api.interactions.update({ params: { id }, body })).body();
const remove = async (id: string) => (await api.interactions.remove({ params: { id } })).body();

const alerts = () => import("@success-manager/domain/alerts");
const table = () => import("@success-manager/domain/table");

/** The conditions of a customer, each with its newest alert. */
async function conditions(customer_id: string) {
  const { alertStatesOf } = await alerts();
  const { AlertEntity } = await table();
  return Promise.all(
    (await alertStatesOf(customer_id)).map(async ({ condition, state, alert_id }) => {
      const { data } = await AlertEntity.get({ id: alert_id }).go({ consistent: true });
      return { condition, state, alert: data };
    }),
  );
}
const only = async (customer_id: string) => {
  const [found, ...more] = await conditions(customer_id);
  expect(more).toEqual([]);
  return found;
};

describe("an escalation", () => {
  const ESCALATION = { interaction_type: "escalation", sentiment: "neutral" } as const;

  it("raises an alert that says what it is about", async () => {
    const customer_id = await newCustomer();
    const { id, interaction_date } = await log(customer_id, {
      ...ESCALATION,
      subject: "Reports are late",
      description: "The board waits for its figures.",
      performed_by: "Grace",
    });
    expect(await only(customer_id)).toMatchObject({
      condition: `interaction#${id}`,
      state: "open",
      alert: {
        alert_type: "escalation",
        severity: "high",
        title: "Escalation: Reports are late",
        description: `Company ${names} escalated on ${printedDate(interaction_date)} (Grace): The board waits for its figures.`,
        is_resolved: false,
        created_by: "system",
      },
    });
  });

  it("is critical when it goes badly, said or read", async () => {
    const [said, read] = [await newCustomer(), await newCustomer()];
    await log(said, { ...ESCALATION, sentiment: "negative" });
    await log(read, { interaction_type: "escalation", description: "They are furious about the outage." });
    for (const customer_id of [said, read])
      expect((await only(customer_id))?.alert?.severity).toBe("critical");
  });

  it("is told shortly, however long the story", async () => {
    const customer_id = await newCustomer();
    await log(customer_id, { ...ESCALATION, subject: "😀".repeat(250), description: "😀".repeat(5_000) });
    const { title = "", description = "" } = (await only(customer_id))?.alert ?? {};
    expect([Array.from(title).length, Array.from(description).length]).toEqual([200, 500]);
    expect([title, description].every((text) => text.isWellFormed() && text.endsWith("…"))).toBe(true);
  });

  it("updates its alert with what a person changes, and leaves it alone otherwise", async () => {
    const customer_id = await newCustomer();
    const { id } = await log(customer_id, ESCALATION);
    const first = await only(customer_id);
    await change(id, { follow_up_required: true });
    expect(await only(customer_id)).toEqual(first);
    await change(id, { sentiment: "negative", subject: "Worse" });
    const second = await only(customer_id);
    expect(second?.alert).toMatchObject({
      id: first?.alert?.id,
      severity: "critical",
      title: "Escalation: Worse",
      is_resolved: false,
    });
  });

  it("that turns out to be none resolves its alert, and raises another when it is one again", async () => {
    const customer_id = await newCustomer();
    const { id } = await log(customer_id, ESCALATION);
    await change(id, { interaction_type: "call" });
    const ended = await only(customer_id);
    expect(ended).toMatchObject({ state: "cleared", alert: { is_resolved: true, resolved_by: "system" } });
    await change(id, { interaction_type: "escalation" });
    const again = await only(customer_id);
    expect(again).toMatchObject({ state: "open", alert: { is_resolved: false } });
    expect(again?.alert?.id).not.toBe(ended?.alert?.id);
  });

  it("resolves its alert when it is deleted", async () => {
    const customer_id = await newCustomer();
    const { id } = await log(customer_id, ESCALATION);
    await remove(id);
    expect(await only(customer_id)).toMatchObject({
      state: "cleared",
      alert: { is_resolved: true, resolved_by: "system" },
    });
  });

  it("whose alert a person has resolved gets no other one, however it is changed", async () => {
    const customer_id = await newCustomer();
    const { id } = await log(customer_id, ESCALATION);
    const { alert } = (await only(customer_id)) ?? {};
    const resolved = await api.alerts.resolve({ params: { id: alert?.id ?? "" }, body: null });
    expect(resolved.body().is_resolved).toBe(true);
    const ended = await only(customer_id);
    await change(id, { follow_up_required: true, subject: "Same, other words" });
    await change(id, { sentiment: "negative" });
    expect(await only(customer_id)).toEqual(ended);
    const { alerts, total } = (
      await api.alerts.byCustomer({ params: { id: customer_id }, query: { include_resolved: true } })
    ).body();
    expect([total, alerts[0]?.is_resolved]).toEqual([1, true]);
  });

  it("that never had an alert gets none by a change of something else", async () => {
    const customer_id = await newCustomer();
    const { toStoredInteraction } = await import("@success-manager/domain/interactions");
    const { InteractionEntity } = await import("@success-manager/domain/table");
    const old = toStoredInteraction({
      id: crypto.randomUUID(),
      customer_id,
      interaction_type: "escalation",
      subject: "Long ago",
      description: "Settled since.",
      sentiment: "neutral",
      performed_by: "Ada",
      interaction_date: ago(100),
      follow_up_required: true,
    });
    await InteractionEntity.put(old).go();
    await change(old.id, { follow_up_required: false });
    expect(await conditions(customer_id)).toEqual([]);
  });

  it("is logged with its alert or not at all", async () => {
    const customer_id = await newCustomer();
    // What is still being counted writes by transactions as well.
    await cloud.settled();
    cloud.database.fail("TransactWriteItems", "ValidationException", 1);
    const body = { customer_id, ...ESCALATION, subject: "Lost", description: "Lost" };
    expect((await api.interactions.create({ body })).status).toBe(500);
    expect(await conditions(customer_id)).toEqual([]);
    const rest = (await api.interactions.ofCustomer({ params: { id: customer_id } })).body();
    expect(rest.interactions).toEqual([]);
  });

  it("is the only interaction that raises an alert", async () => {
    const customer_id = await newCustomer();
    for (const interaction_type of ["support_ticket", "meeting", "email", "call", "training"] as const)
      await log(customer_id, { interaction_type, sentiment: "negative" });
    expect(await conditions(customer_id)).toEqual([]);
  });
});

describe("an inactivity alert", () => {
  /** A customer about whom the check has raised an alert. */
  async function silent() {
    const customer_id = await newCustomer();
    const { actionWrites, alertKey } = await alerts();
    const detection = {
      customer_id,
      condition: alertKey.inactivity,
      alert_type: "inactivity",
      severity: "high",
      title: "No contact since 1 Jan 2020",
      description: "Nobody has been in contact.",
    } as const;
    await (await table()).commit(
      actionWrites({ kind: "open", detection, before: undefined }, new Date(Date.now() - DAY_MS)),
    );
    return customer_id;
  }

  it.each([0, 29])("ends with an interaction of %d days ago", async (days) => {
    const customer_id = await silent();
    await log(customer_id, { interaction_date: ago(days) });
    expect(await only(customer_id)).toMatchObject({
      state: "cleared",
      alert: { is_resolved: true, resolved_by: "system" },
    });
  });

  it("ends when an interaction turns out to be recent", async () => {
    const customer_id = await silent();
    const { id } = await log(customer_id, { interaction_date: ago(50) });
    expect((await only(customer_id))?.alert).toMatchObject({
      is_resolved: false,
      severity: "medium",
      title: `No contact since ${printedDate(ago(50))}`,
    });
    await change(id, { interaction_date: ago(2) });
    expect((await only(customer_id))?.state).toBe("cleared");
  });

  it("does not end with an interaction that lies ahead", async () => {
    const customer_id = await silent();
    await log(customer_id, { interaction_date: ago(31) });
    await log(customer_id, { interaction_date: ago(-1) });
    expect((await only(customer_id))?.state).toBe("open");
  });

  it("ends together with what an escalation raises", async () => {
    const customer_id = await silent();
    const { id } = await log(customer_id, { interaction_type: "escalation" });
    const states = (await conditions(customer_id)).map(({ condition, state }) => [condition, state]);
    expect(Object.fromEntries(states)).toEqual({ inactivity: "cleared", [`interaction#${id}`]: "open" });
  });
});

describe("a customer's last interaction", () => {
  async function dates(customer_id: string) {
    // It follows from the stream.
    await cloud.settled();
    const { find, getRequest, LastInteractionEntity } = await table();
    const last = await find(getRequest(LastInteractionEntity, customer_id));
    return last?.dates;
  }

  it("is the newest that has passed, and those ahead are kept for later", async () => {
    const customer_id = await newCustomer();
    expect(await dates(customer_id)).toBeUndefined();
    const [old, newer, ahead] = [ago(5), ago(3), ago(-3)];
    await log(customer_id, { interaction_date: newer });
    await log(customer_id, { interaction_date: old });
    expect(await dates(customer_id)).toEqual([newer]);
    await log(customer_id, { interaction_date: ahead });
    expect(await dates(customer_id)).toEqual([ahead, newer]);
  });

  it("is right after 20 at once, of which none is lost", async () => {
    const customer_id = await newCustomer();
    const logged = await Promise.all(
      times(20, (n) => log(customer_id, { subject: `Call ${n}`, interaction_date: ago(1 + ((n * 7) % 20)) })),
    );
    const newest = logged
      .map(({ interaction_date }) => interaction_date)
      .sort()
      .at(-1);
    expect(await dates(customer_id)).toEqual([newest]);
    const { interactions } = (await api.interactions.ofCustomer({ params: { id: customer_id } })).body();
    expect(interactions.map(({ id }) => id).sort()).toEqual(logged.map(({ id }) => id).sort());
  });

  it("is right after 20 at once that happen now", async () => {
    const customer_id = await newCustomer();
    const logged = await Promise.all(times(20, () => log(customer_id)));
    expect(await dates(customer_id)).toEqual([
      logged
        .map((one) => one.interaction_date)
        .sort()
        .at(-1),
    ]);
  });

  it("follows an interaction that is moved", async () => {
    const customer_id = await newCustomer();
    await log(customer_id, { interaction_date: ago(8) });
    const { interaction_date: second } = await log(customer_id, { interaction_date: ago(5) });
    const { id } = await log(customer_id, { interaction_date: ago(2) });
    const moved = async (interaction_date: string) => {
      await change(id, { interaction_date });
      return dates(customer_id);
    };
    const [recent, ahead] = [ago(1), ago(-2)];
    expect(await moved(recent)).toEqual([recent]);
    expect(await moved(ago(9))).toEqual([second]);
    expect(await moved(ahead)).toEqual([ahead, second]);
    expect(await moved(recent)).toEqual([recent]);
  });

  it("is the one before when the newest is deleted, and none after the last", async () => {
    const customer_id = await newCustomer();
    const first = await log(customer_id, { interaction_date: ago(8) });
    const twin = await log(customer_id, { interaction_date: ago(5) });
    const same = await log(customer_id, { interaction_date: twin.interaction_date });
    await remove(twin.id);
    expect(await dates(customer_id)).toEqual([same.interaction_date]);
    await remove(same.id);
    expect(await dates(customer_id)).toEqual([first.interaction_date]);
    await remove(first.id);
    expect(await dates(customer_id)).toEqual([]);
  });

  it("is what is left when the newest are deleted at once", async () => {
    for (let round = 0; round < 4; round++) {
      const customer_id = await newCustomer();
      const logged = await Promise.all(times(8, (n) => log(customer_id, { interaction_date: ago(n + 1) })));
      await Promise.all(logged.slice(0, 7).map(({ id }) => remove(id)));
      expect(await dates(customer_id)).toEqual([logged.at(-1)?.interaction_date]);
    }
  });
});
