import type { Customer } from "@success-manager/contract/customers";
import { dateOf, daysAfter } from "../calendar.ts";
import { type CustomerRow, getDirectory } from "../directory/index.ts";
import { customersBy } from "./columns.ts";
import { shown } from "./shown.ts";

/**
 * Whether the contract of a customer who has not left ends from today on, within so many days, both ends included.
 * @param today `YYYY-MM-DD`, in UTC
 */
export function endsWithin(days: number, today: string) {
  const last = daysAfter(today, days);
  return ({ customer: { status, contract_end_date: end } }: Pick<CustomerRow, "customer">) =>
    status !== "churned" && end !== undefined && end >= today && end <= last;
}

/** Customers whose contract ends within so many days, soonest first. */
export async function expiringSoon(query: {
  readonly days: number;
  readonly limit: number;
}): Promise<Customer[]> {
  const directory = await getDirectory();
  const today = dateOf(new Date());
  const question = `ends within ${query.days} days of ${today}`;
  const view = customersBy(directory, "contract_end_date");
  const rows = view.select("asc", endsWithin(query.days, today), question);
  return rows.slice(0, query.limit).map(({ customer, manager }) => shown(customer, manager));
}
