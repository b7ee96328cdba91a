import {
  type AlertAction,
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

/** The alerts of a customer at the end of the simulation. */
export interface AlertHistory {
  /** In the order in which they were raised, open or not. */
  readonly alerts: readonly StoredAlert[];
  /** Of the open ones, and of those that a person resolved while what they are about lasts. */
  readonly states: readonly AlertState[];
}

/** The alerts of one customer during the simulation: what the table would hold, in memory. */
export interface AlertStore {
  /** States of alerts that are not over. */
  states(): AlertState[];
  /** Does what the rules decided; returns the alerts that it opened. */
  apply(actions: readonly AlertAction[], at: Date): StoredAlert[];
  /** Adds an alert that a person raised. */
  add(alert: StoredAlert): void;
  /** Applies what a person does with an alert; nothing when it is resolved already. */
  change(id: string, transition: (open: StoredAlert) => StoredAlert, at: Date): void;
  /**
   * All of it as if written at `now`: caches of open alerts ask for what changed since they last looked, and an open
   * alert changes together with its state.
   */
  exportAt(now: Date): AlertHistory;
}

/** What stays in an alert state while its alert changes. */
const detectionOf = ({ found, reference, band }: AlertState) => ({ found, reference, band });

export function alertStore(customer_id: string): AlertStore {
  const alerts = new Map<string, StoredAlert>();
  const states = new Map<string, AlertState>();

  const put = (alert: StoredAlert, at: Date, found?: Pick<AlertState, "found" | "reference" | "band">) => {
    alerts.set(alert.id, alert);
    states.set(alert.condition, openState(alert, states.get(alert.condition), at, found));
  };
  const open = (detection: Detection, at: Date) => {
    const earlier = [...alerts.values()].filter(({ condition }) => condition === detection.condition);
    const id = demoId("alert", customer_id, detection.condition, earlier.length + 1);
    const alert = newAlert(detection, id, at);
    put(alert, at, storedDetection(detection));
    return [alert];
  };
  const update = ({ severity, title, description, ...rest }: Detection, before: AlertState, at: Date) => {
    const alert = alerts.get(before.alert_id);
    if (!alert) return;
    const text = { severity, title, description };
    const after = { ...alert, ...text, updated_at: at.toISOString(), revision: alert.revision + 1 };
    put(after, at, { ...detectionOf(before), ...storedDetection({ ...rest, ...text }) });
  };
  const end = (before: AlertState, at: Date) => {
    const alert = alerts.get(before.alert_id);
    if (alert && before.state === "open") alerts.set(alert.id, resolved(alert, SYSTEM, at));
    states.delete(before.condition);
  };
  const stamped = (alert: StoredAlert, now: Date): StoredAlert =>
    alert.is_resolved ? alert : { ...alert, updated_at: now.toISOString() };

  return {
    states: () => [...states.values()],
    apply: (actions, at) =>
      actions.flatMap((action) => {
        if (action.kind === "open") return open(action.detection, at);
        if (action.kind === "update") update(action.detection, action.before, at);
        else end(action.before, at);
        return [];
      }),
    add: (alert) => put(alert, new Date(alert.created_at)),
    change(id, transition, at) {
      const alert = alerts.get(id);
      if (!alert || alert.is_resolved) return;
      const state = states.get(alert.condition);
      if (state?.alert_id !== id) return;
      const after = transition(alert);
      if (!after.is_resolved) return put(after, at, detectionOf(state));
      alerts.set(id, after);
      if (isOneOff(after.condition)) states.delete(after.condition);
      else states.set(after.condition, closedState(state, "acknowledged", at));
    },
    exportAt: (now) => ({
      alerts: [...alerts.values()].map((alert) => stamped(alert, now)),
      states: [...states.values()].map((state) => {
        const alert = state.state === "open" ? alerts.get(state.alert_id) : undefined;
        return alert
          ? openState(stamped(alert, now), undefined, now, detectionOf(state))
          : closedState(state, "acknowledged", now);
      }),
    }),
  };
}
