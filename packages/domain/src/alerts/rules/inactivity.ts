import type { AlertSettings } from "@success-manager/contract/settings";
import { formatDate } from "../../calendar.ts";
import type { CustomerRow } from "../../directory/index.ts";
import { lastInteractionAt } from "../../table/index.ts";
import { alertKey, type Detection, daysUntil } from "../detection.ts";

/**
 * A check that runs late looks at interactions as of their last change: of those before, only the newest is stored.
 */
const asOf = ({ contact }: Pick<CustomerRow, "contact">, now: Date) =>
  contact && contact.changed_at > now.toISOString() ? new Date(contact.changed_at) : now;

/**
 * A customer with whom nobody has been in contact for a while, counted from creation where nobody ever was.
 *
 * @throws 422 when a stored instant is none
 */
export function detectInactivity(
  { customer, contact }: Pick<CustomerRow, "customer" | "contact">,
  now: Date,
  { inactivity_days, inactivity_high_days }: AlertSettings,
): Detection[] {
  const { id, company_name, created_at, status } = customer;
  if (status === "churned") return [];
  const last = lastInteractionAt(contact, asOf({ contact }, now));
  const since = (last ?? created_at).slice(0, "YYYY-MM-DD".length);
  const silentDays = -daysUntil(since, last ? "interaction_date" : "created_at", now);
  if (silentDays < inactivity_days) return [];
  const date = formatDate(since);
  return [
    {
      customer_id: id,
      condition: alertKey.inactivity,
      alert_type: "inactivity",
      severity: silentDays < inactivity_high_days ? "medium" : "high",
      title: `No contact since ${date}`,
      description: last
        ? `Nobody has been in contact with ${company_name} since ${date}.`
        : `Nobody has been in contact with ${company_name} since the company was added on ${date}.`,
    },
  ];
}
