import { CustomerStatus, Product } from "@success-manager/contract/vocabulary";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { scoreAt } from "../directory/index.ts";
import { loadScoreTexts } from "../messages/index.ts";
import type { StoredCustomer } from "../table/index.ts";
import { decideScore, type ScoreDecision, type ScoringInput, statusChangeOf } from "./decision.ts";
import { type Definition, RECOMMENDED } from "./definition.ts";
import { EQUAL_WEIGHTS } from "./formula.ts";
import { labelledScore, toHealthScore, toScoreSummary } from "./serialize.ts";
import { decodePoints } from "./trend.ts";

const NOW = new Date("2026-06-15T10:30:00.000Z");
const DAY_MS = 24 * 60 * 60 * 1000;
const later = (days: number) => new Date(NOW.getTime() + days * DAY_MS);

const customer = (changes: Partial<StoredCustomer> = {}): StoredCustomer => ({
  id: "c1",
  company_name: "Nordlicht Telecom",
  deployed_products: [],
  status: "active",
  portal_enabled: false,
  created_at: NOW.toISOString(),
  updated_at: NOW.toISOString(),
  changed_at: NOW.toISOString(),
  revision: 1,
  ...changes,
});

const texts = await loadScoreTexts("en");
const decided = (input: Partial<ScoringInput>, now = NOW): ScoreDecision =>
  decideScore(
    { customer: customer(), latest: undefined, deployments: [], interactions: [], responses: [], ...input },
    now,
    EQUAL_WEIGHTS,
    texts,
  );

describe("a status", () => {
  it.each([
    ["active", 60, undefined],
    ["active", 59, { status: "at_risk", status_before_risk: "active" }],
    ["onboarding", 59, { status: "at_risk", status_before_risk: "onboarding" }],
    ["onboarding", 0, { status: "at_risk", status_before_risk: "onboarding" }],
    ["at_risk", 59, undefined],
    ["at_risk", 100, undefined],
    ["churned", 0, undefined],
    ["churned", 100, undefined],
  ] as const)("that is %s changes with a score of %i to %j", (status, overall, expected) => {
    expect(statusChangeOf(customer({ status }), overall)).toEqual(expected);
  });

  it.each(["active", "onboarding"] as const)("that a score took from %s changes back at 60", (before) => {
    const moved = customer({ status: "at_risk", status_before_risk: before });
    expect(statusChangeOf(moved, 59)).toBeUndefined();
    expect(statusChangeOf(moved, 60)).toEqual({ status: before, status_before_risk: undefined });
  });

  it("is back where it was after any scores that end at 60 or more", () => {
    const status = fc.constantFrom(...CustomerStatus.options);
    fc.assert(
      fc.property(status, fc.array(fc.nat(100)), fc.integer({ min: 60, max: 100 }), (start, scores, end) => {
        let current = customer({ status: start });
        for (const overall of [...scores, end]) current = { ...current, ...statusChangeOf(current, overall) };
        expect(current.status).toBe(start);
      }),
    );
  });
});

