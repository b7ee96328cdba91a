import type { Alert } from "@success-manager/contract/alert";
import type { AlertState, StoredAlert } from "../table/index.ts";

/** What answers are made of: lists read no more than this. */
export const SHOWN = [
  "id",
  "customer_id",
  "alert_type",
  "severity",
  "title",
  "description",
  "is_resolved",
  "resolved_by",
  "resolved_at",
  "snoozed_until",
  "snoozed_by",
  "snooze_reason",
  "created_by",
  "created_at",
  "updated_at",
  "revision",
] as const satisfies readonly (keyof StoredAlert)[];

export type ShownRow = Pick<StoredAlert, (typeof SHOWN)[number]>;

/** The open alert that a condition stands for. */
export const alertOf = (condition: AlertState): StoredAlert => ({
  id: condition.alert_id,
  customer_id: condition.customer_id,
  condition: condition.condition,
  alert_type: condition.alert_type,
  severity: condition.severity,
  title: condition.title,
  description: condition.description,
  created_at: condition.created_at,
  created_by: condition.created_by,
  snoozed_until: condition.snoozed_until,
  snoozed_by: condition.snoozed_by,
  snooze_reason: condition.snooze_reason,
  is_resolved: false,
  updated_at: condition.changed_at,
  revision: condition.alert_revision,
});

/** Whether an open alert is snoozed: a snooze ends by itself (decision 17). */
export const isSnoozed = ({ snoozed_until }: Pick<StoredAlert, "snoozed_until">, now: Date) =>
  snoozed_until !== undefined && snoozed_until > now.toISOString();

/** An alert as the API shows it at a moment; a snooze that has ended is not shown any more. */
export function shown(alert: ShownRow, customer_name: string | null | undefined, now: Date): Alert {
  const is_snoozed = !alert.is_resolved && isSnoozed(alert, now);
  return {
    id: alert.id,
    customer_id: alert.customer_id,
    customer_name: customer_name ?? null,
    alert_type: alert.alert_type,
    severity: alert.severity,
    title: alert.title,
    description: alert.description,
    is_resolved: alert.is_resolved,
    resolved_by: alert.resolved_by ?? null,
    resolved_at: alert.resolved_at ?? null,
    is_snoozed,
    snoozed_until: (is_snoozed && alert.snoozed_until) || null,
    snoozed_by: (is_snoozed && alert.snoozed_by) || null,
    snooze_reason: (is_snoozed && alert.snooze_reason) || null,
    created_by: alert.created_by,
    created_at: alert.created_at,
    updated_at: alert.updated_at,
    revision: alert.revision,
  };
}
