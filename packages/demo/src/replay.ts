import type { AlertAction } from "@success-manager/domain/alerts";
import { resolved } from "@success-manager/domain/alerts";
import { dateOf } from "@success-manager/domain/calendar";
import type { Weights } from "@success-manager/domain/health";
import { decideScore, type ScoreDecision } from "@success-manager/domain/health";
import type {
  LatestScore,
  StoredCustomer,
  StoredDeployment,
  StoredInteraction,
  StoredScore,
  StoredSurvey,
} from "@success-manager/domain/table";
import { type Alerted, alertLog } from "./alert-log.ts";
import { onAnswer, onCheck, onContact, onLeaving } from "./alerting.ts";
import { daysAfter, startOfDay } from "./calendar.ts";
import { MONTH_DAYS } from "./contacts.ts";
import { dealtWith, managersActs } from "./people.ts";
import { demoId, type Random } from "./random.ts";
import type { Story } from "./stories/index.ts";
import { timeline } from "./timeline.ts";

/** How far back scores go: one a month, at midnight UTC, as the daily job would have made them. */
const SCORES = 6;

interface Life {
  readonly story: Story;
  readonly customer: StoredCustomer;
  readonly deployments: readonly StoredDeployment[];
  /** Oldest first, as are answers. */
  readonly contacts: readonly StoredInteraction[];
  readonly answers: readonly StoredSurvey[];
}

interface Frame {
  /** When everything is written down. */
  readonly now: Date;
  /** The first instant of that day. */
  readonly today: Date;
  /** The customer's last day, if they left, and what they are from then on. */
  readonly left: Date | undefined;
  readonly weights: Weights;
}

export interface Replayed extends Alerted {
  readonly customer: StoredCustomer;
  /** Oldest first. */
  readonly scores: readonly StoredScore[];
  readonly latest: LatestScore | undefined;
}

function moved(customer: StoredCustomer, { statusChange, score }: ScoreDecision): StoredCustomer {
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

/** Which deployment a score was asked for; none for most of what a job calculates. */
function labelOf(deployments: readonly StoredDeployment[], random: Random): string | undefined {
  const labelled = random.next() < 0.7;
  return labelled ? deployments[random.whole(0, deployments.length - 1)]?.id : undefined;
}

/**
 * Lets a customer's story happen with the real rules, up to today: scores month by month, statuses, checks day by
 * day, alerts and what people did with them. What the API would have written had it run all the time.
 */
export function replay(life: Life, { now, today, left, weights }: Frame, random: Random): Replayed {
  const { story, deployments, contacts, answers } = life;
  const until = left ? startOfDay(left) : today;
  let customer = life.customer;
  let latest: LatestScore | undefined;
  const scores: StoredScore[] = [];
  const dates: string[] = [];
  const log = alertLog(customer.id);
  const time = timeline();

  const known = () => ({ customer, deployments, dates, conditions: log.known() });
  const apply = (actions: readonly AlertAction[], at: Date) => {
    for (const alert of log.apply(actions, at)) {
      const dealt = dealtWith(alert, story.manager, today);
      if (dealt)
        time.add(dealt.at, () =>
          log.change(alert.id, (open) => resolved(open, dealt.by, dealt.at), dealt.at),
        );
    }
  };

  const contacted = (contact: StoredInteraction) => {
    const at = new Date(contact.interaction_date);
    time.add(at, () => {
      dates.push(contact.interaction_date);
      apply(onContact(contact, known(), at), at);
    });
  };
  const answered = (answer: StoredSurvey) => {
    const at = new Date(answer.submitted_at);
    time.add(at, () => apply(onAnswer(answer, known()), at));
  };
  const scored = (month: number) => {
    const at = daysAfter(today, -month * MONTH_DAYS);
    const running = deployments.filter(({ deployment_date }) => deployment_date <= dateOf(at));
    if (running.length === 0 || at > until) return;
    const product_deployment_id = labelOf(running, random);
    time.add(at, () => {
      const input = { customer, latest, deployments: running, interactions: contacts, responses: answers };
      const decided = decideScore({ ...input, states: log.known(), product_deployment_id }, at, weights);
      const id = demoId("score", story.company, month);
      scores.push({ ...decided.score, id });
      latest = { ...decided.latest, id, changed_at: life.customer.changed_at };
      customer = moved(customer, decided);
      apply(decided.alerts, at);
    });
  };
  /** What is told starts with the first contact: before it nobody was silent. */
  const checkedDaily = (since: string) => {
    for (let at = daysAfter(startOfDay(new Date(since)), 1); at <= until; at = daysAfter(at, 1))
      time.add(at, () => apply(onCheck(known(), at), at));
  };

  for (let month = SCORES - 1; month >= 0; month--) scored(month);
  contacts.forEach(contacted);
  answers.forEach(answered);
  if (contacts[0]) checkedDaily(contacts[0].interaction_date);
  managersActs(story, customer.id, today, { time, log });
  if (left)
    time.add(left, () => {
      customer = churned(customer, left);
      apply(onLeaving(known()), left);
    });
  time.run();
  return { customer, scores, latest, ...log.writtenAt(now) };
}
