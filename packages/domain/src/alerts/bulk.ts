/** What people do with many alerts at once. */
import type { BulkResolve, BulkResolved, BulkSnooze, BulkSnoozed } from "@success-manager/contract/alert";
import pLimit from "p-limit";
import {
  AlertEntity,
  batchGet,
  chunkByWrites,
  commitIndependent,
  getRequest,
  type StoredAlert,
} from "../table/index.ts";
import { type Actor, change } from "./commands.ts";
import { resolved, snoozed, snoozeEnd } from "./transitions.ts";
import { changeWrites } from "./write.ts";

/** An alert and its state. */
const WRITES_PER_ALERT = 2;
/** How many alerts are changed one by one at the same time. */
const CONCURRENCY = 8;

/** Changes an open alert; one that is resolved it answers as it is. */
type Transition = (alert: StoredAlert, at: Date) => StoredAlert;

/** Changes one alert. Answers false when somebody else has resolved it. */
async function changeOne(id: string, transition: Transition): Promise<boolean> {
  let changedHere = false;
  await change(id, undefined, (alert, at) => {
    const after = transition(alert, at);
    changedHere = after !== alert;
    return after;
  });
  return changedHere;
}

/** Changes open alerts in one transaction, those that somebody has changed since one by one. Answers which it did. */
async function changeTogether(
  open: readonly StoredAlert[],
  transition: Transition,
): Promise<readonly string[]> {
  const at = new Date();
  const overtaken = new Set(
    await commitIndependent(open, (alert) => changeWrites(alert, transition(alert, at))),
  );
  const limit = pLimit(CONCURRENCY);
  const done = await Promise.all(
    open.map(async (alert) => !overtaken.has(alert) || limit(() => changeOne(alert.id, transition))),
  );
  return open.filter((_, index) => done[index]).map(({ id }) => id);
}

const countText = (count: number) => (count === 1 ? "1 alert" : `${count} alerts`);

/** Changes up to 100 alerts. Those that are resolved or unknown don't stop the others. */
async function changeMany(alert_ids: readonly string[], transition: Transition, done: string) {
  const ids = [...new Set(alert_ids)];
  const found = (await batchGet(...ids.map((id) => getRequest(AlertEntity, id)))).filter(
    (alert) => alert !== undefined,
  );
  const open = found.filter(({ is_resolved }) => !is_resolved);
  const changed = new Set<string>();
  for (const chunk of chunkByWrites(open, () => WRITES_PER_ALERT))
    for (const id of await changeTogether(chunk, transition)) changed.add(id);
  const known = new Set(found.map(({ id }) => id));
  const already_resolved = ids.filter((id) => known.has(id) && !changed.has(id));
  const unknown = ids.filter((id) => !known.has(id));
  const sentences = [
    `${countText(changed.size)} ${done}.`,
    already_resolved.length > 0 && `${countText(already_resolved.length)} had been resolved before.`,
    unknown.length > 0 && `${countText(unknown.length)} could not be found.`,
  ];
  const message = sentences.filter((part) => part !== false).join(" ");
  return { count: changed.size, already_resolved, unknown, message };
}

/** Resolves up to 100 alerts; of two calls at the same time only one counts each alert. */
export async function bulkResolve(
  { alert_ids, resolution_notes }: BulkResolve,
  { full_name }: Actor,
): Promise<BulkResolved> {
  const resolve: Transition = (alert, at) => resolved(alert, full_name, at, resolution_notes);
  const { count: resolved_count, ...rest } = await changeMany(alert_ids, resolve, "resolved");
  return { resolved_count, ...rest };
}

/** Snoozes up to 100 alerts, all to the same end. @throws 422 for an end that can't be */
export async function bulkSnooze(
  { alert_ids, snooze_reason, ...end }: BulkSnooze,
  { full_name }: Actor,
): Promise<BulkSnoozed> {
  const snoozed_until = snoozeEnd(end, new Date()).toISOString();
  const snooze: Transition = (alert, at) =>
    alert.is_resolved ? alert : snoozed(alert, { snoozed_until, snooze_reason }, full_name, at);
  const { count: snoozed_count, ...rest } = await changeMany(alert_ids, snooze, "snoozed");
  return { snoozed_count, ...rest };
}
