/**
 * Simulates a customer's life with the rules of the domain, event by event, up to today: what the API and the daily
 * jobs would have written, had they run all the time.
 */
import { type AlertAction, resolved } from "@success-manager/domain/alerts";
import { dateOf } from "@success-manager/domain/calendar";
import {
  type Definition,
  decideScore,
  RECOMMENDED,
  type ScoreDecision,
  type Weights,
} from "@success-manager/domain/health";
import { loadScoreTexts } from "@success-manager/domain/messages";
import type {
  LatestScore,
  StoredCustomer,
  StoredDeployment,
  StoredInteraction,
  StoredScore,
  StoredSurvey,
} from "@success-manager/domain/table";
import { onChurn, onDailyCheck, onInteraction, onSurvey } from "./alert-rules.ts";
import { type AlertHistory, alertStore } from "./alert-store.ts";
import { daysAfter, MONTH_DAYS, startOfDay } from "./dates.ts";
import { eventQueue } from "./event-queue.ts";
import { addManagerActions, resolutionOf } from "./manager-actions.ts";
import { demoId, type Random } from "./random.ts";
import type { Story } from "./stories/story.ts";

const texts = await loadScoreTexts("en");

/**
 * On which days before today there are scores, at midnight UTC, as the daily job would have made them: each of the last
 * five weeks, so that charts of 30 days are lines and trends have something to compare with; before that, one a month.
 */
const SCORED_DAYS = [
  ...[5, 4, 3, 2].map((months) => months * MONTH_DAYS),
  ...Array.from({ length: 36 }, (_, n) => 35 - n),
];

interface Life {
  readonly story: Story;
  /** As they were when they became a customer. */
  readonly customer: StoredCustomer;
  readonly deployments: readonly StoredDeployment[];
  /** Oldest first, as are surveys. */
  readonly interactions: readonly StoredInteraction[];
  readonly surveys: readonly StoredSurvey[];
}

interface SimulationOptions {
  /** When everything is written to the table. */
  readonly now: Date;
  /** The first instant of that day. */
  readonly today: Date;
  /** The customer's last day, if they left. */
  readonly left: Date | undefined;
  readonly weights: Weights;
}

export interface SimulationResult extends AlertHistory {
  readonly customer: StoredCustomer;
  /** Oldest first. */
  readonly scores: readonly StoredScore[];
  readonly latest: LatestScore | undefined;
}

/** The demo data come with what we recommend, as version 2, in use from the first score on. */
const DEFINITIONS: readonly Definition[] = [{ ...RECOMMENDED, version: 2 }];

/** The customer after a score that changes the status. */
function withStatusOf({ statusChange, score }: ScoreDecision, customer: StoredCustomer): StoredCustomer {
  if (!statusChange) return customer;
  const { status_before_risk: _, ...rest } = customer;
  return {
    ...rest,
    ...(statusChange.status_before_risk && { status_before_risk: statusChange.status_before_risk }),
    status: statusChange.status,
    updated_at: score.calculated_at,
    revision: customer.revision + 1,
  };
}

function churned({ status_before_risk: _, ...customer }: StoredCustomer, at: Date): StoredCustomer {
  return { ...customer, status: "churned", updated_at: at.toISOString(), revision: customer.revision + 1 };
}

/** Which deployment a score was requested for; none for most of what a job calculates. */
function labelOf(deployments: readonly StoredDeployment[], random: Random): string | undefined {
  const labeled = random.next() < 0.7;
  return labeled ? deployments[random.whole(0, deployments.length - 1)]?.id : undefined;
}

/** Scores, daily checks, alerts, statuses, and what people did with the alerts. */
export function simulate(
  life: Life,
  { now, today, left, weights }: SimulationOptions,
  random: Random,
): SimulationResult {
  const { story, deployments, interactions, surveys } = life;
  const until = left ? startOfDay(left) : today;
  let customer = life.customer;
  let latest: LatestScore | undefined;
  const scores: StoredScore[] = [];
  const dates: string[] = [];
  const alerts = alertStore(customer.id);
  const events = eventQueue();

  const context = () => ({ customer, deployments, dates, states: alerts.states() });
  const apply = (actions: readonly AlertAction[], at: Date) => {
    for (const alert of alerts.apply(actions, at)) {
      const resolution = resolutionOf(alert, story.manager, today);
      if (!resolution) continue;
      const { by, at: resolvedAt } = resolution;
      events.add(resolvedAt, () =>
        alerts.change(alert.id, (open) => resolved(open, by, resolvedAt), resolvedAt),
      );
    }
  };

  const addInteraction = (interaction: StoredInteraction) => {
    const at = new Date(interaction.interaction_date);
    events.add(at, () => {
      dates.push(interaction.interaction_date);
      apply(onInteraction(interaction, context(), at), at);
    });
  };
  const addSurvey = (survey: StoredSurvey) => {
    const at = new Date(survey.submitted_at);
    events.add(at, () => apply(onSurvey(survey, context()), at));
  };
  const addScore = (daysAgo: number) => {
    const at = daysAfter(today, -daysAgo);
    const running = deployments.filter(({ deployment_date }) => deployment_date <= dateOf(at));
    if (running.length === 0 || at > until) return;
    const product_deployment_id = labelOf(running, random);
    events.add(at, () => {
      const scored = decideScore(
        {
          customer,
          latest,
          deployments: running,
          interactions,
          responses: surveys,
          states: alerts.states(),
          product_deployment_id,
          definitions: DEFINITIONS,
        },
        at,
        weights,
        texts,
      );
      const id = demoId("score", story.company, daysAgo);
      scores.push({ ...scored.score, id });
      latest = { ...scored.latest, id, changed_at: life.customer.changed_at };
      customer = withStatusOf(scored, customer);
      apply(scored.alerts, at);
    });
  };
  /** Checks start after the first interaction: nobody was silent before it. */
  const addDailyChecks = (since: string) => {
    for (let at = daysAfter(startOfDay(new Date(since)), 1); at <= until; at = daysAfter(at, 1))
      events.add(at, () => apply(onDailyCheck(context(), at), at));
  };

  SCORED_DAYS.forEach(addScore);
  interactions.forEach(addInteraction);
  surveys.forEach(addSurvey);
  if (interactions[0]) addDailyChecks(interactions[0].interaction_date);
  addManagerActions(story, customer.id, today, { events, alerts });
  if (left)
    events.add(left, () => {
      customer = churned(customer, left);
      apply(onChurn(context()), left);
    });
  events.run();
  return { customer, scores, latest, ...alerts.exportAt(now) };
}
