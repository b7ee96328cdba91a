import { AlertType, Severity } from "@success-manager/contract/vocabulary";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AlertState } from "../table/index.ts";
import { type AlertCache, createAlertCache } from "./book.ts";
import { conditionItem } from "./fixture/conditions.ts";
import { countOpen, openByCustomer } from "./open-count.ts";

const START = Date.parse("2026-06-15T10:00:00.000Z");
const at = (minutes: number) => new Date(START + minutes * 60_000);

const condition = (n: number, changes: Partial<AlertState> = {}): AlertState => ({
  ...conditionItem({
    customer_id: "c1",
    condition: `manual#${n}`,
    alert_type: "escalation",
    severity: "high",
    title: "They are leaving",
    description: "So they say.",
  }),
  alert_id: `a${n}`,
  changed_at: at(0).toISOString(),
  ...changes,
});

/** A book, and how to write into it. */
async function bookOf(...conditions: AlertState[]) {
  let rows: readonly AlertState[] = conditions;
  const send = async (receive: (page: readonly AlertState[]) => void) => receive(rows);
  const book = createAlertCache({ all: send, since: (_, receive) => send(receive) }, () => START);
  await book.refresh();
  const write = async (...changed: AlertState[]) => {
    rows = changed;
    await book.refresh();
  };
  return { book, write };
}

const openIn = (book: AlertCache, minutes: number) => countOpen(book, at(minutes)).total;

describe("open alerts", () => {
  it("are counted by severity and type; snoozed ones apart, and by severity once more with all", async () => {
    const snoozed_until = at(60).toISOString();
    const { book } = await bookOf(
      condition(1),
      condition(2, { severity: "critical", alert_type: "low_csat", customer_id: "c2" }),
      condition(3, { snoozed_until }),
      condition(4, { state: "over" }),
      condition(5, { state: "handled" }),
    );
    expect(countOpen(book, at(0))).toEqual({
      total: 2,
      snoozed: 1,
      by_severity: { low: 0, medium: 0, high: 1, critical: 1 },
      by_type: { health_drop: 0, contract_expiry: 0, low_csat: 1, escalation: 1, inactivity: 0 },
      all_by_severity: { low: 0, medium: 0, high: 2, critical: 1 },
    });
    expect([...openByCustomer(book, at(0))].sort()).toEqual([
      ["c1", 1],
      ["c2", 1],
    ]);
  });

  it("are counted again at the instant a snooze ends, and at the next", async () => {
    const { book } = await bookOf(
      condition(1, { snoozed_until: at(90).toISOString() }),
      condition(2, { snoozed_until: at(60).toISOString() }),
      condition(3),
    );
    expect([0, 59.99, 60, 89, 90, 1_000].map((minutes) => openIn(book, minutes))).toEqual([1, 1, 2, 2, 3, 3]);
    // A clock that is set back.
    expect(openIn(book, 0)).toBe(1);
  });

  it("are the very same figures as long as nothing changes", async () => {
    const { book, write } = await bookOf(condition(1), condition(2, { snoozed_until: at(60).toISOString() }));
    const [counts, customers] = [countOpen(book, at(0)), openByCustomer(book, at(0))];
    expect(countOpen(book, at(59))).toBe(counts);
    expect(openByCustomer(book, at(59))).toBe(customers);
    await write(condition(3, { customer_id: "c2" }));
    expect(openByCustomer(book, at(59)).get("c2")).toBe(1);
    await write(condition(1, { revision: 2, state: "over" }));
    expect(openIn(book, 59)).toBe(1);
  });

  it("are those of a count by hand, whenever it is asked", async () => {
    const rows = fc.array(
      fc.record({
        severity: fc.constantFrom(...Severity.options),
        alert_type: fc.constantFrom(...AlertType.options),
        customer_id: fc.constantFrom("c1", "c2", "c3"),
        state: fc.constantFrom("open" as const, "handled" as const),
        snooze: fc.option(fc.nat(5), { nil: undefined }),
      }),
    );
    await fc.assert(
      fc.asyncProperty(rows, fc.array(fc.nat(6)), async (all, moments) => {
        const { book } = await bookOf(
          ...all.map(({ snooze, ...facts }, n) =>
            condition(n, {
              ...facts,
              ...(snooze !== undefined && { snoozed_until: at(snooze).toISOString() }),
            }),
          ),
        );
        for (const moment of moments) {
          const open = all.filter(({ state, snooze = -1 }) => state === "open" && snooze <= moment);
          expect(openIn(book, moment)).toBe(open.length);
          expect(openByCustomer(book, at(moment)).get("c1") ?? 0).toBe(
            open.filter(({ customer_id }) => customer_id === "c1").length,
          );
        }
      }),
    );
  });
});
