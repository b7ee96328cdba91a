import { AlertType, Severity } from "@success-manager/contract/vocabulary";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AlertState } from "../table/index.ts";
import { countOpen, openByCustomer } from "./figures.ts";
import { alertState } from "./fixture/states.ts";
import { type AlertCache, createAlertCache } from "./open-alerts.ts";

const START = Date.parse("2026-06-15T10:00:00.000Z");
const at = (minutes: number) => new Date(START + minutes * 60_000);

const stateOf = (n: number, changes: Partial<AlertState> = {}): AlertState => ({
  ...alertState({
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

/** A cache of these states, and how to change them. */
async function cacheOf(...states: AlertState[]) {
  let rows: readonly AlertState[] = states;
  const send = async (receive: (page: readonly AlertState[]) => void) => receive(rows);
  const cache = createAlertCache({ loadAll: send, loadSince: (_, receive) => send(receive) }, () => START);
  await cache.refresh();
  const write = async (...changed: AlertState[]) => {
    rows = changed;
    await cache.refresh();
  };
  return { cache, write };
}

const openIn = (cache: AlertCache, minutes: number) => countOpen(cache, at(minutes)).total;

describe("open alerts", () => {
  it("are counted by severity and type; snoozed ones apart, and by severity once more with all", async () => {
    const snoozed_until = at(60).toISOString();
    const { cache } = await cacheOf(
      stateOf(1),
      stateOf(2, { severity: "critical", alert_type: "low_csat", customer_id: "c2" }),
      stateOf(3, { snoozed_until }),
      stateOf(4, { state: "cleared" }),
      stateOf(5, { state: "acknowledged" }),
    );
    expect(countOpen(cache, at(0))).toEqual({
      total: 2,
      snoozed: 1,
      by_severity: { low: 0, medium: 0, high: 1, critical: 1 },
      by_type: {
        health_drop: 0,
        contract_expiry: 0,
        low_csat: 1,
        escalation: 1,
        inactivity: 0,
        usage_drop: 0,
        custom: 0,
      },
      all_by_severity: { low: 0, medium: 0, high: 2, critical: 1 },
    });
    expect([...openByCustomer(cache, at(0))].sort()).toEqual([
      ["c1", 1],
      ["c2", 1],
    ]);
  });

  it("are counted again at the instant a snooze ends, and at the next", async () => {
    const { cache } = await cacheOf(
      stateOf(1, { snoozed_until: at(90).toISOString() }),
      stateOf(2, { snoozed_until: at(60).toISOString() }),
      stateOf(3),
    );
    expect([0, 59.99, 60, 89, 90, 1_000].map((minutes) => openIn(cache, minutes))).toEqual([
      1, 1, 2, 2, 3, 3,
    ]);
    // A clock that is set back.
    expect(openIn(cache, 0)).toBe(1);
  });

  it("are the very same figures as long as nothing changes", async () => {
    const { cache, write } = await cacheOf(stateOf(1), stateOf(2, { snoozed_until: at(60).toISOString() }));
    const [counts, customers] = [countOpen(cache, at(0)), openByCustomer(cache, at(0))];
    expect(countOpen(cache, at(59))).toBe(counts);
    expect(openByCustomer(cache, at(59))).toBe(customers);
    await write(stateOf(3, { customer_id: "c2" }));
    expect(openByCustomer(cache, at(59)).get("c2")).toBe(1);
    await write(stateOf(1, { revision: 2, state: "cleared" }));
    expect(openIn(cache, 59)).toBe(1);
  });

  it("are those of a count by hand, whenever it is asked", async () => {
    const rows = fc.array(
      fc.record({
        severity: fc.constantFrom(...Severity.options),
        alert_type: fc.constantFrom(...AlertType.options),
        customer_id: fc.constantFrom("c1", "c2", "c3"),
        state: fc.constantFrom("open" as const, "acknowledged" as const),
        snooze: fc.option(fc.nat(5), { nil: undefined }),
      }),
    );
    await fc.assert(
      fc.asyncProperty(rows, fc.array(fc.nat(6)), async (all, moments) => {
        const { cache } = await cacheOf(
          ...all.map(({ snooze, ...facts }, n) =>
            stateOf(n, {
              ...facts,
              ...(snooze !== undefined && { snoozed_until: at(snooze).toISOString() }),
            }),
          ),
        );
        for (const moment of moments) {
          const open = all.filter(({ state, snooze = -1 }) => state === "open" && snooze <= moment);
          expect(openIn(cache, moment)).toBe(open.length);
          expect(openByCustomer(cache, at(moment)).get("c1") ?? 0).toBe(
            open.filter(({ customer_id }) => customer_id === "c1").length,
          );
        }
      }),
    );
  });
});
