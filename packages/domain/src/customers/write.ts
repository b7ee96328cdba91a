/** Writing a changed customer: onto the revision that was read, with the name reservation and the alerts that follow. */
import { unprocessable } from "@success-manager/contract/problem";
import {
  actionWrites,
  alertStatesOf,
  CONTRACT,
  detectContractEnd,
  HEALTH,
  INACTIVITY,
  LICENSE,
  updateExisting,
} from "../alerts/index.ts";
import { loadSettings } from "../settings/index.ts";
import {
  type Clearable,
  CompanyNameEntity,
  CustomerEntity,
  commit,
  commitOne,
  deleteItem,
  nameKey,
  putItem,
  type StoredCustomer,
  updateItem,
  type Write,
} from "../table/index.ts";

export interface CustomerChange {
  readonly set: Partial<StoredCustomer>;
  readonly remove: Clearable[];
}

/** The customer after a change. */
export function applyChange(before: StoredCustomer, { set, remove }: CustomerChange): StoredCustomer {
  const after = { ...before, ...set };
  for (const key of remove) delete after[key];
  return after;
}

/** @throws 422 for inverted dates */
export function checkContractDates(customer: Partial<StoredCustomer>): void {
  const { contract_start_date: start, contract_end_date: end } = customer;
  if (start && end && end <= start)
    throw unprocessable("contract_end_date", "must be after contract_start_date");
}

/** Values to set, with the stamps that every change carries. */
export function stamped(
  before: StoredCustomer,
  set: Partial<StoredCustomer>,
  now: Date,
): Partial<StoredCustomer> {
  const instant = now.toISOString();
  return { ...set, updated_at: instant, changed_at: instant, revision: before.revision + 1 };
}

/**
 * Writes a change onto the revision that it was decided on.
 *
 * @param beside what is written in the same transaction, on conditions of its own
 * @returns `outdated` when somebody changed the customer meanwhile, `name_taken` when another one has the new name
 */
export async function writeChange(
  before: StoredCustomer,
  change: CustomerChange,
  now: Date,
  beside: readonly Write[] = [],
): Promise<"written" | "outdated" | "name_taken"> {
  const update = updateItem(
    CustomerEntity.patch({ id: before.id })
      .set(change.set)
      .remove(change.remove)
      .where(({ revision }, { eq }) => eq(revision, before.revision)),
  );
  const name = nameWrites(before, change);
  const alerts = await alertUpdates(before, applyChange(before, change), now);
  if (name.length + alerts.length + beside.length === 0)
    return (await commitOne(update)) ? "written" : "outdated";
  const failed = await commit([update, ...name, ...alerts, ...beside]);
  if (failed.length === 0) return "written";
  const nameOnly = name.length > 0 && failed.every((index) => index === NAME_INDEX);
  return nameOnly ? "name_taken" : "outdated";
}

/** Where the reservation of a new name stands in the transaction. */
const NAME_INDEX = 1;

/** A new name is reserved, and the old one released. */
function nameWrites({ id, company_name }: StoredCustomer, { set }: CustomerChange): Write[] {
  const [oldKey, newKey] = [nameKey(company_name), nameKey(set.company_name ?? company_name)];
  if (oldKey === newKey) return [];
  return [
    putItem(CompanyNameEntity.create({ name_key: newKey, customer_id: id })),
    deleteItem(CompanyNameEntity.delete({ name_key: oldKey })),
  ];
}

/** A customer who left has no contract and no licenses, and nobody has to talk to them. */
const endsWithCustomer = (condition: string) =>
  condition === CONTRACT ||
  condition === INACTIVITY ||
  condition.startsWith(LICENSE) ||
  condition.startsWith(HEALTH);

/**
 * What a change means for the customer's alerts: leaving ends those that the system raised, another end of the
 * contract ends or updates the one about it. Reads only when there is such a change.
 */
async function alertUpdates(before: StoredCustomer, after: StoredCustomer, now: Date): Promise<Write[]> {
  const left = after.status === "churned" && before.status !== "churned";
  if (!left && after.contract_end_date === before.contract_end_date) return [];
  const states = await alertStatesOf(after.id);
  const affected = states.filter(({ condition }) =>
    left ? endsWithCustomer(condition) : condition === CONTRACT,
  );
  if (affected.length === 0) return [];
  const detected = left ? [] : detectContractEnd({ customer: after }, now, await loadSettings("alerts"));
  return updateExisting(detected, affected).flatMap((action) => actionWrites(action, now));
}
