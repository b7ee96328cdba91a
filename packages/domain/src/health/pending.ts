import type { CustomerRow, Directory } from "../directory/index.ts";

/** A customer that a batch has to deal with. */
export interface Waiting {
  readonly id: string;
  /** Why nothing can be scored: a sentence for people. */
  readonly complaint?: string | undefined;
}

/** Whether a batch has to score a customer: not churned, without a score at or after its instant (ISO). */
export const isPending = ({ customer, score }: CustomerRow, instant: string) =>
  customer.status !== "churned" && (score === undefined || score.calculated_at < instant);

/** Customers who cannot be scored, with the reason; whose last contact can't be read can be. */
function complaints({ invalidRows }: Directory): Map<string, string> {
  const found = new Map<string, string>();
  for (const { kind, customer_id, error } of invalidRows())
    if (kind !== "last_contact") found.set(customer_id, error);
  return found;
}

/** Customers whose own record cannot be read, and never could. */
const unknown = ({ invalidRows, customers }: Directory) =>
  [...invalidRows()].filter(({ kind, customer_id }) => kind === "customer" && !customers.has(customer_id));

/**
 * Whom a batch has to deal with behind a customer's id, in the order of ids. Those who have their score already are
 * among them: an invocation that was cut off may have scored them without saying so, and they count.
 *
 * @param instant of all scores of the batch (ISO)
 */
export function pending(directory: Directory, after: string, instant: string): Waiting[] {
  const reasons = complaints(directory);
  const waiting: Waiting[] = [];
  for (const row of directory.customers.values()) {
    const { id } = row.customer;
    if (id <= after) continue;
    if (isPending(row, instant)) waiting.push({ id, complaint: reasons.get(id) });
    else if (row.score?.calculated_at === instant) waiting.push({ id });
  }
  for (const { customer_id, error } of unknown(directory))
    if (customer_id > after) waiting.push({ id: customer_id, complaint: error });
  return waiting.sort((a, b) => (a.id < b.id ? -1 : 1));
}
