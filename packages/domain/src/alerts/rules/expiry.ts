import type { AlertSettings } from "@success-manager/contract/settings";
import { formatDate } from "../../calendar.ts";
import type { CustomerRow } from "../../directory/index.ts";
import { alertKey, type Detection, daysUntil, type SeverityScale, severityByDaysLeft } from "../detection.ts";

/** Decision 16, unless an admin has set other days. The first severity of so many days left counts. */
const contractScale = (settings: AlertSettings): SeverityScale => [
  [settings.contract_expiry_critical_days, "critical"],
  [settings.contract_expiry_high_days, "high"],
  [settings.contract_expiry_medium_days, "medium"],
  [settings.contract_expiry_days, "low"],
];

/**
 * A contract that ends soon, or that has ended and was not renewed. The text names the date, not the days that are
 * left: from day to day only the severity changes.
 *
 * @throws 422 when the stored date is none
 */
export function detectContractEnd(
  { customer }: Pick<CustomerRow, "customer">,
  now: Date,
  settings: AlertSettings,
): Detection[] {
  const { id, company_name, contact_name, contact_email, contract_end_date: end, status } = customer;
  if (status === "churned" || end === undefined) return [];
  const days = daysUntil(end, "contract_end_date", now);
  if (days > settings.contract_expiry_days) return [];
  const severity = severityByDaysLeft(days, contractScale(settings));
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

const licenseScale = (settings: AlertSettings): SeverityScale => [
  [settings.license_expiry_critical_days, "critical"],
  [settings.license_expiry_high_days, "high"],
  [settings.license_expiry_days, "medium"],
];

/**
 * Licenses of active deployments that end soon, or that have ended and were not renewed; each a condition of its own.
 *
 * @throws 422 when a stored date is none
 */
export function detectLicenseEnds(
  { customer, deployments }: Pick<CustomerRow, "customer" | "deployments">,
  now: Date,
  settings: AlertSettings,
): Detection[] {
  if (customer.status === "churned") return [];
  return deployments.flatMap((deployment): Detection[] => {
    const { id, is_active, license_expiry: end, license_type, product_name } = deployment;
    if (!is_active) return [];
    const days = daysUntil(end, "license_expiry", now);
    if (days > settings.license_expiry_days) return [];
    const severity = severityByDaysLeft(days, licenseScale(settings));
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
