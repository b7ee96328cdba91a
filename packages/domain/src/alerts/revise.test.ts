import { describe, expect, it } from "vitest";
import type { Detection } from "./condition.ts";
import { conditionItem } from "./fixture/conditions.ts";
import { updateExisting } from "./revise.ts";

const finding = (changes: Partial<Detection> = {}): Detection => ({
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
    expect(kinds([], [conditionItem(finding())])).toEqual(["resolve"]);
    expect(kinds([], [conditionItem(finding(), { state: "handled" })])).toEqual(["forget"]);
  });

  it("updates the alert whose condition lasts, when that says something else", () => {
    expect(kinds([finding({ severity: "low" })], [conditionItem(finding())])).toEqual(["update"]);
    expect(kinds([finding()], [conditionItem(finding())])).toEqual([]);
  });

  it("never opens one", () => {
    const worse = [finding({ severity: "critical" })];
    expect(kinds(worse, [])).toEqual([]);
    expect(kinds(worse, [conditionItem(finding(), { state: "over" })])).toEqual([]);
    expect(kinds(worse, [conditionItem(finding(), { state: "handled" })])).toEqual([]);
  });

  it("leaves to the next check what does not fit into one transaction", () => {
    const many = Array.from({ length: 70 }, (_, n) => conditionItem(finding({ condition: `license#${n}` })));
    expect(kinds([], many)).toHaveLength(45);
  });
});
