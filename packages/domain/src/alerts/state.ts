import {
  type AlertState,
  AlertStateEntity,
  OPTIONAL_FACTS,
  partitions,
  queryAll,
  SNOOZE,
  type StoredAlert,
} from "../table/index.ts";
import type { Detection } from "./detection.ts";
import { detectionKey } from "./reconcile.ts";

/** Alert states: what is stored of each condition that a customer has or had alerts about. */

/** Who acts when no person does. */
export const SYSTEM = "system";

/** A state to read in a batch. */
export const alertStateRequest = (customer_id: string, condition: string) => ({
  key: { pk: partitions.alertStates(customer_id).key, sk: condition },
  parse: (found: { Item: Record<string, unknown> }) => AlertStateEntity.parse(found),
});

/** All states of a customer, whether their alerts are open or not, strongly consistent. There are a handful. */
export const alertStatesOf = (customer_id: string): Promise<AlertState[]> =>
  queryAll<AlertState>({ partition: partitions.alertStates(customer_id), consistent: true });

/** Cleared states are kept for as long as a function may remember them as open. */
const KEPT_DAYS = 2;

/** When the table may remove a state that was cleared at a moment: seconds since 1970. */
export const clearedExpiry = (since: Date) => Math.floor(since.getTime() / 1000) + KEPT_DAYS * 24 * 60 * 60;

/** A state's next revision; it also grows when the item was removed in between. */
export const nextRevision = (before: AlertState | undefined, at: Date) =>
  Math.max((before?.revision ?? 0) + 1, at.getTime());

/** What a state keeps of a detection, to recognize it later. */
export type StoredDetection = Pick<AlertState, "found" | "reference" | "band">;

export const storedDetection = (detection: Detection): StoredDetection => ({
  found: detectionKey(detection),
  ...(detection.reference !== undefined && { reference: detection.reference }),
  ...(detection.band !== undefined && { band: detection.band }),
});

/** The alert that the system opens about a detection. */
export function newAlert({ reference: _, ...facts }: Detection, id: string, at: Date): StoredAlert {
  const now = at.toISOString();
  return {
    ...facts,
    id,
    is_resolved: false,
    created_by: SYSTEM,
    created_at: now,
    updated_at: now,
    revision: 1,
  };
}

/** What an alert says beyond what all do. */
export const optionalFacts = (
  alert: StoredAlert,
): Partial<Pick<StoredAlert, (typeof OPTIONAL_FACTS)[number]>> =>
  Object.fromEntries(OPTIONAL_FACTS.flatMap((key) => (alert[key] === undefined ? [] : [[key, alert[key]]])));

/** The state that is stored with an open alert. */
export function openState(
  alert: StoredAlert,
  before: AlertState | undefined,
  at: Date,
  detection?: StoredDetection,
): AlertState {
  return {
    customer_id: alert.customer_id,
    condition: alert.condition,
    alert_type: alert.alert_type,
    severity: alert.severity,
    title: alert.title,
    description: alert.description,
    created_at: alert.created_at,
    created_by: alert.created_by,
    ...optionalFacts(alert),
    alert_id: alert.id,
    alert_revision: alert.revision,
    state: "open",
    ...detection,
    changed_at: at.toISOString(),
    revision: nextRevision(before, at),
  };
}

/** The same without a snooze. */
export function withoutSnooze<T extends Partial<Pick<StoredAlert, (typeof SNOOZE)[number]>>>(snoozed: T): T {
  const alert = { ...snoozed };
  for (const key of SNOOZE) delete alert[key];
  return alert;
}

/** The state after its alert was resolved: `acknowledged` while the condition lasts, `cleared` once it has ended. */
export function closedState(before: AlertState, state: "acknowledged" | "cleared", at: Date): AlertState {
  const { expires_at_epoch: _, unsnooze_reason: __, ...rest } = withoutSnooze(before);
  return {
    ...rest,
    state,
    changed_at: at.toISOString(),
    revision: nextRevision(before, at),
    ...(state === "cleared" && { expires_at_epoch: clearedExpiry(at) }),
  };
}
