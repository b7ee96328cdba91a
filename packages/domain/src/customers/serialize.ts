import type { Customer, CustomerRow as CustomerListItem } from "@success-manager/contract/customers";
import type { CustomerRow } from "../directory/index.ts";
import { formatCents } from "../figures.ts";
import { scoreChange, toScoreSummary } from "../health/index.ts";
import { type StoredCustomer, writerName } from "../table/index.ts";

interface Manager {
  readonly id: string;
  readonly full_name: string;
  readonly email: string;
}

function commonFields(customer: StoredCustomer, manager: Manager | undefined) {
  return {
    id: customer.id,
    company_name: customer.company_name,
    industry: customer.industry ?? null,
    contact_name: customer.contact_name ?? null,
    contact_email: customer.contact_email ?? null,
    contact_phone: customer.contact_phone ?? null,
    contact_language: customer.contact_language ?? null,
    deployed_products: customer.deployed_products,
    contract_start_date: customer.contract_start_date ?? null,
    contract_end_date: customer.contract_end_date ?? null,
    contract_value: customer.contract_value === undefined ? null : formatCents(customer.contract_value),
    account_manager_id: customer.account_manager_id ?? null,
    account_manager: customer.account_manager ?? null,
    account_manager_name: manager?.full_name ?? customer.account_manager ?? "",
    status: customer.status,
    logo_url: customer.logo_url ?? null,
    notes: customer.notes ?? null,
    portal_enabled: customer.portal_enabled,
    created_at: customer.created_at,
    updated_at: customer.updated_at,
    updated_by: writerName(customer.written_by),
    revision: customer.revision,
    account_manager_info: manager
      ? { id: manager.id, full_name: manager.full_name, email: manager.email }
      : null,
  };
}

/** A customer as the API shows it alone. @param manager the user behind it, linked or named by the text */
export const toCustomer = (customer: StoredCustomer, manager: Manager | undefined): Customer =>
  commonFields(customer, manager);

/** A customer as a list shows it. */
export const toListItem = ({ customer, manager, products, score }: CustomerRow): CustomerListItem => ({
  ...commonFields(customer, manager),
  products: [...products],
  latest_health_score: score ? toScoreSummary(score) : null,
  score_change: score ? scoreChange(score) : null,
});
