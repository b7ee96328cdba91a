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
import type { StoredCustomer, Write } from "../table/index.ts";

/** Who left has no contract, no licenses, and nobody has to talk to them. */
const endsWithCustomer = (condition: string) =>
  condition === CONTRACT ||
  condition === INACTIVITY ||
  condition.startsWith(LICENSE) ||
  condition.startsWith(HEALTH);

/**
 * What a change of a customer writes about alerts, for the change's own transaction: leaving ends those that the
 * system raised, another end of the contract ends or updates the one about it. Reads only when there is such a change.
 */
export async function alertWrites(before: StoredCustomer, after: StoredCustomer): Promise<Write[]> {
  const left = after.status === "churned" && before.status !== "churned";
  if (!left && after.contract_end_date === before.contract_end_date) return [];
  const at = new Date();
  const known = await alertStatesOf(after.id);
  const touched = known.filter(({ condition }) =>
    left ? endsWithCustomer(condition) : condition === CONTRACT,
  );
  return updateExisting(detectContractEnd({ customer: after }, at), touched).flatMap((action) =>
    actionWrites(action, at),
  );
}
