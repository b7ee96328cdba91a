import type { TicketPriority, TicketStatus } from "@success-manager/contract/vocabulary";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { answered, breaches, changed, DEFAULT_POLICY, newSla, type SlaState } from "./sla.ts";

const START = "2026-03-02T10:00:20.000Z";
const HOUR_MS = 60 * 60 * 1000;
/** So many hours after the start. */
const at = (hours: number) => new Date(Date.parse(START) + hours * HOUR_MS);
const opened = (priority: TicketPriority = "high") => newSla(priority, DEFAULT_POLICY, at(0));
const move = (ticket: SlaState, status: TicketStatus, hours: number) =>
  changed(ticket, { status }, DEFAULT_POLICY, at(hours));
const missed = (ticket: SlaState, hours: number) => {
  const { first_response_breached, resolution_breached } = breaches(ticket, at(hours));
  return [first_response_breached && "first response", resolution_breached && "resolution"].filter(Boolean);
};

describe("a new ticket", () => {
  it.each([
    ["critical", "2026-03-02T11:01:00.000Z", "2026-03-02T18:01:00.000Z"],
    ["high", "2026-03-02T14:01:00.000Z", "2026-03-03T10:01:00.000Z"],
    ["medium", "2026-03-02T18:01:00.000Z", "2026-03-05T10:01:00.000Z"],
    ["low", "2026-03-03T10:01:00.000Z", "2026-03-07T10:01:00.000Z"],
  ] as const)(
    "of priority %s is due in whole minutes",
    (priority, first_response_due_at, resolution_due_at) => {
      expect(opened(priority)).toMatchObject({ first_response_due_at, resolution_due_at });
    },
  );

  it("misses nothing until the instant after it is due", () => {
    const ticket = opened();
    const due = new Date(ticket.first_response_due_at);
    expect(breaches(ticket, due).sla_breached).toBe(false);
    expect(breaches(ticket, new Date(due.getTime() + 1))).toEqual({
      first_response_breached: true,
      resolution_breached: false,
      sla_breached: true,
    });
  });
});

describe("a target", () => {
  it("that was met stays met, one that was missed stays missed", () => {
    expect(missed(answered(opened(), at(3)), 1_000)).toEqual(["resolution"]);
    expect(missed(move(answered(opened(), at(3)), "resolved", 20), 1_000)).toEqual([]);
    expect(missed(move(answered(opened(), at(5)), "closed", 30), 1_000)).toEqual([
      "first response",
      "resolution",
    ]);
  });

  it("stands still while the ticket is waiting, and moves on by that time", () => {
    const waiting = move(answered(opened(), at(1)), "waiting", 10);
    expect(missed(waiting, 1_000)).toEqual([]);
    const again = move(waiting, "in_progress", 110);
    expect(again.resolution_due_at).toBe("2026-03-07T14:01:00.000Z");
    expect([missed(again, 124), missed(again, 124.02)]).toEqual([[], ["resolution"]]);
    expect(again.first_response_due_at).toBe(opened().first_response_due_at);
  });

  it("of a ticket that nobody answered stands still, too", () => {
    const again = move(move(opened(), "waiting", 1), "open", 11);
    expect(again.first_response_due_at).toBe("2026-03-03T00:01:00.000Z");
  });

  it("that was missed before the ticket waited stays missed", () => {
    expect(missed(move(opened(), "waiting", 5), 6)).toEqual(["first response"]);
  });

  it("is judged by when the waiting began, when it is resolved out of it", () => {
    expect(missed(move(move(answered(opened(), at(1)), "waiting", 10), "resolved", 500), 501)).toEqual([]);
  });

  it("moves on by the time in which a ticket was resolved, when it is opened again", () => {
    const resolved = move(answered(opened(), at(1)), "closed", 20);
    const again = move(resolved, "open", 120);
    expect(again).not.toHaveProperty("resolved_at");
    expect(again).not.toHaveProperty("closed_at");
    expect([missed(again, 124), missed(again, 124.02)]).toEqual([[], ["resolution"]]);
  });

  it("follows another priority, unless it was met or missed before", () => {
    const urgent = changed(opened("low"), { priority: "critical" }, DEFAULT_POLICY, at(2));
    expect(urgent).toMatchObject({ ...opened("critical"), breach_at: "2026-03-02T11:01:00.000Z" });
    const late = changed(answered(opened("high"), at(6)), { priority: "low" }, DEFAULT_POLICY, at(7));
    expect(missed(late, 7)).toEqual(["first response"]);
    expect(late.resolution_due_at).toBe(opened("low").resolution_due_at);
  });

  it("of another priority counts the time that the ticket waited", () => {
    const waited = move(move(opened("high"), "waiting", 1), "open", 11);
    const low = changed(waited, { priority: "low" }, DEFAULT_POLICY, at(12));
    expect(low.resolution_due_at).toBe("2026-03-07T20:01:00.000Z");
  });
});

