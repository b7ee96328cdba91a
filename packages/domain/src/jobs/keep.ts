import { CLAIM_LOST } from "./runs.ts";

/** Progress is worth a write when it is this old; the write also keeps the claim. */
const SAVE_EVERY_MS = 5_000;

export interface Keeper {
  /** Whether another invocation has taken over. */
  lost(): boolean;
  /** Ends the saving; resolves when none is under way. */
  stop(): Promise<void>;
}

/**
 * Saves at regular times while a run is at work, however long its steps are. A save that fails because the database
 * does is tried again with the next one; the lease outlasts some of them.
 */
export function keep(save: () => Promise<void>): Keeper {
  let lost = false;
  let saving: Promise<void> | undefined;
  const timer = setInterval(() => {
    saving ??= save()
      .catch((error: unknown) => {
        lost ||= error instanceof Error && error.name === CLAIM_LOST;
      })
      .finally(() => {
        saving = undefined;
      });
  }, SAVE_EVERY_MS);
  return {
    lost: () => lost,
    stop: async () => {
      clearInterval(timer);
      await saving;
    },
  };
}
