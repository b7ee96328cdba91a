import { setTimeout as pause } from "node:timers/promises";

interface Write {
  go(): Promise<{ readonly canceled: boolean; readonly data: readonly { code: string }[] }>;
}

const ATTEMPTS = 8;
const FIRST_PAUSE_MS = 15;

/** Waits before attempt `n`, exponentially and with full jitter. */
export const backOff = (n: number) => pause(Math.random() * FIRST_PAUSE_MS * 2 ** n);

/**
 * Runs a write transaction. Answers the numbers of the items whose condition failed; none when it was written.
 * Conflicts with other transactions pass by themselves and are tried again, up to 8 times.
 *
 * @throws when the database cancels for another reason (throttling, validation)
 */
export async function transact(write: () => Write): Promise<readonly number[]> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const { canceled, data } = await write().go();
    if (!canceled) return [];
    const failed = data.flatMap(({ code }, index) => (code === "ConditionalCheckFailed" ? [index] : []));
    if (failed.length > 0) return failed;
    const passing = data.every(({ code }) => code === "None" || code === "TransactionConflict");
    if (!passing)
      throw Object.assign(new Error(`Transaction canceled: ${data.map(({ code }) => code).join(", ")}`), {
        name: "ThrottlingException",
      });
    await backOff(attempt);
  }
  throw Object.assign(new Error("Transaction conflicts did not end"), {
    name: "TransactionConflictException",
  });
}

/** True when an error is a failed condition of a single write, as ElectroDB wraps it. */
export function conditionFailed(error: unknown): boolean {
  for (let e = error; e instanceof Error; e = e.cause)
    if (e.name === "ConditionalCheckFailedException") return true;
  return false;
}
