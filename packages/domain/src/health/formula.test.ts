import type { InteractionType, Product, Sentiment, SurveyType } from "@success-manager/contract/vocabulary";
import * as vocabulary from "@success-manager/contract/vocabulary";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { riskOf } from "../figures.ts";
import {
  EQUAL_WEIGHTS,
  type FormulaInput,
  parseWeights,
  type ScoredInteraction,
  type ScoredResponse,
  score,
  WINDOW_DAYS,
} from "./formula.ts";

const NOW = new Date("2026-06-15T10:30:00.000Z");
const DAY_MS = 24 * 60 * 60 * 1000;
const ago = (days: number, ms = 0) => new Date(NOW.getTime() - days * DAY_MS - ms).toISOString();
const dateIn = (days: number) => ago(-days).slice(0, 10);

const contact = (
  interaction_type: InteractionType,
  sentiment: Sentiment = "neutral",
  interaction_date = ago(1),
): ScoredInteraction => ({ interaction_type, sentiment, interaction_date });

const answer = (survey_type: SurveyType, value: number, submitted_at = ago(1)): ScoredResponse => ({
  survey_type,
  score: value,
  submitted_at,
});

const times = <T>(n: number, one: T): T[] => Array.from({ length: n }, () => one);

const scored = (inputs: Partial<FormulaInput>) =>
  score({
    now: NOW,
    contract_start_date: undefined,
    contract_end_date: undefined,
    products: [],
    interactions: [],
    responses: [],
    ...inputs,
  });

describe("adoption", () => {
  it.each<[Product[], number]>([
    [[], 0],
    [["MonetX"], 40],
    [["MonetX", "MonetX"], 40],
    [["MonetX", "SupportX"], 70],
    [["MonetX", "SupportX", "GreenX"], 100],
    [["GreenX", "MonetX", "SupportX", "GreenX"], 100],
  ])("of %j is %i", (products, expected) => {
    expect(scored({ products }).adoption_score).toBe(expected);
  });

  it.each([
    [89, 50, true],
    [90, 40, false],
    [91, 40, false],
    [0, 50, true],
    [-5, 50, true],
  ])("of one product in a contract that is %i days old is %i", (age, expected, bonus) => {
    const { adoption_score, factors } = scored({
      products: ["GreenX"],
      contract_start_date: dateIn(-age),
    });
    expect(adoption_score).toBe(expected);
    expect(factors.adoption.details).toMatchObject({ contract_age_days: age, new_customer_bonus: bonus });
  });

  it("never passes 100, and gives a new customer without products the bonus alone", () => {
    const contract_start_date = dateIn(-1);
    expect(scored({ products: vocabulary.Product.options, contract_start_date }).adoption_score).toBe(100);
    expect(scored({ contract_start_date }).adoption_score).toBe(10);
  });
});

describe("engagement", () => {
  it.each<[InteractionType, number]>([
    ["meeting", 15],
    ["training", 15],
    ["call", 10],
    ["email", 5],
    ["support_ticket", 0],
    ["escalation", 0],
  ])("counts a %s as %i", (type, expected) => {
    expect(scored({ interactions: [contact(type)] }).engagement_score).toBe(expected);
  });

  it("stops at 100", () => {
    expect(scored({ interactions: times(6, contact("meeting")) }).engagement_score).toBe(90);
    expect(scored({ interactions: times(7, contact("meeting")) }).engagement_score).toBe(100);
  });

  it("names the newest contact, whatever its type", () => {
    const interactions = [contact("email", "neutral", ago(5)), contact("escalation", "neutral", ago(2))];
    const { details } = scored({ interactions: interactions.reverse() }).factors.engagement;
    expect(details).toMatchObject({ emails: 1, last_interaction_date: ago(2) });
    expect(scored({}).factors.engagement.details.last_interaction_date).toBeNull();
  });
});

