import type { AlertDetail } from "@success-manager/contract/alert";
import {
  type ALERT_SORTS,
  type AlertFilter,
  type CustomerAlertsFilter,
  isOpenOnly,
} from "@success-manager/contract/alerts";
import { notFound } from "@success-manager/contract/problem";
import { Severity } from "@success-manager/contract/vocabulary";
import { type Directory, getDirectory, paginate, sortedView } from "../directory/index.ts";
import {
  byCustomerName,
  byField,
  type Columns,
  createColumns,
  defineList,
  keptFields,
  partsMatch,
  readPageOfCustomer,
  type SortColumn,
  searchTests,
  selectPage,
  toKeptRow,
} from "../lists/index.ts";
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
  passes,
  testsOf,
} from "../table/index.ts";
import { rankOf } from "./detection.ts";
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

type StoredFilter = Partial<Pick<AlertFilter, "alert_type" | "severity" | "is_resolved" | "is_snoozed">>;

/** The filter as the database checks it. */
const filterOf = ({ alert_type, severity, is_resolved, is_snoozed }: StoredFilter, now: Date): Filter => [
  ...equals({ alert_type, severity, is_resolved }),
  is_snoozed === true && compares("snoozed_until", ">", now.toISOString()),
  is_snoozed === false &&
    either(missing("snoozed_until"), compares("snoozed_until", "<=", now.toISOString())),
];

/** What a search looks at of an alert itself. */
const SEARCHED = ["search_key"] as const;

/** Orders of open alerts besides by time. */
const SORT_COLUMNS: Readonly<
  Record<Exclude<(typeof ALERT_SORTS)[number], "created_at">, SortColumn<Directory>>
> = {
  severity: { fields: ["severity"], value: ({ severity }) => rankOf(Severity.parse(severity)) },
  alert_type: byField("alert_type"),
  customer_name: byCustomerName,
};

/** Open alerts as lists keep alerts, and the states that describe them. */
interface OpenColumns {
  readonly columns: Columns;
  readonly states: ReadonlyMap<string, AlertState>;
}

const openColumns = new WeakMap<AlertCache, OpenColumns>();

/** Made for the first list, and kept from then on. */
function columnsOf(cache: AlertCache): OpenColumns {
  const existing = openColumns.get(cache);
  if (existing) return existing;
  const columns = createColumns(keptFields("alert"));
  const states = new Map<string, AlertState>();
  const replace = (before: AlertState | undefined, after: AlertState | undefined) => {
    if (before && before.alert_id !== after?.alert_id) {
      columns.remove(before.alert_id);
      states.delete(before.alert_id);
    }
    const row = after && toKeptRow("alert", { ...alertOfState(after) });
    if (!row) return;
    columns.put(row);
    states.set(after.alert_id, after);
  };
  for (const state of cache.open()) replace(undefined, state);
  cache.follow(replace);
  const made = { columns, states };
  openColumns.set(cache, made);
  return made;
}

/** Open alerts, snoozed ones included. */
async function listOpen(query: AlertFilter, now: Date) {
  const [directory, cache] = await Promise.all([getDirectory(), getAlertCache()]);
  const { columns, states } = columnsOf(cache);
  const { customer_id, date_from: start_date, date_to: end_date, sort_by, sort_order: order } = query;
  const asked = {
    // Who asks for snoozed and resolved alerts at once gets none.
    filter: [...equals({ customer_id }), ...filterOf(query, now)],
    search: (context: Directory) => searchTests(SEARCHED, query, context),
    column: sort_by === "created_at" ? undefined : SORT_COLUMNS[sort_by],
    ...{ start_date, end_date, order, context: directory, paging: query },
  };
  const { ids, tests: _, ...page } = selectPage(columns, asked, directory);
  const nameOf = ({ customer_id: id }: AlertState) => directory.customers.get(id)?.customer.company_name;
  const alerts = ids
    .flatMap((id) => states.get(id) ?? [])
    .map((state) => toAlert(alertOfState(state), nameOf(state), now));
  return { alerts, ...page };
}

/** Snoozed alerts that match otherwise: counters don't know them. */
async function countSnoozed(query: AlertFilter, now: Date): Promise<number> {
  const { customer_id, date_from: start_date, date_to: end_date, alert_type, severity } = query;
  const filter = filterOf({ alert_type, severity, is_snoozed: true }, now);
  const tests = testsOf([...equals({ customer_id }), ...filter]);
  return columnsOf(await getAlertCache()).columns.count({ tests, start_date, end_date });
}

/** A query, and the moment as of which alerts are snoozed. */
type Conditions = AlertFilter & { readonly now: Date };

/** Alerts, resolved or not, by time. */
const ALERT_LIST = defineList({
  entity: "alert",
  time: ({ created_at }: AlertProjection) => created_at,
  fields: FIELDS,
  search: SEARCHED,
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
  const tests = testsOf(filterOf(query, now));
  const open = (await alertStatesOf(customer_id))
    .filter(({ state }) => state === "open")
    .map((state): AlertProjection => alertOfState(state))
    .filter((alert) => passes(alert, tests));
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
      : readPageOfCustomer(ALERT_LIST, customer_id, {
          filter: filterOf(query, now),
          order: "desc",
          column: WORST_FIRST,
          context: undefined,
          paging: query,
        }),
  ]);
  if (!customer) throw notFound("Customer");
  return { alerts: rows.map((row) => toAlert(row, customer.company_name, now)), ...page };
}
