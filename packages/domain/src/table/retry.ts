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

/** Rows a second, as far as the database takes them: where a batch begins, what it slows down to and speeds up to. */
const [FIRST_RATE, LOWEST_RATE, HIGHEST_RATE] = [400, 25, 1_000];
/** How much faster each second without a refusal makes it. */
const SPEED_UP = 1.1;

/**
 * Paces a batch: each call waits until so many more rows may be written. 400 a second at first, which a new table has
 * units for (on demand, it begins with 4 000), a tenth more with each second up to 1 000, and half as many when the
 * database refused something meanwhile. So a batch leaves room for what people do.
 *
 * @param refusals how often the database has refused this process's writes so far
 * @param now in milliseconds, and `pause` waits for so many
 */
export function createPacer(
  refusals: () => number,
  now: () => number = Date.now,
  pause: (ms: number) => Promise<unknown> = sleep,
): (rows: number) => Promise<void> {
  let rate = FIRST_RATE;
  let refused = refusals();
  let adjusted = now();
  /** When the next row may be written. */
  let free = now();
  return async (rows) => {
    const at = now();
    if (refusals() > refused) {
      refused = refusals();
      rate = Math.max(LOWEST_RATE, rate / 2);
      adjusted = at;
    } else if (at - adjusted >= 1_000) {
      rate = Math.min(HIGHEST_RATE, rate * SPEED_UP);
      adjusted = at;
    }
    const start = Math.max(free, at);
    free = start + (rows * 1_000) / rate;
    if (start > at) await pause(start - at);
  };
}
