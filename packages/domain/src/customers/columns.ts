import type { CUSTOMER_SORTS } from "@success-manager/contract/customers";
import type { CustomerRow, Directory } from "../directory/index.ts";

type Sort = (typeof CUSTOMER_SORTS)[number];
type Column = (row: CustomerRow) => string | number | null | undefined;

const COLUMNS: Readonly<Record<Sort, Column>> = {
  created_at: ({ customer }) => customer.created_at,
  updated_at: ({ customer }) => customer.updated_at,
  company_name: ({ search_key }) => search_key,
  industry: ({ customer }) => customer.industry?.toLowerCase(),
  status: ({ customer }) => customer.status,
  contract_value: ({ customer }) => customer.contract_value,
  contract_start_date: ({ customer }) => customer.contract_start_date,
  contract_end_date: ({ customer }) => customer.contract_end_date,
  account_manager_name: ({ account_manager_name }) => account_manager_name.toLowerCase() || null,
  health_score: ({ score }) => score?.overall_score,
};

/** Customers in the order of a column that their list can be sorted by. */
export const customersBy = (directory: Directory, column: Sort) =>
  directory.customersBy(column, COLUMNS[column]);