describe("support", () => {
  it.each<[string, ScoredInteraction[], number]>([
    ["nothing", [], 100],
    ["a ticket", [contact("support_ticket")], 98],
    ["a negative ticket", [contact("support_ticket", "negative")], 93],
    ["an escalation", [contact("escalation")], 90],
    ["a negative escalation", [contact("escalation", "negative")], 90],
    ["a negative call", [contact("call", "negative")], 100],
    ["ten escalations", times(10, contact("escalation")), 0],
    ["eleven escalations", times(11, contact("escalation")), 0],
  ])("after %s", (_, interactions, expected) => {
    expect(scored({ interactions }).support_score).toBe(expected);
  });

  it.each<[SurveyType, number, number]>([
    ["nps", 0, 50],
    ["nps", 10, 100],
    ["nps", 5, 75],
    ["post_ticket", 1, 50],
    ["quarterly", 3, 75],
    ["onboarding", 5, 100],
  ])("is the mean with the satisfaction of a survey: %s %i", (type, value, expected) => {
    expect(scored({ responses: [answer(type, value)] }).support_score).toBe(expected);
  });

  it("rounds the mean of tickets and satisfaction, half up", () => {
    // (98 + 75) / 2 = 86.5
    const interactions = [contact("support_ticket")];
    const responses = [answer("nps", 10), answer("post_ticket", 3)];
    const { support_score, factors } = scored({ interactions, responses });
    expect(support_score).toBe(87);
    expect(factors.support.details).toEqual({
      support_tickets: 1,
      negative_tickets: 0,
      escalations: 0,
      ticket_score: 98,
      survey_count: 2,
      mean_satisfaction: 75,
    });
  });
});

describe("financial", () => {
  it.each([
    [-1, 0],
    [0, 20],
    [29, 20],
    [30, 50],
    [89, 50],
    [90, 80],
    [179, 80],
    [180, 100],
    [10_000, 100],
  ])("of a contract with %i days left is %i", (days, expected) => {
    const { financial_score, factors } = scored({ contract_end_date: dateIn(days) });
    expect(financial_score).toBe(expected);
    expect(factors.financial.details.days_to_contract_end).toBe(days);
  });

  it("of a contract without an end is 50", () => {
    expect(scored({}).financial_score).toBe(50);
  });
});

describe("the window of 90 days", () => {
  const seen = (at: string) =>
    scored({ interactions: [contact("call", "neutral", at)] }).factors.engagement.details.calls;

  it("reaches from now back to the same time 90 days ago", () => {
    expect([seen(ago(0)), seen(ago(WINDOW_DAYS))]).toEqual([1, 1]);
    expect([seen(ago(0, -1)), seen(ago(WINDOW_DAYS, 1))]).toEqual([0, 0]);
  });

  it("holds for surveys too", () => {
    const counted = [ago(0), ago(0, -1), ago(WINDOW_DAYS), ago(WINDOW_DAYS, 1)].map(
      (at) => scored({ responses: [answer("nps", 0, at)] }).factors.support.details.survey_count,
    );
    expect(counted).toEqual([1, 0, 1, 0]);
  });
});

describe("risk", () => {
  it.each([
    [100, "low"],
    [80, "low"],
    [79, "medium"],
    [60, "medium"],
    [59, "high"],
    [40, "high"],
    [39, "critical"],
    [0, "critical"],
  ])("of %i is %s", (overall, expected) => {
    expect(riskOf(overall)).toBe(expected);
  });
});

describe("weights", () => {
  const inputs: FormulaInput = {
    now: NOW,
    contract_start_date: undefined,
    contract_end_date: dateIn(400),
    products: ["MonetX", "SupportX"],
    interactions: [],
    responses: [],
  };

  it("are equal unless configured: 70, 0, 100 and 100 make 67.5, rounded 68", () => {
    expect(parseWeights(undefined)).toEqual(EQUAL_WEIGHTS);
    expect(score(inputs).overall_score).toBe(68);
  });

  it("decide what counts, whatever their sum", () => {
    const only = parseWeights('{"adoption":0.5,"engagement":0,"support":0,"financial":0}');
    expect(score(inputs, only).overall_score).toBe(70);
    expect(score(inputs, only).factors.adoption.weight).toBe(0.5);
  });

  it.each([
    "{}",
    "[]",
    "0.25",
    '{"adoption":0,"engagement":0,"support":0,"financial":0}',
    '{"adoption":-1,"engagement":1,"support":1,"financial":1}',
    '{"adoption":"1","engagement":1,"support":1,"financial":1}',
  ])("%s are refused", (configured) => {
    expect(() => parseWeights(configured)).toThrow();
  });
});

