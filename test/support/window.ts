import { setTimeout as sleep } from "node:timers/promises";

export const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/**
 * Does something within one window of the clock, by which calls are counted: once more, from the start, when the window
 * ended meanwhile. So what it needs it makes itself.
 */
async function within(windowMs: number, work: () => Promise<void>): Promise<void> {
  const window = () => Math.floor(Date.now() / windowMs);
  for (;;) {
    const began = window();
    try {
      await work();
      if (window() === began) return;
    } catch (error) {
      if (window() === began) throw error;
    }
  }
}

export const withinAMinute = (work: () => Promise<void>): Promise<void> => within(MINUTE_MS, work);
/** For what takes too long to be often within a minute. */
export const withinAnHour = (work: () => Promise<void>): Promise<void> => within(60 * MINUTE_MS, work);

/**
 * Waits for the next day (UTC) where this one ends sooner than that: most lists and figures go by the day, and a test
 * looks at them more than once.
 */
export async function withDayLeft(ms: number): Promise<void> {
  const left = DAY_MS - (Date.now() % DAY_MS);
  if (left < ms) await sleep(left + 100);
}

/** How long to wait, as people are told: of a 429 or 503. */
export function waitOf({ headers }: { readonly headers: Headers }): string {
  const seconds = Number(headers.get("retry-after"));
  return seconds === 1 ? "1 second" : `${seconds} seconds`;
}
