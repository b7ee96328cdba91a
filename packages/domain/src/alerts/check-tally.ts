import { Problem } from "@success-manager/contract/problem";
import type { Action } from "./reconcile.ts";

/** What a check came to. */
export interface CheckResult {
  /** Customers that were looked at, those who left included: alerts about them end. */
  readonly checked: number;
  readonly opened: number;
  readonly updated: number;
  readonly resolved: number;
  /** Customers that could not be dealt with; the first hundred are named in `errors`. */
  readonly failed: number;
  readonly errors: readonly { readonly customer_id: string; readonly error: string }[];
  /** False when the time was up. The same check again does what is left, and counts only that. */
  readonly finished: boolean;
}

/** Takes note of a customer that could not be checked, and why. */
export type Log = (customer_id: string, error: unknown) => void;

const ERRORS_KEPT = 100;

/** What a person may read about a customer that failed. */
const sentence = (error: unknown) =>
  error instanceof Problem ? error.message : "It could not be checked; the details are in the log.";

/** Keeps count of what a check does. */
export function checkTally(log: Log) {
  const did = { open: 0, update: 0, resolve: 0, forget: 0 };
  const failures = new Map<string, string>();
  let finished = true;
  return {
    /** These have been written. */
    count(actions: readonly Action[]) {
      for (const { kind } of actions) did[kind] += 1;
    },
    /** Works on one customer; what goes wrong is theirs alone. */
    async attempt(customer_id: string, work: () => Promise<void> | void) {
      try {
        await work();
      } catch (error) {
        if (!failures.has(customer_id)) log(customer_id, error);
        failures.set(customer_id, sentence(error));
      }
    },
    /** Something is left for the next time. */
    stop() {
      finished = false;
    },
    result: (checked: number): CheckResult => ({
      checked,
      opened: did.open,
      updated: did.update,
      resolved: did.resolve,
      failed: failures.size,
      errors: Array.from(failures, ([customer_id, error]) => ({ customer_id, error })).slice(0, ERRORS_KEPT),
      finished,
    }),
  };
}
