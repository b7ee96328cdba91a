/** Customers: creating, changing, marking as churned. Reading them: `list.ts`, `search.ts`, `detail.ts`, `timeline.ts`. */
import { randomUUID } from "node:crypto";
import type { Customer, CustomerChanges, NewCustomer } from "@success-manager/contract/customers";
import {
  conflict,
  type IfMatch,
  notFound,
  requireMatch,
  unprocessable,
} from "@success-manager/contract/problem";
import { getDirectory } from "../directory/index.ts";
import { pauseFollowUps } from "../interactions/index.ts";
import { statusWrites } from "../outcomes/index.ts";
import {
  batchGet,
  type Clearable,
  CompanyNameEntity,
  CustomerEntity,
  commit,
  currentScope,
  currentWriter,
  find,
  getOrThrow,
  getRequest,
  nameKey,
  omitNull,
  putItem,
  RETRY,
  type StoredCustomer,
  splitChanges,
  UserEntity,
  withOptimisticRetry,
} from "../table/index.ts";
import { toCustomer } from "./serialize.ts";
import { applyChange, type CustomerChange, checkContractDates, stamped, writeChange } from "./write.ts";

export {
  customerHistory as healthHistory,
  customerHistoryReads as healthHistoryReads,
  scoreChanges,
  scoreChangesReads,
} from "../health/index.ts";
export { get } from "./detail.ts";
export { accountManagers, atRisk, expiringSoon, industries, list } from "./list.ts";
export { correctOutcome, importOutcomes, recordOutcome, withdrawOutcome } from "./outcomes.ts";
export { search } from "./search.ts";
export { pageReads, timeline, timelineReads } from "./timeline.ts";

/** Who has a company name already: a customer who has left may be forgotten, and can be brought back. */
async function nameTaken(company_name: string) {
  const holder = await find(getRequest(CompanyNameEntity, nameKey(company_name)));
  const customer = holder && (await find(getRequest(CustomerEntity, holder.customer_id)));
  return conflict(
    customer?.status === "churned"
      ? "A customer who has left has this company name already. To bring them back, set their status: " +
          `PUT /customers/${customer.id} with a status of active or onboarding.`
      : "Another customer has this company name already.",
  );
}

/**
 * Who manages a new customer: the user who makes them and sees some customers only, unless they name somebody whose
 * customers they see.
 *
 * @throws 422 for whom the caller would not see: the customer would be gone for who makes them
 */
function assigned(input: NewCustomer): NewCustomer {
  const scope = currentScope();
  if (!scope) return input;
  const isNamed = (input.account_manager_id ?? input.account_manager) != null;
  const { manager_id } = scope;
  const own = isNamed || manager_id === undefined ? input : { ...input, account_manager_id: manager_id };
  if (scope.showsStored(omitNull({ ...own }))) return own;
  if (manager_id !== undefined)
    throw unprocessable("account_manager_id", "must be you, or somebody whose customers you see");
  throw unprocessable("account_manager_id", "and industry must be as this API key's filter asks");
}

/**
 * Creates a customer.
 *
 * @throws 409 when the name is taken, regardless of case; 422 for inverted dates or an unknown account manager
 */
export async function create(asked: NewCustomer): Promise<Customer> {
  const input = assigned(asked);
  checkContractDates(omitNull(input));
  const manager = await findUser(input.account_manager_id);
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
    written_by: currentWriter(),
    revision: 1,
  };
  const answer = toCustomer(customer, manager ?? (await managerOf(customer)));
  const failed = await commit(
    [
      putItem(CompanyNameEntity.create({ name_key: nameKey(company_name), customer_id: customer.id })),
      putItem(CustomerEntity.create(customer)),
      ...(await statusWrites(undefined, customer, new Date(now))),
    ],
    { answer },
  );
  if (failed.length > 0) throw await nameTaken(company_name);
  return answer;
}

/**
 * Changes a customer: absent keys stay, null clears. A status that a person changes no longer follows the score; who
 * leaves or comes back by it has an outcome that says so.
 *
 * @throws 404; 409 when the new name is taken; 412 when `ifMatch` is outdated; 422 for inverted dates of the
 * merged customer or an unknown account manager
 */
export const update = (id: string, input: CustomerChanges, ifMatch?: IfMatch): Promise<Customer> =>
  withOptimisticRetry(async () => {
    const managerId = input.account_manager_id;
    const [before, newManager] = managerId
      ? await batchGet(getRequest(CustomerEntity, id), getRequest(UserEntity, managerId))
      : await batchGet(getRequest(CustomerEntity, id));
    if (!before) throw notFound("Customer");
    requireMatch(before.revision, ifMatch);
    if (managerId && !newManager) throw unknownManager();
    const now = new Date();
    const change = toChange(before, input, now);
    const after = applyChange(before, change);
    checkContractDates(after);
    const result = await writeChange(before, change, now, await statusWrites(before, after, now));
    if (result === "name_taken") throw await nameTaken(after.company_name);
    if (result === "outdated") return RETRY;
    if (input.status && (after.status === "churned" || before.status === "churned"))
      await pauseFollowUps(after);
    return toCustomer({ ...after, written_by: currentWriter() }, newManager ?? (await managerOf(after)));
  });

/**
 * Marks a customer as churned, records the outcome, and lets open follow-ups wait; doing it again changes nothing.
 * @throws 404; 412 when `ifMatch` is outdated
 */
export const markChurned = (id: string, ifMatch?: IfMatch): Promise<{ message: string }> =>
  withOptimisticRetry(async () => {
    const before = await getOrThrow(getRequest(CustomerEntity, id), "Customer");
    requireMatch(before.revision, ifMatch);
    const message = `${before.company_name} is marked as churned.`;
    const now = new Date();
    const set = stamped(before, { status: "churned" }, now);
    const after: StoredCustomer = { ...before, status: "churned" };
    // Of one who has left already, only what a broken request left behind.
    const result =
      before.status === "churned"
        ? "written"
        : await writeChange(
            before,
            { set, remove: ["status_before_risk"] },
            now,
            await statusWrites(before, after, now),
          );
    if (result !== "written") return RETRY;
    await pauseFollowUps(after);
    return { message };
  });

/** The user who manages a customer; a text is looked up among the names of the team. */
async function managerOf(customer: StoredCustomer) {
  const { account_manager_id: id, account_manager: name } = customer;
  if (id !== undefined) return findUser(id);
  return name === undefined ? undefined : (await getDirectory()).userNamed(name);
}

const findUser = async (id: string | null | undefined) => (id ? find(getRequest(UserEntity, id)) : undefined);

const unknownManager = () => unprocessable("account_manager_id", "must be the id of a user");

/** What a body changes: only attributes that a customer can be without are cleared. */
function toChange(before: StoredCustomer, input: CustomerChanges, now: Date): CustomerChange {
  const { company_name, deployed_products, status, portal_enabled, ...details } = input;
  const { set, remove } = splitChanges<Pick<StoredCustomer, Clearable>>(details);
  // A form sends the status along with everything else; only another one is a person's decision.
  const decided = status !== undefined && status !== before.status;
  const required = omitNull({ company_name, deployed_products, status, portal_enabled });
  return {
    set: stamped(before, { ...required, ...set }, now),
    remove: decided ? [...remove, "status_before_risk"] : remove,
  };
}
