import { randomUUID } from "node:crypto";
import type { Alert, AlertChanges, AlertDetail, NewAlert, Snooze } from "@success-manager/contract/alert";
import { notFound } from "@success-manager/contract/problem";
import { getDirectory } from "../directory/index.ts";
import { batchGet, CustomerEntity, commit, getRequest, type StoredAlert } from "../table/index.ts";
import { edited, resolved, snoozed } from "./acts.ts";
import { change, stored } from "./change.ts";
import { alertKey } from "./condition.ts";
import { shown } from "./shown.ts";
import { openWrites } from "./write.ts";

/** Who acts; the name is what alerts remember (decision 18). */
export interface Actor {
  readonly full_name: string;
}

/** Raises an alert by a person; there may be several that say the same. @throws 404 for an unknown customer */
export async function create(input: NewAlert, { full_name }: Actor): Promise<Alert> {
  // Customers are never deleted, so one that exists now exists when this is written.
  const [customer] = await batchGet(getRequest(CustomerEntity, input.customer_id));
  if (!customer) throw notFound("Customer");
  const [id, at] = [randomUUID(), new Date()];
  const alert: StoredAlert = {
    ...input,
    id,
    condition: alertKey.manual(id),
    is_resolved: false,
    created_by: full_name,
    created_at: at.toISOString(),
    updated_at: at.toISOString(),
    revision: 1,
  };
  // The id is new: should a condition fail, it was the SDK that repeated a write whose answer was lost.
  await commit(openWrites(alert, undefined, at));
  return shown(alert, customer.company_name, at);
}

/** An alert with its customer. @throws 404 */
export async function get(id: string): Promise<AlertDetail> {
  const [alert, { customers }] = await Promise.all([stored(id), getDirectory()]);
  const row = customers.get(alert.customer_id);
  return {
    ...shown(alert, row?.customer.company_name, new Date()),
    customer: row
      ? {
          id: row.customer.id,
          company_name: row.customer.company_name,
          contact_name: row.customer.contact_name ?? null,
          contact_email: row.customer.contact_email ?? null,
          account_manager: row.account_manager_name || null,
          status: row.customer.status,
        }
      : null,
  };
}

async function shownAfter(changed: Promise<StoredAlert>): Promise<Alert> {
  const [alert, { customers }] = await Promise.all([changed, getDirectory()]);
  return shown(alert, customers.get(alert.customer_id)?.customer.company_name, new Date());
}

/**
 * Changes what an alert says, resolves it or opens it again.
 * @throws 404; 409 for a reopening while the same has another open alert; 412 when `ifMatch` is outdated
 */
export const update = (id: string, input: AlertChanges, { full_name }: Actor, ifMatch?: number) =>
  shownAfter(change(id, ifMatch, (alert, at) => edited(alert, input, full_name, at)));

/** Resolves an alert; doing it again changes nothing. @throws 404; 412 when `ifMatch` is outdated */
export const resolve = (id: string, { full_name }: Actor, ifMatch?: number) =>
  shownAfter(change(id, ifMatch, (alert, at) => resolved(alert, full_name, at)));

/**
 * Snoozes an alert; doing it again sets another end.
 * @throws 404; 409 for a resolved alert; 412 when `ifMatch` is outdated; 422 for an end that can't be
 */
export const snooze = (id: string, input: Snooze, { full_name }: Actor, ifMatch?: number) =>
  shownAfter(change(id, ifMatch, (alert, at) => snoozed(alert, input, full_name, at)));
