import { Severity } from "@success-manager/contract/vocabulary";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AlertState } from "../table/index.ts";
import { type AlertCache, createAlertCache } from "./book.ts";
import { rankOf } from "./condition.ts";
import { conditionItem } from "./fixture/conditions.ts";

const START = Date.parse("2026-06-15T10:00:00.000Z");
const HOUR_MS = 60 * 60 * 1000;

/** A book on a hand-made table, both with a clock that the test sets. */
function bookshelf() {
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
  const book = createAlertCache(
    {
      all: (receive) => send([...items.values()], receive),
      since: (moment, receive) =>
        send(
          [...items.values()].filter(({ changed_at }) => changed_at >= moment),
          receive,
        ),
    },
    () => clock.now,
  );
  return {
    clock,
    book,
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
  ...conditionItem({
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
const severities = (book: AlertCache) => book.of("c1").map(({ severity }) => severity);

describe("the book of alerts", () => {
  it("holds open conditions and those that were dealt with, not those that are over", async () => {
    const { book, write } = bookshelf();
    write(contract(1));
    write(contract(1, { condition: "inactivity", state: "handled" }));
    write(contract(1, { condition: "license#d1", state: "over" }));
    write(contract(1, { customer_id: "c2" }));
    await book.refresh();
    expect(
      book
        .of("c1")
        .map(({ state }) => state)
        .sort(),
    ).toEqual(["handled", "open"]);
    expect([...book.all()]).toHaveLength(3);
    expect(book.of("c3")).toEqual([]);
  });

  it("keeps the newest revision, in whatever order and however often it hears of it", async () => {
    const { book, write, tell } = bookshelf();
    await book.refresh();
    write(contract(3, { severity: "high" }));
    tell(contract(2, { severity: "low" }), contract(3, { severity: "high" }), contract(1));
    await book.refresh();
    expect(severities(book)).toEqual(["high"]);
    const { version } = book;
    await book.refresh();
    expect(book.version).toBe(version);
  });

  it("does not take up again what is over, also when it hears of the time before late", async () => {
    const { book, clock, write, tell, remove } = bookshelf();
    const opened = write(contract(1));
    await book.refresh();
    const over = write(contract(2, { state: "over" }));
    await book.refresh();
    clock.now += 23 * HOUR_MS;
    remove(over);
    tell(opened);
    await book.refresh();
    expect(book.of("c1")).toEqual([]);
  });

  it("forgets what is over after a day, and starts anew with what comes back", async () => {
    const { book, clock, write, remove } = bookshelf();
    const over = write(contract(5, { state: "over" }));
    await book.refresh();
    clock.now += 25 * HOUR_MS;
    remove(over);
    await book.refresh();
    // A lower revision than the forgotten one, as no writer would give it: it shows that nothing is left of that.
    write(contract(4));
    await book.refresh();
    expect(severities(book)).toEqual(["medium"]);
  });

  it("keeps what came back since it was over", async () => {
    const { book, clock, write } = bookshelf();
    write(contract(1, { state: "over" }));
    await book.refresh();
    write(contract(2));
    await book.refresh();
    clock.now += 48 * HOUR_MS;
    await book.refresh();
    expect(severities(book)).toEqual(["medium"]);
  });

  it("recovers from a read that breaks half way", async () => {
    const { book, write, breakNext } = bookshelf();
    for (let n = 0; n < 5; n++) write(contract(1, { condition: `license#${n}` }));
    breakNext();
    await expect(book.refresh()).rejects.toThrow("broken");
    await book.refresh();
    expect(book.of("c1")).toHaveLength(5);
  });

  it("sorts open alerts by a column, and follows their changes", async () => {
    const { book, write } = bookshelf();
    const column = ({ severity }: AlertState) => rankOf(severity);
    const sorted = () =>
      book
        .openBy("severity", column)
        .select("desc", () => true, "all")
        .map(({ alert_id }) => alert_id);
    write(contract(1, { alert_id: "a1", severity: "low" }));
    write(contract(1, { condition: "inactivity", alert_id: "a2", severity: "high" }));
    write(contract(1, { condition: "license#d1", alert_id: "a3", severity: "critical", state: "handled" }));
    await book.refresh();
    expect(sorted()).toEqual(["a2", "a1"]);
    write(contract(2, { alert_id: "a1", severity: "critical" }));
    await book.refresh();
    expect(sorted()).toEqual(["a1", "a2"]);
    write(contract(3, { alert_id: "a1", state: "handled" }));
    write(contract(2, { condition: "license#d1", alert_id: "a4", severity: "critical" }));
    await book.refresh();
    expect(sorted()).toEqual(["a4", "a2"]);
  });
});

const change = fc.record({
  customer: fc.constantFrom("c1", "c2"),
  condition: fc.constantFrom("contract", "inactivity"),
  state: fc.constantFrom("open", "handled", "over"),
  severity: fc.constantFrom(...Severity.options),
  look: fc.boolean(),
  wait: fc.nat(30_000),
});

describe("after any changes", () => {
  it("the book and its views equal a plain recount of the table", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 80 }), async (changes) => {
        const { book, clock, write } = bookshelf();
        const stored = new Map<string, AlertState>();
        const view = () => book.openBy("severity", ({ severity }) => rankOf(severity));
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
          await book.refresh();
          view().select("asc", () => true);
        }
        await book.refresh();
        const lasting = [...stored.values()].filter((item) => item.state !== "over");
        const shown = (items: Iterable<AlertState>) =>
          [...items].map(({ alert_id, state, severity }) => `${alert_id} ${state} ${severity}`).sort();
        expect(shown(book.all())).toEqual(shown(lasting));
        expect(shown([...book.of("c1"), ...book.of("c2")])).toEqual(shown(lasting));
        const open = lasting.filter(({ state }) => state === "open");
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
