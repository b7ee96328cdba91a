import { randomUUID } from "node:crypto";
import type { TicketFilter } from "@success-manager/contract/tickets";
import { TicketPriority, TicketStatus } from "@success-manager/contract/vocabulary";
import type { StoredTicket } from "@success-manager/domain/table";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type * as z from "zod";
import { type Api, type TestCloud, testCloud } from "../support/cloud.ts";

let cloud: TestCloud;
let api: Api;
beforeAll(async () => {
  cloud = await testCloud();
  api = cloud.viewer.api;
});
afterAll(() => cloud?.stop());

const HOUR_MS = 60 * 60 * 1000;
const hoursAgo = (hours: number) => new Date(Date.now() - hours * HOUR_MS);
const times = <T>(n: number, one: (n: number) => T): T[] => Array.from({ length: n }, (_, i) => one(i));

type Query = z.input<typeof TicketFilter>;
const list = async (query: Query = {}) => (await api.tickets.list({ query })).body();
const numbers = ({ tickets }: { tickets: { number: string }[] }) => tickets.map(({ number }) => number);

const company = async (company_name: string) =>
  (await cloud.manager.api.customers.create({ body: { company_name } })).body().id;

/** A ticket as it was opened so many hours ago, and what happened with it since. */
interface Past {
  readonly customer_id: string;
  readonly hours: number;
  readonly priority?: StoredTicket["priority"];
  /** Statuses, each with how many hours ago. */
  readonly moves?: readonly (readonly [status: StoredTicket["status"], hours: number])[];
  /** Hours ago. */
  readonly answered?: number;
  readonly facts?: Partial<StoredTicket>;
}

let last = 0;

/** Writes tickets as the API would have then. Answers their numbers. */
async function write(...past: readonly Past[]): Promise<string[]> {
  const { answered, changed, DEFAULT_POLICY, newSla } = await import(
    "../../packages/domain/src/tickets/sla.ts"
  );
  const { toStoredTicket } = await import("@success-manager/domain/tickets");
  const { TicketEntity } = await import("@success-manager/domain/table");
  const rows = past.map(({ customer_id, hours, priority = "medium", moves = [], answered: at, facts }) => {
    let sla = newSla(priority, DEFAULT_POLICY, hoursAgo(hours));
    if (at !== undefined) sla = answered(sla, hoursAgo(at));
    for (const [status, when] of moves) sla = changed(sla, { status }, DEFAULT_POLICY, hoursAgo(when));
    return toStoredTicket({
      ...sla,
      id: randomUUID(),
      number: `T-${String(++last).padStart(6, "0")}`,
      customer_id,
      subject: "Columns of the export",
      description: "Which are there?",
      created_by: cloud.viewer.id,
      created_by_name: "Ada",
      comment_count: 0,
      updated_at: sla.created_at,
      revision: 1,
      ...facts,
    });
  });
  await TicketEntity.put(rows).go();
  return rows.map(({ number }) => number);
}

