import { SurveyType } from "@success-manager/contract/vocabulary";
import { decodePoints, riskOf } from "@success-manager/domain/health";
import { describe, expect, it, vi } from "vitest";
import { counts, demoOn } from "./fixture/demo.ts";
import { customerWrites } from "./seed.ts";

// The entities read the table's name when they are loaded.
vi.hoisted(() => {
  process.env.TABLE_NAME = "demo";
});

const NOW = "2026-03-31T15:30:00.000Z";
const customers = demoOn(NOW);

const dayBefore = (days: number) =>
  new Date(Date.parse(NOW) - days * 24 * 60 * 60 * 1000).toISOString().slice(0, 10);

const SPREAD = {
  statuses: { active: 10, at_risk: 3, churned: 1, onboarding: 1 },
  risks: { critical: 2, high: 2, low: 6, medium: 5 },
};

describe("the demo portfolio", () => {
  it("is the same whenever it is made", () => {
    expect(demoOn(NOW)).toEqual(customers);
  });

  it("is the same at every hour of a day, but for the moment of writing", () => {
    const plain = (all: typeof customers) =>
      JSON.stringify(
        all.map(({ alerts, states, ...rest }) => ({
          ...rest,
          alerts: alerts.map(({ updated_at: _, ...alert }) => alert),
          states: states.map(({ revision: _, ...state }) => state),
        })),
        (key, value) => (key === "changed_at" ? undefined : value),
      );
    expect(plain(demoOn("2026-03-31T23:59:59Z"))).toBe(plain(customers));
  });

  it.each(["2026-01-01", "2026-03-31", "2027-07-04", "2028-02-29"])(
    "spreads like a real one on %s",
    (day) => {
      const all = demoOn(`${day}T12:00:00Z`);
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
      const points = scores.map(({ calculated_at, overall_score }) => [
        Date.parse(calculated_at),
        overall_score,
      ]);
      const trail = decodePoints(latest?.trail ?? "");
      expect(points.slice(points.length - trail.length)).toEqual(trail);
    }
  });

  it("scores everybody who stays each day for five weeks", () => {
    for (const { customer, scores, deployments } of customers) {
      if (customer.status === "churned") continue;
      const first = deployments.map(({ deployment_date }) => deployment_date).sort()[0] ?? "";
      const days = Array.from({ length: 36 }, (_, n) => dayBefore(35 - n)).filter((day) => day >= first);
      expect(scores.map(({ calculated_at }) => calculated_at.slice(0, 10)).slice(-days.length)).toEqual(days);
    }
  });

  it("lets nothing happen before a contract or in the future", () => {
    for (const { customer, interactions, surveys, scores, links, alerts } of customers) {
      const moments = [
        ...links.flatMap(({ created_at, answered_at, revoked_at }) => [
          created_at,
          answered_at ?? created_at,
          revoked_at ?? created_at,
        ]),
        ...alerts.flatMap(({ created_at, resolved_at }) => [created_at, resolved_at ?? created_at]),
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

  it("keeps a customer without scores within one transaction, and refuses what does not fit", () => {
    const at = new Date(NOW);
    const sizes = customers.map((demo) => customerWrites(demo, at).length);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(100);
    const [first] = customers;
    if (!first) throw new Error("There are no demo customers");
    const tooMuch = { ...first, surveys: Array(100).fill(first.surveys[0]) };
    expect(() => customerWrites(tooMuch, at)).toThrow("a transaction takes 100");
  });

  it("says of every interaction and every recorded response who of the team wrote it down", () => {
    const names = {
      "sarah.manager@extravis.com": "Sarah Johnson",
      "james.manager@extravis.com": "James Wilson",
    };
    const entries = customers.flatMap(({ interactions, surveys }) => [
      ...interactions,
      ...surveys.filter(({ submitted_via }) => submitted_via === "manual_entry"),
    ]);
    for (const { author_id, author_name } of entries)
      expect(names).toHaveProperty([author_id ?? ""], author_name);
    const linked = customers.flatMap(({ surveys }) => surveys.filter(({ survey_link_id }) => survey_link_id));
    expect(linked.filter(({ author_id }) => author_id)).toEqual([]);
  });

  it("asks each kind of survey on its own scale", () => {
    const surveys = customers.flatMap((customer) => customer.surveys);
    expect(Object.keys(counts(surveys.map(({ survey_type }) => survey_type)))).toEqual(
      [...SurveyType.options].sort(),
    );
    const onFive = surveys.filter(({ survey_type }) => survey_type !== "nps").map(({ score }) => score);
    expect([Math.min(...onFive), Math.max(...onFive)]).toEqual([1, 5]);
  });
});
