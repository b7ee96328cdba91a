import type { BulkResolved } from "@success-manager/contract/alert";
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
import { resolved } from "./transitions.ts";
import { changeWrites } from "./write.ts";

/** An alert and its state. */
const WRITES_PER_ALERT = 2;
/** How many alerts are resolved one by one at the same time. */
const CONCURRENCY = 8;

/** Resolves one alert. Answers false when somebody else was faster. */
async function resolveOne(id: string, by: string): Promise<boolean> {
  let resolvedHere = false;
  await change(id, undefined, (alert, at) => {
    const after = resolved(alert, by, at);
    resolvedHere = after !== alert;
    return after;
  });
  return resolvedHere;
}

/** Resolves open alerts in one transaction, those that somebody has changed since one by one. Answers which it did. */
async function resolveTogether(open: readonly StoredAlert[], by: string): Promise<readonly string[]> {
  const at = new Date();
  const overtaken = new Set(
    await commitIndependent(open, (alert) => changeWrites(alert, resolved(alert, by, at))),
  );
  const limit = pLimit(CONCURRENCY);
  const done = await Promise.all(
    open.map(async (alert) => !overtaken.has(alert) || limit(() => resolveOne(alert.id, by))),
  );
  return open.filter((_, index) => done[index]).map(({ id }) => id);
}

const countText = (count: number) => (count === 1 ? "1 alert" : `${count} alerts`);

function messageOf(resolvedNow: number, already: number, unknown: number): string {
  const rest = [
    already > 0 && `${countText(already)} had been resolved before.`,
    unknown > 0 && `${countText(unknown)} could not be found.`,
  ];
  return [`${countText(resolvedNow)} resolved.`, ...rest.filter((part) => part !== false)].join(" ");
}

/**
 * Resolves up to 100 alerts. Those that are resolved or unknown don't stop the others; of two calls at the same
 * time only one counts each alert.
 */
export async function bulkResolve(
  { alert_ids }: { readonly alert_ids: readonly string[] },
  { full_name }: Actor,
): Promise<BulkResolved> {
  const ids = [...new Set(alert_ids)];
  const found = (await batchGet(...ids.map((id) => getRequest(AlertEntity, id)))).filter(
    (alert) => alert !== undefined,
  );
  const open = found.filter(({ is_resolved }) => !is_resolved);
  const resolvedNow = new Set<string>();
  for (const chunk of chunkByWrites(open, () => WRITES_PER_ALERT))
    for (const id of await resolveTogether(chunk, full_name)) resolvedNow.add(id);
  const known = new Set(found.map(({ id }) => id));
  const already_resolved = ids.filter((id) => known.has(id) && !resolvedNow.has(id));
  const unknown = ids.filter((id) => !known.has(id));
  return {
    resolved_count: resolvedNow.size,
    already_resolved,
    unknown,
    message: messageOf(resolvedNow.size, already_resolved.length, unknown.length),
  };
}
