import { describe, expect, it } from "vitest";
import type { Detection } from "./detection.ts";
import { alertState } from "./fixture/states.ts";
import { updateExisting } from "./reconcile.ts";

const detection = (changes: Partial<Detection> = {}): Detection => ({
  customer_id: "c1",
  condition: "contract",
  alert_type: "contract_expiry",
  severity: "medium",
  title: "Contract ends on 2026-07-01",
  description: "The contract of Company c1 ends on 2026-07-01.",
  ...changes,
});
const kinds = (...args: Parameters<typeof updateExisting>) => updateExisting(...args).map(({ kind }) => kind);

describe("a change", () => {
  it("ends the alert whose condition it ends", () => {
    expect(kinds([], [alertState(detection())])).toEqual(["resolve"]);
    expect(kinds([], [alertState(detection(), { state: "acknowledged" })])).toEqual(["clear"]);
  });

  it("updates the alert whose condition lasts, when that says something else", () => {
    expect(kinds([detection({ severity: "low" })], [alertState(detection())])).toEqual(["update"]);
    expect(kinds([detection()], [alertState(detection())])).toEqual([]);
  });

  it("never opens one", () => {
    const worse = [detection({ severity: "critical" })];
    expect(kinds(worse, [])).toEqual([]);
    expect(kinds(worse, [alertState(detection(), { state: "cleared" })])).toEqual([]);
    expect(kinds(worse, [alertState(detection(), { state: "acknowledged" })])).toEqual([]);
  });

  it("leaves to the next check what does not fit into one transaction", () => {
    const many = Array.from({ length: 70 }, (_, n) => alertState(detection({ condition: `license#${n}` })));
    expect(kinds([], many)).toHaveLength(45);
  });
});
