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
import { isOneOff } from "./condition.ts";
import { alertStateWrite, expiryOfOver, openState } from "./write.ts";

/** A changed alert, on the revision that was read. */
export const alertWrite = (before: StoredAlert, after: StoredAlert): Write =>
  putItem(AlertEntity.put(after).where(({ revision }, { eq }) => eq(revision, before.revision)));

/** What becomes of a condition when the open alert that it stands for changes. */
function following(after: StoredAlert): { set: Partial<AlertState>; remove: (typeof SNOOZE)[number][] } {
  const changed_at = after.updated_at;
  if (!after.is_resolved) {
    const { alert_type, severity, title, description } = after;
    const said = { alert_type, severity, title, description, alert_revision: after.revision, changed_at };
    const snooze = Object.fromEntries(SNOOZE.flatMap((key) => (after[key] ? [[key, after[key]]] : [])));
    return { set: { ...said, ...snooze }, remove: SNOOZE.filter((key) => !after[key]) };
  }
  const over = isOneOff(after.condition);
  return {
    set: {
      state: over ? "over" : "handled",
      changed_at,
      ...(over && { expires_at_epoch: expiryOfOver(new Date(changed_at)) }),
    },
    remove: [...SNOOZE],
  };
}

/**
 * What a person's change of an open alert writes: the alert and its condition, on the revision of the alert that was
 * read. Every change of an open alert writes both, so nothing else can have changed of the condition.
 */
export function changeWrites(before: StoredAlert, after: StoredAlert): Write[] {
  const { customer_id, condition, id } = before;
  const { set, remove } = following(after);
  const conditionChange = AlertStateEntity.patch({ customer_id, condition })
    .set(set)
    .remove(remove)
    .add({ revision: 1 })
    .where(({ alert_id, state }, { eq }) => `${eq(alert_id, id)} AND ${eq(state, "open")}`);
  return [alertWrite(before, after), updateItem(conditionChange)];
}

/**
 * An alert that a person opens again, together with the state of its condition. While that lasts, what the system
 * found stays known.
 */
export function reopenWrites(
  before: StoredAlert,
  after: StoredAlert,
  condition: AlertState | undefined,
): Write[] {
  const lasting =
    condition?.state === "handled" ? { found: condition.found, reference: condition.reference } : undefined;
  const open = openState(after, condition, new Date(after.updated_at), lasting);
  return [alertWrite(before, after), alertStateWrite(open, condition)];
}