describe("the decision about a score", () => {
  it("counts the scores and remembers the newest of each deployment's label", () => {
    const first = decided({ product_deployment_id: "d1" });
    const second = decided({ latest: first.latest }, later(1));
    expect([first.latest.revision, second.latest.revision]).toEqual([1, 2]);
    expect(second.latest.product_deployment_id).toBeUndefined();
    expect(second.latest.by_deployment.d1?.calculated_at).toBe(NOW.toISOString());
  });

  it("says when the customer was scored before, in the score alone", () => {
    const first = decided({});
    const second = decided({ latest: first.latest }, later(1));
    expect(first.score).not.toHaveProperty("previous_calculated_at");
    expect(second.score.previous_calculated_at).toBe(NOW.toISOString());
    expect(second.latest).not.toHaveProperty("previous_calculated_at");
  });

  it.each([0, -1, -40])("is refused %i days after the newest one", (days) => {
    const { latest } = decided({});
    expect(() => decided({ latest }, later(days))).toThrow("must be newer");
  });

  it.each(["?:?", "mib2k3s0:many"])("is refused where earlier points are %s", (trail) => {
    const { latest } = decided({});
    expect(() => decided({ latest: { ...latest, trail } }, later(1))).toThrow("can't be read");
  });

  it("writes one instant into the score, the newest score and its trend points", () => {
    const { score, latest } = decided({});
    expect([score.calculated_at, latest.calculated_at]).toEqual([NOW.toISOString(), NOW.toISOString()]);
    expect(decodePoints(latest.trail)).toEqual([[NOW.getTime(), score.overall_score]]);
    expect(latest.id).toBe(score.id);
  });

  it("takes products of active deployments only", () => {
    const deployment = (product_name: Product, is_active: boolean) => ({
      id: product_name,
      customer_id: "c1",
      product_name,
      deployment_date: "2026-01-01",
      version: "1",
      environment: "cloud" as const,
      license_type: "Enterprise",
      license_expiry: "2027-01-01",
      is_active,
      created_at: NOW.toISOString(),
      updated_at: NOW.toISOString(),
      changed_at: NOW.toISOString(),
      revision: 1,
    });
    const deployments = Product.options.map((product) => deployment(product, product === "GreenX"));
    expect(toHealthScore(decided({ deployments }).score).factors.adoption.details.products).toEqual([
      "GreenX",
    ]);
  });

  it("follows the trend against the score of thirty days ago", () => {
    const poor = decided({});
    const rich = customer({ contract_end_date: "2028-01-01" });
    expect(decided({ customer: rich, latest: poor.latest }, later(29)).score.score_trend).toBe("stable");
    expect(decided({ customer: rich, latest: poor.latest }, later(30)).score.score_trend).toBe("improving");
  });
});

describe("an override", () => {
  const rich = customer({ contract_end_date: "2028-01-01" });
  const V2: Definition = { ...RECOMMENDED, version: 2 };
  const set = (days: number, score = 20) => ({
    ...{ score, reason: "known_risk" as const },
    ends_at: later(days).toISOString(),
  });

  it("holds before its end, not at it; what was calculated stays beside it", () => {
    const { latest } = decided({ customer: rich, override: set(30) });
    expect(latest).toMatchObject({
      ...{ overall_score: 20, risk_level: "critical" },
      ...{ calculated_score: 50, calculated_band: "high", calculated_trend: "stable" },
    });
    const before = decided({ customer: rich, latest }, new Date(later(30).getTime() - 1));
    expect([before.latest.overall_score, before.movement?.parts]).toEqual([20, []]);
    const after = decided({ customer: rich, latest }, later(30));
    expect(after.latest).toMatchObject({ overall_score: 50, risk_level: "high" });
    expect(after.latest.override).toBeUndefined();
    expect(after.movement).toMatchObject({ delta: 30, parts: [{ kind: "override", points: 30 }] });
  });

  it.each([
    ["version 1", undefined, { overall_score: 50, risk_level: "high", band: "high", definition_version: 1 }],
    [
      "a definition that knows too little",
      [V2],
      { overall_score: 0, risk_level: "critical", band: "unknown", coverage: 0.25, definition_version: 2 },
    ],
  ])("that has ended is shown nowhere: by %s", (_, definitions, expected) => {
    const input = { customer: rich, product_deployment_id: "d1", override: set(30, 90) };
    const { latest, score } = decided({ ...input, ...(definitions && { definitions }) });
    const [held, ended] = [later(29).toISOString(), later(30).toISOString()];
    expect(toScoreSummary(scoreAt(latest, held))).toMatchObject({ overall_score: 90, band: "low" });
    expect(toScoreSummary(scoreAt(latest, ended))).toMatchObject(expected);
    expect(labelledScore(latest, "d1", held)).toMatchObject({ overall_score: 90, band: "low" });
    expect(labelledScore(latest, "d1", ended)).toMatchObject(expected);
    expect(toHealthScore(scoreAt(score, held))).toMatchObject({ overall_score: 90, override: { score: 90 } });
    expect(toHealthScore(scoreAt(score, ended))).toMatchObject({
      ...{ ...expected, override: null },
      calculated_score: expected.overall_score,
    });
  });

  it("that has ended leaves the trend of what was calculated", () => {
    const poor = decided({});
    const { latest } = decided({ customer: rich, latest: poor.latest, override: set(60) }, later(30));
    expect(latest.score_trend).toBe("declining");
    expect(scoreAt(latest, later(60).toISOString()).score_trend).toBe("improving");
  });
});
