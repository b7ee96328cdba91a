import type { CustomerRow } from "../../directory/index.ts";
import { alertKey, type Detection, daysUntil, type SeverityScale, severityByDaysLeft } from "../detection.ts";

/** Decision 16. */
const SCALE: SeverityScale = [
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
    const severity = severityByDaysLeft(days, SCALE);
    if (!severity) return [];
    const ended = days < 0;
    const what = ended ? `ended on ${end} and has not been renewed` : `ends on ${end}`;
    return [
      {
        customer_id: customer.id,
        condition: alertKey.license(id),
        alert_type: "contract_expiry",
        severity,
        title: `${product_name} license ${ended ? "ended" : "ends"} on ${end}`,
        description: `The ${product_name} license of ${customer.company_name} ${what}. License type: ${license_type}.`,
      },
    ];
  });
}
