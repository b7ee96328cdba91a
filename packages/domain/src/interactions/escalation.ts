import { alertKey, type Detection } from "../alerts/index.ts";
import type { AlertState, StoredInteraction } from "../table/index.ts";

/** An alert says what it is about; the whole story stands in the interaction. */
const TITLE = 200;
const EXCERPT = 500;

/** So many characters of a text, never half of one. */
function excerpt(text: string, most: number) {
  const characters = Array.from(text);
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join("")}…`;
}

/**
 * What a logged escalation raises: high, critical when it went badly (decision 16). Nothing for other contacts, nor
 * for an escalation that has been there all along and has no alert, or one that is resolved: it happened once.
 *
 * @param before undefined for a new interaction
 * @param known the stored condition of this interaction
 */
export function escalationFindings(
  after: StoredInteraction,
  before: StoredInteraction | undefined,
  known: AlertState | undefined,
  company_name: string,
): Detection[] {
  if (after.interaction_type !== "escalation") return [];
  if (before?.interaction_type === "escalation" && (!known || known.state === "over")) return [];
  const day = after.interaction_date.slice(0, "YYYY-MM-DD".length);
  const performer = after.performed_by_name ?? after.performed_by;
  return [
    {
      customer_id: after.customer_id,
      condition: alertKey.interaction(after.id),
      alert_type: "escalation",
      severity: after.sentiment === "negative" ? "critical" : "high",
      title: excerpt(`Escalation: ${after.subject}`, TITLE),
      description: excerpt(
        `${company_name} escalated on ${day} (${performer}): ${after.description}`,
        EXCERPT,
      ),
    },
  ];
}
