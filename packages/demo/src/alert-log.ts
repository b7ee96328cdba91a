import {
  type Action,
  closed,
  type Finding,
  happenedOnce,
  keptFinding,
  opened,
  raised,
  resolved,
  SYSTEM,
} from "@success-manager/domain/alerts";
import type { Condition, StoredAlert } from "@success-manager/domain/table";
import { demoId } from "./random.ts";

/** What alerting came to. */
export interface Alerted {
  /** In the order in which they were raised, open or not. */
  readonly alerts: readonly StoredAlert[];
  /** Of the open ones, and of those that a person resolved while what they are about lasts. */
  readonly conditions: readonly Condition[];
}

/** The alerts of one customer while the story is replayed: what the table would hold, in memory. */
export interface AlertLog {
  /** Conditions that are not over. */
  known(): Condition[];
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
const foundOf = ({ found, reference }: Condition) => ({ found, reference });

export function alertLog(customer_id: string): AlertLog {
  const alerts = new Map<string, StoredAlert>();
  const conditions = new Map<string, Condition>();

  const keep = (alert: StoredAlert, at: Date, found?: Pick<Condition, "found" | "reference">) => {
    alerts.set(alert.id, alert);
    conditions.set(alert.condition, opened(alert, conditions.get(alert.condition), at, found));
  };
  const open = (finding: Finding, at: Date) => {
    const earlier = [...alerts.values()].filter(({ condition }) => condition === finding.condition);
    const id = demoId("alert", customer_id, finding.condition, earlier.length + 1);
    const alert = raised(finding, id, at);
    keep(alert, at, keptFinding(finding));
    return [alert];
  };
  const update = ({ severity, title, description, ...rest }: Finding, before: Condition, at: Date) => {
    const alert = alerts.get(before.alert_id);
    if (!alert) return;
    const said = { severity, title, description };
    const after = { ...alert, ...said, updated_at: at.toISOString(), revision: alert.revision + 1 };
    keep(after, at, { ...foundOf(before), ...keptFinding({ ...rest, ...said }) });
  };
  const end = (before: Condition, at: Date) => {
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
      if (happenedOnce(after.condition)) conditions.delete(after.condition);
      else conditions.set(after.condition, closed(condition, "handled", at));
    },
    writtenAt: (now) => ({
      alerts: [...alerts.values()].map((alert) => stamped(alert, now)),
      conditions: [...conditions.values()].map((condition) => {
        const alert = condition.state === "open" ? alerts.get(condition.alert_id) : undefined;
        return alert
          ? opened(stamped(alert, now), undefined, now, foundOf(condition))
          : closed(condition, "handled", now);
      }),
    }),
  };
}
