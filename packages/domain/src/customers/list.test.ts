import { CustomerStatus, RiskLevel } from "@success-manager/contract/vocabulary";
import { describe, expect, it } from "vitest";
import { daysAfter } from "../calendar.ts";
import { customerItem, scoreItem } from "../directory/fixture/items.ts";
import { contractEndsWithin, isAtRisk } from "./list.ts";

const isSo = (status: CustomerStatus, risk_level?: RiskLevel) =>
  isAtRisk({
    customer: customerItem("c1", 1, { status }),
    score: risk_level && scoreItem("c1", 1, { risk_level }),
  });

describe("a customer is at risk", () => {
  it("by status, whatever the newest score says", () => {
    expect(isSo("at_risk")).toBe(true);
    expect(isSo("at_risk", "low")).toBe(true);
    expect(isSo("active")).toBe(false);
  });

  it("by the newest score when its risk is high or critical", () => {
    const risky = RiskLevel.options.filter((level) => isSo("active", level));
    expect(risky).toEqual(["high", "critical"]);
    expect(RiskLevel.options.filter((level) => isSo("onboarding", level))).toEqual(risky);
  });

  it("never when they have left", () => {
    expect(CustomerStatus.options.filter((status) => isSo(status, "critical"))).not.toContain("churned");
  });
});

const TODAY = "2026-02-27";

const ends = (days: number, status: "active" | "churned" = "active") => ({
  customer: customerItem("c1", 1, { status, contract_end_date: daysAfter(TODAY, days) }),
});

describe("a contract ends soon", () => {
  it("from today to the last day, both included", () => {
    const days = [-1, 0, 1, 29, 30, 31].filter((day) => contractEndsWithin(30, TODAY)(ends(day)));
    expect(days).toEqual([0, 1, 29, 30]);
  });

  it("not without an end, and not of a customer who left", () => {
    expect(contractEndsWithin(30, TODAY)({ customer: customerItem("c1", 1) })).toBe(false);
    expect(contractEndsWithin(30, TODAY)(ends(1, "churned"))).toBe(false);
  });
});
