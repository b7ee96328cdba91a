import { isDeepStrictEqual } from "node:util";
import { Severity } from "@success-manager/contract/vocabulary";
import * as fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import type { AlertState, StoredAlert } from "../table/index.ts";
import type { Detection } from "./detection.ts";
import { alertTable } from "./fixture/alert-table.ts";
import { reconcile } from "./reconcile.ts";
import { alertOfState } from "./serialize.ts";
import { edited, resolved, snoozed } from "./transitions.ts";
import { actionWrites, alertWrite, changeWrites, openWrites, reopenWrites } from "./write.ts";

// The entities read the table's name when they are loaded.
vi.hoisted(() => {
  process.env.TABLE_NAME = "alerts";
});

const START = Date.parse("2026-06-15T10:00:00.000Z");
const CONDITIONS = ["contract", "license#d1", "survey#s1", "health#overall"];

const detection = (condition: string, severity: Severity = "medium"): Detection => ({
  customer_id: "c1",
  condition,
  alert_type: "contract_expiry",
  severity,
  title: `${condition} is ${severity}`,
  description: "Something holds.",
});

type Table = ReturnType<typeof alertTable>;

/** What somebody has read, and what they will write on it. */
type Decided = (table: Table, at: Date) => void;

/** The system: what it detects, on what it has read. Each action is a transaction of its own. */
function systemDetects(table: Table, detections: readonly Detection[]): Decided {
  const actions = reconcile(detections, table.states());
  return (later, at) => {
    for (const action of actions) later.commit(actionWrites(action, at));
  };
}

/** A person: what they do with an alert that they have read. */
function personActs(table: Table, pick: number, act: (alert: StoredAlert, at: Date) => StoredAlert): Decided {
  const alerts = table.alerts();
  const before = alerts[pick % Math.max(alerts.length, 1)];
  if (!before) return () => undefined;
  const state = table.states().find((one) => one.condition === before.condition);
  return (later, at) => {
    const after = act(before, at);
    if (after === before) return;
    if (!before.is_resolved) later.commit(changeWrites(before, after));
    else if (after.is_resolved) later.commit([alertWrite(before, after)]);
    else if (state?.state !== "open") later.commit(reopenWrites(before, after, state));
  };
}

const said = ({
  alert_type,
  severity,
  title,
  description,
  created_at,
  created_by,
  ...rest
}: StoredAlert) => ({
  alert_type,
  severity,
  title,
  description,
  created_at,
  created_by,
  snooze: [rest.snoozed_until, rest.snoozed_by, rest.snooze_reason],
  revision: rest.revision,
});

/** Decision 16, and that an open alert and its state say the same. */
function check(table: Table) {
  const [alerts, states] = [table.alerts(), table.states()];
  for (const condition of CONDITIONS) {
    const open = alerts.filter((alert) => alert.condition === condition && !alert.is_resolved);
    const state = states.find((one) => one.condition === condition);
    expect(open.map(({ id }) => id)).toEqual(state?.state === "open" ? [state.alert_id] : []);
    const [alert] = open;
    if (!alert || !state) continue;
    expect(said(alertOfState(state))).toEqual(said(alert));
    expect(alertOfState(state).updated_at).toBe(alert.updated_at);
  }
  for (const alert of alerts) {
    expect([alert.resolved_by !== undefined, alert.resolved_at !== undefined]).toEqual([
      alert.is_resolved,
      alert.is_resolved,
    ]);
    if (alert.is_resolved) expect(alert.snoozed_until).toBeUndefined();
  }
}

/** What happens: somebody reads and decides, and writes a few steps later, when others may have been faster. */
const step = fc.record({
  pick: fc.nat(7),
  late: fc.nat(3),
  /** How far the writer's clock is off. */
  off: fc.integer({ min: -5, max: 5 }),
  does: fc.oneof(
    fc.record({
      what: fc.constant("find" as const),
      holds: fc.uniqueArray(fc.constantFrom(...CONDITIONS)),
      severity: fc.constantFrom(...Severity.options),
    }),
    fc.record({ what: fc.constantFrom("resolve", "reopen", "snooze", "expire") }),
    fc.record({
      what: fc.constant("edit" as const),
      title: fc.constantFrom("One", "Other"),
      is_resolved: fc.option(fc.boolean(), { nil: undefined }),
    }),
  ),
});
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

function decide(table: Table, { pick, does }: Step): Decided {
  if ("holds" in does)
    return systemDetects(
      table,
      does.holds.map((condition) => detection(condition, does.severity)),
    );
  if ("title" in does) {
    const { title, is_resolved } = does;
    return personActs(table, pick, (alert, at) => edited(alert, { title, is_resolved }, "Ada", at));
  }
  if (does.what === "resolve") return personActs(table, pick, (alert, at) => resolved(alert, "Ada", at));
  if (does.what === "reopen")
    return personActs(table, pick, (alert, at) => edited(alert, { is_resolved: false }, "Ada", at));
  if (does.what === "expire") return (later) => later.expire();
  return personActs(table, pick, (alert, at) =>
    alert.is_resolved ? alert : snoozed(alert, { snooze_days: 3, snooze_reason: "later" }, "Ada", at),
  );
}

