import { Severity } from "@success-manager/contract/vocabulary";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AlertState } from "../table/index.ts";
import { rankOf } from "./detection.ts";
import { alertState } from "./fixture/states.ts";
import { type AlertCache, createAlertCache } from "./open-alerts.ts";

const START = Date.parse("2026-06-15T10:00:00.000Z");
const HOUR_MS = 60 * 60 * 1000;

/** A cache on a table in memory, both with a clock that the test sets. */
function cacheOnTable() {
  const clock = { now: START };
  const items = new Map<string, AlertState>();
  let extra: AlertState[] = [];
  let broken = false;
  const send = async (rows: readonly AlertState[], receive: (page: readonly AlertState[]) => void) => {
    const pages = [...rows.toReversed(), ...extra, ...extra];
    extra = [];
    for (const [n, row] of pages.entries()) {
      await Promise.resolve();
      if (broken && n === 1) {
        broken = false;
        throw new Error("broken");
      }
      receive([row]);
    }
  };
  const cache = createAlertCache(
    {
      loadAll: (receive) => send([...items.values()], receive),
      loadSince: (moment, receive) =>
        send(
          [...items.values()].filter(({ changed_at }) => changed_at >= moment),
          receive,
        ),
    },
    () => clock.now,
  );
  return {
    clock,
    cache,
    write: (item: AlertState) => {
      const written = { ...item, changed_at: new Date(clock.now).toISOString() };
      items.set(`${item.customer_id} ${item.condition}`, written);
      return written;
    },
    /** Sends these, twice, with the next read, whatever the table holds. */
    tell: (...late: AlertState[]) => void extra.push(...late),
    /** As the table's TTL does. */
    remove: (item: AlertState) => items.delete(`${item.customer_id} ${item.condition}`),
    breakNext: () => {
      broken = true;
    },
  };
}

const contract = (revision: number, changes: Partial<AlertState> = {}): AlertState => ({
  ...alertState({
    customer_id: "c1",
    condition: "contract",
    alert_type: "contract_expiry",
    severity: "medium",
    title: "Contract ends",
    description: "Soon.",
  }),
  revision,
  ...changes,
});
const severities = (cache: AlertCache) => cache.of("c1").map(({ severity }) => severity);

describe("the cache of open alerts", () => {
  it("holds open and acknowledged states, not cleared ones", async () => {
    const { cache, write } = cacheOnTable();
    write(contract(1));
    write(contract(1, { condition: "inactivity", state: "acknowledged" }));
    write(contract(1, { condition: "license#d1", state: "cleared" }));
    write(contract(1, { customer_id: "c2" }));
    await cache.refresh();
    expect(
      cache
        .of("c1")
        .map(({ state }) => state)
        .sort(),
    ).toEqual(["acknowledged", "open"]);
    expect([...cache.all()]).toHaveLength(3);
    expect(cache.of("c3")).toEqual([]);
  });

  it("keeps the newest revision, in whatever order and however often it hears of it", async () => {
    const { cache, write, tell } = cacheOnTable();
    await cache.refresh();
    write(contract(3, { severity: "high" }));
    tell(contract(2, { severity: "low" }), contract(3, { severity: "high" }), contract(1));
    await cache.refresh();
    expect(severities(cache)).toEqual(["high"]);
    const { version } = cache;
    await cache.refresh();
    expect(cache.version).toBe(version);
  });

  it("does not reopen what is cleared when an older revision arrives late", async () => {
    const { cache, clock, write, tell, remove } = cacheOnTable();
    const opened = write(contract(1));
    await cache.refresh();
    const cleared = write(contract(2, { state: "cleared" }));
    await cache.refresh();
    clock.now += 23 * HOUR_MS;
    remove(cleared);
    tell(opened);
    await cache.refresh();
    expect(cache.of("c1")).toEqual([]);
  });

  it("evicts what is cleared after a day, and starts anew with what comes back", async () => {
    const { cache, clock, write, remove } = cacheOnTable();
    const cleared = write(contract(5, { state: "cleared" }));
    await cache.refresh();
    clock.now += 25 * HOUR_MS;
    remove(cleared);
    await cache.refresh();
    // A lower revision than the evicted one, as no writer would give it: it shows that nothing is left of that.
    write(contract(4));
    await cache.refresh();
    expect(severities(cache)).toEqual(["medium"]);
  });

  it("keeps what came back since it was cleared", async () => {
    const { cache, clock, write } = cacheOnTable();
    write(contract(1, { state: "cleared" }));
    await cache.refresh();
    write(contract(2));
    await cache.refresh();
    clock.now += 48 * HOUR_MS;
    await cache.refresh();
    expect(severities(cache)).toEqual(["medium"]);
  });

  it("recovers from a read that breaks half way", async () => {
    const { cache, write, breakNext } = cacheOnTable();
    for (let n = 0; n < 5; n++) write(contract(1, { condition: `license#${n}` }));
    breakNext();
    await expect(cache.refresh()).rejects.toThrow("broken");
    await cache.refresh();
    expect(cache.of("c1")).toHaveLength(5);
  });

  it("sorts open alerts by a column, and follows their changes", async () => {
    const { cache, write } = cacheOnTable();
    const column = ({ severity }: AlertState) => rankOf(severity);
    const sorted = () =>
      cache
        .openBy("severity", column)
        .select("desc", () => true)
        .map(({ alert_id }) => alert_id);
    write(contract(1, { alert_id: "a1", severity: "low" }));
    write(contract(1, { condition: "inactivity", alert_id: "a2", severity: "high" }));
    write(
      contract(1, { condition: "license#d1", alert_id: "a3", severity: "critical", state: "acknowledged" }),
    );
    await cache.refresh();
    expect(sorted()).toEqual(["a2", "a1"]);
    write(contract(2, { alert_id: "a1", severity: "critical" }));
    await cache.refresh();
    expect(sorted()).toEqual(["a1", "a2"]);
    write(contract(3, { alert_id: "a1", state: "acknowledged" }));
    write(contract(2, { condition: "license#d1", alert_id: "a4", severity: "critical" }));
    await cache.refresh();
    expect(sorted()).toEqual(["a4", "a2"]);
  });
});

