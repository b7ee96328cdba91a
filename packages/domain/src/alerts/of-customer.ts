import type { CustomerAlertsFilter } from "@success-manager/contract/alerts";
import { notFound } from "@success-manager/contract/problem";
import { scanRecent, sortedPage, toRange } from "../lists/index.ts";
import { batchGet, CustomerEntity, getRequest } from "../table/index.ts";
import { rankOf } from "./condition.ts";
import { alertStatesOf } from "./conditions.ts";
import { fitting } from "./filter.ts";
import { alertOf, type ShownRow, shown } from "./shown.ts";
import { ALERTS, filterOf } from "./stored-list.ts";

async function openOnes(customer_id: string, query: CustomerAlertsFilter, now: Date): Promise<ShownRow[]> {
  const conditions = await alertStatesOf(customer_id);
  const fits = fitting(query, new Set(), now);
  return conditions.filter((one) => one.state === "open" && fits(one)).map(alertOf);
}

function all(customer_id: string, query: CustomerAlertsFilter, now: Date): Promise<ShownRow[]> {
  return scanRecent(toRange(ALERTS, { customer_id, sort_order: "desc", filter: filterOf(query, now) }));
}

/**
 * Alerts of a customer, most severe first, then newest first. Open ones are read from the customer's conditions;
 * resolved ones are among the newest that happened with the customer.
 * @throws 404
 */
export async function byCustomer(customer_id: string, query: CustomerAlertsFilter) {
  const now = new Date();
  const onlyOpen = !(query.is_resolved ?? query.include_resolved);
  const [[customer], found] = await Promise.all([
    batchGet(getRequest(CustomerEntity, customer_id)),
    onlyOpen ? openOnes(customer_id, query, now) : all(customer_id, query, now),
  ]);
  if (!customer) throw notFound("Customer");
  const worstFirst = ({ severity, created_at }: ShownRow) => `${rankOf(severity)}#${created_at}`;
  const { rows, ...page } = sortedPage(found, worstFirst, "desc", query);
  return { alerts: rows.map((row) => shown(row, customer.company_name, now)), ...page };
}
