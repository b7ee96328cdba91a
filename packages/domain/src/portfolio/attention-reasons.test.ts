import { describe, expect, it } from "vitest";
import { customer, TODAY } from "./fixture/rows.ts";
import { attentionReasons } from "./ranking.ts";

/** Reasons for a customer who is well but for what is given. */
function reasons(given: Parameters<typeof customer>[1]): string[] {
  const { customer: stored, score } = customer("a", { score: 70, ...given });
  return score ? attentionReasons({ customer: stored, score }, TODAY) : ["not scored"];
}

const WELL: string[] = [];

describe("attention is needed", () => {
  it.each([
    [0, ["Health score is critical (0)", "Risk level is critical"]],
    [39, ["Health score is critical (39)", "Risk level is critical"]],
    [40, ["Health score is low (40)", "Risk level is high"]],
    [59, ["Health score is low (59)", "Risk level is high"]],
    [60, WELL],
  ])("for a score of %i: %j", (score, expected) => {
    expect(reasons({ score })).toEqual(expected);
  });

  it("for a status, a risk and a trend", () => {
    expect(reasons({ status: "at_risk" })).toEqual(["Status is at risk"]);
    expect(reasons({ scored: { risk_level: "high" } })).toEqual(["Risk level is high"]);
    expect(reasons({ scored: { risk_level: "critical" } })).toEqual(["Risk level is critical"]);
    expect(reasons({ scored: { score_trend: "declining" } })).toEqual(["Health score is declining"]);
    expect(reasons({ scored: { score_trend: "improving", risk_level: "low" } })).toEqual(WELL);
  });

  it("because nobody can say how they are; no number stands for that", () => {
    expect(reasons({ score: 30, scored: { band: "unknown" } })).toEqual([
      "Too little is known to say how healthy they are",
    ]);
  });

  it.each([
    ["adoption_score", "Product adoption is low (49)"],
    ["support_score", "Support health is low (49)"],
    ["engagement_score", "Engagement is low (49)"],
  ])("for %s below 50: %s", (component, expected) => {
    expect(reasons({ scored: { [component]: 49 } })).toEqual([expected]);
    expect(reasons({ scored: { [component]: 50 } })).toEqual(WELL);
  });

  it.each([
    [-400, ["Contract ended 400 days ago"]],
    [-1, ["Contract ended 1 day ago"]],
    [0, ["Contract ends today"]],
    [1, ["Contract ends soon, in 1 day"]],
    [30, ["Contract ends soon, in 30 days"]],
    [31, ["Contract ends in 31 days"]],
    [60, ["Contract ends in 60 days"]],
    [61, WELL],
    [undefined, WELL],
  ])("for a contract that ends in %s days: %j", (ends, expected) => {
    expect(reasons({ ends })).toEqual(expected);
  });

  it("for all that applies", () => {
    const worst = { risk_level: "critical", score_trend: "declining", adoption_score: 0 } as const;
    const scored = { ...worst, support_score: 1, engagement_score: 2, financial_score: 0 };
    expect(reasons({ score: 1, status: "at_risk", ends: 3, scored })).toHaveLength(8);
  });
});
