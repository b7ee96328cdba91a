import { Severity } from "@success-manager/contract/vocabulary";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AlertState } from "../table/index.ts";
import type { Detection } from "./detection.ts";
import { after, alertState } from "./fixture/states.ts";
import { reconcile, updateExisting } from "./reconcile.ts";

const detection = (changes: Partial<Detection> = {}): Detection => ({
  customer_id: "c1",
  condition: "contract",
  alert_type: "contract_expiry",
  severity: "medium",
  title: "Contract ends",
  description: "Soon.",
  ...changes,
});
const kinds = (...args: Parameters<typeof reconcile>) => reconcile(...args).map(({ kind }) => kind);

describe("what holds is compared with the stored states", () => {
  it.each<[string, Detection[], AlertState[], string[]]>([
    ["nothing is nothing", [], [], []],
    ["something new opens", [detection()], [], ["open"]],
    [
      "what ended before opens anew",
      [detection()],
      [alertState(detection(), { state: "cleared" })],
      ["open"],
    ],
    ["the same is left alone", [detection()], [alertState(detection())], []],
    ["what got worse is updated", [detection({ severity: "high" })], [alertState(detection())], ["update"]],
    ["what got better is updated", [detection({ severity: "low" })], [alertState(detection())], ["update"]],
    ["another text is updated", [detection({ title: "Later" })], [alertState(detection())], ["update"]],
    ["what ended is resolved", [], [alertState(detection())], ["resolve"]],
    ["what ended is resolved once", [], [alertState(detection(), { state: "cleared" })], []],
    ["what is acknowledged is left", [detection()], [alertState(detection(), { state: "acknowledged" })], []],
    [
      "what is acknowledged and better now is left",
      [detection({ severity: "low", title: "Other" })],
      [alertState(detection(), { state: "acknowledged" })],
      [],
    ],
    [
      "what is acknowledged and worse now opens",
      [detection({ severity: "high" })],
      [alertState(detection(), { state: "acknowledged" })],
      ["open"],
    ],
    [
      "what is acknowledged and ended is cleared",
      [],
      [alertState(detection(), { state: "acknowledged" })],
      ["clear"],
    ],
  ])("%s", (_, detections, states, expected) => {
    expect(kinds(detections, states)).toEqual(expected);
  });

  it("by what the system detected, not by what a person made of it", () => {
    const edited = alertState(detection(), { title: "Call them", severity: "critical" });
    expect(kinds([detection()], [edited])).toEqual([]);
    const acknowledged = { ...edited, state: "acknowledged" as const };
    expect(kinds([detection({ severity: "high" })], [acknowledged])).toEqual(["open"]);
  });

  it("by what the alert says, where the system never detected anything", () => {
    const { found: _, ...reopened } = alertState(detection(), { severity: "high", state: "acknowledged" });
    expect(kinds([detection({ severity: "high" })], [reopened])).toEqual([]);
    expect(kinds([detection({ severity: "critical" })], [reopened])).toEqual(["open"]);
    expect(kinds([detection()], [{ ...reopened, state: "open" }])).toEqual(["update"]);
  });

  it("condition by condition, and customer by customer", () => {
    const states = [alertState(detection()), alertState(detection({ customer_id: "c2" }))];
    const license = detection({ condition: "license#d1" });
    expect(reconcile([detection(), license], states)).toMatchObject([
      { kind: "open", detection: { condition: "license#d1" } },
      { kind: "resolve", before: { customer_id: "c2" } },
    ]);
  });

  it("opens the worst when several detections speak of the same", () => {
    const severities: Severity[] = ["high", "critical", "low"];
    const actions = reconcile(
      severities.map((severity) => detection({ severity })),
      [],
    );
    expect(actions).toMatchObject([{ kind: "open", detection: { severity: "critical" } }]);
  });
});

const conditions = fc.constantFrom("contract", "inactivity", "license#d1", "health#overall");
const anyDetection = fc
  .record({
    condition: conditions,
    severity: fc.constantFrom(...Severity.options),
    title: fc.constantFrom("A", "B"),
  })
  .map(detection);
const anyStates = fc.uniqueArray(
  fc
    .record({ found: anyDetection, state: fc.constantFrom("open", "acknowledged", "cleared") })
    .map(({ found, state }) => alertState(found, { state })),
  { selector: ({ condition }) => condition },
);

describe("whatever holds and whatever is stored", () => {
  it("writing what follows and comparing again gives nothing to do", () => {
    fc.assert(
      fc.property(fc.array(anyDetection), anyStates, (detections, states) => {
        expect(reconcile(detections, after(states, reconcile(detections, states)))).toEqual([]);
      }),
    );
  });

  it("each condition gets one action at most, in whatever order detections come", () => {
    fc.assert(
      fc.property(fc.array(anyDetection), anyStates, (detections, states) => {
        const actions = reconcile(detections, states);
        const about = actions.map((action) =>
          "detection" in action ? action.detection.condition : action.before.condition,
        );
        expect(new Set(about).size).toBe(about.length);
        const severities = (some: typeof actions) =>
          new Map(
            some.map((action) =>
              "detection" in action
                ? [action.detection.condition, `${action.kind} ${action.detection.severity}`]
                : [action.before.condition, action.kind],
            ),
          );
        expect(severities(reconcile(detections.toReversed(), states.toReversed()))).toEqual(
          severities(actions),
        );
      }),
    );
  });
});

const updatedKinds = (...args: Parameters<typeof updateExisting>) =>
  updateExisting(...args).map(({ kind }) => kind);

describe("a change of a customer or a deployment", () => {
  it("ends the alert whose condition it ends", () => {
    expect(updatedKinds([], [alertState(detection())])).toEqual(["resolve"]);
    expect(updatedKinds([], [alertState(detection(), { state: "acknowledged" })])).toEqual(["clear"]);
  });

  it("updates the alert whose condition lasts, when that says something else", () => {
    expect(updatedKinds([detection({ severity: "low" })], [alertState(detection())])).toEqual(["update"]);
    expect(updatedKinds([detection()], [alertState(detection())])).toEqual([]);
  });

  it("never opens one", () => {
    const worse = [detection({ severity: "critical" })];
    expect(updatedKinds(worse, [])).toEqual([]);
    expect(updatedKinds(worse, [alertState(detection(), { state: "cleared" })])).toEqual([]);
    expect(updatedKinds(worse, [alertState(detection(), { state: "acknowledged" })])).toEqual([]);
  });

  it("leaves to the next check what does not fit into one transaction", () => {
    const many = Array.from({ length: 70 }, (_, n) => alertState(detection({ condition: `license#${n}` })));
    expect(updatedKinds([], many)).toHaveLength(45);
  });
});
