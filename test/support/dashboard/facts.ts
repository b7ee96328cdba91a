import {
  type AlertType,
  type CustomerStatus,
  InteractionType,
  type Product,
  Severity,
} from "@success-manager/contract/vocabulary";
import { demoId, type Random, randomOf } from "../../../packages/demo/src/random.ts";
import { DAY_MS, dayFrom } from "./days.ts";
import { type ResponseFact, responsesOf } from "./response-facts.ts";
import { type ScoreFact, scoresOf } from "./score-facts.ts";

/** What a portfolio consists of, in plain words: a test has it written, and counts it by itself. */
export interface CustomerFact {
  readonly id: string;
  readonly company_name: string;
  readonly status: CustomerStatus;
  readonly created_at: string;
  readonly industry?: string;
  /** Cents. */
  readonly contract_value?: number;
  readonly contract_end_date?: string;
  /** A user. */
  readonly linked?: Manager;
  /** Free text, beside or instead of a user. */
  readonly account_manager?: string;
  readonly deployments: readonly DeploymentFact[];
  /** Oldest first. */
  readonly scores: readonly ScoreFact[];
  readonly responses: readonly ResponseFact[];
  readonly alerts: readonly AlertFact[];
  readonly interactions: readonly InteractionFact[];
}

export interface Manager {
  readonly id: string;
  readonly full_name: string;
  readonly email: string;
}

export interface DeploymentFact {
  readonly id: string;
  readonly product: Product;
  readonly is_active: boolean;
  readonly deployment_date: string;
}

export interface AlertFact {
  readonly id: string;
  readonly alert_type: AlertType;
  readonly severity: Severity;
  readonly created_at: string;
  readonly state: "open" | "snoozed" | "was snoozed" | "resolved";
}

export interface InteractionFact {
  readonly id: string;
  readonly interaction_type: InteractionType;
  readonly at: string;
}

/** Days until contracts end: the edges of every window, and none. */
const ENDS = [-1, 0, 1, 29, 30, 31, 59, 60, 61, 89, 90, 91, 400, undefined] as const;
/** In cents: the edges of every range; amounts whose sum floating point gets wrong; and none. */
const VALUES = [
  [2_499_999, 2_500_000, 9_999_999, 10_000_000, 49_999_999, 50_000_000, 0, undefined],
  [10, 20, 70, 123_456_789_012, 33_333_333, 111],
].flat();
/** Days since customers came: around the 30 days of what is new, but not on their edge. */
const AGES = [2, 9, 28, 33, 40, 200, 380] as const;

/** Every n-th of a list, over and over. */
const nth = <T>(list: readonly T[], n: number) => list[n % list.length];

/** A user, somebody without an account, both, or nobody. */
function managedBy(
  n: number,
  managers: readonly Manager[],
  random: Random,
): Pick<CustomerFact, "linked" | "account_manager"> {
  const linked = nth(managers, n);
  const account_manager = random.pick(["Grace Hopper", "Alan Kay"]);
  return random.pick<Pick<CustomerFact, "linked" | "account_manager">>([
    {},
    { account_manager },
    ...(linked ? [{ linked, account_manager }, { linked }] : []),
  ]);
}

/** Up to four, some of the same product, some inactive; no two in the portfolio on one day. */
const deploymentsOf = (n: number, random: Random, today: string): DeploymentFact[] =>
  Array.from({ length: random.whole(0, 4) }, (_, k) => ({
    id: demoId("deployment", n, k),
    product: random.pick(["MonetX", "SupportX", "GreenX", "MonetX"]),
    is_active: random.next() < 0.7,
    deployment_date: dayFrom(today, 1 - n - 70 * k),
  }));

const alertsOf = (n: number, random: Random, now: number): AlertFact[] =>
  Array.from({ length: random.whole(0, 3) }, (_, k) => ({
    id: demoId("alert", n, k),
    alert_type: random.pick(["escalation", "low_csat"]),
    severity: nth(Severity.options, n + k) ?? "low",
    state: random.pick(["open", "open", "snoozed", "was snoozed", "resolved"]),
    created_at: new Date(now - (n + k) * DAY_MS * 0.7 - n - 60_000).toISOString(),
  }));

const interactionsOf = (n: number, random: Random, now: number): InteractionFact[] =>
  Array.from({ length: random.whole(0, 3) }, (_, k) => ({
    id: demoId("contact", n, k),
    interaction_type: nth(InteractionType.options, n + k) ?? "call",
    at: new Date(now - (n + k) * DAY_MS * 0.9 - 1_000 * n - 120_000).toISOString(),
  }));

/** So many customers, the same every time but for their dates, which are relative to now. */
export function portfolioFacts(size: number, now: Date, managers: readonly Manager[]): CustomerFact[] {
  const today = now.toISOString().slice(0, 10);
  return Array.from({ length: size }, (_, n) => {
    const random = randomOf(`dashboard ${n}`);
    const [ends, contract_value] = [nth(ENDS, n), nth(VALUES, n)];
    const industry = random.pick(["Finance", "finance", "Energy", "Health", ""]);
    const deployments = deploymentsOf(n, random, today);
    return {
      id: demoId("customer", n),
      company_name: `Company ${n}`,
      // The first have not left, so that every edge is among those that count.
      status: random.pick(["active", "onboarding", "at_risk", n < ENDS.length ? "active" : "churned"]),
      created_at: new Date(now.getTime() - (nth(AGES, n) ?? 1) * DAY_MS - n * 1_000).toISOString(),
      ...(industry && { industry }),
      ...(contract_value !== undefined && { contract_value }),
      ...(ends !== undefined && { contract_end_date: dayFrom(today, ends) }),
      ...managedBy(n, managers, random),
      deployments,
      scores: scoresOf(n, deployments, random, now),
      responses: responsesOf(n, deployments, random, now),
      alerts: alertsOf(n, random, now.getTime()),
      interactions: interactionsOf(n, random, now.getTime()),
    };
  });
}
