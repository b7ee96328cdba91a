import type { AlertFilter } from "@success-manager/contract/alerts";
import type { StoredAlert } from "../table/index.ts";
import { isSnoozed } from "./shown.ts";

/** What a list can be filtered by, of an alert or of the condition that stands for an open one. */
type Filtered = Pick<
  StoredAlert,
  "customer_id" | "alert_type" | "severity" | "title" | "description" | "created_at" | "snoozed_until"
>;

const keys = new WeakMap<Filtered, string>();

/** What `search` looks at of an alert itself; remembered, because rows in memory are searched again and again. */
function searchKey(alert: Filtered): string {
  const known = keys.get(alert);
  if (known !== undefined) return known;
  const made = `${alert.title}\n${alert.description}`.toLowerCase();
  keys.set(alert, made);
  return made;
}

const is = <T>(wanted: T | undefined, value: T) => wanted === undefined || wanted === value;

/** What a query asks of alerts, apart from whether they are resolved. */
type Asked = Partial<
  Pick<
    AlertFilter,
    "customer_id" | "alert_type" | "severity" | "is_snoozed" | "search" | "date_from" | "date_to"
  >
>;

/**
 * Whether alerts fit a query.
 * @param named the customers whose name holds the searched text
 */
export function fitting(asked: Asked, named: ReadonlySet<string>, now: Date) {
  const { customer_id, alert_type, severity, is_snoozed, date_from = "", date_to } = asked;
  const needle = asked.search?.toLowerCase();
  return (alert: Filtered): boolean =>
    is(customer_id, alert.customer_id) &&
    is(alert_type, alert.alert_type) &&
    is(severity, alert.severity) &&
    alert.created_at >= date_from &&
    (date_to === undefined || alert.created_at.slice(0, 10) <= date_to) &&
    (is_snoozed === undefined || is_snoozed === isSnoozed(alert, now)) &&
    (needle === undefined || named.has(alert.customer_id) || searchKey(alert).includes(needle));
}
