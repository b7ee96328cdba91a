import type { NewTicket, Ticket, TicketChanges } from "@success-manager/contract/tickets";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type * as z from "zod";
import { type Api, type TestCloud, testCloud } from "../support/cloud.ts";

let cloud: TestCloud;
let api: Api;
let customer_id: string;
beforeAll(async () => {
  cloud = await testCloud();
  api = cloud.viewer.api;
  customer_id = await newCustomer();
});
afterAll(() => cloud?.stop());

const NOBODY = "00000000-0000-4000-8000-000000000000";
const times = <T>(n: number, one: (n: number) => T): T[] => Array.from({ length: n }, (_, i) => one(i));

let names = 0;
const newCustomer = async () =>
  (await cloud.manager.api.customers.create({ body: { company_name: `Company ${++names}` } })).body().id;

type Sent = z.input<typeof NewTicket>;
const newTicket = (changes: object = {}): Sent => ({
  customer_id,
  subject: "Columns of the export",
  description: "They ask which columns the export of projects has.",
  ...changes,
});
const open = async (changes: object = {}) => (await api.tickets.create({ body: newTicket(changes) })).body();
const change = (id: string, body: z.input<typeof TicketChanges>, headers?: Record<string, string>) =>
  api.tickets.update({ params: { id }, body }, headers);
const read = async (id: string) => (await api.tickets.get({ params: { id } })).body();
const comment = async (id: string, body: string, is_internal = false) =>
  (await api.tickets.addComment({ params: { id }, body: { body, is_internal } })).body();
const interactionOf = async (id: string) => (await api.interactions.get({ params: { id } })).body();

/** Status and refused fields of a call. */
const refusal = ({ status, raw }: { status: number; raw: unknown }) => {
  const { errors = [] } = raw as { errors?: { loc: (string | number)[] }[] };
  return [status, ...new Set(errors.map(({ loc }) => loc.join(".")))].join(" ");
};
const detail = ({ status, raw }: { status: number; raw: unknown }) =>
  `${status} ${(raw as { detail: string }).detail}`;

describe("a new ticket", () => {
  it("comes back as sent, with a number, names, targets, and the one who wrote it down", async () => {
    const sent = newTicket({
      subject: " Überblick: 你好 😀 ",
      description: "First line\nSecond line",
      priority: "critical",
      category: "Export",
      assigned_to: cloud.manager.id,
      requester_name: "Ada",
      requester_email: "ada@example.com",
    });
    const answer = await api.tickets.create({ body: sent });
    expect([answer.status, answer.headers.get("etag")]).toEqual([201, '"1"']);
    const ticket = answer.body();
    expect(ticket).toMatchObject({
      ...sent,
      subject: "Überblick: 你好 😀",
      number: expect.stringMatching(/^T-\d{6}$/),
      ticket_number: ticket.number,
      status: "open",
      customer_name: "Company 1",
      assigned_to_name: (await cloud.manager.api.auth.me({})).body().full_name,
      created_by: cloud.viewer.id,
      created_by_name: (await api.auth.me({})).body().full_name,
      interaction_id: ticket.id,
      comment_count: 0,
      first_response_at: null,
      resolved_at: null,
      closed_at: null,
      sla_breached: false,
      sla_paused: false,
      survey: null,
      revision: 1,
    });
    const minutes = (Date.parse(ticket.first_response_due_at) - Date.parse(ticket.created_at)) / 60_000;
    expect([minutes >= 60, minutes < 61]).toEqual([true, true]);
    expect(await read(ticket.id)).toEqual(ticket);
  });

  it("is medium, open, and nobody's when a form leaves all that can be blank blank", async () => {
    const blank = { category: " ", assigned_to: "", requester_name: "", requester_email: "" };
    expect(await open(blank)).toMatchObject({
      priority: "medium",
      status: "open",
      category: null,
      assigned_to: null,
      requester_name: null,
      requester_email: null,
    });
  });

  it.each([
    [{ priority: "urgent" }, { priority: "critical" }],
    [{ priority: "normal" }, { priority: "medium" }],
    [{ status: "pending" }, { status: "waiting", sla_paused: true }],
    [{ status: "on_hold" }, { status: "waiting" }],
    [{ status: "solved" }, { status: "resolved", first_response_at: expect.any(String) }],
    [{ status: "closed" }, { resolved_at: expect.any(String), closed_at: expect.any(String) }],
  ])("takes %j, as other desks say", async (sent, stored) => {
    expect(await open(sent)).toMatchObject(stored);
  });

  it("has a number of its own, the next one, however many come at once", async () => {
    const before = Number((await open()).number.slice(2));
    const made = await Promise.all(times(20, () => open()));
    const numbers = made.map(({ number }) => Number(number.slice(2))).sort((a, b) => a - b);
    expect(numbers).toEqual(times(20, (n) => before + 1 + n));
  });

  it("needs a customer who is there and has not left", async () => {
    expect(detail(await api.tickets.create({ body: newTicket({ customer_id: NOBODY }) }))).toBe(
      "404 Customer not found",
    );
    const left = await newCustomer();
    await cloud.manager.api.customers.remove({ params: { id: left } });
    expect(detail(await api.tickets.create({ body: newTicket({ customer_id: left }) }))).toContain(
      "409 This customer has left",
    );
    expect((await api.interactions.ofCustomer({ params: { id: left } })).body().total).toBe(0);
  });

  it.each([
    ["nobody", () => NOBODY],
    [
      "somebody who was deactivated",
      async () => {
        const { id: user_id } = await cloud.person("viewer");
        await cloud.admin.api.users.activate({ params: { user_id }, body: { is_active: false } });
        return user_id;
      },
    ],
  ])("can't be given to %s, nor later", async (_, someone) => {
    const assigned_to = await someone();
    expect(refusal(await api.tickets.create({ body: newTicket({ assigned_to }) }))).toBe(
      "422 body.assigned_to",
    );
    const { id } = await open();
    expect(refusal(await change(id, { assigned_to }))).toBe("422 body.assigned_to");
  });
});

