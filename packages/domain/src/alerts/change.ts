import { conflict, notFound, preconditionFailed } from "@success-manager/contract/problem";
import {
  AlertEntity,
  batchGet,
  commit,
  RETRY,
  type StoredAlert,
  type Write,
  withOptimisticRetry,
} from "../table/index.ts";
import { alertWrite, changeWrites, reopenWrites } from "./change-writes.ts";
import { alertStateRequest } from "./conditions.ts";

/** @throws 404 */
export async function stored(id: string): Promise<StoredAlert> {
  const { data } = await AlertEntity.get({ id }).go({ consistent: true });
  if (!data) throw notFound("Alert");
  return data;
}

/** @throws 409 when the same condition has another open alert */
async function reopening(before: StoredAlert, after: StoredAlert): Promise<Write[] | typeof RETRY> {
  const [condition] = await batchGet(alertStateRequest(before.customer_id, before.condition));
  if (condition?.state !== "open") return reopenWrites(before, after, condition);
  // Somebody else has just reopened the same alert.
  if (condition.alert_id === before.id) return RETRY;
  throw conflict("Another alert about the same is open already. Go on with that one.");
}

async function writesOf(before: StoredAlert, after: StoredAlert): Promise<Write[] | typeof RETRY> {
  if (!before.is_resolved) return changeWrites(before, after);
  return after.is_resolved ? [alertWrite(before, after)] : reopening(before, after);
}

/**
 * Changes an alert as `decide` says; nothing is written when that answers the alert itself.
 *
 * @param ifMatch the revision that the caller has seen, if they say so
 * @throws 404; 409 for a reopening that meets another open alert; 412; what `decide` throws
 */
export const change = (
  id: string,
  ifMatch: number | undefined,
  decide: (alert: StoredAlert, at: Date) => StoredAlert,
): Promise<StoredAlert> =>
  withOptimisticRetry(async () => {
    const before = await stored(id);
    if (ifMatch !== undefined && before.revision !== ifMatch) throw preconditionFailed();
    const after = decide(before, new Date());
    if (after === before) return before;
    const writes = await writesOf(before, after);
    if (writes === RETRY) return RETRY;
    const failed = await commit(writes);
    return failed.length === 0 ? after : RETRY;
  });
