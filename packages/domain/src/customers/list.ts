/** Lists of customers, all from the directory in memory. */
import type { CustomerScope } from "@success-manager/contract/api-keys";
import type { CUSTOMER_SORTS, Customer, CustomerFilter } from "@success-manager/contract/customers";
import { compareText, uniqueForm } from "@success-manager/contract/text";
import { dateOf } from "../calendar.ts";
import {
  type Column,
  type CustomerRow,
  type Directory,
  getDirectory,
  paginate,
  textColumn,
} from "../directory/index.ts";
import { contractEndsWithin, isAtRisk, managedBy, managerNamed, nextDays } from "../portfolio/index.ts";
import type { StoredCustomer } from "../table/index.ts";
import { countSpellings } from "../text.ts";
import { toCustomer, toListItem } from "./serialize.ts";

type Sort = (typeof CUSTOMER_SORTS)[number];

const SORT_COLUMNS: Readonly<Record<Sort, Column<CustomerRow>>> = {
  created_at: ({ customer }) => customer.created_at,
  updated_at: ({ customer }) => customer.updated_at,
  company_name: textColumn(({ customer }) => customer.company_name),
  industry: textColumn(({ customer }) => customer.industry),
  status: ({ customer }) => customer.status,
  contract_value: ({ customer }) => customer.contract_value,
  contract_start_date: ({ customer }) => customer.contract_start_date,
  contract_end_date: ({ customer }) => customer.contract_end_date,
  account_manager_name: textColumn(({ account_manager_name }) => account_manager_name),
  health_score: ({ score }) => score?.overall_score,
};

/** All customers in the order of a column. */
export const sortedCustomers = (directory: Directory, column: Sort) =>
  directory.customersBy(column, SORT_COLUMNS[column]);

type Condition = (row: CustomerRow) => boolean;

/** Who asks: somebody of the team, who sees all customers, or an API key, which may see some. */
export interface Viewer {
  readonly customers?: CustomerScope;
}

/** Whether somebody sees a customer, by what stands on the customer itself; undefined: all of them. */
function sees({ customers: scope }: Viewer) {
  if (!scope) return undefined;
  const { account_manager_ids: managers, industries: named } = scope;
  const industries = named && new Set(named.map(uniqueForm));
  return ({ account_manager_id, industry }: Pick<StoredCustomer, "account_manager_id" | "industry">) =>
    (managers === undefined || (account_manager_id !== undefined && managers.includes(account_manager_id))) &&
    (industries === undefined || (industry !== undefined && industries.has(uniqueForm(industry))));
}

/** The same of rows of the directory. */
export function seesRow(viewer: Viewer): (row: Pick<CustomerRow, "customer">) => boolean {
  const isSeen = sees(viewer);
  return isSeen ? ({ customer }) => isSeen(customer) : () => true;
}

/** What was found of a customer by key, the customer itself first; nobody where it is none that somebody sees. */
export function visible<const F extends readonly [StoredCustomer | undefined, ...unknown[]]>(
  viewer: Viewer,
  found: F,
): F {
  const [customer, ...others] = found;
  const isSeen = sees(viewer);
  return customer && isSeen && !isSeen(customer) ? ([undefined, ...others] as unknown as F) : found;
}

/** The conditions of a query; customers who left are hidden unless asked for (decision 11). */
function conditionsOf(query: CustomerFilter): Condition[] {
  const { search, status, industry, product, account_manager, account_manager_id } = query;
  const { min_health_score: min, max_health_score: max } = query;
  const industryKey = industry === undefined ? undefined : uniqueForm(industry);
  const conditions: (Condition | false)[] = [
    status ? ({ customer }) => customer.status === status : ({ customer }) => customer.status !== "churned",
    search !== undefined && (({ search_key }) => search_key.includes(search)),
    industryKey !== undefined && (({ industry_key }) => industry_key === industryKey),
    product !== undefined && (({ products }) => products.includes(product)),
    account_manager !== undefined && managerNamed(account_manager),
    account_manager_id !== undefined && managedBy(account_manager_id),
    // Customers without a score pass an upper bound, and a lower bound of 0.
    min !== undefined && (({ score }) => (score?.overall_score ?? 0) >= min),
    max !== undefined && (({ score }) => score === undefined || score.overall_score <= max),
  ];
  return conditions.filter((condition) => condition !== false);
}

/** Customers by filter, sorted by any column, with latest scores and products. */
export async function list(query: CustomerFilter, viewer: Viewer = {}) {
  const directory = await getDirectory();
  const conditions = [...conditionsOf(query), ...(viewer.customers ? [seesRow(viewer)] : [])];
  const { rows, ...page } = paginate(
    sortedCustomers(directory, query.sort_by),
    query.sort_order,
    (row) => conditions.every((holds) => holds(row)),
    query,
  );
  return { customers: rows.map(toListItem), ...page };
}

/** Customers at risk, lowest score first; those without a score come last. */
export async function atRisk(
  { limit }: { readonly limit: number },
  viewer: Viewer = {},
): Promise<Customer[]> {
  const isSeen = seesRow(viewer);
  const view = sortedCustomers(await getDirectory(), "health_score");
  const rows = view.select("asc", (row) => isAtRisk(row) && isSeen(row));
  return rows.slice(0, limit).map(({ customer, manager }) => toCustomer(customer, manager));
}

/** Customers whose contract ends within so many days, soonest first. */
export async function expiringSoon(
  { days, limit }: { readonly days: number; readonly limit: number },
  viewer: Viewer = {},
): Promise<Customer[]> {
  const isSeen = seesRow(viewer);
  const today = dateOf(new Date());
  const ends = contractEndsWithin(days, today);
  const view = sortedCustomers(await getDirectory(), "contract_end_date");
  const rows = view.select("asc", (row) => ends(row) && isSeen(row), nextDays(days, today));
  return rows.slice(0, limit).map(({ customer, manager }) => toCustomer(customer, manager));
}

/** Industries of all customers, sorted; each once, in the spelling used most. */
export async function industries(viewer: Viewer = {}): Promise<string[]> {
  const directory = await getDirectory();
  const isSeen = seesRow(viewer);
  const count = () => {
    const spellings = countSpellings();
    for (const row of directory.customers.values())
      if (row.customer.industry !== undefined && row.industry_key !== "" && isSeen(row))
        spellings.add(row.customer.industry);
    return spellings.all().sort(compareText);
  };
  return viewer.customers ? count() : directory.memoize("industries", count);
}

/** Users who can manage an account: active admins and managers, by name. */
export async function accountManagers() {
  const { team } = await getDirectory();
  return [...team.values()]
    .filter(({ is_active, role }) => is_active && role !== "viewer")
    .map(({ id, full_name, email, role }) => ({ id, full_name, email, role }))
    .sort((a, b) => compareText(a.full_name, b.full_name) || (a.id < b.id ? -1 : 1));
}
