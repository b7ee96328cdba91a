import { randomUUID } from "node:crypto";
import type { Interaction, InteractionFilter } from "@success-manager/contract/interactions";
import { InteractionType, Sentiment } from "@success-manager/contract/vocabulary";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type * as z from "zod";
import { type Api, type TestCloud, testCloud } from "../support/cloud.ts";

let cloud: TestCloud;
let api: Api;
let bank: string;
let mill: string;
beforeAll(async () => {
  cloud = await testCloud();
  api = cloud.viewer.api;
});
afterAll(() => cloud?.stop());

const DAY_MS = 24 * 60 * 60 * 1000;
const ago = (days: number) => new Date(Date.now() - days * DAY_MS).toISOString();
const day = (days: number) => ago(days).slice(0, 10);
const times = <T>(n: number, one: (n: number) => T): T[] => Array.from({ length: n }, (_, i) => one(i));
const NOBODY = "00000000-0000-4000-8000-000000000000";

type Query = z.input<typeof InteractionFilter>;
const list = async (query: Query = {}) => (await api.interactions.list({ query })).body();
const idsOf = (rows: readonly { id: string }[]) => rows.map(({ id }) => id);
const company = async (company_name: string, body: object = {}) =>
  (await cloud.manager.api.customers.create({ body: { company_name, ...body } })).body().id;

/** Writes interactions as the API would have, many at once. */
async function putInteractions(
  count: number,
  one: (n: number) => Partial<Omit<Interaction, "ticket_id" | "ticket_number">> & { customer_id: string },
) {
  const { toStoredInteraction } = await import("@success-manager/domain/interactions");
  const { InteractionEntity } = await import("@success-manager/domain/table");
  const rows = times(count, (n) => {
    const { follow_up_date, performed_by_id: _, ...changes } = one(n);
    return toStoredInteraction({
      id: randomUUID(),
      interaction_type: "call",
      subject: `Call ${n}`,
      description: "Talked about the roadmap.",
      sentiment: "neutral",
      performed_by: "Ada Lovelace",
      interaction_date: ago(n),
      follow_up_required: false,
      ...changes,
      author_name: "Ada",
      performed_by_name: undefined,
      ...(follow_up_date && { follow_up_date }),
    });
  });
  await InteractionEntity.put(rows).go();
  return rows;
}

/** All pages of a list, by skipping and by cursor. */
async function walks(query: Query, limit: number) {
  const skipped: Interaction[] = [];
  const followed: Interaction[] = [];
  const totals = new Set<number>();
  const { total } = await list({ ...query, limit: 1 });
  for (let skip = 0; skip < total; skip += limit) {
    const page = await list({ ...query, skip, limit });
    skipped.push(...page.interactions);
    totals.add(page.total);
    expect(page.next_cursor === null).toBe(skip + limit >= total);
  }
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof list>> = await list({ ...query, limit, ...(cursor && { cursor }) });
    followed.push(...page.interactions);
    totals.add(page.total);
    cursor = page.next_cursor;
  } while (cursor);
  return { skipped, followed, totals: [...totals] };
}

describe("before anything is logged", () => {
  it("lists are empty and figures are 0", async () => {
    const empty = { total: 0, next_cursor: null };
    expect(await list()).toEqual({ interactions: [], skip: 0, limit: 100, ...empty });
    expect(await list({ search: "x", sentiment: "negative" })).toMatchObject({ interactions: [], ...empty });
    expect((await api.interactions.pendingFollowups({})).body()).toMatchObject({ followups: [], ...empty });
    expect((await api.interactions.summary({})).body()).toEqual({
      total: 0,
      last_month: 0,
      this_week: 0,
      meetings_this_week: 0,
      negative_count: 0,
      total_interactions: 0,
      last_30_days: 0,
      last_7_days: 0,
      by_type: { support_ticket: 0, meeting: 0, email: 0, call: 0, escalation: 0, training: 0 },
      by_sentiment: { positive: 0, neutral: 0, negative: 0 },
      pending_followups: 0,
      overdue_followups: 0,
      top_performers: [],
      daily_trend: times(7, (n) => ({ date: day(6 - n), count: 0 })),
    });
  });
});