const BAD_FACTS = [
  [{ subject: " " }, "subject"],
  [{ subject: null }, "subject"],
  [{ subject: "x".repeat(256) }, "subject"],
  [{ subject: "a\u0000" }, "subject"],
  [{ subject: ["a"] }, "subject"],
  [{ description: "" }, "description"],
  [{ description: "x".repeat(10_001) }, "description"],
  [{ description: "\ud800" }, "description"],
  [{ priority: "highest" }, "priority"],
  [{ priority: "constructor" }, "priority"],
  [{ priority: null }, "priority"],
  [{ status: "done" }, "status"],
  [{ status: 1 }, "status"],
  [{ category: "x".repeat(101) }, "category"],
  [{ assigned_to: "Grace" }, "assigned_to"],
  [{ assigned_to: 5 }, "assigned_to"],
  [{ requester_name: "x".repeat(256) }, "requester_name"],
  [{ requester_email: "ada" }, "requester_email"],
  [{ requester_email: `${"x".repeat(250)}@example.com` }, "requester_email"],
] as const;

describe("refused", () => {
  it.each(BAD_FACTS)("is %j, when it is opened and when it is changed", async (facts, field) => {
    const { id, revision } = await open();
    const sent = facts as unknown as Partial<Sent>;
    expect(refusal(await api.tickets.create({ body: newTicket(sent) }))).toBe(`422 body.${field}`);
    expect(refusal(await change(id, sent as z.input<typeof TicketChanges>))).toBe(`422 body.${field}`);
    expect((await read(id)).revision).toBe(revision);
  });

  it.each([
    [{ body: "" }, "body"],
    [{ body: " \n " }, "body"],
    [{ body: "x".repeat(10_001) }, "body"],
    [{ body: "a\u0000" }, "body"],
    [{}, "body"],
    [{ body: "a", is_internal: "yes" }, "is_internal"],
  ])("is the comment %j", async (sent, field) => {
    const { id } = await open();
    const answer = await api.tickets.addComment({ params: { id }, body: sent as { body: string } });
    expect(refusal(answer)).toBe(`422 body.${field}`);
    expect((await read(id)).comment_count).toBe(0);
  });

  it("is every call about a ticket that is not there", async () => {
    const params = { id: NOBODY };
    const answers = [
      await api.tickets.get({ params }),
      await change(NOBODY, { status: "closed" }),
      await api.tickets.listComments({ params }),
      await api.tickets.addComment({ params, body: { body: "a" } }),
    ];
    expect(answers.map(detail)).toEqual(times(4, () => "404 Ticket not found"));
    expect(detail(await api.tickets.ofCustomer({ params }))).toBe("404 Customer not found");
  });
});

