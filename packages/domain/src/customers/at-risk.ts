import type { Customer } from "@success-manager/contract/customers";
import { type CustomerRow, getDirectory } from "../directory/index.ts";
import { customersBy } from "./columns.ts";
import { shown } from "./shown.ts";

/** Whether a customer who has not left is at risk, by status or by the newest score. */
export const isAtRisk = ({ customer, score }: Pick<CustomerRow, "customer" | "score">) =>
  customer.status !== "churned" &&
  (customer.status === "at_risk" || score?.risk_level === "high" || score?.risk_level === "critical");

/** Customers at risk, lowest score first; those without a score come last. */
export async function atRisk({ limit }: { readonly limit: number }): Promise<Customer[]> {
  const directory = await getDirectory();
  const rows = customersBy(directory, "health_score").select("asc", isAtRisk, "at risk");
  return rows.slice(0, limit).map(({ customer, manager }) => shown(customer, manager));
}
