import { formatDate } from "../../calendar.ts";
import type { CustomerRow } from "../../directory/index.ts";
import { alertKey, type Detection, daysUntil, type SeverityScale, severityByDaysLeft } from "../detection.ts";

/** Decision 16. */
const CONTRACT_SCALE: SeverityScale = [
  [7, "critical"],
  [30, "high"],
  [60, "medium"],
  [90, "low"],
];

/**
 * A contract that ends soon, or that has ended and was not renewed. The text names the date, not the days that are
 * left: from day to day only the severity changes.
 *
 * @throws 422 when the stored date is none
 */
export function detectContractEnd({ customer }: Pick<CustomerRow, "customer">, now: Date): Detection[] {
  const { id, company_name, contact_name, contact_email, contract_end_date: end, status } = customer;
  if (status === "churned" || end === undefined) return [];
  const days = daysUntil(end, "contract_end_date", now);
  const severity = severityByDaysLeft(days, CONTRACT_SCALE);
  if (!severity) return [];
  const ended = days < 0;
  const date = formatDate(end);
  const what = ended ? `ended on ${date} and has not been renewed` : `ends on ${date}`;
  const contact = [contact_name, contact_email].filter((part) => part !== undefined).join(", ");
  return [
    {
      customer_id: id,
      condition: alertKey.contract,
      alert_type: "contract_expiry",
      severity,
      title: `Contract ${ended ? "ended" : "ends"} on ${date}`,
      description: `The contract of ${company_name} ${what}.${contact && ` Contact: ${contact}.`}`,
    },
  ];
}

/** Decision 16. */
const LICENSE_SCALE: SeverityScale = [
  [7, "critical"],
  [14, "high"],
  [30, "medium"],
];

/**
 * Licenses of active deployments that end soon, or that have ended and were not renewed; each a condition of its own.
 *
 * @throws 422 when a stored date is none
 */
export function detectLicenseEnds(
  { customer, deployments }: Pick<CustomerRow, "customer" | "deployments">,
  now: Date,
): Detection[] {
  if (customer.status === "churned") return [];
  return deployments.flatMap((deployment): Detection[] => {
    const { id, is_active, license_expiry: end, license_type, product_name } = deployment;
    if (!is_active) return [];
    const days = daysUntil(end, "license_expiry", now);
    const severity = severityByDaysLeft(days, LICENSE_SCALE);
    if (!severity) return [];
    const ended = days < 0;
    const date = formatDate(end);
    const what = ended ? `ended on ${date} and has not been renewed` : `ends on ${date}`;
    return [
      {
        customer_id: customer.id,
        condition: alertKey.license(id),
        alert_type: "contract_expiry",
        severity,
        title: `${product_name} license ${ended ? "ended" : "ends"} on ${date}`,
        description: `The ${product_name} license of ${customer.company_name} ${what}. License type: ${license_type}.`,
      },
    ];
  });
}