describe("a changed ticket", () => {
  it("keeps what is absent and clears what is null", async () => {
    const { id } = await open({ category: "Export", requester_name: "Ada", assigned_to: cloud.admin.id });
    await change(id, { subject: "Export is late", category: null });
    await change(id, { assigned_to: null, requester_name: "" });
    expect(await read(id)).toMatchObject({
      subject: "Export is late",
      description: newTicket().description,
      category: null,
      assigned_to: null,
      assigned_to_name: null,
      requester_name: null,
      revision: 3,
    });
  });

  it("goes its way: answered, waiting, resolved, closed, opened again", async () => {
    const { id } = await open();
    expect((await change(id, { status: "in_progress" })).body()).toMatchObject({ first_response_at: null });
    expect((await change(id, { status: "waiting" })).body()).toMatchObject({ sla_paused: true });
    const resolved = (await change(id, { status: "resolved" })).body();
    expect(resolved).toMatchObject({ sla_paused: false, closed_at: null });
    expect(resolved.first_response_at).toBe(resolved.resolved_at);
    const closed = (await change(id, { status: "closed" })).body();
    expect([closed.resolved_at, typeof closed.closed_at]).toEqual([resolved.resolved_at, "string"]);
    expect((await change(id, { status: "open" })).body()).toMatchObject({
      resolved_at: null,
      closed_at: null,
      first_response_at: resolved.first_response_at,
    });
  });

  it("of a customer who has left can still be answered and closed", async () => {
    const gone = await newCustomer();
    const { id } = await open({ customer_id: gone });
    await cloud.manager.api.customers.remove({ params: { id: gone } });
    await comment(id, "We have exported your data.");
    expect((await change(id, { status: "closed" })).body().status).toBe("closed");
  });

  it("is refused to who has seen an older one", async () => {
    const { id } = await open();
    expect((await change(id, { priority: "low" }, { "if-match": '"1"' })).headers.get("etag")).toBe('"2"');
    expect(detail(await change(id, { priority: "high" }, { "if-match": '"1"' }))).toContain(
      "412 It was changed",
    );
    expect((await read(id)).priority).toBe("low");
  });

  it("keeps what each of many changed at once", async () => {
    const { id } = await open();
    await Promise.all([
      change(id, { subject: "Another subject" }),
      change(id, { priority: "critical" }),
      change(id, { category: "Export" }),
      comment(id, "One"),
      comment(id, "Two"),
    ]);
    expect(await read(id)).toMatchObject({
      subject: "Another subject",
      priority: "critical",
      category: "Export",
      comment_count: 2,
      revision: 6,
    });
  });
});

describe("what the settings promise", () => {
  it("holds for new tickets and new priorities, and changes nothing that was promised", async () => {
    const dues = ({ created_at, first_response_due_at, resolution_due_at }: Ticket) =>
      [first_response_due_at, resolution_due_at].map((due) =>
        Math.floor((Date.parse(due) - Date.parse(created_at)) / (15 * 60_000)),
      );
    const before = await open({ priority: "high" });
    const body = { high_first_response_hours: 1.5, high_resolution_hours: 10, low_resolution_hours: 200 };
    await cloud.admin.api.settings.updateTickets({ body });
    const after = await open({ priority: "high" });
    expect([dues(before), dues(after)]).toEqual([
      [16, 96],
      [6, 40],
    ]);
    expect(dues((await change(before.id, { status: "in_progress" })).body())).toEqual([16, 96]);
    expect(dues((await change(before.id, { priority: "low" })).body())).toEqual([96, 800]);
    await cloud.admin.api.settings.updateTickets({
      body: { high_first_response_hours: null, high_resolution_hours: null, low_resolution_hours: null },
    });
    expect(dues(await open({ priority: "high" }))).toEqual([16, 96]);
  });
});

