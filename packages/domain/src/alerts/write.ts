import { randomUUID } from "node:crypto";
import {
  AlertEntity,
  type AlertState,
  AlertStateEntity,
  putItem,
  SNOOZE,
  type StoredAlert,
  updateItem,
  type Write,
} from "../table/index.ts";
import type { Detection } from "./condition.ts";
import { type Action, detectionKey } from "./reconcile.ts";

/** Who acts when no person does. */
export const SYSTEM = "system";

/** Conditions that are over are of use for as long as a container may remember them as open. */
const KEPT_DAYS = 2;

/** When the table may remove a condition that is over since a moment: seconds since 1970. */
export const expiryOfOver = (since: Date) => Math.floor(since.getTime() / 1000) + KEPT_DAYS * 24 * 60 * 60;

/** A condition's next revision; grows also when the item was removed in between. */
const nextRevision = (before: AlertState | undefined, at: Date) =>
  Math.max((before?.revision ?? 0) + 1, at.getTime());

/** Writes a condition onto the state that was read; `undefined` when there was none. */
export function alertStateWrite(after: AlertState, before: AlertState | undefined): Write {
  return putItem(
    AlertStateEntity.put(after).where(({ revision }, { eq, notExists }) =>
      before ? eq(revision, before.revision) : notExists(revision),
    ),
  );
}

/** What stays of a condition whose alert is not open any more. */
export function closedState(before: AlertState, state: "handled" | "over", at: Date): AlertState {
  const { expires_at_epoch: _, snoozed_until: __, snoozed_by: ___, snooze_reason: ____, ...rest } = before;
  return {
    ...rest,
    state,
    changed_at: at.toISOString(),
    revision: nextRevision(before, at),
    ...(state === "over" && { expires_at_epoch: expiryOfOver(at) }),
  };
}

/** The condition that an open alert stands for, as it is stored with it. */
export function openState(
  alert: StoredAlert,
  before: AlertState | undefined,
  at: Date,
  found?: Pick<AlertState, "found" | "reference">,
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
    ...(alert.snoozed_until && { snoozed_until: alert.snoozed_until }),
    ...(alert.snoozed_by && { snoozed_by: alert.snoozed_by }),
    ...(alert.snooze_reason && { snooze_reason: alert.snooze_reason }),
    alert_id: alert.id,
    alert_revision: alert.revision,
    state: "open",
    ...found,
    changed_at: at.toISOString(),
    revision: nextRevision(before, at),
  };
}

/** The alert that the system raises about a finding. */
export function newAlert({ reference: _, ...said }: Detection, id: string, at: Date): StoredAlert {
  const now = at.toISOString();
  return {
    ...said,
    id,
    is_resolved: false,
    created_by: SYSTEM,
    created_at: now,
    updated_at: now,
    revision: 1,
  };
}

/** What a condition keeps of a finding, to know it again. */
export const storedDetection = (finding: Detection): Pick<AlertState, "found" | "reference"> => ({
  found: detectionKey(finding),
  ...(finding.reference !== undefined && { reference: finding.reference }),
});

/** A new alert together with the state of its condition. */
export const openWrites = (
  alert: StoredAlert,
  before: AlertState | undefined,
  at: Date,
  found?: Pick<AlertState, "found" | "reference">,
): Write[] => [
  putItem(AlertEntity.create(alert)),
  alertStateWrite(openState(alert, before, at, found), before),
];

/** A changed alert that is not open any more, together with the state of its condition. */
export const closeWrites = (
  change: Write,
  before: AlertState,
  state: "handled" | "over",
  at: Date,
): Write[] => [change, alertStateWrite(closedState(before, state, at), before)];

function resolution(before: AlertState, at: Date): Write {
  const now = at.toISOString();
  return updateItem(
    AlertEntity.patch({ id: before.alert_id })
      .set({ is_resolved: true, resolved_by: SYSTEM, resolved_at: now, updated_at: now })
      .remove([...SNOOZE])
      .add({ revision: 1 })
      .where(({ is_resolved }, { eq }) => eq(is_resolved, false)),
  );
}

/**
 * What an action of the system writes, for the caller's transaction: at most two items. The conditions are on what
 * the action was decided on, so a transaction whose condition fails has to be decided anew.
 */
export function actionWrites(action: Action, at: Date): Write[] {
  const now = at.toISOString();
  switch (action.kind) {
    case "open": {
      const { finding, before } = action;
      return openWrites(newAlert(finding, randomUUID(), at), before, at, storedDetection(finding));
    }
    case "update": {
      const { before, finding } = action;
      const { severity, title, description } = finding;
      const said = { severity, title, description };
      const change = updateItem(
        AlertEntity.patch({ id: before.alert_id })
          .set({ ...said, updated_at: now })
          .add({ revision: 1 }),
      );
      const after: AlertState = {
        ...before,
        ...said,
        ...storedDetection(finding),
        alert_revision: before.alert_revision + 1,
        changed_at: now,
        revision: nextRevision(before, at),
      };
      return [change, alertStateWrite(after, before)];
    }
    case "resolve":
      return closeWrites(resolution(action.before, at), action.before, "over", at);
    case "forget":
      return [alertStateWrite(closedState(action.before, "over", at), action.before)];
  }
}
