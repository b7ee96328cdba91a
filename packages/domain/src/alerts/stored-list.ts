import type { AlertFilter } from "@success-manager/contract/alerts";
import { defineList, partsMatch } from "../lists/index.ts";
import { equals, type Filter } from "../table/index.ts";
import { getAlertCache } from "./book.ts";
import { fitting } from "./filter.ts";
import { SHOWN, type ShownRow, shown } from "./shown.ts";

type Asked = Partial<Pick<AlertFilter, "alert_type" | "severity" | "is_resolved" | "is_snoozed">>;

/** What the database holds each row to. */
export const filterOf = (asked: Asked, now: Date): Filter => {
  const { alert_type, severity, is_resolved, is_snoozed } = asked;
  return [
    ...equals({ alert_type, severity, is_resolved }),
    is_snoozed === false && [
      "(attribute_not_exists(#snoozed_until) OR #snoozed_until <= :now)",
      { ":now": now.toISOString() },
    ],
  ];
};

/** Snoozed alerts that fit otherwise: counters don't know them. */
async function countSnoozed(query: AlertFilter, now: Date): Promise<number> {
  const book = await getAlertCache();
  const fits = fitting({ ...query, is_snoozed: true }, new Set(), now);
  return [...book.all()].filter((condition) => condition.state === "open" && fits(condition)).length;
}

/** A query, and the moment as of which alerts are snoozed. */
type Conditions = AlertFilter & { readonly now: Date };

/** Alerts, resolved or not, as the table's indexes hold them. */
export const ALERTS = defineList({
  entity: "alert",
  time: ({ created_at }: ShownRow) => created_at,
  fields: SHOWN,
  search: { fields: ["title", "description"], lowercase: false },
  where: (query: Conditions) => filterOf(query, query.now),
  countedBy: ({ alert_type, severity, is_resolved }) => partsMatch(alert_type, severity, is_resolved),
  excluded: (query) =>
    query.is_snoozed === false && query.is_resolved === undefined
      ? countSnoozed(query, query.now)
      : undefined,
  toItem: (row, customer_name, { now }) => shown(row, customer_name, now),
});

/** Alerts by filter, resolved ones among them, by time. */
export async function alertsByTime(query: AlertFilter, now: Date) {
  const days = { start_date: query.date_from, end_date: query.date_to };
  const { rows: alerts, ...page } = await ALERTS.page({ ...query, ...days, now });
  return { alerts, ...page };
}
