import type { ScoreFactors } from "@success-manager/contract/scores";
import type {
  InteractionType,
  Product,
  RiskLevel,
  Sentiment,
  SurveyType,
} from "@success-manager/contract/vocabulary";
import * as z from "zod";
import { DAY_MS, dateOf, daysBetween } from "../calendar.ts";
import { riskOf } from "../figures.ts";

/**
 * The health score (decision 12): four components from 0 to 100 and their weighted mean.
 * Pure functions over plain data; the clock is passed in.
 */

export type Component = "adoption" | "engagement" | "support" | "financial";
export type Weights = Readonly<Record<Component, number>>;

export const EQUAL_WEIGHTS: Weights = { adoption: 0.25, engagement: 0.25, support: 0.25, financial: 0.25 };

/** How far back interactions and survey responses count. */
export const WINDOW_DAYS = 90;

export interface ScoredInteraction {
  readonly id?: string;
  readonly interaction_type: InteractionType;
  readonly sentiment: Sentiment;
  /** ISO instant. */
  readonly interaction_date: string;
  /** ISO instant from which on it was known; its date when absent. */
  readonly created_at?: string;
}

export interface ScoredResponse {
  readonly id?: string;
  readonly survey_type: SurveyType;
  readonly score: number;
  /** ISO instant. */
  readonly submitted_at: string;
}

/** What a score is calculated from. */
export interface FormulaInput {
  readonly now: Date;
  /** Dates `YYYY-MM-DD`. */
  readonly contract_start_date: string | undefined;
  readonly contract_end_date: string | undefined;
  /** Of active deployments; may repeat. */
  readonly products: readonly Product[];
  readonly interactions: readonly ScoredInteraction[];
  readonly responses: readonly ScoredResponse[];
}

export interface FormulaResult {
  readonly overall_score: number;
  readonly adoption_score: number;
  readonly engagement_score: number;
  readonly support_score: number;
  readonly financial_score: number;
  readonly risk_level: RiskLevel;
  readonly factors: ScoreFactors;
}

const NEW_CUSTOMER_DAYS = 90;
const NEW_CUSTOMER_BONUS = 10;
const BY_PRODUCT_COUNT = [0, 40, 70, 100] as const;

export function adoption({ products, contract_start_date, now }: FormulaInput) {
  const distinct = [...new Set(products)].sort();
  const age = contract_start_date === undefined ? null : daysBetween(contract_start_date, dateOf(now));
  const isNew = age !== null && age < NEW_CUSTOMER_DAYS;
  const base = BY_PRODUCT_COUNT[Math.min(distinct.length, 3)] ?? 100;
  return {
    score: Math.min(100, base + (isNew ? NEW_CUSTOMER_BONUS : 0)),
    details: {
      products: distinct,
      product_count: distinct.length,
      contract_age_days: age,
      new_customer_bonus: isNew,
    },
  };
}

const countOf = (interactions: readonly ScoredInteraction[], type: InteractionType) =>
  interactions.filter(({ interaction_type }) => interaction_type === type).length;

export function engagement(interactions: readonly ScoredInteraction[]) {
  const [meetings, trainings] = [countOf(interactions, "meeting"), countOf(interactions, "training")];
  const [calls, emails] = [countOf(interactions, "call"), countOf(interactions, "email")];
  const newest = interactions.reduce<string | null>(
    (latest, { interaction_date }) =>
      latest === null || interaction_date > latest ? interaction_date : latest,
    null,
  );
  return {
    score: Math.min(100, 15 * (meetings + trainings) + 10 * calls + 5 * emails),
    details: { meetings, trainings, calls, emails, last_interaction_date: newest },
  };
}

/** 0..100 whatever the survey's scale: NPS asks 0..10, the others 1..5 (decision 14). */
export const satisfaction = ({ survey_type, score }: ScoredResponse) =>
  survey_type === "nps" ? score * 10 : (score - 1) * 25;

const mean = (numbers: readonly number[]) => numbers.reduce((sum, n) => sum + n, 0) / numbers.length;