describe("the figures", () => {
  it("are nothing before there is a ticket", async () => {
    expect((await api.tickets.stats({})).body()).toEqual({
      total: 0,
      open_tickets: 0,
      by_status: { open: 0, in_progress: 0, waiting: 0, resolved: 0, closed: 0 },
      by_priority: { low: 0, medium: 0, high: 0, critical: 0 },
      sla_breached: 0,
      created_last_30_days: 0,
      resolved_last_30_days: 0,
      avg_first_response_hours: null,
      avg_resolution_hours: null,
    });
  });

  it("count each ticket once, where it stands now", async () => {
    const customer_id = await company("Counted");
    const day = 24;
    await write(
      { customer_id, hours: 0.5, priority: "critical" },
      // Answered late.
      { customer_id, hours: 5, priority: "critical", answered: 1 },
      // Not answered yet, and late.
      { customer_id, hours: 9 },
      // Late only if the time of waiting counted.
      { customer_id, hours: 9, moves: [["waiting", 8]] },
      // Late before it waited.
      { customer_id, hours: 20, priority: "high", moves: [["waiting", 8]] },
      { customer_id, hours: 10, answered: 8, moves: [["in_progress", 7]] },
      // Two hours to the answer, six to the end; closed late: not open, so not among the late ones.
      { customer_id, hours: 10, priority: "critical", answered: 8, moves: [["resolved", 4]] },
      { customer_id, hours: 40 * day, moves: [["closed", 39 * day]] },
      { customer_id, hours: 40 * day, moves: [["resolved", 2 * day]] },
    );
    await cloud.settled();
    const stats = (await api.tickets.stats({})).body();
    expect(stats).toEqual({
      total: 9,
      open_tickets: 6,
      by_status: { open: 3, in_progress: 1, waiting: 2, resolved: 2, closed: 1 },
      by_priority: { low: 0, medium: 3, high: 1, critical: 2 },
      sla_breached: 3,
      created_last_30_days: 7,
      resolved_last_30_days: 2,
      // 4 and 2 and 2 hours; 38 days.
      avg_first_response_hours: 230,
      avg_resolution_hours: 459,
    });
    expect((await list({ is_open: true, sla_breached: true })).total).toBe(3);
  });

  it("follow a ticket from status to status, and through being late", async () => {
    const customer_id = await company("Followed");
    const figures = async () => {
      await cloud.settled();
      const { by_status, sla_breached, open_tickets } = (await api.tickets.stats({})).body();
      return { ...by_status, sla_breached, open_tickets };
    };
    const before = await figures();
    const [number] = await write({ customer_id, hours: 30, priority: "high" });
    expect(await figures()).toEqual({
      ...before,
      open: before.open + 1,
      open_tickets: before.open_tickets + 1,
      sla_breached: before.sla_breached + 1,
    });
    const { tickets } = await list({ customer_id });
    const [{ id, sla_breached } = { id: "", sla_breached: false }] = tickets;
    expect([numbers({ tickets }), sla_breached]).toEqual([[number], true]);
    await api.tickets.update({ params: { id }, body: { status: "closed" } });
    expect(await figures()).toEqual({ ...before, closed: before.closed + 1 });
    await api.tickets.update({ params: { id }, body: { status: "in_progress", priority: "low" } });
    expect(await figures()).toEqual({
      ...before,
      in_progress: before.in_progress + 1,
      open_tickets: before.open_tickets + 1,
      // Answered late, by being closed.
      sla_breached: before.sla_breached + 1,
    });
  });

  it("are what a recount says", async () => {
    const { rebuild } = await import("@success-manager/domain/counters/rebuild");
    await cloud.settled();
    const { drifts } = await rebuild({ write: false, settle: async () => undefined });
    expect(drifts.filter(({ series }) => series.startsWith("ticket"))).toEqual([]);
  });
});

