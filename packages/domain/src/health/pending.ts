import type { CustomerRow, Directory } from "../directory/index.ts";

/** A customer that a batch has to deal with. */
export interface PendingCustomer {
  readonly id: string;
  /** Why the customer can't be scored: a sentence for people. */
  readonly error?: string | undefined;
}

/** Whether a batch has to score a customer: not churned, without a score at or after its instant (ISO). */
export const isPending = ({ customer, score }: CustomerRow, instant: string) =>
  customer.status !== "churned" && (score === undefined || score.calculated_at < instant);

/** Customers who can't be scored, with the reason. Without their last interaction they can. */
function errorsByCustomer({ invalidRows }: Directory): Map<string, string> {
  const errors = new Map<string, string>();
  for (const { kind, customer_id, error } of invalidRows())
    if (kind !== "last_contact") errors.set(customer_id, error);
  return errors;
}

/** Customers whose own record is invalid, and always was. */
const neverValid = ({ invalidRows, customers }: Directory) =>
  [...invalidRows()].filter(({ kind, customer_id }) => kind === "customer" && !customers.has(customer_id));

/**
 * The customers behind an id that a batch has to deal with, in the order of ids. Those who have their score already
 * are among them: an invocation that was cut off may have scored them without saving that, and they count.
 *
 * @param instant of all scores of the batch (ISO)
 */
export function pendingCustomers(directory: Directory, after: string, instant: string): PendingCustomer[] {
  const errors = errorsByCustomer(directory);
  const pending: PendingCustomer[] = [];
  for (const row of directory.customers.values()) {
    const { id } = row.customer;
    if (id <= after) continue;
    if (isPending(row, instant)) pending.push({ id, error: errors.get(id) });
    else if (row.score?.calculated_at === instant) pending.push({ id });
  }
  for (const { customer_id, error } of neverValid(directory))
    if (customer_id > after) pending.push({ id: customer_id, error });
  return pending.sort((a, b) => (a.id < b.id ? -1 : 1));
}
