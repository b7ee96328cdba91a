import { randomUUID } from "node:crypto";
import { type Action, reconcileHealthAlerts } from "../alerts/index.ts";
import type {
  AlertState,
  LatestScore,
  StoredCustomer,
  StoredDeployment,
  StoredScore,
} from "../table/index.ts";
import { type Answer, type Contact, riskOf, score, trendOf, type Weights } from "./formula.ts";
import { checkReadable } from "./readable.ts";
import { summaryOf } from "./shown.ts";
import { comparedWith, extended, packed, unpacked } from "./trail.ts";

/** Everything that a customer's next score is made of. */
export interface Subject {
  readonly customer: StoredCustomer;
  readonly latest: LatestScore | undefined;
  readonly deployments: readonly StoredDeployment[];
  readonly contacts: readonly Contact[];
  readonly answers: readonly Answer[];
  /** What is known of the conditions that alerts are about; nothing when absent. */
  readonly conditions?: readonly AlertState[];
  /** The deployment that the score is labelled with; the numbers stay those of the whole customer. */
  readonly product_deployment_id?: string | undefined;
}

/** A status and where it came from, when the score moves it. */
export type StatusMove =
  | { readonly status: "at_risk"; readonly status_before_risk: "active" | "onboarding" }
  | { readonly status: "active" | "onboarding"; readonly status_before_risk: undefined };

/** What writing a score means. */
export interface Plan {
  readonly customer: StoredCustomer;
  readonly before: LatestScore | undefined;
  readonly score: StoredScore;
  readonly latest: LatestScore;
  readonly move: StatusMove | undefined;
  /** What alerts about the customer's health have to say. */
  readonly alerts: readonly Action[];
}

/**
 * Decision 13: under 60 an active or onboarding customer becomes at_risk; at 60 or more, one that was moved
 * this way moves back. Churned never changes.
 */
export function statusMove(
  { status, status_before_risk }: StoredCustomer,
  overall: number,
): StatusMove | undefined {
  const risk = riskOf(overall);
  const endangered = risk === "high" || risk === "critical";
  if (endangered && (status === "active" || status === "onboarding"))
    return { status: "at_risk", status_before_risk: status };
  if (!endangered && status === "at_risk" && status_before_risk)
    return { status: status_before_risk, status_before_risk: undefined };
  return undefined;
}

/**
 * Decides a customer's score at `now` and what it changes; writes nothing.
 *
 * @throws when the customer has a score of this instant or a later one. The newest score, its trail and what counters
 * tell customers by stand on scores following each other in time, so who replays an earlier day leaves such
 * customers out. 422 when something that the score is made of can't be read.
 */
export function plan(subject: Subject, now: Date, weights: Weights): Plan {
  const { customer, latest: before, deployments, contacts, answers, product_deployment_id } = subject;
  const { conditions: known = [] } = subject;
  checkReadable(customer, contacts, answers);
  const calculated_at = now.toISOString();
  const previous_calculated_at = before?.calculated_at;
  if (previous_calculated_at !== undefined && previous_calculated_at >= calculated_at)
    throw new Error("A score must be newer than all others of its customer");
  const { factors, ...scores } = score(
    {
      now,
      contract_start_date: customer.contract_start_date,
      contract_end_date: customer.contract_end_date,
      products: deployments.filter(({ is_active }) => is_active).map(({ product_name }) => product_name),
      contacts,
      answers,
    },
    weights,
  );
  const trail = unpacked(before?.trail ?? "");
  const figures = {
    id: randomUUID(),
    customer_id: customer.id,
    ...(product_deployment_id && { product_deployment_id }),
    ...scores,
    score_trend: trendOf(scores.overall_score, comparedWith(trail, now)),
    calculated_at,
  };
  return {
    customer,
    before,
    score: {
      ...figures,
      ...(previous_calculated_at && { previous_calculated_at }),
      factors: JSON.stringify(factors),
    },
    latest: {
      ...figures,
      revision: (before?.revision ?? 0) + 1,
      by_deployment: {
        ...before?.by_deployment,
        ...(product_deployment_id && { [product_deployment_id]: summaryOf(figures) }),
      },
      trail: packed(extended(trail, [calculated_at, scores.overall_score], now)),
      changed_at: new Date().toISOString(),
    },
    move: statusMove(customer, scores.overall_score),
    alerts: reconcileHealthAlerts({ customer, score: scores, previous: before, known }),
  };
}
