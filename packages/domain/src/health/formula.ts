import type { ScoreFactors } from "@success-manager/contract/scores";
import type {
  InteractionType,
  Product,
  RiskLevel,
  ScoreTrend,
  Sentiment,
  SurveyType,
} from "@success-manager/contract/vocabulary";

import * as z from "zod";
import { DAY_MS, dateOf, daysBetween } from "../calendar.ts";

/**
 * The health score (decision 12): four components from 0 to 100 and their weighted mean.
 * Pure functions over plain data; the clock is passed in.
 */

export type Component = "adoption" | "engagement" | "support" | "financial";
export type Weights = Readonly<Record<Component, number>>;

export const EQUAL_WEIGHTS: Weights = { adoption: 0.25, engagement: 0.25, support: 0.25, financial: 0.25 };

/** How far back contacts and surveys count. */
export const WINDOW_DAYS = 90;

export interface Contact {
  readonly interaction_type: InteractionType;
  readonly sentiment: Sentiment;
  /** ISO instant. */
  readonly interaction_date: string;
}

export interface Answer {
  readonly survey_type: SurveyType;
  readonly score: number;
  /** ISO instant. */
  readonly submitted_at: string;
}

/** What scoring looks at. */
export interface Inputs {
  readonly now: Date;
  /** Dates `YYYY-MM-DD`. */
  readonly contract_start_date: string | undefined;
  readonly contract_end_date: string | undefined;
  /** Of active deployments; may repeat. */
  readonly products: readonly Product[];
  readonly contacts: readonly Contact[];
  readonly answers: readonly Answer[];
}

export interface Result {
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

function adoption({ products, contract_start_date, now }: Inputs) {
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

const countOf = (contacts: readonly Contact[], type: InteractionType) =>
  contacts.filter(({ interaction_type }) => interaction_type === type).length;

function engagement(contacts: readonly Contact[]) {
  const [meetings, trainings] = [countOf(contacts, "meeting"), countOf(contacts, "training")];
  const [calls, emails] = [countOf(contacts, "call"), countOf(contacts, "email")];
  const newest = contacts.reduce<string | null>(
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
const satisfaction = ({ survey_type, score }: Answer) =>
  survey_type === "nps" ? score * 10 : (score - 1) * 25;

const mean = (numbers: readonly number[]) => numbers.reduce((sum, n) => sum + n, 0) / numbers.length;

function support(contacts: readonly Contact[], answers: readonly Answer[]) {
  const tickets = contacts.filter(({ interaction_type }) => interaction_type === "support_ticket");
  const negative = tickets.filter(({ sentiment }) => sentiment === "negative").length;
  const escalations = countOf(contacts, "escalation");
  const ticketScore = Math.max(0, 100 - 2 * tickets.length - 5 * negative - 10 * escalations);
  const satisfied = answers.length > 0 ? mean(answers.map(satisfaction)) : null;
  return {
    score: satisfied === null ? ticketScore : Math.round((ticketScore + satisfied) / 2),
    details: {
      support_tickets: tickets.length,
      negative_tickets: negative,
      escalations,
      ticket_score: ticketScore,
      survey_count: answers.length,
      mean_satisfaction: satisfied === null ? null : Math.round(satisfied * 10) / 10,
    },
  };
}

/** Days to the end of the contract, from which on it is worth so much. */
const BY_DAYS_LEFT = [
  [180, 100],
  [90, 80],
  [30, 50],
  [0, 20],
] as const;
const NO_END_DATE = 50;

function financial({ contract_end_date, now }: Inputs) {
  const days = contract_end_date === undefined ? null : daysBetween(dateOf(now), contract_end_date);
  const reached = days === null ? NO_END_DATE : (BY_DAYS_LEFT.find(([least]) => days >= least)?.[1] ?? 0);
  return {
    score: reached,
    details: { contract_end_date: contract_end_date ?? null, days_to_contract_end: days },
  };
}

/** The four bands that scores, trends, distribution and clients share. */
export function riskOf(overall: number): RiskLevel {
  if (overall >= 80) return "low";
  if (overall >= 60) return "medium";
  return overall >= 40 ? "high" : "critical";
}

/** Scores a customer at `inputs.now`. Future-dated contacts and answers, and those before the window, don't count. */
export function score(inputs: Inputs, weights: Weights = EQUAL_WEIGHTS): Result {
  const until = inputs.now.toISOString();
  const since = new Date(inputs.now.getTime() - WINDOW_DAYS * DAY_MS).toISOString();
  const contacts = inputs.contacts.filter((c) => c.interaction_date >= since && c.interaction_date <= until);
  const answers = inputs.answers.filter((a) => a.submitted_at >= since && a.submitted_at <= until);
  const parts = {
    adoption: adoption(inputs),
    engagement: engagement(contacts),
    support: support(contacts, answers),
    financial: financial(inputs),
  };
  const names = Object.keys(parts) as Component[];
  const total = names.reduce((sum, name) => sum + weights[name], 0);
  // Rounded to a millionth first, so that 59.5 is 59.5 whatever the weights do in binary.
  const weighted = names.reduce((sum, name) => sum + weights[name] * parts[name].score, 0) / total;
  const overall = Math.round(Math.round(weighted * 1e6) / 1e6);
  return {
    overall_score: overall,
    adoption_score: parts.adoption.score,
    engagement_score: parts.engagement.score,
    support_score: parts.support.score,
    financial_score: parts.financial.score,
    risk_level: riskOf(overall),
    factors: {
      adoption: { ...parts.adoption, weight: weights.adoption },
      engagement: { ...parts.engagement, weight: weights.engagement },
      support: { ...parts.support, weight: weights.support },
      financial: { ...parts.financial, weight: weights.financial },
    },
  };
}

/** How much a score has to move to count. */
const NOTICEABLE = 5;

/** The trend against an earlier score; stable when there is none. */
export function trendOf(overall: number, earlier: number | undefined): ScoreTrend {
  const moved = earlier === undefined ? 0 : overall - earlier;
  if (moved >= NOTICEABLE) return "improving";
  return moved <= -NOTICEABLE ? "declining" : "stable";
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
export const weightsOf = (configured: string | undefined): Weights =>
  configured ? ConfiguredWeights.parse(JSON.parse(configured)) : EQUAL_WEIGHTS;
