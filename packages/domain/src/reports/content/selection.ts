import { notFound } from "@success-manager/contract/problem";
import type { ReportFilters } from "@success-manager/contract/report-filters";
import type { CustomerRow, Directory } from "../../directory/index.ts";

type Test = (row: CustomerRow) => boolean;

/** The conditions that filters set, as lists of customers do; who left is hidden unless asked for (decision 11). */
function tests(filters: ReportFilters): Test[] {
  const { status, industries, account_manager_id, product, min_score: least, max_score: most } = filters;
  const statuses = new Set(status);
  const names = new Set(industries);
  const conditions: (Test | false)[] = [
    status
      ? ({ customer }) => statuses.has(customer.status)
      : ({ customer }) => customer.status !== "churned",
    industries !== undefined &&
      (({ customer }) => customer.industry !== undefined && names.has(customer.industry)),
    account_manager_id !== undefined &&
      (({ customer }) => customer.account_manager_id === account_manager_id),
    product !== undefined && (({ products }) => products.includes(product)),
    // Customers without a score pass an upper bound, and a lower bound of 0.
    least !== undefined && (({ score }) => (score?.overall_score ?? 0) >= least),
    most !== undefined && (({ score }) => score === undefined || score.overall_score <= most),
  ];
  return conditions.filter((condition) => condition !== false);
}

/**
 * The customers that a report is about. One that is asked for by id is shown whatever else they are.
 * @throws 404 for a customer who is not there
 */
export function selectedFrom(
  { customers }: Pick<Directory, "customers">,
  filters: ReportFilters,
): readonly CustomerRow[] {
  const { customer_id } = filters;
  if (customer_id !== undefined) {
    const row = customers.get(customer_id);
    if (!row) throw notFound("Customer");
    return [row];
  }
  const conditions = tests(filters);
  const rows: CustomerRow[] = [];
  for (const row of customers.values()) if (conditions.every((passes) => passes(row))) rows.push(row);
  return rows;
}

const NARROWING = [
  "customer_id",
  "status",
  "industries",
  "account_manager_id",
  "product",
  "min_score",
  "max_score",
] as const satisfies (keyof ReportFilters)[];

/** Whether it is about some customers instead of all: what is counted by day knows no such difference. */
export const isNarrowed = (filters: ReportFilters) => NARROWING.some((name) => filters[name] !== undefined);
