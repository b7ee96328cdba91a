import { Severity } from "@success-manager/contract/vocabulary";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AlertState } from "../table/index.ts";
import type { Detection } from "./detection.ts";
import { after, alertState } from "./fixture/states.ts";
import { reconcile } from "./reconcile.ts";

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

describe("what holds is compared with what is known", () => {
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
    ["what was dealt with is left", [detection()], [alertState(detection(), { state: "acknowledged" })], []],
    [
      "what was dealt with and is better now is left",
      [detection({ severity: "low", title: "Other" })],
      [alertState(detection(), { state: "acknowledged" })],
      [],
    ],
    [
      "what was dealt with and is worse now opens",
      [detection({ severity: "high" })],
      [alertState(detection(), { state: "acknowledged" })],
      ["open"],
    ],
    [
      "what was dealt with and ended is forgotten",
      [],
      [alertState(detection(), { state: "acknowledged" })],
      ["clear"],
    ],
  ])("%s", (_, detections, known, expected) => {
    expect(kinds(detections, known)).toEqual(expected);
  });

  it("by what the system found, not by what a person made of it", () => {
    const edited = alertState(detection(), { title: "Call them", severity: "critical" });
    expect(kinds([detection()], [edited])).toEqual([]);
    const acknowledged = { ...edited, state: "acknowledged" as const };
    expect(kinds([detection({ severity: "high" })], [acknowledged])).toEqual(["open"]);
  });

  it("by what the alert says, where the system never found anything", () => {
    const { found: _, ...reopened } = alertState(detection(), { severity: "high", state: "acknowledged" });
    expect(kinds([detection({ severity: "high" })], [reopened])).toEqual([]);
    expect(kinds([detection({ severity: "critical" })], [reopened])).toEqual(["open"]);
    expect(kinds([detection()], [{ ...reopened, state: "open" }])).toEqual(["update"]);
  });

  it("condition by condition, and customer by customer", () => {
    const known = [alertState(detection()), alertState(detection({ customer_id: "c2" }))];
    const license = detection({ condition: "license#d1" });
    expect(reconcile([detection(), license], known)).toMatchObject([
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

const places = fc.constantFrom("contract", "inactivity", "license#d1", "health#overall");
const anyFinding = fc
  .record({
    condition: places,
    severity: fc.constantFrom(...Severity.options),
    title: fc.constantFrom("A", "B"),
  })
  .map(detection);
const anyKnown = fc.uniqueArray(
  fc
    .record({ found: anyFinding, state: fc.constantFrom("open", "acknowledged", "cleared") })
    .map(({ found, state }) => alertState(found, { state })),
  { selector: ({ condition }) => condition },
);

describe("whatever holds and whatever is known", () => {
  it("writing what follows and comparing again gives nothing to do", () => {
    fc.assert(
      fc.property(fc.array(anyFinding), anyKnown, (detections, known) => {
        expect(reconcile(detections, after(known, reconcile(detections, known)))).toEqual([]);
      }),
    );
  });

  it("each condition gets one action at most, in whatever order detections come", () => {
    fc.assert(
      fc.property(fc.array(anyFinding), anyKnown, (detections, known) => {
        const actions = reconcile(detections, known);
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
        expect(severities(reconcile(detections.toReversed(), known.toReversed()))).toEqual(
          severities(actions),
        );
      }),
    );
  });
});
