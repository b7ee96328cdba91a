import { randomUUID } from "node:crypto";
import type { Alert, AlertChanges, NewAlert, Resolution, Snooze } from "@success-manager/contract/alert";
import { conflict, type IfMatch, requireMatch, unprocessable } from "@success-manager/contract/problem";
import { getDirectory } from "../directory/index.ts";
import {
  AlertEntity,
  batchGet,
  CustomerEntity,
  commit,
  getOrThrow,
  getRequest,
  isScoped,
  NO_CUSTOMER,
  RETRY,
  type StoredAlert,
  type Write,
  withOptimisticRetry,
} from "../table/index.ts";
import { alertKey } from "./detection.ts";
import { toAlert } from "./serialize.ts";
import { alertStateRequest } from "./state.ts";
import { edited, resolved, snoozed } from "./transitions.ts";
import { alertWrite, changeWrites, openWrites, reopenWrites } from "./write.ts";

/** What people do with alerts. */

/** Who acts; alerts store the name (decision 18). */
export interface Actor {
  readonly full_name: string;
}

/**
 * Opens an alert by a person, also about no customer; there may be several that say the same.
 * @throws 404 for an unknown customer; 422 without one, for who sees some customers only
 */
export async function create(input: NewAlert, { full_name }: Actor): Promise<Alert> {
  // Customers are never deleted, so one that exists now exists when this is written.
  const { customer_id } = input;
  if (customer_id === null && isScoped())
    throw unprocessable(
      "customer_id",
      "must be one of your customers: who sees some sees no alert about none",
    );
  const customer =
    customer_id === null ? undefined : await getOrThrow(getRequest(CustomerEntity, customer_id), "Customer");
  const [id, at] = [randomUUID(), new Date()];
  const alert: StoredAlert = {
    ...input,
    customer_id: customer_id ?? NO_CUSTOMER,
    id,
    condition: alertKey.manual(id),
    is_resolved: false,
    created_by: full_name,
    created_at: at.toISOString(),
    updated_at: at.toISOString(),
    revision: 1,
  };
  // The id is new: should a condition fail, it was the SDK that repeated a write whose answer was lost.
  const answer = toAlert(alert, customer?.company_name, at);
  await commit(openWrites(alert, undefined, at), { answer });
  return answer;
}

/**
 * Changes what an alert says, resolves it or opens it again.
 * @throws 404; 409 for a reopening while the same has another open alert; 412 when `ifMatch` is outdated
 */
export const update = (id: string, input: AlertChanges, { full_name }: Actor, ifMatch?: IfMatch) =>
  answer(change(id, ifMatch, (alert, at) => edited(alert, input, full_name, at)));

/** Resolves an alert; doing it again changes nothing. @throws 404; 412 when `ifMatch` is outdated */
export const resolve = (id: string, input: Resolution, { full_name }: Actor, ifMatch?: IfMatch) =>
  answer(change(id, ifMatch, (alert, at) => resolved(alert, full_name, at, input?.resolution_notes)));

/**
 * Snoozes an alert; doing it again sets another end.
 * @throws 404; 409 for a resolved alert; 412 when `ifMatch` is outdated; 422 for an end that can't be
 */
export const snooze = (id: string, input: Snooze, { full_name }: Actor, ifMatch?: IfMatch) =>
  answer(change(id, ifMatch, (alert, at) => snoozed(alert, input, full_name, at)));

async function answer(changed: Promise<StoredAlert>): Promise<Alert> {
  const [alert, { customers }] = await Promise.all([changed, getDirectory()]);
  return toAlert(alert, customers.get(alert.customer_id)?.customer.company_name, new Date());
}

/**
 * Changes an alert as `transition` says; nothing is written when that answers the alert itself.
 *
 * @param ifMatch the revision that the caller has seen, if they say so
 * @throws 404; 409 for a reopening that meets another open alert; 412; what `transition` throws
 */
export const change = (
  id: string,
  ifMatch: IfMatch | undefined,
  transition: (alert: StoredAlert, at: Date) => StoredAlert,
): Promise<StoredAlert> =>
  withOptimisticRetry(async () => {
    const before = await getOrThrow(getRequest(AlertEntity, id), "Alert");
    requireMatch(before.revision, ifMatch);
    const after = transition(before, new Date());
    if (after === before) return before;
    const writes = await writesOf(before, after);
    if (writes === RETRY) return RETRY;
    const failed = await commit(writes);
    return failed.length === 0 ? after : RETRY;
  });

async function writesOf(before: StoredAlert, after: StoredAlert): Promise<Write[] | typeof RETRY> {
  if (!before.is_resolved) return changeWrites(before, after);
  return after.is_resolved ? [alertWrite(before, after)] : reopening(before, after);
}

/** @throws 409 when the same condition has another open alert */
async function reopening(before: StoredAlert, after: StoredAlert): Promise<Write[] | typeof RETRY> {
  const [state] = await batchGet(alertStateRequest(before.customer_id, before.condition));
  if (state?.state !== "open") return reopenWrites(before, after, state);
  // Somebody else has just reopened the same alert.
  if (state.alert_id === before.id) return RETRY;
  throw conflict("Another alert about the same is open already. Go on with that one.");
}
