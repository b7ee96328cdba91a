import type { AlertFilter } from "@success-manager/contract/alerts";
import { searchForm } from "@success-manager/contract/text";
import type { StoredAlert } from "../table/index.ts";
import { isSnoozed } from "./serialize.ts";

/** What a list can be filtered by, of an alert or of the state that describes an open one. */
type Filterable = Pick<
  StoredAlert,
  "customer_id" | "alert_type" | "severity" | "title" | "description" | "created_at" | "snoozed_until"
>;

const searchKeys = new WeakMap<Filterable, string>();

/** What `search` looks at of an alert itself; remembered, because rows in memory are searched again and again. */
function searchKey(alert: Filterable): string {
  const known = searchKeys.get(alert);
  if (known !== undefined) return known;
  const key = searchForm(`${alert.title}\n${alert.description}`);
  searchKeys.set(alert, key);
  return key;
}

const is = <T>(wanted: T | undefined, value: T) => wanted === undefined || wanted === value;

type Filters = Partial<
  Pick<
    AlertFilter,
    "customer_id" | "alert_type" | "severity" | "is_snoozed" | "search" | "date_from" | "date_to"
  >
>;

/**
 * Whether an alert matches a query, apart from whether it is resolved.
 *
 * @param isNamed whether a customer's name holds the searched text
 */
export function matches(query: Filters, isNamed: (customer_id: string) => boolean, now: Date) {
  const { customer_id, alert_type, severity, is_snoozed, date_from = "", date_to } = query;
  return (alert: Filterable): boolean =>
    is(customer_id, alert.customer_id) &&
    is(alert_type, alert.alert_type) &&
    is(severity, alert.severity) &&
    alert.created_at >= date_from &&
    (date_to === undefined || alert.created_at.slice(0, 10) <= date_to) &&
    (is_snoozed === undefined || is_snoozed === isSnoozed(alert, now)) &&
    (query.search === undefined || searchKey(alert).includes(query.search) || isNamed(alert.customer_id));
}
