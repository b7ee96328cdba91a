import { setTimeout as sleep } from "node:timers/promises";
import type { InvocationResult } from "./instance.ts";
import type { Pool } from "./pool.ts";

/** From one attempt to the next it takes one of these longer. AWS waits a minute, then two. */
const RETRY_DELAY_MS = 1000;

/**
 * Invokes a function with an event whose result nobody waits for: after an error tries again, `retries` times at
 * most, then logs that the event would go to the dead-letter queue.
 */
export async function invokeAsync(
  pool: Pool,
  event: string,
  options: { readonly retries: number; readonly signal: AbortSignal; readonly log: (line: string) => void },
): Promise<InvocationResult> {
  for (let attempt = 0; ; attempt += 1) {
    const result = await pool.run(event);
    if (result.functionError === undefined || options.signal.aborted) return result;
    if (attempt >= options.retries) {
      options.log(
        `${pool.definition.name}: gave up after ${attempt + 1} attempts; dead-lettered event: ${event}`,
      );
      return result;
    }
    const delay = RETRY_DELAY_MS * (attempt + 1);
    await sleep(delay, undefined, { signal: options.signal }).catch(() => undefined);
    if (options.signal.aborted) return result;
  }
}
