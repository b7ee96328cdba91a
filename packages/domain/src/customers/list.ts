import type { CustomerFilter } from "@success-manager/contract/customers";
import { type CustomerRow, getDirectory, paginate } from "../directory/index.ts";
import { customersBy } from "./columns.ts";
import { listed } from "./shown.ts";

type Test = (row: CustomerRow) => boolean;

/** The conditions of a query; customers who left are hidden unless asked for (decision 11). */
function tests(query: CustomerFilter): Test[] {
  const { search, status, industry, product, account_manager, account_manager_id } = query;
  const { min_health_score: min, max_health_score: max } = query;
  const needle = search?.toLowerCase();
  const conditions: (Test | false)[] = [
    status ? ({ customer }) => customer.status === status : ({ customer }) => customer.status !== "churned",
    needle !== undefined && (({ search_key }) => search_key.includes(needle)),
    industry !== undefined && (({ customer }) => customer.industry === industry),
    product !== undefined && (({ products }) => products.includes(product)),
    account_manager !== undefined && ((row) => row.account_manager_name === account_manager),
    account_manager_id !== undefined &&
      (({ customer }) => customer.account_manager_id === account_manager_id),
    // Customers without a score pass an upper bound, and a lower bound of 0.
    min !== undefined && (({ score }) => (score?.overall_score ?? 0) >= min),
    max !== undefined && (({ score }) => score === undefined || score.overall_score <= max),
  ];
  return conditions.filter((condition) => condition !== false);
}

/** Customers by filter, sorted by any column, with latest scores and products. */
export async function list(query: CustomerFilter) {
  const directory = await getDirectory();
  const { skip: _, limit: __, cursor: ___, ...question } = query;
  const conditions = tests(query);
  const view = customersBy(directory, query.sort_by);
  const { rows, ...page } = paginate(
    view,
    query.sort_order,
    (row) => conditions.every((passes) => passes(row)),
    query,
    question,
  );
  return { customers: rows.map(listed), ...page };
}

/** Distinct industries of all customers, sorted. */
export async function industries(): Promise<string[]> {
  const { customers, memoize } = await getDirectory();
  const distinct = () => {
    const all = new Set<string>();
    for (const { customer } of customers.values()) if (customer.industry) all.add(customer.industry);
    return [...all].sort((a, b) => a.localeCompare(b));
  };
  return memoize("industries", distinct, ["customer"]);
}

/** Users who can manage an account: active admins and managers, by name. */
export async function accountManagers() {
  const { team } = await getDirectory();
  return [...team.values()]
    .filter(({ is_active, role }) => is_active && role !== "viewer")
    .map(({ id, full_name, email, role }) => ({ id, full_name, email, role }))
    .sort((a, b) => a.full_name.localeCompare(b.full_name) || a.id.localeCompare(b.id));
}