describe("comments", () => {
  it("are by who is signed in, and the first public one is the first response", async () => {
    const { id } = await open();
    const sent = { body: " Seen. ", is_internal: true, author_name: "Somebody", author_id: NOBODY };
    const answer = await api.tickets.addComment({ params: { id }, body: sent });
    expect(answer.status).toBe(201);
    const internal = answer.body();
    expect(internal).toMatchObject({
      ticket_id: id,
      body: "Seen.",
      is_internal: true,
      author_id: cloud.viewer.id,
    });
    expect((await read(id)).first_response_at).toBeNull();
    const first = await comment(id, "We look at it.");
    await comment(id, "Done.");
    expect(await read(id)).toMatchObject({
      first_response_at: first.created_at,
      comment_count: 3,
      status: "open",
      revision: 4,
    });
  });

  it("are paged, oldest first or newest first, by page or by cursor", async () => {
    const { id } = await open();
    for (const n of times(7, (n) => n)) await comment(id, `Comment ${n}`);
    const list = async (query: object = {}) =>
      (await api.tickets.listComments({ params: { id }, query })).body();
    const bodies = ({ comments }: { comments: { body: string }[] }) =>
      comments.map(({ body }) => body.slice(-1));
    expect(bodies(await list())).toEqual([..."0123456"]);
    expect(bodies(await list({ sort_order: "desc", limit: 3 }))).toEqual([..."654"]);
    const second = await list({ skip: 2, limit: 2 });
    expect([bodies(second), second.total, second.skip, second.limit]).toEqual([[..."23"], 7, 2, 2]);
    const seen: string[] = [];
    let cursor: string | null | undefined;
    do {
      const page = await list({ limit: 3, ...(cursor && { cursor }) });
      seen.push(...bodies(page));
      cursor = page.next_cursor;
    } while (cursor);
    expect(seen).toEqual([..."0123456"]);
    expect(refusal(await api.tickets.listComments({ params: { id }, query: { cursor: "x" } }))).toBe(
      "422 query.cursor",
    );
  });

  it("are a thousand at most", async () => {
    const { TicketEntity } = await import("@success-manager/domain/table");
    const { id } = await open();
    await TicketEntity.patch({ id }).set({ comment_count: 999 }).go();
    await comment(id, "The last one");
    const answer = await api.tickets.addComment({ params: { id }, body: { body: "One more" } });
    expect(detail(answer)).toContain("409 A ticket takes 1000 comments");
  });
});

describe("the contact that a ticket counts as", () => {
  it("says what the ticket says, now and after a change", async () => {
    const ticket = await open();
    expect(await interactionOf(ticket.id)).toMatchObject({
      id: ticket.interaction_id,
      ticket_id: ticket.id,
      ticket_number: ticket.number,
      customer_id,
      interaction_type: "support_ticket",
      subject: ticket.subject,
      description: ticket.description,
      sentiment: "neutral",
      interaction_date: ticket.created_at,
      performed_by: ticket.created_by_name,
      author_name: ticket.created_by_name,
    });
    await change(ticket.id, { subject: "Terrible outage", description: "This is awful, we are furious." });
    expect(await interactionOf(ticket.id)).toMatchObject({
      subject: "Terrible outage",
      description: "This is awful, we are furious.",
      sentiment: "negative",
    });
  });

  it("counts once, in lists, figures, timeline and health score, however often the ticket changes", async () => {
    const id = await newCustomer();
    await cloud.settled();
    const total = async () => (await api.interactions.summary({})).body().by_type.support_ticket;
    const before = await total();
    const ticket = await open({ customer_id: id });
    await comment(ticket.id, "We look at it.");
    await change(ticket.id, { status: "in_progress", subject: "Columns and rows" });
    await change(ticket.id, { status: "resolved" });
    await cloud.settled();
    expect(await total()).toBe(before + 1);
    const listed = (await api.interactions.list({ query: { customer_id: id } })).body();
    expect([listed.total, listed.interactions.map((one) => one.ticket_id)]).toEqual([1, [ticket.id]]);
    const timeline = (await api.customers.timeline({ params: { id } })).body();
    expect([timeline.total, timeline.items]).toEqual([
      1,
      [
        {
          type: "interaction",
          id: ticket.id,
          date: ticket.created_at,
          title: "Columns and rows",
          description: ticket.description,
          metadata: expect.objectContaining({
            interaction_type: "support_ticket",
            ticket_id: ticket.id,
            ticket_number: ticket.number,
            ticket_status: "resolved",
            ticket_priority: "medium",
          }),
        },
      ],
    ]);
    const score = (
      await cloud.manager.api.healthScores.calculate({ params: { customer_id: id }, body: null })
    ).body();
    expect([score.support_score, score.factors.support.details]).toEqual([
      98,
      expect.objectContaining({ support_tickets: 1 }),
    ]);
  });

  it("ends the customer's silence", async () => {
    const { lastInteractionAt, LastInteractionEntity } = await import("@success-manager/domain/table");
    const id = await newCustomer();
    const { created_at } = await open({ customer_id: id });
    // It follows from the stream.
    await cloud.settled();
    const { data } = await LastInteractionEntity.get({ customer_id: id }).go({ consistent: true });
    expect(lastInteractionAt(data ?? undefined, new Date())).toBe(created_at);
  });

  const update = (id: string, body: object) => api.interactions.update({ params: { id }, body });

  it.each([
    { subject: "Another" },
    { description: "Another" },
    { interaction_type: "meeting" },
    { interaction_date: "2026-01-01T08:00:00Z" },
  ])("can't be changed in what is the ticket's: %j", async (facts) => {
    const { id, number } = await open();
    expect(detail(await update(id, facts))).toBe(
      `409 This contact stands for ticket ${number}. Change the ticket instead.`,
    );
    expect((await interactionOf(id)).revision).toBe(1);
  });

  it("takes what is its own, also from a form that sends everything", async () => {
    const { id } = await open();
    const form = await interactionOf(id);
    const sent = { ...form, sentiment: "negative", follow_up_required: true, follow_up_date: "2031-01-31" };
    expect((await update(id, sent)).body()).toMatchObject({
      sentiment: "negative",
      follow_up_required: true,
    });
    await change(id, { subject: "Great, thanks" });
    expect(await interactionOf(id)).toMatchObject({
      subject: "Great, thanks",
      sentiment: "negative",
      follow_up_date: "2031-01-31",
    });
  });

  it("can't be deleted", async () => {
    const { id } = await open();
    const answer = await cloud.manager.api.interactions.remove({ params: { id } });
    expect(detail(answer)).toBe("409 This contact stands for a ticket. Close the ticket instead.");
    expect((await interactionOf(id)).id).toBe(id);
  });
});

