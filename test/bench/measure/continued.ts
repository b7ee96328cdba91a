import { setTimeout as pause } from "node:timers/promises";
import type { Lock } from "../database.ts";

const LOOK_MS = 100;
const PATIENCE_MS = 3_600_000;

/**
 * Waits for the end of a run that goes on in further invocations. Answers how many there were: each holds the job's
 * lock under a name of its own.
 *
 * @param lock looks at the job's lock
 * @throws when the run fails, or does not end within an hour
 */
export async function continued(lock: () => Promise<Lock>, run_id: string): Promise<number> {
  const holders = new Set<string>();
  const until = performance.now() + PATIENCE_MS;
  while (performance.now() < until) {
    const { run_id: current, state, holder } = await lock();
    if (current === run_id && state === "failed") throw new Error(`The run of ${run_id} has failed`);
    if (current === run_id && state === "completed") return holders.size;
    if (holder !== undefined) holders.add(holder);
    await pause(LOOK_MS);
  }
  throw new Error(`The run of ${run_id} has not ended`);
}