describe("the list", () => {
  let customer_id: string;
  let other: string;
  let made: string[];
  beforeAll(async () => {
    [customer_id, other] = [await company("Äther Énergie"), await company("Zulu")];
    const statuses = TicketStatus.options;
    made = await write(
      ...times(20, (n) => {
        const status = statuses[n % 5] ?? "open";
        return {
          customer_id: n % 4 === 0 ? other : customer_id,
          hours: 24 * (60 + n),
          priority: TicketPriority.options[n % 4],
          moves: [[status, 24 * (60 + n) - 1]],
          facts: {
            subject: `Subject ${n % 3}`,
            ...(n % 2 === 0 && { assigned_to: cloud.manager.id, assigned_to_name: "Then" }),
            ...(n === 7 && { requester_name: "Łukasz", category: "Export" }),
          },
        } as const satisfies Past;
      }),
    );
    await cloud.settled();
  });

  /** The numbers of those that were written here, by their place, newest first. */
  const those = (fits: (n: number) => boolean) => made.filter((_, n) => fits(n));
  const old = (query: Query = {}) =>
    list({
      date_to: hoursAgo(24 * 59)
        .toISOString()
        .slice(0, 10),
      ...query,
    });

  it.each<[Query, (n: number) => boolean]>([
    [{}, () => true],
    [{ status: "waiting" }, (n) => n % 5 === 2],
    [{ status: "pending" }, (n) => n % 5 === 2],
    [{ priority: "urgent" }, (n) => n % 4 === 3],
    [{ priority: "low", status: "open" }, (n) => n % 20 === 0],
    [{ is_open: true }, (n) => n % 5 < 3],
    [{ is_open: "false" }, (n) => n % 5 > 2],
    [{ is_open: "true", status: "closed" }, () => false],
    [{ unassigned: true }, (n) => n % 2 === 1],
    [{ unassigned: false, priority: "high" }, (n) => n % 2 === 0 && n % 4 === 2],
    [{ category: " EXPORT\u00a0" }, (n) => n === 7],
    [{ search: "subject 1" }, (n) => n % 3 === 1],
    [{ search: "LUKASZ" }, (n) => n === 7],
    [{ search: "zu\u200blu" }, (n) => n % 4 === 0],
    [{ search: "ather energie", sort_by: "created_at" }, (n) => n % 4 !== 0],
    [{ search: "zulu" }, (n) => n % 4 === 0],
    [{ search: "subject 1", is_open: true }, (n) => n % 3 === 1 && n % 5 < 3],
    // All that nobody answered on the first day; the others were answered by being resolved.
    [{ sla_breached: true, priority: "low" }, (n) => n % 4 === 0 && n % 5 < 2],
    [{ sla_breached: false, priority: "low" }, (n) => n % 4 === 0 && n % 5 >= 2],
  ])("by %j holds what fits, newest first, with its number", async (query, fits) => {
    const { total, ...page } = await old(query);
    const expected = those(fits);
    expect([numbers(page), total]).toEqual([expected, expected.length]);
  });

  it("by who works on it shows the present name", async () => {
    const { tickets, total } = await old({ assigned_to: cloud.manager.id });
    const { full_name } = (await cloud.manager.api.auth.me({})).body();
    expect([total, new Set(tickets.map((one) => one.assigned_to_name))]).toEqual([10, new Set([full_name])]);
    expect((await old({ assigned_to: cloud.admin.id })).total).toBe(0);
  });

  it("by customer is that of the customer", async () => {
    const expected = those((n) => n % 4 !== 0);
    const found = await list({ customer_id });
    expect([numbers(found), found.total]).toEqual([expected, 15]);
    const params = { id: customer_id };
    const page = (await api.tickets.ofCustomer({ params, query: { limit: 4, skip: 4 } })).body();
    expect([numbers(page), page.total]).toEqual([expected.slice(4, 8), 15]);
    expect(new Set(page.tickets.map((one) => one.customer_name))).toEqual(new Set(["Äther Énergie"]));
    const open = (
      await api.tickets.ofCustomer({ params, query: { is_open: true, priority: "high" } })
    ).body();
    const fitting = those((n) => n % 4 === 2 && n % 5 < 3);
    expect([numbers(open), open.total]).toEqual([fitting, fitting.length]);
  });

  it.each([
    "created_at",
    "number",
    "subject",
    "priority",
    "status",
    "customer_name",
    "resolution_due_at",
  ] as const)("sorted by %s holds each ticket once, page by page", async (sort_by) => {
    for (const sort_order of ["asc", "desc"] as const) {
      const whole = numbers(await old({ sort_by, sort_order }));
      expect(whole.toSorted()).toEqual(made.toSorted());
      const walked: string[] = [];
      let cursor: string | null | undefined;
      do {
        const page = await old({ sort_by, sort_order, limit: 7, ...(cursor && { cursor }) });
        walked.push(...numbers(page));
        cursor = page.next_cursor;
      } while (cursor);
      expect(walked).toEqual(whole);
      expect(numbers(await old({ sort_by, sort_order, skip: 5, limit: 3 }))).toEqual(whole.slice(5, 8));
    }
  });

  it("sorted by priority and status goes by their rank", async () => {
    const by = async (sort_by: "priority" | "status") =>
      (await old({ sort_by, sort_order: "asc" })).tickets.map((one) => one[sort_by]);
    expect(await by("priority")).toEqual(TicketPriority.options.flatMap((one) => times(5, () => one)));
    expect(await by("status")).toEqual(TicketStatus.options.flatMap((one) => times(4, () => one)));
  });

  it.each([
    ["status=done", "status"],
    ["priority=", "priority"],
    ["is_open=perhaps", "is_open"],
    ["assigned_to=me", "assigned_to"],
    ["date_from=2026-02-30", "date_from"],
    ["date_from=2026-02-02&date_to=2026-02-01", "date_to"],
    ["sort_by=description", "sort_by"],
    ["sort_order=up", "sort_order"],
    ["skip=-1", "skip"],
    ["cursor=x", "cursor"],
  ])("refuses %s", async (query, field) => {
    const answer = await fetch(`${cloud.apiUrl}/api/v1/tickets?${query}`, {
      headers: { authorization: `Bearer ${cloud.viewer.token}` },
    });
    const { errors } = (await answer.json()) as { errors: { loc: string[] }[] };
    expect([answer.status, errors.map(({ loc }) => loc.join("."))]).toEqual([422, [`query.${field}`]]);
  });
});
