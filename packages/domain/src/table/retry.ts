import { setTimeout as sleep } from "node:timers/promises";
import { conflict } from "@success-manager/contract/problem";

const FIRST_PAUSE_MS = 15;

/** Waits before attempt `n`, exponentially and with full jitter, so that those who met don't meet again. */
export const sleepWithJitter = (n: number) => sleep(Math.random() * FIRST_PAUSE_MS * 2 ** n);

/** What an attempt answers when the revision that it read is no longer the stored one. */
export const RETRY = Symbol("changed in between");

const ATTEMPTS = 8;

/**
 * Runs read, decide, conditional write until the write meets the revision that was read:
 * changes of two people at once are both kept.
 *
 * @throws 409 when others keep winning
 */
export async function withOptimisticRetry<T>(attempt: () => Promise<T | typeof RETRY>): Promise<T> {
  for (let n = 0; n < ATTEMPTS; n++) {
    if (n > 0) await sleepWithJitter(n);
    const result = await attempt();
    if (result !== RETRY) return result;
  }
  throw conflict("Others keep changing this. Try again in a moment.");
}
