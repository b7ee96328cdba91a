import type { AlertType, Severity } from "@success-manager/contract/vocabulary";
import {
  alertKey,
  CONTRACT,
  HEALTH,
  isOneOff,
  newAlert as raisedAlert,
  resolved,
  snoozed,
} from "@success-manager/domain/alerts";
import { DAY_MS } from "@success-manager/domain/calendar";
import type { StoredAlert } from "@success-manager/domain/table";
import { type DemoAccount, james, sarah } from "./accounts.ts";
import type { AlertLog } from "./alert-log.ts";
import { daysAfter, hoursAfter, startOfDay, workday } from "./calendar.ts";
import { demoId, randomOf } from "./random.ts";
import type { Story } from "./stories/index.ts";
import type { Timeline } from "./timeline.ts";

/** An alert that an account manager raised. */
export interface Raised {
  /** Days since then. */
  readonly ago: number;
  readonly alert_type: AlertType;
  readonly severity: Severity;
  readonly title: string;
  readonly description: string;
  /** In so many days. */
  readonly resolved_after?: number;
}

/** An alert about a contract that an account manager put off. */
export interface PutOff {
  /** Days since then. */
  readonly ago: number;
  readonly days: number;
  readonly reason: string;
}

/** Some time in the office on a day; on a weekend the Friday before. */
const atWork = (day: Date, subject: string) =>
  hoursAfter(workday(day), randomOf(subject).whole(9 * 12, 17 * 12) / 12);

/** An alert as a person raises it. */
function raisedBy(manager: DemoAccount, customer_id: string, told: Raised, today: Date): StoredAlert {
  const { ago, resolved_after: _, ...said } = told;
  const id = demoId("alert", customer_id, "manual", said.title);
  const finding = { ...said, customer_id, condition: alertKey.manual(id) };
  const at = atWork(daysAfter(today, -ago), id);
  return { ...raisedAlert(finding, id, at), created_by: manager.full_name };
}

/** Lets the account manager do in its time what the story tells: raise alerts, put off the one about the contract. */
export function managersActs(
  { company, manager, raised = [], putOff }: Story,
  customer_id: string,
  today: Date,
  { time, log }: { readonly time: Timeline; readonly log: AlertLog },
): void {
  const { full_name } = manager;
  for (const told of raised) {
    const alert = raisedBy(manager, customer_id, told, today);
    const raisedAt = new Date(alert.created_at);
    time.add(raisedAt, () => log.add(alert));
    if (told.resolved_after === undefined) continue;
    const at = atWork(daysAfter(startOfDay(raisedAt), told.resolved_after), alert.id);
    time.add(at, () => log.change(alert.id, (open) => resolved(open, full_name, at), at));
  }
  if (!putOff) return;
  const at = atWork(daysAfter(today, -putOff.ago), `${company} put off`);
  const snooze = { snooze_days: putOff.days, snooze_reason: putOff.reason };
  time.add(at, () => {
    const id = log.known().find(({ condition }) => condition === CONTRACT)?.alert_id ?? "";
    log.change(id, (open) => snoozed(open, snooze, full_name, at), at);
  });
}

/** How likely somebody has talked with them about a score that fell. */
const TALKED = 0.4;

/** How likely somebody has dealt with what happened so many days ago. */
const chance = (days: number) => Math.min(days / 180, 0.7);

/**
 * Who dealt with an alert, and when: one to seven days later, the older the likelier. Nobody when it is about
 * something that lasts, for that ends by itself.
 */
export function dealtWith(
  { id, condition, created_at }: StoredAlert,
  manager: DemoAccount,
  today: Date,
): { readonly by: string; readonly at: Date } | undefined {
  const isFall = condition.startsWith(HEALTH) && condition !== alertKey.health("overall");
  if (!isOneOff(condition) && !isFall) return undefined;
  const random = randomOf(id);
  const raisedAt = new Date(created_at);
  const age = (today.getTime() - raisedAt.getTime()) / DAY_MS;
  const dealt = random.next() < (isFall ? TALKED : chance(age));
  const { full_name } = random.pick([manager, manager, sarah, james]);
  // Three days at least: a weekend becomes the Friday before, which has to be later than the alert.
  const at = atWork(daysAfter(startOfDay(raisedAt), random.whole(3, 7)), id);
  return dealt && at < today ? { by: full_name, at } : undefined;
}
