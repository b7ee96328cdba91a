import type { AlertFilter } from "@success-manager/contract/alerts";
import { type ListDefinition, listRows, partsMatch } from "../lists/index.ts";
import { equals, type Filter } from "../table/index.ts";
import { getAlertCache } from "./book.ts";
import { fitting } from "./filter.ts";
import { SHOWN, type ShownRow, shown } from "./shown.ts";

/** Alerts, resolved or not, as the table's indexes hold them. */
export const ALERTS: ListDefinition<ShownRow> = {
  entity: "alert",
  time: ({ created_at }) => created_at,
  fields: SHOWN,
  texts: { fields: ["title", "description"], lowercase: false },
};

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

/** Alerts by filter, resolved ones among them, by time. */
export async function alertsByTime(query: AlertFilter, now: Date) {
  const { alert_type, severity, is_resolved, is_snoozed } = query;
  const wanted = { ...query, start_date: query.date_from, end_date: query.date_to };
  const { rows: alerts, ...page } = await listRows(
    ALERTS,
    {
      ...wanted,
      filter: filterOf(query, now),
      takes: partsMatch(alert_type, severity, is_resolved),
      less: is_snoozed === false && is_resolved === undefined ? () => countSnoozed(query, now) : undefined,
    },
    (row, customer_name) => shown(row, customer_name, now),
  );
  return { alerts, ...page };
}
