import pLimit from "p-limit";
import { type CustomerRow, getDirectory } from "../directory/index.ts";
import {
  type AlertState,
  chunkByWrites,
  commit,
  commitIndependent,
  RETRY,
  withOptimisticRetry,
} from "../table/index.ts";
import { getAlertCache } from "./book.ts";
import { type CheckResult, checkTally, type Log } from "./check-tally.ts";
import { CONTRACT, type Detection, HEALTH, INACTIVITY, LICENSE } from "./condition.ts";
import { alertStatesOf } from "./conditions.ts";
import { detectContractEnd } from "./findings/contract.ts";
import { detectInactivity } from "./findings/inactivity.ts";
import { detectLicenseEnds } from "./findings/license.ts";
import { type Action, reconcile } from "./reconcile.ts";
import { actionWrites } from "./write.ts";

export type { CheckResult };

/** The daily checks that look for conditions in the whole portfolio. */
export type CheckKind = "contract_expiry" | "license_expiry" | "inactivity";

interface Check {
  readonly find: (row: CustomerRow, now: Date) => Detection[];
  /** Whether a condition is this check's to end. */
  readonly covers: (condition: string) => boolean;
}

const CHECKS: Readonly<Record<CheckKind, Check>> = {
  contract_expiry: { find: detectContractEnd, covers: (condition) => condition === CONTRACT },
  license_expiry: { find: detectLicenseEnds, covers: (condition) => condition.startsWith(LICENSE) },
  inactivity: { find: detectInactivity, covers: (condition) => condition === INACTIVITY },
};

/** Transactions under way at once. */
const WRITES = 4;
/** A transaction takes some tens of milliseconds; this is ample, and leaves time to note the result. */
const RESERVE_MS = 4_000;

/** Packs of what fits into one transaction: an action writes at most an alert and its condition. */
const packs = <T>(actions: readonly T[]) => chunkByWrites(actions, () => 2);

/** What has to be written about a customer. */
function decide(
  { find, covers }: Check,
  row: CustomerRow,
  known: readonly AlertState[],
  now: Date,
): Action[] {
  // A score that was calculated while the customer was leaving may have left an alert that no score will end.
  const left = row.customer.status === "churned";
  const own = known.filter(({ condition }) => covers(condition) || (left && condition.startsWith(HEALTH)));
  return reconcile(find(row, now), own);
}

/**
 * Looks for a condition in the whole portfolio and brings the alerts about it up to date (decision 16): opens, updates
 * and resolves. Doing it again, or twice at once, changes nothing. A customer whose data is bad is named in the result
 * and does not stop the rest.
 *
 * @param now the day that is checked; alerts are stamped with the time of writing
 * @param remaining milliseconds left; the check stops in time
 */
export async function check(
  kind: CheckKind,
  now: Date,
  remaining: () => number,
  log: Log,
): Promise<CheckResult> {
  const [{ customers }, book] = await Promise.all([getDirectory(), getAlertCache()]);
  const { count, attempt, stop, result } = checkTally(log);

  /** Decides about one customer on what is stored now, which the book does not know yet. */
  const anew = (row: CustomerRow) =>
    withOptimisticRetry(async () => {
      const at = new Date();
      const actions = decide(CHECKS[kind], row, await alertStatesOf(row.customer.id), now);
      for (const pack of packs(actions)) {
        const failed = await commit(pack.flatMap((action) => actionWrites(action, at)));
        if (failed.length > 0) return RETRY;
        count(pack);
      }
      return undefined;
    });

  /** Writes a pack, and anew what belongs to customers about whom it was overtaken or could not be written. */
  const write = async (pack: readonly { row: CustomerRow; action: Action }[]) => {
    const at = new Date();
    const left = await commitIndependent(pack, ({ action }) => actionWrites(action, at)).catch(() => pack);
    const again = new Set(left);
    count(pack.filter((part) => !again.has(part)).map(({ action }) => action));
    for (const row of new Set(left.map(({ row }) => row))) {
      if (remaining() < RESERVE_MS) return stop();
      await attempt(row.customer.id, () => anew(row));
    }
  };

  const parts: { row: CustomerRow; action: Action }[] = [];
  for (const row of customers.values())
    await attempt(row.customer.id, () => {
      const actions = decide(CHECKS[kind], row, book.of(row.customer.id), now);
      parts.push(...actions.map((action) => ({ row, action })));
    });
  const limit = pLimit(WRITES);
  await Promise.all(
    packs(parts).map((pack) => limit(() => (remaining() < RESERVE_MS ? stop() : write(pack)))),
  );
  return result(customers.size);
}
