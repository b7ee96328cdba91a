import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { customer, portfolioOf, portfolios, staying, TODAY } from "./fixture/rows.ts";
import { needsAttention, topN, topPerformers } from "./ranking.ts";

describe("the first of many", () => {
  it("are those of all in order, the same ones in their old order", () => {
    const pairs = fc.array(fc.tuple(fc.nat(9), fc.nat()), { maxLength: 60 });
    const compare = ([a]: [number, number], [b]: [number, number]) => a - b;
    fc.assert(
      fc.property(pairs, fc.integer({ min: 1, max: 70 }), (all, count) => {
        expect(topN(all, count, compare)).toEqual(all.toSorted(compare).slice(0, count));
      }),
    );
  });
});

const idsOf = (ranking: readonly { customer: { id: string } }[]) => ranking.map((row) => row.customer.id);

describe("rankings", () => {
  const rows = [
    customer("low", { score: 10 }),
    customer("gone", { score: 100, status: "churned" }),
    customer("gone too", { score: 0, status: "churned" }),
    customer("high", { score: 95, cents: 150, industry: "Food", manager: "Ada" }),
    customer("2", { score: 50, company_name: "zeta" }),
    customer("3", { score: 50, company_name: "Beta" }),
    customer("1", { score: 50, company_name: "zeta" }),
    customer("unscored"),
  ];

  it("have the healthiest first, or those who need attention; the same score by name, then by id", () => {
    expect(idsOf(topPerformers(portfolioOf(rows)))).toEqual(["high", "3", "1", "2", "low"]);
    expect(idsOf(needsAttention(portfolioOf(rows), TODAY))).toEqual(["low", "3", "1", "2", "high"]);
  });

  it("show a top performer", () => {
    expect(topPerformers(portfolioOf(rows))[0]).toEqual({
      customer: {
        id: "high",
        company_name: "Company high",
        industry: "Food",
        status: "active",
        contract_value: 1.5,
        account_manager: "Ada",
      },
      health_score: {
        overall_score: 95,
        risk_level: "low",
        score_trend: "stable",
        calculated_at: "2026-01-01T00:00:00.000Z",
        ...{ definition_version: 1, coverage: 1, band: "low" },
      },
    });
  });

  it("show who needs attention, with all components of the score and reasons", () => {
    const [worst] = needsAttention(
      portfolioOf([customer("a", { score: 10, ends: 2, scored: { support_score: 3 } })]),
      TODAY,
    );
    expect(worst).toMatchObject({
      customer: { id: "a", industry: null, contract_value: null, contract_end_date: "2026-06-17" },
      health_score: {
        overall_score: 10,
        support_score: 3,
        support_health_score: 3,
        sla_compliance_score: null,
      },
      attention_reasons: [
        "Health score is critical (10)",
        "Risk level is critical",
        "Support health is low (3)",
        "Contract ends soon, in 2 days",
      ],
    });
  });

  it("show one reason at least, also where nothing stands out", () => {
    const [only] = needsAttention(portfolioOf([customer("a", { score: 70 })]), TODAY);
    expect(only?.attention_reasons).toEqual(["Keep an eye on it: the score is among the lowest"]);
  });

  it("hold as many as can be asked for", () => {
    const many = Array.from({ length: 60 }, (_, n) => customer(`c${n}`, { score: n }));
    expect(topPerformers(portfolioOf(many))).toHaveLength(20);
    expect(needsAttention(portfolioOf(many), TODAY)).toHaveLength(50);
    expect(topPerformers(portfolioOf([]))).toEqual([]);
    expect(needsAttention(portfolioOf([]), TODAY)).toEqual([]);
  });

  it("leave nobody out who is better, or worse, than those in it", () => {
    fc.assert(
      fc.property(portfolios, (all) => {
        const scores = staying(all)
          .flatMap(({ score }) => score?.overall_score ?? [])
          .sort((a, b) => b - a);
        const overall = (row: { health_score: { overall_score: number } }) => row.health_score.overall_score;
        expect(topPerformers(portfolioOf(all)).map(overall)).toEqual(scores.slice(0, 20));
        expect(needsAttention(portfolioOf(all), TODAY).map(overall)).toEqual(
          scores.toReversed().slice(0, 50),
        );
      }),
    );
  });
});
