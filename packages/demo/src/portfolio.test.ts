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

describe("the demo tickets", () => {
  const tickets = customers.flatMap((customer) => customer.tickets);
  const all = tickets.map(({ ticket }) => ticket);

  it("are the interactions of that type, numbered as they were opened", () => {
    const interactions = customers.flatMap((customer) => customer.interactions);
    const standing = interactions.filter(({ interaction_type }) => interaction_type === "support_ticket");
    expect(standing.map(({ ticket_id }) => ticket_id)).toEqual(all.map(({ id }) => id));
    for (const { id, ticket_number, ticket_status } of standing)
      expect(all.find((ticket) => ticket.id === id)).toMatchObject({
        number: ticket_number,
        status: ticket_status,
      });
    const opened = all.toSorted((a, b) => (a.created_at < b.created_at ? -1 : 1));
    const numbers = opened.map((_, n) => `T-${String(n + 1).padStart(6, "0")}`);
    expect(opened.map(({ number }) => number)).toEqual(numbers);
    expect(opened.length).toBeGreaterThan(50);
  });

  it("are closed mostly, some late, and nothing of them lies ahead", () => {
    const late = all.filter(({ breach_at, status }) => status === "closed" && breach_at !== undefined);
    expect(late.length / all.length).toBeGreaterThan(0.05);
    expect(late.length / all.length).toBeLessThan(0.4);
    expect(all.filter(({ status }) => status === "closed").length / all.length).toBeGreaterThan(0.7);
    for (const { ticket, comments } of tickets) {
      const { created_at, updated_at, first_response_at, resolved_at, closed_at } = ticket;
      const times = [created_at, first_response_at, resolved_at, closed_at].filter(Boolean);
      expect(times).toEqual(times.toSorted());
      expect(updated_at < NOW.slice(0, 10)).toBe(true);
      expect(comments.map((comment) => comment.created_at)).toEqual(
        comments.map((comment) => comment.created_at).toSorted(),
      );
      expect(ticket.comment_count).toBe(comments.length);
    }
  });

  it("of a customer who left are closed", () => {
    const [gone] = customers.filter(({ customer }) => customer.status === "churned");
    expect(new Set(gone?.tickets.map(({ ticket }) => ticket.status))).toEqual(new Set(["closed"]));
  });

  it("show the surveys that name them", () => {
    const surveys = customers.flatMap((customer) => customer.surveys);
    const about = surveys.filter(({ ticket_id }) => ticket_id !== undefined);
    expect(about.length).toBeGreaterThan(5);
    for (const { id, score, submitted_at, ticket_id, ticket_reference } of about) {
      const ticket = all.find((one) => one.id === ticket_id);
      expect(ticket).toMatchObject({ number: ticket_reference, survey: { id, score, submitted_at } });
      expect((ticket?.resolved_at ?? "") < submitted_at).toBe(true);
    }
  });
});