describe("whoever writes, and in whatever order", () => {
  it("a condition has one open alert at most, and its state says what that says", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const table = alertTable();
        const waiting: { due: number; at: Date; write: Decided }[] = [];
        let known = new Map<string, AlertState>();
        for (let n = 0; n < steps.length + 4; n++) {
          const now = steps[n];
          if (now)
            waiting.push({
              due: n + now.late,
              at: new Date(START + n + now.late + now.off),
              write: decide(table, now),
            });
          for (const { write, at } of waiting.filter(({ due }) => due === n)) {
            write(table, at);
            check(table);
            const after = new Map(table.states().map((one) => [one.condition, one]));
            for (const [condition, { revision, ...state }] of after) {
              const { revision: before = 0, ...earlier } = known.get(condition) ?? {};
              if (isDeepStrictEqual(state, earlier)) expect(revision).toBe(before);
              else expect(revision).toBeGreaterThan(before);
            }
            known = after;
          }
        }
      }),
      { numRuns: 150 },
    );
  });

  it("once everybody has written, the system has nothing more to do", () => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 20 }),
        fc.uniqueArray(fc.constantFrom(...CONDITIONS)),
        (steps, last) => {
          const table = alertTable();
          for (const [n, one] of steps.entries()) decide(table, one)(table, new Date(START + n));
          const detections = last.map((condition) => detection(condition, "high"));
          systemDetects(table, detections)(table, new Date(START + 1_000));
          check(table);
          expect(reconcile(detections, table.states())).toEqual([]);
        },
      ),
      { numRuns: 60 },
    );
  });
});

/** One open alert on a condition, as the system raised it. */
function raised(condition = "contract") {
  const table = alertTable();
  systemDetects(table, [detection(condition)])(table, new Date(START));
  const [alert] = table.alerts();
  if (!alert) throw new Error("Nothing was raised");
  const state = (): AlertState | undefined => table.states()[0];
  return { table, alert, state };
}
const LATER = new Date(START + 60_000);

