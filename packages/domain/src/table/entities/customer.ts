import { createHash } from "node:crypto";
import { uniqueForm } from "@success-manager/contract/text";
import { CustomerStatus, Language } from "@success-manager/contract/vocabulary";
import { CustomAttributeType, Entity, type EntityItem } from "electrodb";
import { table } from "../client.ts";
import { byId, inDirectory } from "../keys.ts";
import type { Writer } from "../writer.ts";

export const CustomerEntity = new Entity(
  {
    model: { service: "success-manager", entity: "customer", version: "1" },
    attributes: {
      id: { type: "string", required: true },
      company_name: { type: "string", required: true },
      industry: { type: "string" },
      contact_name: { type: "string" },
      contact_email: { type: "string" },
      contact_phone: { type: "string" },
      contact_language: { type: Language.options },
      deployed_products: { type: "list", items: { type: "string" }, required: true },
      contract_start_date: { type: "string" },
      contract_end_date: { type: "string" },
      /** Integer cents. */
      contract_value: { type: "number" },
      account_manager_id: { type: "string" },
      account_manager: { type: "string" },
      status: { type: CustomerStatus.options, required: true },
      /** What the status was before a low score moved it to at_risk; a recovery moves it back (decision 13). */
      status_before_risk: { type: ["active", "onboarding"] as const },
      logo_url: { type: "string" },
      notes: { type: "string" },
      portal_enabled: { type: "boolean", required: true },
      created_at: { type: "string", required: true },
      updated_at: { type: "string", required: true },
      changed_at: { type: "string", required: true },
      revision: { type: "number", required: true },
      /** Who wrote it last (`writer.ts`). */
      written_by: { type: CustomAttributeType<Writer>("any") },
    },
    indexes: { primary: byId("customer", "id"), byType: inDirectory("id") },
  },
  table,
);
export type StoredCustomer = EntityItem<typeof CustomerEntity>;

/** The attributes that a customer can be without. */
export type Clearable = {
  [K in keyof StoredCustomer]-?: undefined extends StoredCustomer[K] ? K : never;
}[keyof StoredCustomer];

/** Keeps a company name to one customer. */
export const CompanyNameEntity = new Entity(
  {
    model: { service: "success-manager", entity: "company", version: "1" },
    attributes: {
      name_key: { type: "string", required: true },
      customer_id: { type: "string", required: true },
    },
    indexes: { primary: byId("company", "name_key") },
  },
  table,
);

/** A key holds 2048 bytes; of 255 characters `uniqueForm` can make more than that. */
const LONGEST_KEY = 1024;

/** What company names are unique by (decision 8). */
export function nameKey(name: string): string {
  const key = uniqueForm(name);
  return Buffer.byteLength(key) <= LONGEST_KEY ? key : createHash("sha256").update(key).digest("hex");
}
