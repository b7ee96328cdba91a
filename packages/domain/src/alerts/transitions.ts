import type { AlertChanges, Snooze } from "@success-manager/contract/alert";
import { conflict, unprocessable } from "@success-manager/contract/problem";
import type { Severity } from "@success-manager/contract/vocabulary";
import { DAY_MS } from "../calendar.ts";
import type { StoredAlert } from "../table/index.ts";
import { isWorse, levelOf } from "./detection.ts";
import { isSnoozed } from "./serialize.ts";
import { withoutSnooze } from "./state.ts";

/**
 * What people can do with an alert. Pure: each answers the alert as it is afterwards, the very same one when nothing
 * changes.
 */

const stamped = (alert: StoredAlert, at: Date): StoredAlert => ({
  ...alert,
  updated_at: at.toISOString(),
  revision: alert.revision + 1,
});

/** What somebody wrote when they resolved an alert. */
type Notes = string | null | undefined;

function closed(alert: StoredAlert, by: string, at: Date, notes: Notes): StoredAlert {
  const { unsnooze_reason: _, ...rest } = withoutSnooze(alert);
  return {
    ...rest,
    is_resolved: true,
    resolved_by: by,
    resolved_at: at.toISOString(),
    ...(notes && { resolution_notes: notes }),
  };
}

/** Resolves an alert; one that is resolved keeps its resolver, time and notes. */
export const resolved = (alert: StoredAlert, by: string, at: Date, notes?: Notes): StoredAlert =>
  alert.is_resolved ? alert : stamped(closed(alert, by, at, notes), at);

function withResolution(
  alert: StoredAlert,
  is_resolved: boolean,
  by: string,
  at: Date,
  notes: Notes,
): StoredAlert {
  if (alert.is_resolved === is_resolved) return alert;
  if (is_resolved) return closed(alert, by, at, notes);
  const { resolved_by: _, resolved_at: __, resolution_notes: ___, ...open } = alert;
  return { ...open, is_resolved };
}

/** A snoozed alert that somebody finds worse than it was is back (decision 17). */
function withSeverity(alert: StoredAlert, severity: Severity, by: string, at: Date): StoredAlert {
  if (!isSnoozed(alert, at) || !isWorse(severity, alert.severity)) return { ...alert, severity };
  const unsnooze_reason = `${by} raised its severity from ${alert.severity} to ${severity}.`;
  return { ...withoutSnooze(alert), severity, unsnooze_reason };
}

/** Changes what an alert says, resolves it, or opens it again without its resolver and time. */
export function edited(alert: StoredAlert, changes: AlertChanges, by: string, at: Date): StoredAlert {
  const { alert_type = alert.alert_type, severity = alert.severity } = changes;
  const { title = alert.title, description = alert.description, is_resolved = alert.is_resolved } = changes;
  const isSame =
    alert_type === alert.alert_type &&
    severity === alert.severity &&
    title === alert.title &&
    description === alert.description &&
    is_resolved === alert.is_resolved;
  if (isSame) return alert;
  const changed = { ...withSeverity(alert, severity, by, at), alert_type, title, description };
  return stamped(withResolution(changed, is_resolved, by, at, changes.resolution_notes), at);
}

/** Decision 17. */
const MAX_SNOOZE_MS = 90 * DAY_MS;

/** When a snooze ends that begins now. @throws 422 for an end that has passed or lies too far ahead */
export function snoozeEnd({ snooze_days, snoozed_until }: Partial<Snooze>, at: Date): Date {
  if (snooze_days !== undefined) return new Date(at.getTime() + snooze_days * DAY_MS);
  const end = new Date(snoozed_until ?? at);
  const ms = end.getTime() - at.getTime();
  if (ms <= 0 || ms > MAX_SNOOZE_MS) throw unprocessable("snoozed_until", "must lie ahead, 90 days at most");
  return end;
}

/**
 * Snoozes an alert from now on; one that is snoozed gets another end.
 * @throws 409 for a resolved alert; 422 for an end that has passed or lies too far ahead
 */
export function snoozed(alert: StoredAlert, snooze: Partial<Snooze>, by: string, at: Date): StoredAlert {
  if (alert.is_resolved) throw conflict("This alert is resolved. Reopen it before you snooze it.");
  const { snooze_reason } = snooze;
  const { unsnooze_reason: _, ...awake } = withoutSnooze(alert);
  return stamped(
    {
      ...awake,
      snoozed_until: snoozeEnd(snooze, at).toISOString(),
      snoozed_by: by,
      snoozed_level: levelOf(alert),
      ...(snooze_reason && { snooze_reason }),
    },
    at,
  );
}
