import type { AlertState } from "../table/index.ts";
import type { Detection } from "./condition.ts";
import { type Action, reconcile } from "./reconcile.ts";

/** Of at most two writes each: they leave room in a transaction for the change itself. */
const MOST = 45;

/**
 * What a change of a customer or a deployment means for alerts that there are: they end or are updated with it. It
 * never opens one; that is for the daily check, which also ends what does not fit into the change's transaction.
 *
 * @param findings what holds after the change
 * @param known stored conditions that the change is about
 */
export const updateExisting = (findings: readonly Detection[], known: readonly AlertState[]): Action[] =>
  reconcile(findings, known)
    .filter(({ kind }) => kind !== "open")
    .slice(0, MOST);