const change = fc.record({
  customer: fc.constantFrom("c1", "c2"),
  condition: fc.constantFrom("contract", "inactivity"),
  state: fc.constantFrom("open", "acknowledged", "cleared"),
  severity: fc.constantFrom(...Severity.options),
  look: fc.boolean(),
  wait: fc.nat(30_000),
});

describe("after any changes", () => {
  it("the cache and its views equal a plain recount of the table", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 80 }), async (changes) => {
        const { cache, clock, write } = cacheOnTable();
        const stored = new Map<string, AlertState>();
        const view = () => cache.openBy("severity", ({ severity }) => rankOf(severity));
        const followed = new Map<string, AlertState>();
        cache.follow((before, after) => {
          if (before) followed.delete(before.alert_id);
          if (after) followed.set(after.alert_id, after);
        });
        for (const [n, { customer, condition, state, severity, look, wait }] of changes.entries()) {
          clock.now += wait;
          const item = contract(n + 1, {
            customer_id: customer,
            condition,
            state,
            severity,
            alert_id: `a${n}`,
          });
          stored.set(`${customer} ${condition}`, write(item));
          if (!look) continue;
          await cache.refresh();
          view().select("asc", () => true);
        }
        await cache.refresh();
        const lasting = [...stored.values()].filter((item) => item.state !== "cleared");
        const shown = (items: Iterable<AlertState>) =>
          [...items].map(({ alert_id, state, severity }) => `${alert_id} ${state} ${severity}`).sort();
        expect(shown(cache.all())).toEqual(shown(lasting));
        expect(shown([...cache.of("c1"), ...cache.of("c2")])).toEqual(shown(lasting));
        const open = lasting.filter(({ state }) => state === "open");
        expect(shown(cache.open())).toEqual(shown(open));
        expect(shown(followed.values())).toEqual(shown(open));
        const sorted = open.toSorted(
          (a, b) => rankOf(a.severity) - rankOf(b.severity) || (a.alert_id < b.alert_id ? -1 : 1),
        );
        expect(
          view()
            .select("asc", () => true)
            .map(({ alert_id }) => alert_id),
        ).toEqual(sorted.map(({ alert_id }) => alert_id));
      }),
      { numRuns: 200 },
    );
  });
});
