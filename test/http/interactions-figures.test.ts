import type { NewInteraction } from "@success-manager/contract/interactions";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type * as z from "zod";
import { type Api, type TestCloud, testCloud } from "../support/cloud.ts";

let cloud: TestCloud;
let api: Api;
let managed: string;
let unmanaged: string;
beforeAll(async () => {
  cloud = await testCloud();
  api = cloud.manager.api;
  const create = async (body: { company_name: string; account_manager_id?: string }) =>
    (await api.customers.create({ body })).body().id;
  managed = await create({ company_name: "Managed", account_manager_id: cloud.manager.id });
  unmanaged = await create({ company_name: "Unmanaged" });
});
afterAll(() => cloud?.stop());

const DAY_MS = 24 * 60 * 60 * 1000;
const ago = (days: number) => new Date(Date.now() - days * DAY_MS).toISOString();
const day = (days: number) => ago(days).slice(0, 10);

type Sent = z.input<typeof NewInteraction>;
const log = async (changes: Partial<Sent> = {}) =>
  (
    await api.interactions.create({
      body: {
        customer_id: managed,
        interaction_type: "call",
        subject: "Call",
        description: "Talked.",
        ...changes,
      },
    })
  ).body();
const noUser = { user_id: null, email: null };

const summary = async () => {
  await cloud.settled();
  return (await api.interactions.summary({})).body();
};
const pending = async (query: object = {}) => {
  await cloud.settled();
  return (await api.interactions.pendingFollowups({ query })).body();
};

describe("the summary", () => {
  it("counts the last days, and everything in all", async () => {
    const grace = { performed_by: "Grace" };
    await log({ ...grace, interaction_type: "meeting", sentiment: "positive" });
    await log({ ...grace, interaction_date: ago(6), sentiment: "negative" });
    await log({ performed_by: "Ada", interaction_date: ago(7) });
    await log({ performed_by: "Ada", interaction_date: ago(29) });
    await log({ ...grace, interaction_date: ago(30) });
    await log({ ...grace, interaction_date: ago(-1) });
    expect(await summary()).toMatchObject({
      total_interactions: 6,
      last_30_days: 4,
      last_7_days: 2,
      by_type: { meeting: 1, call: 3, email: 0, support_ticket: 0, escalation: 0, training: 0 },
      by_sentiment: { positive: 1, neutral: 2, negative: 1 },
      top_performers: [
        { name: "Ada", ...noUser, count: 2 },
        { name: "Grace", ...noUser, count: 2 },
      ],
      daily_trend: [6, 5, 4, 3, 2, 1, 0].map((n) => ({ date: day(n), count: n === 6 || n === 0 ? 1 : 0 })),
    });
  });

  it("follows changes and deletions", async () => {
    const before = await summary();
    const { id } = await log({ interaction_type: "email", sentiment: "negative", performed_by: "Hedy" });
    await api.interactions.update({
      params: { id },
      body: { interaction_type: "training", sentiment: "positive", performed_by: "Ada" },
    });
    const after = await summary();
    expect(after.by_type).toEqual({ ...before.by_type, training: before.by_type.training + 1 });
    expect(after.by_sentiment).toEqual({
      ...before.by_sentiment,
      positive: before.by_sentiment.positive + 1,
    });
    expect(after.top_performers).toContainEqual({ name: "Ada", ...noUser, count: 3 });
    await api.interactions.remove({ params: { id } });
    expect(await summary()).toEqual(before);
  });

  it("names the five busiest, a user by name whose id a form sent", async () => {
    const { full_name } = (await api.auth.me({})).body();
    for (const [count, performed_by] of [
      [5, cloud.manager.id],
      [4, "D"],
      [3, "E"],
      [2, "F"],
      [1, "G"],
    ] as const)
      for (let n = 0; n < count; n++) await log({ performed_by });
    await log({ performed_by: full_name });
    const { top_performers } = await summary();
    expect(top_performers).toHaveLength(5);
    const { id: user_id, email } = cloud.manager;
    expect(top_performers.slice(0, 3)).toEqual([
      { name: full_name, user_id, email, count: 6 },
      { name: "D", ...noUser, count: 4 },
      { name: "E", ...noUser, count: 3 },
    ]);
  });

  it("tells users of one name apart, and no spellings of another name", async () => {
    const twins = [await cloud.person("manager"), await cloud.person("manager")];
    for (const { id } of twins)
      (
        await cloud.admin.api.users.update({ params: { user_id: id }, body: { full_name: "Max Muster" } })
      ).body();
    const [max, other] = await Promise.all(twins.map(({ email }) => cloud.signIn(email)));
    const by = (person: typeof max, count: number, performed_by?: string) =>
      Promise.all(
        Array.from({ length: count }, async () =>
          (
            await person?.api.interactions.create({
              body: {
                customer_id: managed,
                interaction_type: "call",
                subject: "Call",
                description: "Talked.",
                ...(performed_by !== undefined && { performed_by }),
              },
            })
          )?.body(),
        ),
      );
    await by(max, 8);
    // As the form of the client sends it: the caller's name.
    await by(other, 7, "max  MUSTER");
    await by(other, 4, "Somebody");
    await by(other, 5, "somebody ");
    const { top_performers } = await summary();
    expect(top_performers.slice(0, 3)).toEqual([
      { name: "somebody", ...noUser, count: 9 },
      { name: "Max Muster", user_id: max?.id, email: max?.email, count: 8 },
      { name: "Max Muster", user_id: other?.id, email: other?.email, count: 7 },
    ]);
  });

  it("counts weeks from Monday and months by the calendar", async () => {
    const before = await summary();
    const now = new Date();
    const monday = now.getUTCDate() - ((now.getUTCDay() + 6) % 7);
    const at = (month: number, date: number, ms = 0) =>
      new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + month, date) + ms);
    const facts = { interaction_type: "meeting", sentiment: "negative" } as const;
    const logged = [
      at(0, monday),
      at(0, monday, -1),
      at(0, now.getUTCDate()),
      at(0, now.getUTCDate() + 1),
      at(-1, 1),
      at(-1, 1, -1),
      at(0, 1, -1),
      at(0, 1),
    ];
    for (const date of logged) await log({ ...facts, interaction_date: date.toISOString() });
    await log({ interaction_type: "training", sentiment: "positive" });
    const count = (from: Date, to: Date) => logged.filter((date) => date >= from && date < to).length;
    const tomorrow = at(0, now.getUTCDate() + 1);
    const thisWeek = count(at(0, monday), tomorrow);
    const lastDays = count(at(0, now.getUTCDate() - 29), tomorrow);
    const after = await summary();
    expect({
      total: after.total - before.total,
      last_month: after.last_month - before.last_month,
      this_week: after.this_week - before.this_week,
      meetings_this_week: after.meetings_this_week - before.meetings_this_week,
      negative_count: after.negative_count - before.negative_count,
    }).toEqual({
      total: 9,
      last_month: count(at(-1, 1), at(0, 1)),
      this_week: thisWeek + 1,
      meetings_this_week: thisWeek,
      negative_count: lastDays,
    });
    expect(after.total).toBe(after.total_interactions);
    expect(after.negative_count).toBe(after.by_sentiment.negative);
  });
});