describe("the first response", () => {
  it("is the first public one", () => {
    const ticket = answered(answered(opened(), at(1)), at(2));
    expect(ticket.first_response_at).toBe(at(1).toISOString());
  });

  it("of a ticket that was resolved without one is that", () => {
    expect(move(opened(), "resolved", 2).first_response_at).toBe(at(2).toISOString());
  });
});

/** What people do with a ticket, and after how many hours. */
const step = fc.record({
  after: fc.double({ min: 0, max: 60, noNaN: true }),
  act: fc.oneof(
    fc.constantFrom("open", "in_progress", "waiting", "resolved", "closed").map((status) => ({ status })),
    fc.constantFrom("low", "medium", "high", "critical").map((priority) => ({ priority })),
    fc.constant("answer" as const),
  ),
});

const live = (steps: readonly (typeof step extends fc.Arbitrary<infer S> ? S : never)[]) => {
  let hours = 0;
  let ticket = opened("medium");
  for (const { after, act } of steps) {
    hours += after;
    ticket =
      act === "answer"
        ? answered(ticket, at(hours))
        : changed(ticket, act as Partial<Pick<SlaState, "status" | "priority">>, DEFAULT_POLICY, at(hours));
  }
  return { ticket, hours };
};

describe("whatever happens to a ticket", () => {
  const lives = fc.array(step, { maxLength: 12 });
  const later = fc.double({ min: 0, max: 500, noNaN: true });

  it("lists and counters find by breach_at what its page shows", () => {
    fc.assert(
      fc.property(lives, later, (steps, more) => {
        const { ticket, hours } = live(steps);
        const now = at(hours + more);
        const { breach_at } = ticket;
        expect(breach_at !== undefined && breach_at < now.toISOString()).toBe(
          breaches(ticket, now).sla_breached,
        );
      }),
      { numRuns: 2_000 },
    );
  });

  it("targets are whole minutes, and resolved_at says whether it is resolved", () => {
    fc.assert(
      fc.property(lives, (steps) => {
        const { ticket } = live(steps);
        for (const due of [ticket.first_response_due_at, ticket.resolution_due_at])
          expect(due).toMatch(/:00\.000Z$/);
        const isResolved = ticket.status === "resolved" || ticket.status === "closed";
        expect([ticket.resolved_at !== undefined, ticket.closed_at !== undefined]).toEqual([
          isResolved,
          ticket.status === "closed",
        ]);
      }),
    );
  });

  it("a ticket that is waiting breaks nothing more, however long", () => {
    fc.assert(
      fc.property(lives, later, (steps, more) => {
        const { ticket, hours } = live(steps);
        const waiting = changed(ticket, { status: "waiting" }, DEFAULT_POLICY, at(hours));
        expect(breaches(waiting, at(hours + more))).toEqual(breaches(waiting, at(hours)));
      }),
    );
  });
});