const date = fc.integer({ min: -4000, max: 4000 }).map(dateIn);
const instant = fc.integer({ min: -200, max: 200 }).map((days) => ago(days));
const anyContact = fc.record({
  interaction_type: fc.constantFrom(...vocabulary.InteractionType.options),
  sentiment: fc.constantFrom(...vocabulary.Sentiment.options),
  interaction_date: instant,
});
const anyAnswer = fc.oneof(
  fc.record({ survey_type: fc.constant("nps" as const), score: fc.nat(10), submitted_at: instant }),
  fc.record({
    survey_type: fc.constantFrom("post_ticket" as const, "quarterly" as const, "onboarding" as const),
    score: fc.integer({ min: 1, max: 5 }),
    submitted_at: instant,
  }),
);
const anyInputs = fc.record({
  now: fc.constant(NOW),
  contract_start_date: fc.option(date, { nil: undefined }),
  contract_end_date: fc.option(date, { nil: undefined }),
  products: fc.array(fc.constantFrom(...vocabulary.Product.options), { maxLength: 5 }),
  interactions: fc.array(anyContact, { maxLength: 30 }),
  responses: fc.array(anyAnswer, { maxLength: 10 }),
});
const weight = fc.double({ min: 0.01, max: 1, noNaN: true });
const anyWeights = fc.record({ adoption: weight, engagement: weight, support: weight, financial: weight });

describe("any customer", () => {
  it("scores whole numbers from 0 to 100, the overall between its components", () => {
    fc.assert(
      fc.property(anyInputs, anyWeights, (inputs, weights) => {
        const result = score(inputs, weights);
        const parts = [
          result.adoption_score,
          result.engagement_score,
          result.support_score,
          result.financial_score,
        ];
        for (const value of [result.overall_score, ...parts]) {
          expect(Number.isInteger(value)).toBe(true);
          expect(value).toBeGreaterThanOrEqual(0);
          expect(value).toBeLessThanOrEqual(100);
        }
        expect(result.overall_score).toBeGreaterThanOrEqual(Math.min(...parts));
        expect(result.overall_score).toBeLessThanOrEqual(Math.max(...parts));
      }),
    );
  });

  it("never adopts less with one product more", () => {
    fc.assert(
      fc.property(anyInputs, fc.constantFrom(...vocabulary.Product.options), (inputs, product) => {
        const more = score({ ...inputs, products: [...inputs.products, product] });
        expect(more.adoption_score).toBeGreaterThanOrEqual(score(inputs).adoption_score);
      }),
    );
  });

  it("is scored the same with and without what is older than the window or yet to come", () => {
    const inside = (at: string) => at <= ago(0) && at >= ago(WINDOW_DAYS);
    fc.assert(
      fc.property(anyInputs, (inputs) => {
        const interactions = inputs.interactions.filter((c) => inside(c.interaction_date));
        const responses = inputs.responses.filter((a) => inside(a.submitted_at));
        expect(score(inputs)).toEqual(score({ ...inputs, interactions, responses }));
      }),
    );
  });

  it("is scored the same in whatever order things are told", () => {
    fc.assert(
      fc.property(anyInputs, (inputs) => {
        const { products, interactions } = inputs;
        const turned = { products: products.toReversed(), interactions: interactions.toReversed() };
        expect(score({ ...inputs, ...turned })).toEqual(score(inputs));
      }),
    );
  });
});
