import { randomUUID } from "node:crypto";
import type { Customer, CustomerChanges, NewCustomer } from "@success-manager/contract/customers";
import { conflict, notFound, preconditionFailed, unprocessable } from "@success-manager/contract/problem";
import {
  batchGet,
  type Clearable,
  CompanyNameEntity,
  CustomerEntity,
  commit,
  conditionFailed,
  deleteItem,
  getRequest,
  nameKey,
  omitNull,
  putItem,
  RETRY,
  type StoredCustomer,
  splitChanges,
  UserEntity,
  updateItem,
  type Write,
  withOptimisticRetry,
} from "../table/index.ts";
import { alertWrites } from "./alerts.ts";
import { shown } from "./shown.ts";

const NAME_TAKEN = "Another customer has this company name already.";

async function userOf(id: string | null | undefined) {
  return id ? (await batchGet(getRequest(UserEntity, id)))[0] : undefined;
}

function checkContract({
  contract_start_date: start,
  contract_end_date: end,
}: Partial<StoredCustomer>): void {
  if (start && end && end <= start)
    throw unprocessable("contract_end_date", "must be after contract_start_date");
}

const unknownManager = () => unprocessable("account_manager_id", "must be the id of a user");

/**
 * Creates a customer.
 * @throws 409 when the name is taken, regardless of case; 422 for inverted dates or an unknown account manager
 */
export async function create(input: NewCustomer): Promise<Customer> {
  checkContract(omitNull(input));
  const manager = await userOf(input.account_manager_id);
  if (input.account_manager_id && !manager) throw unknownManager();
  const now = new Date().toISOString();
  const { company_name, deployed_products, status, portal_enabled, ...details } = input;
  const customer: StoredCustomer = {
    ...omitNull(details),
    id: randomUUID(),
    company_name,
    deployed_products,
    status,
    portal_enabled,
    created_at: now,
    updated_at: now,
    changed_at: now,
    revision: 1,
  };
  const failed = await commit([
    putItem(CompanyNameEntity.create({ name_key: nameKey(company_name), customer_id: customer.id })),
    putItem(CustomerEntity.create(customer)),
  ]);
  if (failed.length > 0) throw conflict(NAME_TAKEN);
  return shown(customer, manager);
}

interface Change {
  readonly set: Partial<StoredCustomer>;
  readonly remove: Clearable[];
}

function merged(before: StoredCustomer, { set, remove }: Change): StoredCustomer {
  const after = { ...before, ...set };
  for (const key of remove) delete after[key];
  return after;
}

/** What a new name writes besides: its reservation moves along. */
function nameWrites({ id, company_name }: StoredCustomer, { set }: Change): Write[] {
  const [oldKey, newKey] = [nameKey(company_name), nameKey(set.company_name ?? company_name)];
  if (oldKey === newKey) return [];
  return [
    putItem(CompanyNameEntity.create({ name_key: newKey, customer_id: id })),
    deleteItem(CompanyNameEntity.delete({ name_key: oldKey })),
  ];
}

/** Where the reservation of a new name stands in the transaction. */
const NAME = 1;

/** Writes a change onto the revision it was decided on, with what has to change along with it. */
async function write(before: StoredCustomer, change: Change): Promise<"written" | "changed" | "taken"> {
  const patch = CustomerEntity.patch({ id: before.id })
    .set(change.set)
    .remove(change.remove)
    .where(({ revision }, { eq }) => eq(revision, before.revision));
  const name = nameWrites(before, change);
  const besides = [...name, ...(await alertWrites(before, merged(before, change)))];
  if (besides.length === 0) {
    try {
      await patch.go();
      return "written";
    } catch (error) {
      if (conditionFailed(error)) return "changed";
      throw error;
    }
  }
  const failed = await commit([updateItem(patch), ...besides]);
  if (failed.length === 0) return "written";
  const nameOnly = name.length > 0 && failed.every((index) => index === NAME);
  return nameOnly ? "taken" : "changed";
}

/** What every change of a customer writes besides. */
function stamped(before: StoredCustomer, set: Partial<StoredCustomer>): Partial<StoredCustomer> {
  const now = new Date().toISOString();
  return { ...set, updated_at: now, changed_at: now, revision: before.revision + 1 };
}

/** What a body splitChanges: only what can be empty is cleared. */
function changeOf(before: StoredCustomer, input: CustomerChanges): Change {
  const { company_name, deployed_products, status, portal_enabled, ...details } = input;
  const { set, remove } = splitChanges<Pick<StoredCustomer, Clearable>>(details);
  // A form sends the status along with everything else; only another one is a person's word.
  const decided = status !== undefined && status !== before.status;
  return {
    set: stamped(before, {
      ...omitNull({ company_name, deployed_products, status, portal_enabled }),
      ...set,
    }),
    remove: decided ? [...remove, "status_before_risk"] : remove,
  };
}

/**
 * Changes a customer: absent keys stay, null clears. A status that a person splitChanges is no longer the score's.
 *
 * @throws 404; 409 when the new name is taken; 412 when `ifMatch` is outdated; 422 for inverted dates of the
 * merged customer or an unknown account manager
 */
export const update = (id: string, input: CustomerChanges, ifMatch?: number): Promise<Customer> =>
  withOptimisticRetry(async () => {
    const managerId = input.account_manager_id;
    const [before, newManager] = managerId
      ? await batchGet(getRequest(CustomerEntity, id), getRequest(UserEntity, managerId))
      : await batchGet(getRequest(CustomerEntity, id));
    if (!before) throw notFound("Customer");
    if (ifMatch !== undefined && before.revision !== ifMatch) throw preconditionFailed();
    if (managerId && !newManager) throw unknownManager();
    const change = changeOf(before, input);
    const after = merged(before, change);
    checkContract(after);
    const result = await write(before, change);
    if (result === "taken") throw conflict(NAME_TAKEN);
    if (result === "changed") return RETRY;
    return shown(after, newManager ?? (await userOf(after.account_manager_id)));
  });

/** Marks a customer as churned; doing it again splitChanges nothing. @throws 404 */
export const remove = (id: string): Promise<{ message: string }> =>
  withOptimisticRetry(async () => {
    const [before] = await batchGet(getRequest(CustomerEntity, id));
    if (!before) throw notFound("Customer");
    const message = `${before.company_name} is marked as churned.`;
    if (before.status === "churned") return { message };
    const change: Change = { set: stamped(before, { status: "churned" }), remove: ["status_before_risk"] };
    return (await write(before, change)) === "written" ? { message } : RETRY;
  });
