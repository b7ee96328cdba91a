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
import { resolved } from "./acts.ts";
import type { Actor } from "./by-people.ts";
import { change } from "./change.ts";
import { changeWrites } from "./change-writes.ts";

/** An alert and its condition. */
const WRITES_EACH = 2;
/** Alerts under way at once that are resolved one by one. */
const ALONE = 8;

/** Resolves an alert of which somebody else may be faster. Answers whether it was this call that did. */
async function resolveOne(id: string, by: string): Promise<boolean> {
  let mine = false;
  await change(id, undefined, (alert, at) => {
    const after = resolved(alert, by, at);
    mine = after !== alert;
    return after;
  });
  return mine;
}

/** Resolves open alerts together, those that somebody has changed since one by one. Answers which it resolved. */
async function resolveTogether(open: readonly StoredAlert[], by: string): Promise<readonly string[]> {
  const at = new Date();
  const left = new Set(
    await commitIndependent(open, (alert) => changeWrites(alert, resolved(alert, by, at))),
  );
  const limit = pLimit(ALONE);
  const mine = await Promise.all(
    open.map(async (alert) => !left.has(alert) || limit(() => resolveOne(alert.id, by))),
  );
  return open.filter((_, index) => mine[index]).map(({ id }) => id);
}

const many = (count: number) => (count === 1 ? "1 alert" : `${count} alerts`);

function sentence(resolvedNow: number, already: number, unknown: number): string {
  const rest = [
    already > 0 && `${many(already)} had been resolved before.`,
    unknown > 0 && `${many(unknown)} could not be found.`,
  ];
  return [`${many(resolvedNow)} resolved.`, ...rest.filter((part) => part !== false)].join(" ");
}

/**
 * Resolves up to 100 alerts. Those that are resolved or unknown don't stop the others; of two calls at once each
 * alert is counted by one.
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
  for (const pack of chunkByWrites(open, () => WRITES_EACH))
    for (const id of await resolveTogether(pack, full_name)) resolvedNow.add(id);
  const known = new Set(found.map(({ id }) => id));
  const already_resolved = ids.filter((id) => known.has(id) && !resolvedNow.has(id));
  const unknown = ids.filter((id) => !known.has(id));
  return {
    resolved_count: resolvedNow.size,
    already_resolved,
    unknown,
    message: sentence(resolvedNow.size, already_resolved.length, unknown.length),
  };
}