describe("a list of interactions", () => {
  type Row = Awaited<ReturnType<typeof putInteractions>>[number];
  let rows: Row[];

  beforeAll(async () => {
    bank = await company("Alpen Bank", { account_manager: "Grace" });
    mill = await company("Mill & Sons");
    rows = await putInteractions(60, (n) => ({
      customer_id: n % 3 === 0 ? bank : mill,
      interaction_type: InteractionType.options[n % 6] ?? "call",
      sentiment: Sentiment.options[n % 4 === 0 ? 2 : n % 2] ?? "neutral",
      subject: n % 5 === 0 ? "Renewal of 100% of it" : `Call ${n}`,
      performed_by: ["Ada Lovelace", "Grace Hopper", "Élodie Strauß"][n % 3] ?? "",
      // Two at each instant, from 2 days ahead of now to 172 days ago.
      interaction_date: ago(Math.floor(n / 2) * 6 - 2),
      follow_up_required: n % 7 === 0,
      ...(n % 14 === 0 && { follow_up_date: day(n - 30) }),
    }));
    await cloud.settled();
  });

  /** What a filter means, over all rows. */
  function expected(query: Query): string[] {
    const dated = ({ interaction_date }: Row) => interaction_date.slice(0, 10);
    const has = (text: string, part: string | undefined) =>
      part === undefined || text.toLowerCase().includes(part.toLowerCase());
    const nameOf = ({ customer_id }: Row) => (customer_id === bank ? "Alpen Bank" : "Mill & Sons");
    const selected = rows.filter(
      (row) =>
        (query.customer_id === undefined || query.customer_id === row.customer_id) &&
        (query.interaction_type === undefined || query.interaction_type === row.interaction_type) &&
        (query.sentiment === undefined || query.sentiment === row.sentiment) &&
        (query.follow_up_required === undefined || query.follow_up_required === row.follow_up_required) &&
        has(row.performed_by, query.performed_by) &&
        has([row.subject, row.description, row.performed_by, nameOf(row)].join("\n"), query.search) &&
        dated(row) >= (query.start_date ?? "0") &&
        dated(row) <= (query.end_date ?? "9"),
    );
    const place = ({ interaction_date, id }: Row) => `${interaction_date}#${id}`;
    const sorted = selected.sort((a, b) => (place(a) < place(b) ? 1 : -1));
    return idsOf(query.sort_order === "asc" ? sorted.reverse() : sorted);
  }

  const QUERIES: [string, () => Query][] = [
    ["nothing", () => ({})],
    ["oldest first", () => ({ sort_by: "interaction_date", sort_order: "asc" })],
    ["a customer", () => ({ customer_id: bank })],
    ["a customer nobody knows", () => ({ customer_id: NOBODY })],
    ["a type", () => ({ interaction_type: "meeting" })],
    ["a sentiment", () => ({ sentiment: "negative" })],
    ["open follow-ups", () => ({ follow_up_required: true })],
    ["no open follow-ups", () => ({ follow_up_required: false })],
    [
      "type, sentiment and follow-up",
      () => ({ interaction_type: "email", sentiment: "neutral", follow_up_required: false }),
    ],
    [
      "what there is none of",
      () => ({ interaction_type: "meeting", sentiment: "neutral", follow_up_required: true }),
    ],
    ["a customer's sentiment", () => ({ customer_id: mill, sentiment: "negative" })],
    ["a first day", () => ({ start_date: day(40) })],
    ["a last day", () => ({ end_date: day(40) })],
    ["days", () => ({ start_date: day(100), end_date: day(10) })],
    ["one day", () => ({ start_date: day(10), end_date: day(10) })],
    ["days ahead", () => ({ start_date: day(-1) })],
    ["days and a type", () => ({ start_date: day(100), end_date: day(10), interaction_type: "training" })],
    ["a customer's days", () => ({ customer_id: bank, start_date: day(100), end_date: day(10) })],
    [
      "a customer's days and sentiment",
      () => ({ customer_id: bank, end_date: day(50), sentiment: "positive" }),
    ],
    ["a performer", () => ({ performed_by: "LOVE" })],
    ["a performer with other letters", () => ({ performed_by: "élodie strauß" })],
    ["a performer and a type", () => ({ performed_by: "hopper", interaction_type: "email" })],
    ["a customer's performer", () => ({ customer_id: bank, performed_by: "ada" })],
    ["a word of the subject", () => ({ search: "rENEWal" })],
    ["a word of the description", () => ({ search: "roadmap" })],
    ["a performer as a word", () => ({ search: "Hopper" })],
    ["a customer's name", () => ({ search: "alpen" })],
    ["a sign that is no wildcard", () => ({ search: "100%" })],
    ["another that is none", () => ({ search: "_" })],
    ["a word nobody wrote", () => ({ search: "zebra" })],
    ["an old word", () => ({ search: "renewal", start_date: day(200) })],
    ["a word before a day", () => ({ search: "renewal", end_date: day(60) })],
    ["a customer's word", () => ({ search: "renewal", customer_id: bank })],
    [
      "word, performer, type and days",
      () => ({ search: "call", performed_by: "ada", sentiment: "positive", start_date: day(150) }),
    ],
  ];

  it.each(QUERIES)("by %s holds what it should, on all its pages, with its total", async (_, query) => {
    const asked = query();
    const wanted = expected(asked);
    const whole = await list(asked);
    expect(idsOf(whole.interactions)).toEqual(wanted);
    expect(whole).toMatchObject({ total: wanted.length, skip: 0, limit: 100, next_cursor: null });
    const { skipped, followed, totals } = await walks(asked, 7);
    expect(skipped).toEqual(whole.interactions);
    expect(followed).toEqual(whole.interactions);
    expect(totals).toEqual([wanted.length]);
  });

  it("names customer, performer and author", async () => {
    const { interactions } = await list();
    for (const row of interactions) {
      expect(row.customer_name).toBe(row.customer_id === bank ? "Alpen Bank" : "Mill & Sons");
      expect(row.performed_by_name).toBe(row.performed_by);
      expect(row.author_name).toBe("Ada");
    }
  });

  it("ends behind its last row", async () => {
    expect(await list({ skip: 1_000_000_000 })).toMatchObject({
      interactions: [],
      total: 60,
      next_cursor: null,
    });
    expect(await list({ skip: 60, search: "roadmap", start_date: day(300) })).toMatchObject({
      interactions: [],
      total: 60,
      next_cursor: null,
    });
  });

  it("goes on behind a row that was deleted meanwhile", async () => {
    const page = await list({ limit: 10 });
    const last = page.interactions.at(-1)?.id ?? "";
    const manager = cloud.manager.api.interactions;
    await manager.remove({ params: { id: last } });
    await cloud.settled();
    rows = rows.filter(({ id }) => id !== last);
    const rest = await list({ cursor: page.next_cursor ?? "", limit: 100 });
    expect(idsOf(rest.interactions)).toEqual(expected({}).slice(9));
    expect(rest.total).toBe(59);
  });

  it.each([
    ["limit=0", "limit"],
    ["limit=1.5", "limit"],
    ["skip=-1", "skip"],
    ["skip=1e3", "skip"],
    ["skip=0.5", "skip"],
    ["interaction_type=", "interaction_type"],
    ["sentiment=angry", "sentiment"],
    ["customer_id=1", "customer_id"],
    ["follow_up_required=maybe", "follow_up_required"],
    ["start_date=yesterday", "start_date"],
    ["end_date=2026-02-30", "end_date"],
    ["start_date=2026-02-01&end_date=2026-01-31", "end_date"],
    ["sort_by=created_at", "sort_by"],
    ["sort_by=__proto__", "sort_by"],
    ["sort_order=down", "sort_order"],
    ["search=%00", "search"],
    [`search=${"x".repeat(256)}`, "search"],
    ["performed_by=a%00", "performed_by"],
    ["cursor=x", "cursor"],
    ["cursor=WyIyMDI2LTAxLTAxIiwieCJd", "cursor"],
  ])("with %s is refused", async (query, field) => {
    const { status, raw } = await api.interactions.list({
      query: Object.fromEntries(new URLSearchParams(query)),
    });
    const { errors } = raw as { errors: { loc: string[] }[] };
    expect([status, ...new Set(errors.map(({ loc }) => loc.join(".")))]).toEqual([422, `query.${field}`]);
  });

  it.each([
    ["2026-01-01T00:00:00Z", ""],
    ["2026-01-01T00:00:00Z", "\uffff\u0000"],
    ["0001-01-01T00:00:00Z", "x"],
    ["9999-01-01T00:00:00Z", "x"],
    ["2026-01-01T00:00:00Z", "x".repeat(3_000)],
  ])("takes no harm from a cursor that nobody gave out: %s", async (value, id) => {
    const cursor = Buffer.from(JSON.stringify([value, id])).toString("base64url");
    for (const query of [{}, { sort_order: "asc" }, { start_date: day(5) }, { search: "a" }] as const)
      expect([200, 422]).toContain((await api.interactions.list({ query: { ...query, cursor } })).status);
    const due = Buffer.from(JSON.stringify([value.slice(0, 10), id])).toString("base64url");
    expect([200, 422]).toContain(
      (await api.interactions.pendingFollowups({ query: { cursor: due } })).status,
    );
  });
});

