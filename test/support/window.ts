const MINUTE_MS = 60_000;

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

/** How long to wait, as people are told: of a 429 or 503. */
export function waitOf({ headers }: { readonly headers: Headers }): string {
  const seconds = Number(headers.get("retry-after"));
  return seconds === 1 ? "1 second" : `${seconds} seconds`;
}
