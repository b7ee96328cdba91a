import { dateOf } from "../calendar/index.ts";
import type { StoredCustomer } from "../customer/entity.ts";
import type { StoredDeployment } from "../deployment/entity.ts";
import type { LatestScore, StoredScore } from "../health/entity.ts";
import type { Weights } from "../health/formula.ts";
import { plan } from "../health/plan.ts";
import type { StoredInteraction } from "../interaction/index.ts";
import type { StoredSurvey } from "../survey/index.ts";
import { daysAfter } from "./calendar.ts";
import { MONTH_DAYS } from "./contacts.ts";
import { demoId, type Random } from "./random.ts";

/** How far back scores go: one a month, at midnight UTC, as the daily job would have made them. */
const SCORES = 6;

interface Life {
  readonly customer: StoredCustomer;
  readonly deployments: readonly StoredDeployment[];
  readonly contacts: readonly StoredInteraction[];
  readonly answers: readonly StoredSurvey[];
}

export interface Replayed {
  readonly customer: StoredCustomer;
  /** Oldest first. */
  readonly scores: readonly StoredScore[];
  readonly latest: LatestScore | undefined;
}

function moved(customer: StoredCustomer, { move, score }: ReturnType<typeof plan>): StoredCustomer {
  if (!move) return customer;
  const { status_before_risk: _, ...rest } = customer;
  return {
    ...rest,
    ...(move.status_before_risk && { status_before_risk: move.status_before_risk }),
    status: move.status,
    updated_at: score.calculated_at,
    revision: customer.revision + 1,
  };
}

/** Which deployment a score was asked for; none for most of what a job calculates. */
function labelOf(deployments: readonly StoredDeployment[], random: Random): string | undefined {
  const labelled = random.next() < 0.7;
  return labelled ? deployments[random.whole(0, deployments.length - 1)]?.id : undefined;
}

/**
 * Scores a customer month by month with the real rules, up to and including `until`: what the API would have
 * written had it run all the time, statuses included.
 */
export function replay(
  { customer: founded, deployments, contacts, answers }: Life,
  { today, until, weights }: { readonly today: Date; readonly until: Date; readonly weights: Weights },
  random: Random,
): Replayed {
  let customer = founded;
  let latest: LatestScore | undefined;
  const scores: StoredScore[] = [];
  for (let month = SCORES - 1; month >= 0; month--) {
    const at = daysAfter(today, -month * MONTH_DAYS);
    const running = deployments.filter(({ deployment_date }) => deployment_date <= dateOf(at));
    if (running.length === 0 || at > until) continue;
    const product_deployment_id = labelOf(running, random);
    const decided = plan(
      { customer, latest, deployments: running, contacts, answers, product_deployment_id },
      at,
      weights,
    );
    const id = demoId("score", founded.company_name, month);
    scores.push({ ...decided.score, id });
    latest = { ...decided.latest, id, changed_at: founded.changed_at };
    customer = moved(customer, decided);
  }
  return { customer, scores, latest };
}
