import { Problem } from "@success-manager/contract/problem";
import type { AlertSettings } from "@success-manager/contract/settings";
import pLimit from "p-limit";
import { type CustomerRow, getDirectory } from "../directory/index.ts";
import type { JobInvocation } from "../jobs/index.ts";
import { loadSettings } from "../settings/index.ts";
import {
  type AlertState,
  chunkByWrites,
  commit,
  commitPatiently,
  createPace,
  MIN_SPREAD_ROWS,
  openShards,
  RETRY,
  type Write,
  withOptimisticRetry,
} from "../table/index.ts";
import { CONTRACT, type Detection, HEALTH, INACTIVITY, LICENSE } from "./detection.ts";
import { getAlertCache } from "./open-alerts.ts";
import { type AlertAction, reconcile } from "./reconcile.ts";
import { detectContractEnd, detectLicenseEnds } from "./rules/expiry.ts";
import { detectInactivity } from "./rules/inactivity.ts";
import { alertStatesOf } from "./state.ts";
import { actionWrites } from "./write.ts";

/** The daily checks that look for conditions in the whole portfolio. */
export type CheckKind = "contract_expiry" | "license_expiry" | "inactivity";

/** What a check came to. */
export interface CheckResult {
  /** Customers that were looked at, churned ones included: alerts about them end. */
  readonly checked: number;
  readonly opened: number;
  readonly updated: number;
  readonly resolved: number;
  /** Customers that could not be checked; the first hundred are named in `errors`. */
  readonly failed: number;
  readonly errors: readonly { readonly customer_id: string; readonly error: string }[];
  /** False when the time was up. The same check again does what is left, and counts only that. */
  readonly finished: boolean;
}

/** A check that has not begun. */
export const NOTHING_YET: CheckResult = {
  checked: 0,
  opened: 0,
  updated: 0,
  resolved: 0,
  failed: 0,
  errors: [],
  finished: false,
};

const MAX_ERRORS = 100;

/** What a person may read about a customer that failed. */
const errorMessage = (error: unknown) =>
  error instanceof Problem ? error.message : "It could not be checked; the details are in the log.";

/** Collects what a check does into its result. */
function resultCollector(log: JobInvocation["log"]) {
  const counts = { open: 0, update: 0, resolve: 0, clear: 0 };
  const failures = new Map<string, string>();
  let finished = true;
  return {
    /** Counts actions that have been written. */
    count(actions: readonly AlertAction[]) {
      for (const { kind } of actions) counts[kind] += 1;
    },
    /** Does something about one customer; an error stops nothing else. */
    async attempt(customer_id: string, action: () => Promise<void> | void) {
      try {
        await action();
      } catch (error) {
        if (!failures.has(customer_id)) log(customer_id, error);
        failures.set(customer_id, errorMessage(error));
      }
    },
    /** Something is left for the next time. */
    stop() {
      finished = false;
    },
    result: (checked: number): CheckResult => ({
      checked,
      opened: counts.open,
      updated: counts.update,
      resolved: counts.resolve,
      failed: failures.size,
      errors: Array.from(failures, ([customer_id, error]) => ({ customer_id, error })).slice(0, MAX_ERRORS),
      finished,
    }),
  };
}

interface Check {
  readonly detect: (row: CustomerRow, now: Date, settings: AlertSettings) => Detection[];
  /** Whether this check may end alerts about a condition. */
  readonly covers: (condition: string) => boolean;
}

const CHECKS: Readonly<Record<CheckKind, Check>> = {
  contract_expiry: { detect: detectContractEnd, covers: (condition) => condition === CONTRACT },
  license_expiry: { detect: detectLicenseEnds, covers: (condition) => condition.startsWith(LICENSE) },
  inactivity: { detect: detectInactivity, covers: (condition) => condition === INACTIVITY },
};

/** Transactions at the same time. */
const CONCURRENCY = 4;
/** A transaction takes some tens of milliseconds; this is ample, and leaves time to save the result. */
const RESERVE_MS = 4_000;

/** Groups of what fits into one transaction: an action writes an alert and its state at most. */
const transactionsOf = <T>(actions: readonly T[]) => chunkByWrites(actions, () => 2);

/** What has to be written about a customer. */
function decide(
  { detect, covers }: Check,
  row: CustomerRow,
  states: readonly AlertState[],
  now: Date,
  settings: AlertSettings,
): AlertAction[] {
  // A score that was calculated while the customer was leaving may have left an alert that no score will end.
  const churned = row.customer.status === "churned";
  const covered = states.filter(
    ({ condition }) => covers(condition) || (churned && condition.startsWith(HEALTH)),
  );
  return reconcile(detect(row, now, settings), covered);
}

/**
 * Looks for a condition in the whole portfolio and brings the alerts about it up to date (decision 16): opens, updates
 * and resolves. Doing it again, or twice at once, changes nothing. A customer whose data is bad is named in the result
 * and does not stop the rest.
 *
 * @param now the day that is checked; alerts are stamped with the time of writing
 * @param remaining milliseconds left; the check stops in time
 */
export async function runCheck(
  kind: CheckKind,
  now: Date,
  remaining: JobInvocation["remaining"],
  log: JobInvocation["log"],
): Promise<CheckResult> {
  const [{ customers }, cache, settings] = await Promise.all([
    getDirectory(),
    getAlertCache(),
    loadSettings("alerts"),
  ]);
  const { count, attempt, stop, result } = resultCollector(log);

  /** Decides about one customer on the stored states, which are newer than the cache. */
  const checkAgain = (row: CustomerRow) =>
    withOptimisticRetry(async () => {
      const at = new Date();
      const actions = decide(CHECKS[kind], row, await alertStatesOf(row.customer.id), now, settings);
      for (const some of transactionsOf(actions)) {
        const failed = await commit(some.flatMap((action) => actionWrites(action, at)));
        if (failed.length > 0) return RETRY;
        count(some);
      }
      return undefined;
    });

  /** Whether so much has to be written that it is spread over shards. */
  let spread = false;

  /** Writes a transaction, and checks those customers again whose states have changed or could not be written. */
  const write = async (parts: readonly { row: CustomerRow; action: AlertAction }[]) => {
    const at = new Date();
    const place = (spread && (await openShards())) || ((one: Write) => one);
    const writesOf = ({ action }: (typeof parts)[number]) => actionWrites(action, at).map(place);
    const left = await commitPatiently(parts, writesOf).catch(() => parts);
    const unwritten = new Set(left);
    count(parts.filter((part) => !unwritten.has(part)).map(({ action }) => action));
    for (const row of new Set(left.map(({ row }) => row))) {
      if (remaining() < RESERVE_MS) return stop();
      await attempt(row.customer.id, () => checkAgain(row));
    }
  };

  const parts: { row: CustomerRow; action: AlertAction }[] = [];
  for (const row of customers.values())
    await attempt(row.customer.id, () => {
      const actions = decide(CHECKS[kind], row, cache.of(row.customer.id), now, settings);
      parts.push(...actions.map((action) => ({ row, action })));
    });
  spread = parts.length >= MIN_SPREAD_ROWS;
  const limit = pLimit(CONCURRENCY);
  const pace = createPace();
  await Promise.all(
    transactionsOf(parts).map((some) =>
      limit(async () => {
        if (spread) await pace(some.length);
        return remaining() < RESERVE_MS ? stop() : write(some);
      }),
    ),
  );
  return result(customers.size);
}
