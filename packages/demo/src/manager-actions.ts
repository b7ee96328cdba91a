import type { AlertType, Severity } from "@success-manager/contract/vocabulary";
import {
  alertKey,
  CONTRACT,
  HEALTH,
  isOneOff,
  newAlert,
  resolved,
  snoozed,
} from "@success-manager/domain/alerts";
import { DAY_MS } from "@success-manager/domain/calendar";
import type { StoredAlert } from "@success-manager/domain/table";
import { type DemoAccount, james, sarah } from "./accounts.ts";
import type { AlertStore } from "./alert-store.ts";
import { daysAfter, hoursAfter, startOfDay, workday } from "./dates.ts";
import type { EventQueue } from "./event-queue.ts";
import { demoId, randomOf } from "./random.ts";
import type { Story } from "./stories/story.ts";

/** An alert that an account manager raised. */
export interface ManualAlert {
  /** Days since then. */
  readonly ago: number;
  readonly alert_type: AlertType;
  readonly severity: Severity;
  readonly title: string;
  readonly description: string;
  /** In so many days. */
  readonly resolved_after?: number;
}

/** A snooze of the alert about the contract. */
export interface ContractSnooze {
  /** Days since then. */
  readonly ago: number;
  readonly days: number;
  readonly reason: string;
}

/** Some time in the office on a day; on a weekend the Friday before. */
const duringOfficeHours = (day: Date, subject: string) =>
  hoursAfter(workday(day), randomOf(subject).whole(9 * 12, 17 * 12) / 12);

/** An alert as its account manager raises it. */
function toManualAlert(
  manager: DemoAccount,
  customer_id: string,
  manual: ManualAlert,
  today: Date,
): StoredAlert {
  const { ago, resolved_after: _, ...text } = manual;
  const id = demoId("alert", customer_id, "manual", text.title);
  const detection = { ...text, customer_id, condition: alertKey.manual(id) };
  const at = duringOfficeHours(daysAfter(today, -ago), id);
  return { ...newAlert(detection, id, at), created_by: manager.full_name };
}

/** Adds what the account manager does in the story: raising alerts, snoozing the one about the contract. */
export function addManagerActions(
  { company, manager, manualAlerts = [], contractSnooze }: Story,
  customer_id: string,
  today: Date,
  { events, alerts }: { readonly events: EventQueue; readonly alerts: AlertStore },
): void {
  const { full_name } = manager;
  for (const manual of manualAlerts) {
    const alert = toManualAlert(manager, customer_id, manual, today);
    const raisedAt = new Date(alert.created_at);
    events.add(raisedAt, () => alerts.add(alert));
    if (manual.resolved_after === undefined) continue;
    const at = duringOfficeHours(daysAfter(startOfDay(raisedAt), manual.resolved_after), alert.id);
    events.add(at, () => alerts.change(alert.id, (open) => resolved(open, full_name, at), at));
  }
  if (!contractSnooze) return;
  const at = duringOfficeHours(daysAfter(today, -contractSnooze.ago), `${company} put off`);
  const snooze = { snooze_days: contractSnooze.days, snooze_reason: contractSnooze.reason };
  events.add(at, () => {
    const id = alerts.states().find(({ condition }) => condition === CONTRACT)?.alert_id ?? "";
    alerts.change(id, (open) => snoozed(open, snooze, full_name, at), at);
  });
}

/** How likely somebody has resolved the alert about a score that dropped. */
const DROP_RESOLVED = 0.4;

/** How likely somebody has resolved an alert about what happened so many days ago. */
const resolvedAfter = (days: number) => Math.min(days / 180, 0.7);

/**
 * Who resolves an alert, and when: one to seven days later, the older the likelier. Nobody when it is about
 * something that lasts, for that ends by itself.
 */
export function resolutionOf(
  { id, condition, created_at }: StoredAlert,
  manager: DemoAccount,
  today: Date,
): { readonly by: string; readonly at: Date } | undefined {
  const isDrop = condition.startsWith(HEALTH) && condition !== alertKey.health("overall");
  if (!isOneOff(condition) && !isDrop) return undefined;
  const random = randomOf(id);
  const raisedAt = new Date(created_at);
  const age = (today.getTime() - raisedAt.getTime()) / DAY_MS;
  const isResolved = random.next() < (isDrop ? DROP_RESOLVED : resolvedAfter(age));
  const { full_name } = random.pick([manager, manager, sarah, james]);
  // Three days at least: a weekend becomes the Friday before, which has to be later than the alert.
  const at = duringOfficeHours(daysAfter(startOfDay(raisedAt), random.whole(3, 7)), id);
  return isResolved && at < today ? { by: full_name, at } : undefined;
}
