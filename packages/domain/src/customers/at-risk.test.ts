import { CustomerStatus, RiskLevel } from "@success-manager/contract/vocabulary";
import { describe, expect, it } from "vitest";
import { customerItem, scoreItem } from "../directory/fixture/items.ts";
import { isAtRisk } from "./at-risk.ts";

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
