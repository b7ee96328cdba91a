import { describe, expect, it } from "vitest";
import { EQUAL_WEIGHTS, riskOf } from "../health/formula.ts";
import { unpacked } from "../health/trail.ts";
import { portfolio } from "./portfolio.ts";

const on = (now: string) => portfolio({ now: new Date(now), idOf: (email) => email, weights: EQUAL_WEIGHTS });
const customers = on("2026-03-31T15:30:00Z");

const counts = (values: readonly string[]) =>
  Object.fromEntries([...new Set(values)].sort().map((v) => [v, values.filter((w) => w === v).length]));

const SPREAD = {
  statuses: { active: 10, at_risk: 3, churned: 1, onboarding: 1 },
  risks: { critical: 2, high: 2, low: 5, medium: 6 },
};

describe("the demo portfolio", () => {
  it("is the same at every hour of a day", () => {
    const later = on("2026-03-31T23:59:59Z");
    const plain = (from: typeof customers) =>
      JSON.stringify(from, (key, value) => (key === "changed_at" ? undefined : value));
    expect(plain(later)).toBe(plain(customers));
  });

  it.each(["2026-01-01", "2026-03-31", "2027-07-04", "2028-02-29"])(
    "spreads like a real one on %s",
    (day) => {
      const all = on(`${day}T12:00:00Z`);
      expect(counts(all.map(({ customer }) => customer.status))).toEqual(SPREAD.statuses);
      expect(counts(all.map(({ latest }) => latest?.risk_level ?? "none"))).toEqual(SPREAD.risks);
    },
  );

  it("has five companies of each industry, worth 29.55 million", () => {
    const industries = { "Financial Services": 5, Technology: 5, Telecommunications: 5 };
    expect(counts(customers.map(({ customer }) => customer.industry ?? ""))).toEqual(industries);
    const cents = customers.reduce((sum, { customer }) => sum + (customer.contract_value ?? 0), 0);
    expect(cents).toBe(2_955_000_000);
  });

  it("gives a status that fits the score, with the one before", () => {
    for (const { customer, latest } of customers) {
      if (customer.status === "churned") continue;
      const endangered = ["high", "critical"].includes(riskOf(latest?.overall_score ?? 0));
      expect([customer.company_name, customer.status === "at_risk"]).toEqual([
        customer.company_name,
        endangered,
      ]);
      expect(customer.status_before_risk).toBe(endangered ? "active" : undefined);
    }
  });

  it("counts a history that is there", () => {
    for (const { latest, scores } of customers) {
      expect(latest).toMatchObject({ revision: scores.length, id: scores.at(-1)?.id });
      const steps = scores.map(({ calculated_at, overall_score }) => [calculated_at, overall_score]);
      const trail = unpacked(latest?.trail ?? "");
      expect(steps.slice(steps.length - trail.length)).toEqual(trail);
    }
  });

  it("lets nothing happen before a contract or in the future", () => {
    for (const { customer, interactions, surveys, scores } of customers) {
      const moments = [
        ...interactions.map(({ interaction_date }) => interaction_date),
        ...surveys.map(({ submitted_at }) => submitted_at),
        ...scores.map(({ calculated_at }) => calculated_at),
        customer.updated_at,
      ].sort();
      expect(moments[0] ?? "").toSatisfy((first: string) => first >= (customer.contract_start_date ?? ""));
      expect(moments.at(-1) ?? "").toSatisfy((last: string) => last <= "2026-03-31T00:00:00.000Z");
    }
  });

  it("leaves a churned customer only ended deployments", () => {
    const ended = customers.filter(({ customer }) => customer.status === "churned");
    expect(ended.flatMap(({ deployments }) => deployments.map(({ is_active }) => is_active))).toEqual([
      false,
    ]);
  });

  it("keeps a customer within one transaction", () => {
    for (const { deployments, interactions, surveys, scores } of customers)
      expect(3 + deployments.length + interactions.length + surveys.length + scores.length).toBeLessThan(100);
  });

  it("asks each kind of survey on its own scale", () => {
    const surveys = customers.flatMap((customer) => customer.surveys);
    expect(Object.keys(counts(surveys.map(({ survey_type }) => survey_type)))).toEqual([
      "nps",
      "onboarding",
      "post_ticket",
      "quarterly",
    ]);
    const onFive = surveys.filter(({ survey_type }) => survey_type !== "nps").map(({ score }) => score);
    expect([Math.min(...onFive), Math.max(...onFive)]).toEqual([1, 5]);
  });
});
