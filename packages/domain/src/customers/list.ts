/** Lists of customers, all from the directory in memory. */
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
import { bandOfScore } from "../health/index.ts";
import { contractEndsWithin, isAtRisk, managedBy, managerNamed, nextDays } from "../portfolio/index.ts";
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

/** The conditions of a query; customers who left are hidden unless asked for (decision 11). */
function conditionsOf(query: CustomerFilter): Condition[] {
  const { search, status, industry, product, account_manager, account_manager_id } = query;
  const { min_health_score: min, max_health_score: max, band } = query;
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
    band !== undefined && (({ score }) => score !== undefined && bandOfScore(score) === band),
  ];
  return conditions.filter((condition) => condition !== false);
}

/** Customers by filter, sorted by any column, with latest scores and products. */
export async function list(query: CustomerFilter) {
  const directory = await getDirectory();
  const conditions = conditionsOf(query);
  const { rows, ...page } = paginate(
    sortedCustomers(directory, query.sort_by),
    query.sort_order,
    (row) => conditions.every((holds) => holds(row)),
    query,
  );
  return { customers: rows.map(toListItem), ...page };
}

/** Customers at risk, lowest score first; those without a score come last. */
export async function atRisk({ limit }: { readonly limit: number }): Promise<Customer[]> {
  const rows = sortedCustomers(await getDirectory(), "health_score").select("asc", isAtRisk);
  return rows.slice(0, limit).map(({ customer, manager }) => toCustomer(customer, manager));
}

/** Customers whose contract ends within so many days, soonest first. */
export async function expiringSoon(query: {
  readonly days: number;
  readonly limit: number;
}): Promise<Customer[]> {
  const { days, limit } = query;
  const today = dateOf(new Date());
  const view = sortedCustomers(await getDirectory(), "contract_end_date");
  const rows = view.select("asc", contractEndsWithin(days, today), nextDays(days, today));
  return rows.slice(0, limit).map(({ customer, manager }) => toCustomer(customer, manager));
}

/** Industries of all customers, sorted; each once, in the spelling used most. */
export async function industries(): Promise<string[]> {
  const directory = await getDirectory();
  return directory.memoize("industries", () => {
    const spellings = countSpellings();
    for (const { customer, industry_key } of directory.customers.values())
      if (customer.industry !== undefined && industry_key !== "") spellings.add(customer.industry);
    return spellings.all().sort(compareText);
  });
}

/** Users who can manage an account: active admins and managers, by name. */
export async function accountManagers() {
  const { team } = await getDirectory();
  return [...team.values()]
    .filter(({ is_active, role }) => is_active && role !== "viewer")
    .map(({ id, full_name, email, role }) => ({ id, full_name, email, role }))
    .sort((a, b) => compareText(a.full_name, b.full_name) || (a.id < b.id ? -1 : 1));
}
