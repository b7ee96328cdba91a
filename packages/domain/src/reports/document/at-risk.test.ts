import "./fixture/english.ts";
import { describe, expect, it } from "vitest";
import type { CustomerRow } from "../../directory/index.ts";
import { customer, TODAY } from "../../portfolio/fixture/rows.ts";
import { atRiskSection } from "./at-risk.ts";
import { ACCOUNT_MANAGER, CONTRACT_VALUE, CUSTOMER, HEALTH, KEY_CONCERNS, TREND } from "./blocks.ts";
import { leftOutOf, rowsIn, textsIn } from "./fixture/printed.ts";

const request = { now: new Date(`${TODAY}T12:00:00Z`) };

const byScore = (rows: readonly CustomerRow[]) =>
  atRiskSection(rows, request, {
    order: "score",
    columns: [CUSTOMER, HEALTH, TREND, KEY_CONCERNS, ACCOUNT_MANAGER],
    limit: 25,
  });
const byStatus = (rows: readonly CustomerRow[], order: "score" | "value" = "value") =>
  atRiskSection(rows, request, {
    order,
    columns: [CUSTOMER, CONTRACT_VALUE, HEALTH, KEY_CONCERNS, ACCOUNT_MANAGER],
    limit: 10,
  });

describe("customers at risk, lowest score first", () => {
  it("are those below 60, lowest first, with what weighs on them", () => {
    const section = byScore([
      customer("c1", { score: 59, manager: "Ada" }),
      customer("c2", { score: 60 }),
      customer("c3", {
        score: 20,
        scored: { engagement_score: 49, support_score: 5, adoption_score: 50, score_trend: "declining" },
      }),
      customer("c4"),
    ]);
    expect(section.about).toBe(
      "2 customers at risk: 0 by status, 2 by a score below 60 alone; the lowest score first.",
    );
    expect(section.blocks.at(-1)).toEqual({
      kind: "advice",
      items: [
        {
          action: "Name an account manager for customers at risk who have none.",
          who: "1 customer: Company c3 (20).",
        },
      ],
    });
    expect(rowsIn(section)).toEqual([
      "Company c3 | 20 | Declining | Support 5, Engagement 49 | Nobody yet",
      "Company c1 | 59 | Stable | No component below 50; lowest is adoption, 70 | Ada",
    ]);
  });

  it("are 25 at most; how many more is said", () => {
    const section = byScore(Array.from({ length: 10_000 }, (_, n) => customer(`c${n}`, { score: n % 60 })));
    expect(rowsIn(section)).toHaveLength(25);
    expect(leftOutOf(section)).toBe(9_975);
  });

  it("of nobody are a sentence", () => {
    expect(textsIn(byScore([customer("c1", { score: 60 })]))).toEqual([
      "No customer is at risk, by status or by score.",
    ]);
  });
});

describe("customers at risk, most valuable first", () => {
  const risky = (
    id: string,
    score: number | undefined,
    cents: number | undefined,
    status: "at_risk" | "active",
  ) =>
    customer(id, {
      score,
      cents,
      status,
      scored: { risk_level: score !== undefined && score < 60 ? "high" : "low", engagement_score: 20 },
    });

  it("are at risk by status or by score, the most valuable contracts first", () => {
    const rows = [
      risky("c1", 50, 300_00, "active"),
      risky("c2", 30, 200_00, "at_risk"),
      risky("c3", undefined, undefined, "at_risk"),
      risky("c4", 90, 900_00, "active"),
    ];
    const section = byStatus(rows);
    expect(section.about).toBe(
      "3 customers at risk: 2 by status, 1 by a score below 60 alone; the most valuable contract first.",
    );
    expect(rowsIn(section)).toEqual([
      "Company c1 | $300 | 50 | Engagement 20 | Nobody yet",
      "Company c2 | $200 | 30 | Engagement 20 | Nobody yet",
      "Company c3 | Not recorded | Not scored | Status is at risk | Nobody yet",
    ]);
    const scores = byStatus(rows, "score");
    expect(rowsIn(scores).map((row) => row.slice(0, 10))).toEqual(["Company c2", "Company c1", "Company c3"]);
  });

  it("that there are none of are a sentence; of many ten are listed", () => {
    expect(textsIn(byStatus([]))).toEqual(["No customer is at risk, by status or by score."]);
    const many = Array.from({ length: 30 }, (_, n) => risky(`c${n}`, n, n, "at_risk"));
    const section = byStatus(many);
    expect([rowsIn(section).length, leftOutOf(section)]).toEqual([10, 20]);
  });
});