describe("a search", () => {
  it("finds what its caller has just written, changed and deleted, of whatever day", async () => {
    const customer_id = await company("Own Writes");
    const find = async (search: string) =>
      (await list({ search })).interactions.map(({ subject }) => subject);
    expect(await find("zebra")).toEqual([]);
    const body = { customer_id, interaction_type: "call", subject: "Zebra", description: "A" } as const;
    const manager = cloud.manager.api.interactions;
    const { id } = (await manager.create({ body: { ...body, interaction_date: ago(400) } })).body();
    await manager.create({ body: { ...body, subject: "Zebras of now" } });
    expect(await find("ZEBRA")).toEqual(["Zebras of now", "Zebra"]);
    await manager.update({ params: { id }, body: { subject: "Okapi", interaction_date: ago(500) } });
    expect([await find("zebra"), await find("okapi")]).toEqual([["Zebras of now"], ["Okapi"]]);
    await manager.remove({ params: { id } });
    expect(await find("okapi")).toEqual([]);
    await cloud.settled();
    expect([await find("zebra"), await find("okapi")]).toEqual([["Zebras of now"], []]);
  });
});

describe("the interactions of a customer", () => {
  it("come newest first, of a type if wanted, without what else happened", async () => {
    const id = await company("Own Contacts");
    const rows = await putInteractions(54, (n) => ({
      customer_id: id,
      interaction_type: n % 5 === 0 ? "meeting" : "call",
      interaction_date: ago(n),
    }));
    // Its alert stands in the same history.
    const escalation = {
      customer_id: id,
      interaction_type: "escalation",
      subject: "A",
      description: "B",
    } as const;
    const newest = (await api.interactions.create({ body: escalation })).body().id;
    const ids = [newest, ...idsOf(rows)];
    await cloud.settled();
    const read = async (query: object) =>
      (await api.interactions.ofCustomer({ params: { id }, query })).body();
    const page = await read({});
    expect(page).toMatchObject({ total: 55, skip: 0, limit: 50 });
    expect(idsOf(page.interactions)).toEqual(ids.slice(0, 50));
    expect(idsOf((await read({ cursor: page.next_cursor })).interactions)).toEqual(ids.slice(50));
    const meetings = await read({ interaction_type: "meeting", skip: 3, limit: 4 });
    expect(meetings.total).toBe(11);
    expect(idsOf(meetings.interactions)).toEqual(
      idsOf(rows.filter((row) => row.interaction_type === "meeting")).slice(3, 7),
    );
    expect(page.interactions[0]?.customer_name).toBe("Own Contacts");
  });

  it("are there at once, with a total that is not below them", async () => {
    const id = await company("Just Now");
    const body = { customer_id: id, interaction_type: "call", subject: "A", description: "B" } as const;
    for (let n = 1; n <= 3; n++) {
      await api.interactions.create({ body });
      const page = (await api.interactions.ofCustomer({ params: { id } })).body();
      expect(page.interactions).toHaveLength(n);
      expect(page.total).toBe(n);
    }
  });
});

