import type { Alert } from "@success-manager/contract/alert";
import { type AlertState, NO_CUSTOMER, OPTIONAL_FACTS, type StoredAlert } from "../table/index.ts";

/** What answers are made of: lists read no more than this. */
export const FIELDS = [
  "id",
  "customer_id",
  "alert_type",
  "severity",
  "title",
  "description",
  "is_resolved",
  "resolved_by",
  "resolved_at",
  "resolution_notes",
  ...OPTIONAL_FACTS,
  "created_by",
  "created_at",
  "updated_at",
  "revision",
] as const satisfies readonly (keyof StoredAlert)[];

export type AlertProjection = Pick<StoredAlert, (typeof FIELDS)[number]>;

/** The open alert that a state describes. */
export const alertOfState = (state: AlertState): StoredAlert => ({
  id: state.alert_id,
  customer_id: state.customer_id,
  condition: state.condition,
  alert_type: state.alert_type,
  severity: state.severity,
  title: state.title,
  description: state.description,
  created_at: state.created_at,
  created_by: state.created_by,
  band: state.band,
  snoozed_until: state.snoozed_until,
  snoozed_by: state.snoozed_by,
  snooze_reason: state.snooze_reason,
  snoozed_level: state.snoozed_level,
  unsnooze_reason: state.unsnooze_reason,
  is_resolved: false,
  updated_at: state.changed_at,
  revision: state.alert_revision,
});

/** Whether an open alert is snoozed: a snooze ends by itself (decision 17). */
export const isSnoozed = ({ snoozed_until }: Pick<StoredAlert, "snoozed_until">, now: Date) =>
  snoozed_until !== undefined && snoozed_until > now.toISOString();

/** The customer that an alert is about, as the API answers it. */
export const customerIdOf = ({ customer_id }: Pick<StoredAlert, "customer_id">): string | null =>
  customer_id === NO_CUSTOMER ? null : customer_id;

/** An alert as the API answers it; a snooze that has ended is left out. */
export function toAlert(alert: AlertProjection, customer_name: string | null | undefined, now: Date): Alert {
  const is_snoozed = !alert.is_resolved && isSnoozed(alert, now);
  return {
    id: alert.id,
    customer_id: customerIdOf(alert),
    customer_name: customer_name ?? null,
    alert_type: alert.alert_type,
    severity: alert.severity,
    title: alert.title,
    description: alert.description,
    is_resolved: alert.is_resolved,
    resolved_by: alert.resolved_by ?? null,
    resolved_by_name: alert.resolved_by ?? null,
    resolved_at: alert.resolved_at ?? null,
    resolution_notes: alert.resolution_notes ?? null,
    is_snoozed,
    snoozed_until: (is_snoozed && alert.snoozed_until) || null,
    snoozed_by: (is_snoozed && alert.snoozed_by) || null,
    snooze_reason: (is_snoozed && alert.snooze_reason) || null,
    unsnooze_reason: alert.unsnooze_reason ?? null,
    created_by: alert.created_by,
    created_at: alert.created_at,
    updated_at: alert.updated_at,
    revision: alert.revision,
  };
}
