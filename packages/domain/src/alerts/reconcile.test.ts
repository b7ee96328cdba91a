import { Severity } from "@success-manager/contract/vocabulary";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AlertState } from "../table/index.ts";
import type { Detection } from "./condition.ts";
import { after, conditionItem } from "./fixture/conditions.ts";
import { reconcile } from "./reconcile.ts";

const finding = (changes: Partial<Detection> = {}): Detection => ({
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
    ["something new opens", [finding()], [], ["open"]],
    ["what ended before opens anew", [finding()], [conditionItem(finding(), { state: "over" })], ["open"]],
    ["the same is left alone", [finding()], [conditionItem(finding())], []],
    ["what got worse is updated", [finding({ severity: "high" })], [conditionItem(finding())], ["update"]],
    ["what got better is updated", [finding({ severity: "low" })], [conditionItem(finding())], ["update"]],
    ["another text is updated", [finding({ title: "Later" })], [conditionItem(finding())], ["update"]],
    ["what ended is resolved", [], [conditionItem(finding())], ["resolve"]],
    ["what ended is resolved once", [], [conditionItem(finding(), { state: "over" })], []],
    ["what was dealt with is left", [finding()], [conditionItem(finding(), { state: "handled" })], []],
    [
      "what was dealt with and is better now is left",
      [finding({ severity: "low", title: "Other" })],
      [conditionItem(finding(), { state: "handled" })],
      [],
    ],
    [
      "what was dealt with and is worse now opens",
      [finding({ severity: "high" })],
      [conditionItem(finding(), { state: "handled" })],
      ["open"],
    ],
    [
      "what was dealt with and ended is forgotten",
      [],
      [conditionItem(finding(), { state: "handled" })],
      ["forget"],
    ],
  ])("%s", (_, findings, known, expected) => {
    expect(kinds(findings, known)).toEqual(expected);
  });

  it("by what the system found, not by what a person made of it", () => {
    const edited = conditionItem(finding(), { title: "Call them", severity: "critical" });
    expect(kinds([finding()], [edited])).toEqual([]);
    const handled = { ...edited, state: "handled" as const };
    expect(kinds([finding({ severity: "high" })], [handled])).toEqual(["open"]);
  });

  it("by what the alert says, where the system never found anything", () => {
    const { found: _, ...reopened } = conditionItem(finding(), { severity: "high", state: "handled" });
    expect(kinds([finding({ severity: "high" })], [reopened])).toEqual([]);
    expect(kinds([finding({ severity: "critical" })], [reopened])).toEqual(["open"]);
    expect(kinds([finding()], [{ ...reopened, state: "open" }])).toEqual(["update"]);
  });

  it("condition by condition, and customer by customer", () => {
    const known = [conditionItem(finding()), conditionItem(finding({ customer_id: "c2" }))];
    const license = finding({ condition: "license#d1" });
    expect(reconcile([finding(), license], known)).toMatchObject([
      { kind: "open", finding: { condition: "license#d1" } },
      { kind: "resolve", before: { customer_id: "c2" } },
    ]);
  });

  it("opens the worst when several findings speak of the same", () => {
    const severities: Severity[] = ["high", "critical", "low"];
    const actions = reconcile(
      severities.map((severity) => finding({ severity })),
      [],
    );
    expect(actions).toMatchObject([{ kind: "open", finding: { severity: "critical" } }]);
  });
});

const places = fc.constantFrom("contract", "inactivity", "license#d1", "health#overall");
const anyFinding = fc
  .record({
    condition: places,
    severity: fc.constantFrom(...Severity.options),
    title: fc.constantFrom("A", "B"),
  })
  .map(finding);
const anyKnown = fc.uniqueArray(
  fc
    .record({ found: anyFinding, state: fc.constantFrom("open", "handled", "over") })
    .map(({ found, state }) => conditionItem(found, { state })),
  { selector: ({ condition }) => condition },
);

describe("whatever holds and whatever is known", () => {
  it("writing what follows and comparing again gives nothing to do", () => {
    fc.assert(
      fc.property(fc.array(anyFinding), anyKnown, (findings, known) => {
        expect(reconcile(findings, after(known, reconcile(findings, known)))).toEqual([]);
      }),
    );
  });

  it("each condition gets one action at most, in whatever order findings come", () => {
    fc.assert(
      fc.property(fc.array(anyFinding), anyKnown, (findings, known) => {
        const actions = reconcile(findings, known);
        const about = actions.map((action) =>
          "finding" in action ? action.finding.condition : action.before.condition,
        );
        expect(new Set(about).size).toBe(about.length);
        const severities = (some: typeof actions) =>
          new Map(
            some.map((action) =>
              "finding" in action
                ? [action.finding.condition, `${action.kind} ${action.finding.severity}`]
                : [action.before.condition, action.kind],
            ),
          );
        expect(severities(reconcile(findings.toReversed(), known.toReversed()))).toEqual(severities(actions));
      }),
    );
  });
});