describe("a survey after a ticket", () => {
  const answered = { submitted_by_name: "Ada", submitted_by_email: "ada@example.com" };
  const survey = async (ticket_reference: string, changes: object = {}) =>
    (
      await api.csat.create({
        body: {
          ...answered,
          customer_id,
          survey_type: "post_ticket",
          score: 4,
          ticket_reference,
          ...changes,
        },
      })
    ).body();

  it.each([
    (number: string) => number,
    (number: string) => ` ${number.toLowerCase()} `,
    (number: string) => number.replace("-", " - "),
    (number: string) => `${number.slice(0, 4)}\u00a0${number.slice(4)}`,
    (number: string) => number.replace(/./g, (one) => String.fromCharCode(one.charCodeAt(0) + 0xfee0)),
  ])("shows at the ticket that it names, as typed %#", async (typed) => {
    const { id, number } = await open();
    const { id: survey_id, linked_ticket_id, submitted_at } = await survey(typed(number));
    expect(linked_ticket_id).toBe(id);
    expect(await read(id)).toMatchObject({ survey: { id: survey_id, score: 4, submitted_at }, revision: 2 });
    expect((await api.csat.get({ params: { survey_id } })).body().linked_ticket_id).toBe(id);
  });

  it("that came through a link shows as well, the newest one", async () => {
    const { id, number } = await open();
    await survey(number);
    const asked = { customer_id, survey_type: "post_ticket", ticket_reference: number } as const;
    const { token } = (await cloud.manager.api.csat.createLink({ body: asked })).body();
    await cloud.stranger.csat.publicSubmit({ params: { token }, body: { ...answered, score: 5 } });
    expect((await read(id)).survey?.score).toBe(5);
  });

  it.each([
    ["another customer", async (number: string) => survey(number, { customer_id: await newCustomer() })],
    ["another type", (number: string) => survey(number, { survey_type: "quarterly" })],
    ["another number", () => survey("T-999999")],
    ["no number", () => survey("SUP-1")],
    ["something long", () => survey(`T-${"1".repeat(90)}`)],
  ])("of %s leaves the ticket alone", async (_, answer) => {
    const { id, number } = await open();
    expect((await answer(number)).linked_ticket_id).toBeNull();
    expect(await read(id)).toMatchObject({ survey: null, revision: 1 });
  });

  it("is there, whoever changes the ticket meanwhile", async () => {
    const { id, number } = await open();
    await Promise.all([
      survey(number),
      change(id, { status: "resolved" }),
      comment(id, "Done."),
      change(id, { category: "Export" }),
    ]);
    expect(await read(id)).toMatchObject({
      survey: { score: 4 },
      status: "resolved",
      category: "Export",
      comment_count: 1,
      revision: 5,
    });
  });
});
