import { randomUUID } from "node:crypto";
import {
  AlertEntity,
  type AlertState,
  AlertStateEntity,
  equals,
  NOT_EXISTS,
  OPTIONAL_FACTS,
  put,
  SNOOZE,
  type StoredAlert,
  updateItem,
  type Write,
} from "../table/index.ts";
import { type Detection, isOneOff, isWorse } from "./detection.ts";
import { type AlertAction, endsSnooze } from "./reconcile.ts";
import {
  clearedExpiry,
  closedState,
  newAlert,
  nextRevision,
  openState,
  optionalFacts,
  type StoredDetection,
  SYSTEM,
  storedDetection,
  withoutSnooze,
} from "./state.ts";

/**
 * Writes of alerts and their states, for the caller's transaction. Each is on the condition that what it was decided
 * on is still stored: when one fails, the caller reads and decides anew.
 */

/** Writes a state over the one that was read; `undefined` when there was none. */
export function alertStateWrite(after: AlertState, before: AlertState | undefined): Write {
  return put(AlertStateEntity, after, before ? equals({ revision: before.revision }) : NOT_EXISTS);
}

/** A new alert with its state: two items. */
export const openWrites = (
  alert: StoredAlert,
  before: AlertState | undefined,
  at: Date,
  detection?: StoredDetection,
): Write[] => [
  put(AlertEntity, alert, NOT_EXISTS),
  alertStateWrite(openState(alert, before, at, detection), before),
];

function resolveWrite(before: AlertState, at: Date): Write {
  const now = at.toISOString();
  return updateItem(
    AlertEntity.patch({ id: before.alert_id })
      .set({ is_resolved: true, resolved_by: SYSTEM, resolved_at: now, updated_at: now })
      .remove([...SNOOZE, "unsnooze_reason"])
      .add({ revision: 1 })
      .where(({ is_resolved }, { eq }) => eq(is_resolved, false)),
  );
}

/** Why a snoozed alert is back. */
const worseningOf = ({ severity }: Detection, before: AlertState): string =>
  isWorse(severity, before.severity)
    ? `Its severity rose from ${before.severity} to ${severity}.`
    : "The score that it is about fell further.";

/** What an action of the system writes: at most two items. */
export function actionWrites(action: AlertAction, at: Date): Write[] {
  const now = at.toISOString();
  switch (action.kind) {
    case "open": {
      const { detection, before } = action;
      return openWrites(newAlert(detection, randomUUID(), at), before, at, storedDetection(detection));
    }
    case "update": {
      const { before, detection } = action;
      const { severity, title, description, band } = detection;
      const wording = { severity, title, description, ...(band !== undefined && { band }) };
      const isBack = endsSnooze(detection, before, at);
      const facts = { ...wording, ...(isBack && { unsnooze_reason: worseningOf(detection, before) }) };
      const change = updateItem(
        AlertEntity.patch({ id: before.alert_id })
          .set({ ...facts, updated_at: now })
          .remove(isBack ? [...SNOOZE] : [])
          .add({ revision: 1 }),
      );
      const after: AlertState = {
        ...(isBack ? withoutSnooze(before) : before),
        ...facts,
        ...storedDetection(detection),
        alert_revision: before.alert_revision + 1,
        changed_at: now,
        revision: nextRevision(before, at),
      };
      return [change, alertStateWrite(after, before)];
    }
    case "resolve": {
      const { before } = action;
      return [resolveWrite(before, at), alertStateWrite(closedState(before, "cleared", at), before)];
    }
    case "clear":
      return [alertStateWrite(closedState(action.before, "cleared", at), action.before)];
  }
}

/** A changed alert, over the revision that was read. */
export const alertWrite = (before: StoredAlert, after: StoredAlert): Write =>
  put(AlertEntity, after, equals({ revision: before.revision }));

/** What changes of a state when its open alert becomes `after`. */
function stateChanges(after: StoredAlert): {
  set: Partial<AlertState>;
  remove: (typeof OPTIONAL_FACTS)[number][];
} {
  const changed_at = after.updated_at;
  if (!after.is_resolved) {
    const { alert_type, severity, title, description } = after;
    const facts = { alert_type, severity, title, description, alert_revision: after.revision, changed_at };
    const optional = optionalFacts(after);
    return {
      set: { ...facts, ...optional },
      remove: OPTIONAL_FACTS.filter((key) => optional[key] === undefined),
    };
  }
  const cleared = isOneOff(after.condition);
  return {
    set: {
      state: cleared ? "cleared" : "acknowledged",
      changed_at,
      ...(cleared && { expires_at_epoch: clearedExpiry(new Date(changed_at)) }),
    },
    remove: [...SNOOZE, "unsnooze_reason"],
  };
}

/**
 * What a person's change of an open alert writes: the alert and its state. Every change of an open alert writes both,
 * so a condition on the alert's revision covers the state, too.
 */
export function changeWrites(before: StoredAlert, after: StoredAlert): Write[] {
  const { customer_id, condition, id } = before;
  const { set, remove } = stateChanges(after);
  const stateChange = AlertStateEntity.patch({ customer_id, condition })
    .set(set)
    .remove(remove)
    .add({ revision: 1 })
    .where(({ alert_id, state }, { eq }) => `${eq(alert_id, id)} AND ${eq(state, "open")}`);
  return [alertWrite(before, after), updateItem(stateChange)];
}

/** What a reopened alert writes, with its state. While the condition lasts, the system's detection stays known. */
export function reopenWrites(
  before: StoredAlert,
  after: StoredAlert,
  state: AlertState | undefined,
): Write[] {
  const lasting =
    state?.state === "acknowledged" ? { found: state.found, reference: state.reference } : undefined;
  const open = openState(after, state, new Date(after.updated_at), lasting);
  return [alertWrite(before, after), alertStateWrite(open, state)];
}