describe("a search for a word in many names", () => {
  const MANY = 130;

  it("finds the interactions of all those customers", async () => {
    const { CustomerEntity } = await import("@success-manager/domain/table");
    const at = new Date().toISOString();
    const ids = times(MANY, () => randomUUID());
    await CustomerEntity.put(
      ids.map((id, n) => ({
        id,
        company_name: `Genossenschaft ${n}`,
        deployed_products: [],
        status: "active" as const,
        portal_enabled: false,
        created_at: at,
        updated_at: at,
        changed_at: at,
        revision: 1,
      })),
    ).go();
    const byName = await putInteractions(MANY, (n) => ({
      customer_id: ids[n] ?? "",
      interaction_date: ago(n / 10),
    }));
    const byWord = await putInteractions(1, () => ({
      customer_id: mill,
      subject: "GENOSSENSCHAFT",
      interaction_date: ago(20),
    }));
    await cloud.settled();
    const wanted = [...idsOf(byName), ...idsOf(byWord)];
    const { skipped, followed, totals } = await walks({ search: "genossen" }, 50);
    expect(idsOf(skipped)).toEqual(wanted);
    expect(followed).toEqual(skipped);
    expect(totals).toEqual([MANY + 1]);
    expect((await list({ search: "genossenschaft 12" })).total).toBe(11);
  });
});
