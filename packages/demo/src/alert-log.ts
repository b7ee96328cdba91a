import {
  type Action,
  closedState,
  type Detection,
  isOneOff,
  newAlert,
  openState,
  resolved,
  SYSTEM,
  storedDetection,
} from "@success-manager/domain/alerts";
import type { AlertState, StoredAlert } from "@success-manager/domain/table";
import { demoId } from "./random.ts";

/** What alerting came to. */
export interface Alerted {
  /** In the order in which they were raised, open or not. */
  readonly alerts: readonly StoredAlert[];
  /** Of the open ones, and of those that a person resolved while what they are about lasts. */
  readonly conditions: readonly AlertState[];
}

/** The alerts of one customer while the story is replayed: what the table would hold, in memory. */
export interface AlertLog {
  /** Conditions that are not over. */
  known(): AlertState[];
  /** Does what the system decided; answers the alerts that it raised. */
  apply(actions: readonly Action[], at: Date): StoredAlert[];
  /** Takes an alert that a person raised. */
  add(alert: StoredAlert): void;
  /** What a person does with an alert; nothing when it is resolved already. */
  change(id: string, act: (open: StoredAlert) => StoredAlert, at: Date): void;
  /**
   * All of it, written now: whoever follows open alerts in memory asks for what changed since they last looked, and
   * an open alert changes together with its condition.
   */
  writtenAt(now: Date): Alerted;
}

/** What stays known of a condition while its alert changes. */
const foundOf = ({ found, reference }: AlertState) => ({ found, reference });

export function alertLog(customer_id: string): AlertLog {
  const alerts = new Map<string, StoredAlert>();
  const conditions = new Map<string, AlertState>();

  const keep = (alert: StoredAlert, at: Date, found?: Pick<AlertState, "found" | "reference">) => {
    alerts.set(alert.id, alert);
    conditions.set(alert.condition, openState(alert, conditions.get(alert.condition), at, found));
  };
  const open = (finding: Detection, at: Date) => {
    const earlier = [...alerts.values()].filter(({ condition }) => condition === finding.condition);
    const id = demoId("alert", customer_id, finding.condition, earlier.length + 1);
    const alert = newAlert(finding, id, at);
    keep(alert, at, storedDetection(finding));
    return [alert];
  };
  const update = ({ severity, title, description, ...rest }: Detection, before: AlertState, at: Date) => {
    const alert = alerts.get(before.alert_id);
    if (!alert) return;
    const said = { severity, title, description };
    const after = { ...alert, ...said, updated_at: at.toISOString(), revision: alert.revision + 1 };
    keep(after, at, { ...foundOf(before), ...storedDetection({ ...rest, ...said }) });
  };
  const end = (before: AlertState, at: Date) => {
    const alert = alerts.get(before.alert_id);
    if (alert && before.state === "open") alerts.set(alert.id, resolved(alert, SYSTEM, at));
    conditions.delete(before.condition);
  };
  const stamped = (alert: StoredAlert, now: Date): StoredAlert =>
    alert.is_resolved ? alert : { ...alert, updated_at: now.toISOString() };

  return {
    known: () => [...conditions.values()],
    apply: (actions, at) =>
      actions.flatMap((action) => {
        if (action.kind === "open") return open(action.finding, at);
        if (action.kind === "update") update(action.finding, action.before, at);
        else end(action.before, at);
        return [];
      }),
    add: (alert) => keep(alert, new Date(alert.created_at)),
    change(id, act, at) {
      const alert = alerts.get(id);
      if (!alert || alert.is_resolved) return;
      const condition = conditions.get(alert.condition);
      if (condition?.alert_id !== id) return;
      const after = act(alert);
      if (!after.is_resolved) return keep(after, at, foundOf(condition));
      alerts.set(id, after);
      if (isOneOff(after.condition)) conditions.delete(after.condition);
      else conditions.set(after.condition, closedState(condition, "handled", at));
    },
    writtenAt: (now) => ({
      alerts: [...alerts.values()].map((alert) => stamped(alert, now)),
      conditions: [...conditions.values()].map((condition) => {
        const alert = condition.state === "open" ? alerts.get(condition.alert_id) : undefined;
        return alert
          ? openState(stamped(alert, now), undefined, now, foundOf(condition))
          : closedState(condition, "handled", now);
      }),
    }),
  };
}