export function support(interactions: readonly ScoredInteraction[], responses: readonly ScoredResponse[]) {
  const tickets = interactions.filter(({ interaction_type }) => interaction_type === "support_ticket");
  const negative = tickets.filter(({ sentiment }) => sentiment === "negative").length;
  const escalations = countOf(interactions, "escalation");
  const ticketScore = Math.max(0, 100 - 2 * tickets.length - 5 * negative - 10 * escalations);
  const satisfied = responses.length > 0 ? mean(responses.map(satisfaction)) : null;
  return {
    score: satisfied === null ? ticketScore : Math.round((ticketScore + satisfied) / 2),
    details: {
      support_tickets: tickets.length,
      negative_tickets: negative,
      escalations,
      ticket_score: ticketScore,
      survey_count: responses.length,
      mean_satisfaction: satisfied === null ? null : Math.round(satisfied * 10) / 10,
    },
  };
}

/** Points by days to the end of the contract: the first line counts that has no more days. */
const BY_DAYS_LEFT = [
  [180, 100],
  [90, 80],
  [30, 50],
  [0, 20],
] as const;
const NO_END_DATE = 50;

export function financial({ contract_end_date, now }: FormulaInput) {
  const days = contract_end_date === undefined ? null : daysBetween(dateOf(now), contract_end_date);
  const points = days === null ? NO_END_DATE : (BY_DAYS_LEFT.find(([minimum]) => days >= minimum)?.[1] ?? 0);
  return {
    score: points,
    details: { contract_end_date: contract_end_date ?? null, days_to_contract_end: days },
  };
}

/** What happened within so many days before an instant. What is dated ahead of it, or before, doesn't count. */
export function activityWithin<I extends ScoredInteraction, R extends ScoredResponse>(
  { interactions, responses }: { readonly interactions: readonly I[]; readonly responses: readonly R[] },
  days: number,
  now: Date,
): { readonly interactions: readonly I[]; readonly responses: readonly R[] } {
  const until = now.toISOString();
  const since = new Date(now.getTime() - days * DAY_MS).toISOString();
  return {
    interactions: interactions.filter(({ interaction_date: at }) => at >= since && at <= until),
    responses: responses.filter(({ submitted_at: at }) => at >= since && at <= until),
  };
}

/** The four components at `inputs.now`, each with the figures it was computed from. */
export function componentsOf(inputs: FormulaInput) {
  const { interactions, responses } = activityWithin(inputs, WINDOW_DAYS, inputs.now);
  return {
    adoption: adoption(inputs),
    engagement: engagement(interactions),
    support: support(interactions, responses),
    financial: financial(inputs),
  };
}
export type Components = ReturnType<typeof componentsOf>;

/**
 * A weighted mean as a whole number. Rounded to a millionth first, so that 59.5 is 59.5 whatever the weights do in
 * binary.
 */
export const roundScore = (weighted: number) => Math.round(Math.round(weighted * 1e6) / 1e6);

/** Scores a customer at `inputs.now`. Future-dated interactions and responses, and those before the window, don't count. */
export function score(inputs: FormulaInput, weights: Weights = EQUAL_WEIGHTS): FormulaResult {
  const components = componentsOf(inputs);
  const names = Object.keys(components) as Component[];
  const total = names.reduce((sum, name) => sum + weights[name], 0);
  const overall = roundScore(
    names.reduce((sum, name) => sum + weights[name] * components[name].score, 0) / total,
  );
  return {
    overall_score: overall,
    adoption_score: components.adoption.score,
    engagement_score: components.engagement.score,
    support_score: components.support.score,
    financial_score: components.financial.score,
    risk_level: riskOf(overall),
    factors: {
      adoption: { ...components.adoption, weight: weights.adoption },
      engagement: { ...components.engagement, weight: weights.engagement },
      support: { ...components.support, weight: weights.support },
      financial: { ...components.financial, weight: weights.financial },
    },
  };
}

const ConfiguredWeight = z.number().min(0).max(1);
const ConfiguredWeights = z
  .object({
    adoption: ConfiguredWeight,
    engagement: ConfiguredWeight,
    support: ConfiguredWeight,
    financial: ConfiguredWeight,
  })
  .refine((weights) => Object.values(weights).some((weight) => weight > 0), "must not all be 0");

/**
 * Weights from the deployment's configuration, as JSON: `{"adoption":0.25,"engagement":0.25,…}`.
 * @throws when they are not four numbers from 0 to 1
 */
export const parseWeights = (configured: string | undefined): Weights =>
  configured ? ConfiguredWeights.parse(JSON.parse(configured)) : EQUAL_WEIGHTS;