describe("what is written", () => {
  it("opens an alert of the system with what it found", () => {
    const { alert, state } = raised();
    expect(alert).toMatchObject({
      ...detection("contract"),
      is_resolved: false,
      created_by: "system",
      created_at: "2026-06-15T10:00:00.000Z",
      revision: 1,
    });
    expect(state()).toMatchObject({ state: "open", alert_id: alert.id, alert_revision: 1, revision: START });
  });

  it("is refused when somebody was faster", () => {
    const { table } = raised();
    const worse = systemDetects(table, [detection("contract", "high")]);
    const other = systemDetects(table, [detection("contract", "critical")]);
    other(table, LATER);
    worse(table, LATER);
    expect(table.alerts().map(({ severity }) => severity)).toEqual(["critical"]);
  });

  it("resolves by the system when the condition ends, and wakes a snoozed alert for good", () => {
    const { table, state } = raised();
    personActs(table, 0, (alert, at) => snoozed(alert, { snooze_days: 9 }, "Ada", at))(table, LATER);
    systemDetects(table, [])(table, new Date(START + 120_000));
    expect(table.alerts()).toMatchObject([
      { is_resolved: true, resolved_by: "system", resolved_at: "2026-06-15T10:02:00.000Z", revision: 3 },
    ]);
    expect(state()).toMatchObject({ state: "cleared", expires_at_epoch: START / 1000 + 120 + 2 * 86_400 });
    expect(state()?.snoozed_until).toBeUndefined();
  });

  describe("of a snoozed alert", () => {
    type Level = readonly [severity: Severity, band?: number];
    const levelled = ([severity, band]: Level): Detection => ({
      ...detection("contract", severity),
      ...(band !== undefined && { band }),
    });

    /** What is shown after the check: a snooze, or why it is over. */
    const seen = (before: readonly Level[], after: readonly Level[], now = LATER) => {
      const table = alertTable();
      const check = (level: Level, at: Date) => systemDetects(table, [levelled(level)])(table, at);
      for (const level of before) check(level, new Date(START));
      personActs(table, 0, (alert, at) => snoozed(alert, { snooze_days: 9 }, "Ada", at))(
        table,
        new Date(START),
      );
      for (const level of after) check(level, now);
      const [alert, state] = [table.alerts()[0], table.states()[0]];
      // A list of open alerts reads the state, everything else the alert.
      for (const key of [
        "snoozed_until",
        "snoozed_by",
        "snoozed_level",
        "unsnooze_reason",
        "severity",
      ] as const)
        expect(alert?.[key]).toEqual(state?.[key]);
      return { asleep: alert?.snoozed_by === "Ada", why: alert?.unsnooze_reason };
    };

    it.each<[name: string, before: Level[], after: Level[], why: string | undefined]>([
      ["is as it was", [["high"]], [["high"]], undefined],
      ["gets better", [["high"]], [["low"]], undefined],
      ["gets worse", [["medium"]], [["high"]], "Its severity rose from medium to high."],
      ["gets worse at once by much", [["low"]], [["critical"]], "Its severity rose from low to critical."],
      ["is as it was again", [["high"]], [["low"], ["high"]], undefined],
      [
        "gets better and then worse than it was",
        [["high"]],
        [["low"], ["critical"]],
        "Its severity rose from low to critical.",
      ],
      [
        "had been better before it was snoozed",
        [["high"], ["low"]],
        [["medium"]],
        "Its severity rose from low to medium.",
      ],
      ["falls by a band", [["medium", 1]], [["medium", 2]], "The score that it is about fell further."],
      ["stays in its band", [["medium", 2]], [["medium", 2]], undefined],
      [
        "climbs out of its band and falls back",
        [["medium", 2]],
        [
          ["medium", 1],
          ["medium", 2],
        ],
        undefined,
      ],
    ])("that %s", (_, before, after, why) => {
      expect(seen(before, after)).toEqual({ asleep: why === undefined, why });
    });

    it("whose snooze is over, says nothing of it", () => {
      const over = new Date(START + 10 * 86_400_000);
      expect(seen([["low"]], [["critical"]], over)).toEqual({ asleep: true, why: undefined });
    });

    it("ends the snooze with the first check that finds more than there was when it was snoozed", () => {
      const level = fc.tuple(fc.constantFrom(...Severity.options), fc.constantFrom(0, 1, 2, 3));
      const rank = ([severity, band]: readonly [Severity, number]) =>
        Severity.options.indexOf(severity) * 4 + band;
      fc.assert(
        fc.property(fc.array(level, { minLength: 1 }), fc.array(level), (before, after) => {
          const limit = rank(before.at(-1) ?? ["low", 0]);
          const isWorse = after.some((one) => rank(one) > limit);
          expect(seen(before, after).asleep).toBe(!isWorse);
        }),
      );
    });
  });

  it.each([
    ["contract", "acknowledged"],
    ["license#d1", "acknowledged"],
    ["health#overall", "acknowledged"],
    ["survey#s1", "cleared"],
    ["interaction#i1", "cleared"],
    ["manual#m1", "cleared"],
  ])("leaves %s %s when a person resolves its alert", (condition, after) => {
    const { table, state } = raised(condition);
    personActs(table, 0, (alert, at) => resolved(alert, "Ada", at))(table, LATER);
    expect(state()?.state).toBe(after);
    expect(state()?.expires_at_epoch !== undefined).toBe(after === "cleared");
  });

  it("comes back after a person resolved it only when it is worse, or when it ended and started anew", () => {
    const { table } = raised();
    const find = (...detections: Detection[]) => systemDetects(table, detections)(table, LATER);
    const open = () => table.alerts().filter(({ is_resolved }) => !is_resolved);
    const resolveAll = () => {
      for (let n = 0; n < table.alerts().length; n++)
        personActs(table, n, (alert, at) => resolved(alert, "Ada", at))(table, LATER);
    };
    resolveAll();
    find(detection("contract", "low"));
    find(detection("contract", "medium"));
    expect(open()).toEqual([]);
    find(detection("contract", "high"));
    expect(open()).toMatchObject([{ severity: "high" }]);
    resolveAll();
    find();
    find(detection("contract", "low"));
    expect(open()).toMatchObject([{ severity: "low" }]);
    expect(table.alerts()).toHaveLength(3);
  });

  it("keeps what a person wrote until the system finds something else", () => {
    const { table } = raised();
    personActs(table, 0, (alert, at) => edited(alert, { title: "Call them" }, "Ada", at))(table, LATER);
    systemDetects(table, [detection("contract")])(table, LATER);
    expect(table.alerts()).toMatchObject([{ title: "Call them", revision: 2 }]);
    systemDetects(table, [detection("contract", "high")])(table, LATER);
    expect(table.alerts()).toMatchObject([{ title: "contract is high", revision: 3 }]);
  });

  it("gives a state that was removed a higher revision than it ever had", () => {
    const { table, state } = raised();
    systemDetects(table, [])(table, LATER);
    const last = state()?.revision ?? 0;
    table.expire();
    expect(state()).toBeUndefined();
    systemDetects(table, [detection("contract")])(table, new Date(START + 3 * 86_400_000));
    expect(state()?.revision).toBeGreaterThan(last);
  });

  it("never opens the same alert twice", () => {
    const { table, alert } = raised();
    expect(table.commit(openWrites(alert, undefined, LATER))).toBe(false);
  });
});
