import { setTimeout as sleep } from "node:timers/promises";
import type { Outcome } from "./messages.ts";
import type { Pool } from "./pool.ts";

/**
 * Delivers an event that nobody waits for: tries again after an error, `retries` times at most, then says
 * that the event is lost to a dead-letter queue. AWS waits a minute and two; here it is seconds.
 */
export async function deliver(
  pool: Pool,
  event: string,
  options: { readonly retries: number; readonly signal: AbortSignal; readonly log: (line: string) => void },
): Promise<Outcome> {
  for (let attempt = 0; ; attempt += 1) {
    const outcome = await pool.run(event);
    if (outcome.functionError === undefined || options.signal.aborted) return outcome;
    if (attempt >= options.retries) {
      options.log(
        `${pool.definition.name}: gave up after ${attempt + 1} attempts; dead-lettered event: ${event}`,
      );
      return outcome;
    }
    await sleep(1000 * (attempt + 1), undefined, { signal: options.signal }).catch(() => undefined);
    if (options.signal.aborted) return outcome;
  }
}