describe("pending follow-ups", () => {
  const DUE = [undefined, 3, -2, 0, -10, undefined, 3];

  it("come soonest first, those without a date last", async () => {
    for (const [n, due] of DUE.entries())
      await log({
        subject: `Follow-up ${n}`,
        performed_by: "Grace",
        customer_id: n % 2 ? managed : unmanaged,
        follow_up_required: true,
        ...(due !== undefined && { follow_up_date: day(-due) }),
      });
    await log({ subject: "None needed", follow_up_date: day(-1) });
    const { followups, ...page } = await pending();
    expect(page).toEqual({ total: 7, skip: 0, limit: 100, next_cursor: null });
    expect(followups.map(({ days_until_due }) => days_until_due)).toEqual([-10, -2, 0, 3, 3, null, null]);
    expect(followups.map(({ is_overdue }) => is_overdue)).toEqual([
      true,
      true,
      false,
      false,
      false,
      false,
      false,
    ]);
    expect(followups[0]).toMatchObject({
      customer_id: unmanaged,
      customer_name: "Unmanaged",
      account_manager: null,
      subject: "Follow-up 4",
      interaction_type: "call",
      performed_by: "Grace",
      performed_by_name: "Grace",
      follow_up_date: day(10),
    });
    const { full_name } = (await api.auth.me({})).body();
    expect(followups.find(({ subject }) => subject === "Follow-up 3")?.account_manager).toBe(full_name);
    expect(followups.at(-1)?.follow_up_date).toBeNull();
    expect(await summary()).toMatchObject({ pending_followups: 7, overdue_followups: 2 });
  });

  it("lie ahead if so wanted", async () => {
    const { followups, total } = await pending({ include_overdue: false });
    expect(followups.map(({ days_until_due }) => days_until_due)).toEqual([0, 3, 3]);
    expect(total).toBe(3);
  });

  it.each([true, false])(
    "are the same by page and by cursor, with overdue ones: %s",
    async (include_overdue) => {
      const whole = (await pending({ include_overdue })).followups;
      const followed: unknown[] = [];
      let cursor: string | null = null;
      do {
        const page: Awaited<ReturnType<typeof pending>> = await pending({
          include_overdue,
          limit: 2,
          ...(cursor && { cursor }),
        });
        expect(page.total).toBe(whole.length);
        followed.push(...page.followups);
        cursor = page.next_cursor;
      } while (cursor);
      expect(followed).toEqual(whole);
      expect((await pending({ include_overdue, skip: 2, limit: 2 })).followups).toEqual(whole.slice(2, 4));
      expect((await pending({ include_overdue, skip: 7 })).followups).toEqual([]);
    },
  );

  it("are gone when they are done, moved with their date, and deleted with their interaction", async () => {
    const { followups } = await pending();
    const [first, second, third] = followups.map(({ interaction_id }) => interaction_id);
    const change = (id = "", body = {}) => api.interactions.update({ params: { id }, body });
    await change(first, { follow_up_required: false });
    await change(second, { follow_up_date: day(-30) });
    await api.interactions.remove({ params: { id: third ?? "" } });
    const after = await pending();
    expect(after.total).toBe(5);
    expect(after.followups.map(({ days_until_due }) => days_until_due)).toEqual([3, 3, 30, null, null]);
    expect(await summary()).toMatchObject({ pending_followups: 5, overdue_followups: 0 });
    await change(second, { follow_up_date: null });
    expect((await pending()).followups.map(({ days_until_due }) => days_until_due)).toEqual([
      3,
      3,
      null,
      null,
      null,
    ]);
    expect((await summary()).pending_followups).toBe(5);
  });

  it.each([
    ["include_overdue=perhaps", "include_overdue"],
    ["limit=0", "limit"],
    ["skip=-1", "skip"],
    ["cursor=x", "cursor"],
  ])("with %s are refused", async (query, field) => {
    const { status, raw } = await api.interactions.pendingFollowups({
      query: Object.fromEntries(new URLSearchParams(query)),
    });
    const { errors } = raw as { errors: { loc: string[] }[] };
    expect([status, errors.map(({ loc }) => loc.join("."))]).toEqual([422, [`query.${field}`]]);
  });
});
