import type { AlertDetail } from "@success-manager/contract/alert";
import {
  type ALERT_SORTS,
  type AlertFilter,
  type CustomerAlertsFilter,
  isOpenOnly,
} from "@success-manager/contract/alerts";
import { notFound } from "@success-manager/contract/problem";
import { Severity } from "@success-manager/contract/vocabulary";
import {
  type Directory,
  getDirectory,
  paginate,
  type SortedView,
  sortedView,
  textColumn,
} from "../directory/index.ts";
import { defineList, isNamed, partsMatch, readCopyPage, type SortColumn } from "../lists/index.ts";
import {
  AlertEntity,
  type AlertState,
  batchGet,
  CustomerEntity,
  compares,
  either,
  equals,
  type Filter,
  type FoundOf,
  getRequest,
  missing,
} from "../table/index.ts";
import { rankOf } from "./detection.ts";
import { matches } from "./filter.ts";
import { type AlertCache, getAlertCache } from "./open-alerts.ts";
import { type AlertProjection, alertOfState, FIELDS, toAlert } from "./serialize.ts";
import { alertStatesOf } from "./state.ts";

/** The alert itself. */
export const reads = (id: string) => [getRequest(AlertEntity, id)] as const;

/** An alert with its customer. @param found by `reads` @throws 404 */
export async function get([alert]: FoundOf<ReturnType<typeof reads>>): Promise<AlertDetail> {
  if (!alert) throw notFound("Alert");
  const { customers } = await getDirectory();
  const row = customers.get(alert.customer_id);
  return {
    ...toAlert(alert, row?.customer.company_name, new Date()),
    customer: row
      ? {
          id: row.customer.id,
          company_name: row.customer.company_name,
          contact_name: row.customer.contact_name ?? null,
          contact_email: row.customer.contact_email ?? null,
          account_manager: row.account_manager_name || null,
          status: row.customer.status,
        }
      : null,
  };
}

/** Alerts by filter: open ones from memory, sorted by any column; with resolved ones by time, from the table. */
export const list = (query: AlertFilter) =>
  isOpenOnly(query) ? listOpen(query, new Date()) : listAll(query, new Date());

type Sort = (typeof ALERT_SORTS)[number];
type Column = (open: AlertState) => string | number;

const COLUMNS: Readonly<Record<Exclude<Sort, "customer_name">, Column>> = {
  created_at: ({ created_at }) => created_at,
  severity: ({ severity }) => rankOf(severity),
  alert_type: ({ alert_type }) => alert_type,
};

let byName: { names: object; version: number; view: SortedView<AlertState> } | undefined;

/** Names are the directory's, so the order by name holds until an alert or a customer changes. */
function openByName(cache: AlertCache, directory: Directory): SortedView<AlertState> {
  const names = directory.memoize<object>("names of alerts", () => ({}));
  if (byName?.names !== names || byName.version !== cache.version) {
    const open = [...cache.all()].filter(({ state }) => state === "open");
    const view = sortedView(
      () => open,
      textColumn(({ customer_id }) => directory.customers.get(customer_id)?.customer.company_name),
      ({ alert_id }) => alert_id,
    );
    byName = { names, version: cache.version, view };
  }
  return byName.view;
}

/** Open alerts, snoozed ones included. */
async function listOpen(query: AlertFilter, now: Date) {
  const [directory, cache] = await Promise.all([getDirectory(), getAlertCache()]);
  const { sort_by, sort_order, is_resolved } = query;
  const view =
    sort_by === "customer_name" ? openByName(cache, directory) : cache.openBy(sort_by, COLUMNS[sort_by]);
  const fits = matches(query, isNamed(directory, query.search), now);
  const { rows, ...page } = paginate(
    view,
    sort_order,
    // Who asks for snoozed and resolved alerts at once gets none.
    (open) => is_resolved !== true && fits(open),
    query,
  );
  const alerts = rows.map((row) =>
    toAlert(alertOfState(row), directory.customers.get(row.customer_id)?.customer.company_name, now),
  );
  return { alerts, ...page };
}

type StoredFilter = Partial<Pick<AlertFilter, "alert_type" | "severity" | "is_resolved" | "is_snoozed">>;

/** The filter as the database checks it. */
const filterOf = ({ alert_type, severity, is_resolved, is_snoozed }: StoredFilter, now: Date): Filter => [
  ...equals({ alert_type, severity, is_resolved }),
  is_snoozed === false &&
    either(missing("snoozed_until"), compares("snoozed_until", "<=", now.toISOString())),
];

/** Snoozed alerts that match otherwise: counters don't know them. */
async function countSnoozed(query: AlertFilter, now: Date): Promise<number> {
  const cache = await getAlertCache();
  const fits = matches({ ...query, is_snoozed: true }, () => false, now);
  return [...cache.all()].filter((state) => state.state === "open" && fits(state)).length;
}

/** A query, and the moment as of which alerts are snoozed. */
type Conditions = AlertFilter & { readonly now: Date };

/** Alerts, resolved or not, by time. */
const ALERT_LIST = defineList({
  entity: "alert",
  time: ({ created_at }: AlertProjection) => created_at,
  fields: FIELDS,
  search: ["search_key"],
  where: (query: Conditions) => filterOf(query, query.now),
  countedBy: ({ alert_type, severity, is_resolved }) => partsMatch(alert_type, severity, is_resolved),
  excluded: (query) =>
    query.is_snoozed === false && query.is_resolved === undefined
      ? countSnoozed(query, query.now)
      : undefined,
  toItem: (row, customer_name, { now }) => toAlert(row, customer_name, now),
});

async function listAll(query: AlertFilter, now: Date) {
  const days = { start_date: query.date_from, end_date: query.date_to };
  const { rows: alerts, ...page } = await ALERT_LIST.page({ ...query, ...days, now });
  return { alerts, ...page };
}

const worstFirst = ({ severity, created_at }: Pick<AlertProjection, "severity" | "created_at">) =>
  `${rankOf(severity)}#${created_at}`;
const WORST_FIRST: SortColumn<unknown> = {
  fields: ["severity", "at"],
  value: ({ severity, at }) => worstFirst({ severity: Severity.parse(severity), created_at: String(at) }),
};

async function openOfCustomer(customer_id: string, query: CustomerAlertsFilter, now: Date) {
  const fits = matches(query, () => false, now);
  const open = (await alertStatesOf(customer_id))
    .filter((one) => one.state === "open" && fits(one))
    .map((state): AlertProjection => alertOfState(state));
  const view = sortedView(
    () => open,
    worstFirst,
    ({ id }) => id,
  );
  return paginate(view, "desc", () => true, query);
}

/**
 * Alerts of a customer, most severe first, then newest first. Open ones are read from the customer's states, resolved
 * ones are found by the copy in memory.
 *
 * @throws 404
 */
export async function byCustomer(customer_id: string, query: CustomerAlertsFilter) {
  const now = new Date();
  const onlyOpen = !(query.is_resolved ?? query.include_resolved);
  const [[customer], { rows, ...page }] = await Promise.all([
    batchGet(getRequest(CustomerEntity, customer_id)),
    onlyOpen
      ? openOfCustomer(customer_id, query, now)
      : readCopyPage<AlertProjection, undefined>("alert", {
          filter: [...equals({ customer_id }), ...filterOf(query, now)],
          order: "desc",
          column: WORST_FIRST,
          context: undefined,
          paging: query,
        }),
  ]);
  if (!customer) throw notFound("Customer");
  return { alerts: rows.map((row) => toAlert(row, customer.company_name, now)), ...page };
}
