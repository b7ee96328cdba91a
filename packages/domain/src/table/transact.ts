import { setTimeout as pause } from "node:timers/promises";

interface Write {
  go(): Promise<{ readonly canceled: boolean; readonly data: readonly { code: string }[] }>;
}

const ATTEMPTS = 8;
const FIRST_PAUSE_MS = 15;

/** Waits before attempt `n`, exponentially and with full jitter. */
export const backOff = (n: number) => pause(Math.random() * FIRST_PAUSE_MS * 2 ** n);

/** Reasons to cancel that pass by themselves. */
const PASSING = new Set(["None", "TransactionConflict", "ProvisionedThroughputExceeded", "ThrottlingError"]);

const named = (name: string, message: string) => Object.assign(new Error(message), { name });

/**
 * Runs a write transaction. Answers the numbers of the items whose condition failed; none when it was written.
 * Conflicts with other transactions and throttling pass by themselves and are tried again, up to 8 times.
 *
 * @throws ThrottlingException or TransactionConflictException when they do not end;
 * TransactionCanceledException when the database cancels for another reason, which is our mistake
 */
export async function transact(write: () => Write): Promise<readonly number[]> {
  let last = "";
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const { canceled, data } = await write().go();
    if (!canceled) return [];
    const failed = data.flatMap(({ code }, index) => (code === "ConditionalCheckFailed" ? [index] : []));
    if (failed.length > 0) return failed;
    const codes = data.map(({ code }) => code);
    if (!codes.every((code) => PASSING.has(code)))
      throw named("TransactionCanceledException", `Canceled: ${codes.join(", ")}`);
    last = codes.includes("TransactionConflict") ? "TransactionConflictException" : "ThrottlingException";
    await backOff(attempt);
  }
  throw named(last, `Not written in ${ATTEMPTS} attempts`);
}

/** True when an error is a failed condition of a single write, as ElectroDB wraps it. */
export function conditionFailed(error: unknown): boolean {
  for (let e = error; e instanceof Error; e = e.cause)
    if (e.name === "ConditionalCheckFailedException") return true;
  return false;
}
