import { detectInactivity } from "../alerts/findings/inactivity.ts";
import { actionWrites, reconcile } from "../alerts/index.ts";
import type {
  AlertState,
  LastInteraction,
  StoredCustomer,
  StoredInteraction,
  Write,
} from "../table/index.ts";
import { escalationFindings } from "./escalation.ts";
import { retainedDates } from "./last-contact.ts";

/** What is read together with an interaction that is written. */
export interface Around {
  readonly customer: StoredCustomer;
  readonly contact: LastInteraction | undefined;
  readonly inactivity: AlertState | undefined;
  /** The interaction's own condition, once it was an escalation. */
  readonly own: AlertState | undefined;
}

export interface Change {
  /** Undefined for a new one. */
  readonly before: StoredInteraction | undefined;
  /** Undefined for one that is deleted. */
  readonly after: StoredInteraction | undefined;
  /** When the customer was or will be in contact, after the change. */
  readonly dates: readonly string[];
}

/**
 * An open inactivity alert ends with a recent contact, and says when the last one was; none is opened here, that is
 * the daily check's.
 */
function inactivityActions({ customer, inactivity }: Around, dates: readonly string[], now: Date) {
  if (!inactivity || inactivity.state === "over") return [];
  const contact = {
    customer_id: customer.id,
    dates: retainedDates(dates, now),
    changed_at: now.toISOString(),
    revision: 1,
  };
  return reconcile(detectInactivity({ customer, contact }, now), [inactivity]);
}

/** What the alerts of a customer need when a contact comes, changes or goes, for the caller's transaction. */
export function alertEffects({ before, after, dates }: Change, around: Around, now: Date): Write[] {
  const { own, customer } = around;
  const findings = after ? escalationFindings(after, before, own, customer.company_name) : [];
  const actions = [...reconcile(findings, own ? [own] : []), ...inactivityActions(around, dates, now)];
  return actions.flatMap((action) => actionWrites(action, now));
}
