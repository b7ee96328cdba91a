import type { AlertState } from "../table/index.ts";
import { HEALTH } from "./condition.ts";
import { detectHealthDrops, newDrops, type ScoreContext } from "./findings/health.ts";
import { type Action, reconcile } from "./reconcile.ts";

/**
 * What a score means for the alerts about a customer's health.
 *
 * @param scored with all known conditions of the customer, or only those of their health
 */
export function reconcileHealthAlerts(scored: ScoreContext): Action[] {
  const known = scored.known.filter(({ condition }) => condition.startsWith(HEALTH));
  const falls = newDrops(scored);
  // What a person dealt with was an earlier fall.
  const dealtWith = ({ state, condition }: AlertState) => state === "handled" && falls.has(condition);
  return reconcile(
    detectHealthDrops({ ...scored, known }),
    known.map((one) => (dealtWith(one) ? { ...one, state: "over" } : one)),
  );
}
