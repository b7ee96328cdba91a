import type { ALERT_SORTS, AlertFilter } from "@success-manager/contract/alerts";
import { type Directory, getDirectory, paginate, type SortedView } from "../directory/index.ts";
import { sortedView } from "../directory/sorted.ts";
import { customersNamed } from "../lists/index.ts";
import type { AlertState } from "../table/index.ts";
import { type AlertCache, getAlertCache } from "./book.ts";
import { rankOf } from "./condition.ts";
import { fitting } from "./filter.ts";
import { alertOf, shown } from "./shown.ts";

type Sort = (typeof ALERT_SORTS)[number];
type Column = (open: AlertState) => string | number;

const COLUMNS: Readonly<Record<Exclude<Sort, "customer_name">, Column>> = {
  created_at: ({ created_at }) => created_at,
  severity: ({ severity }) => rankOf(severity),
  alert_type: ({ alert_type }) => alert_type,
};

let byName: { names: object; edition: number; view: SortedView<AlertState> } | undefined;

/** Names are the directory's, so the order by name holds until an alert or a customer changes. */
function openByName(book: AlertCache, directory: Directory): SortedView<AlertState> {
  const names = directory.memoize<object>("names of alerts", () => ({}), ["customer"]);
  if (byName?.names !== names || byName.edition !== book.version) {
    const open = [...book.all()].filter(({ state }) => state === "open");
    const view = sortedView(
      () => open,
      ({ customer_id }) => directory.customers.get(customer_id)?.search_key,
      ({ alert_id }) => alert_id,
    );
    byName = { names, edition: book.version, view };
  }
  return byName.view;
}

/** Open alerts by filter, snoozed ones included, sorted by any column. All of them are in memory. */
export async function openAlerts(query: AlertFilter, now: Date) {
  const [directory, book] = await Promise.all([getDirectory(), getAlertCache()]);
  const { sort_by, sort_order, customer_id, alert_type, severity, is_snoozed, search } = query;
  const { date_from, date_to, is_resolved } = query;
  const view =
    sort_by === "customer_name" ? openByName(book, directory) : book.openBy(sort_by, COLUMNS[sort_by]);
  const fits = fitting(query, customersNamed(directory, query), now);
  // Snoozes end and customers are renamed without a change of an alert: such a selection is not remembered.
  const lasts = is_snoozed === undefined && search === undefined;
  const question = { customer_id, alert_type, severity, date_from, date_to, is_resolved };
  const { rows, ...page } = paginate(
    view,
    sort_order,
    // Who asks for snoozed and resolved alerts at once gets none.
    (open) => is_resolved !== true && fits(open),
    query,
    lasts ? question : undefined,
  );
  const alerts = rows.map((row) =>
    shown(alertOf(row), directory.customers.get(row.customer_id)?.customer.company_name, now),
  );
  return { alerts, ...page };
}
