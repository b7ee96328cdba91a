import type { Condition } from "../table/index.ts";
import { HEALTH } from "./condition.ts";
import { healthFindings, newFalls, type Scored } from "./findings/health.ts";
import { type Action, reconcile } from "./reconcile.ts";

/**
 * What a score means for the alerts about a customer's health.
 *
 * @param scored with all known conditions of the customer, or only those of their health
 */
export function healthActions(scored: Scored): Action[] {
  const known = scored.known.filter(({ condition }) => condition.startsWith(HEALTH));
  const falls = newFalls(scored);
  // What a person dealt with was an earlier fall.
  const dealtWith = ({ state, condition }: Condition) => state === "handled" && falls.has(condition);
  return reconcile(
    healthFindings({ ...scored, known }),
    known.map((one) => (dealtWith(one) ? { ...one, state: "over" } : one)),
  );
}
