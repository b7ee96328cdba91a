/** What an interaction does to the customer's alerts: an escalation opens one, a recent interaction ends inactivity. */
import { truncate } from "@success-manager/contract/text";
import { actionWrites, alertKey, type Detection, detectInactivity, reconcile } from "../alerts/index.ts";
import { formatDate } from "../calendar.ts";
import { newestInteractions } from "../counters/index.ts";
import { loadSettings } from "../settings/index.ts";
import {
  type AlertState,
  retainedDates,
  type StoredCustomer,
  type StoredInteraction,
  type Write,
} from "../table/index.ts";

/** What is read together with an interaction that is written. */
export interface Related {
  readonly customer: StoredCustomer;
  /** The state of the customer's inactivity alert. */
  readonly inactivity: AlertState | undefined;
  /** The state of this interaction's alert, once it was an escalation. */
  readonly escalation: AlertState | undefined;
}

export interface InteractionChange {
  /** Undefined for a new one. */
  readonly before: StoredInteraction | undefined;
  /** Undefined for one that is deleted. */
  readonly after: StoredInteraction | undefined;
}

/** An alert says what it is about; the whole story stands in the interaction. */
const MAX_TITLE = 200;
const MAX_DESCRIPTION = 500;

/**
 * The alert about a logged escalation: high, critical when it went badly (decision 16). None for other interactions,
 * nor for an escalation that had been one before without an open alert: it happened once.
 *
 * @param before undefined for a new interaction
 * @param state the stored state of this interaction's alert
 */
export function detectEscalation(
  after: StoredInteraction,
  before: StoredInteraction | undefined,
  state: AlertState | undefined,
  company_name: string,
): Detection[] {
  if (after.interaction_type !== "escalation") return [];
  if (before?.interaction_type === "escalation" && (!state || state.state === "cleared")) return [];
  const day = formatDate(after.interaction_date);
  const performer = after.performed_by_name ?? after.performed_by;
  return [
    {
      customer_id: after.customer_id,
      condition: alertKey.interaction(after.id),
      alert_type: "escalation",
      severity: after.sentiment === "negative" ? "critical" : "high",
      title: truncate(`Escalation: ${after.subject}`, MAX_TITLE),
      description: truncate(
        `${company_name} escalated on ${day} (${performer}): ${after.description}`,
        MAX_DESCRIPTION,
      ),
    },
  ];
}

/**
 * An open inactivity alert ends with a recent interaction, and says when the last one was. None is opened here: that
 * is the daily check's task. What the customer's other interactions are is read only where there is an alert.
 */
async function inactivityActions(
  { before, after }: InteractionChange,
  { customer, inactivity }: Related,
  now: Date,
) {
  if (!inactivity || inactivity.state === "cleared") return [];
  const changed = new Set([before, after].flatMap((one) => one?.id ?? []));
  const [others, settings] = await Promise.all([
    newestInteractions(customer.id, changed, now),
    loadSettings("alerts"),
  ]);
  const dates = [...others, ...(after ? [after] : [])].map(({ interaction_date }) => interaction_date);
  const contact = {
    customer_id: customer.id,
    dates: retainedDates(dates, now),
    changed_at: now.toISOString(),
    revision: 1,
  };
  return reconcile(detectInactivity({ customer, contact }, now, settings), [inactivity]);
}

/** What the customer's alerts need when an interaction is logged, changed or deleted, for the caller's transaction. */
export async function alertUpdates(change: InteractionChange, related: Related, now: Date): Promise<Write[]> {
  const { before, after } = change;
  const { escalation, customer } = related;
  const detected = after ? detectEscalation(after, before, escalation, customer.company_name) : [];
  const actions = [
    ...reconcile(detected, escalation ? [escalation] : []),
    ...(await inactivityActions(change, related, now)),
  ];
  return actions.flatMap((action) => actionWrites(action, now));
}
