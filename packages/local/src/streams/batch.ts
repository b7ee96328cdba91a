import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import type { Change } from "./change.ts";
import type { StreamMapping } from "./mapping.ts";

type Batch = readonly Change[];

export type BatchOptions = {
  /** When the poller began, in milliseconds: a record does not age while nobody could deliver it. */
  readonly since: number;
  /** Aborted: nothing is invoked any more, and what is not done stays undone. */
  readonly signal: AbortSignal;
  /** Called with changes that are delivered or given up, in their order. */
  readonly done: (changes: Batch) => void;
  readonly log: (line: string) => void;
};

// AWS waits longer from one attempt to the next; here somebody may be watching.
const pauseMs = 200;
const longestPauseMs = 1000;

/**
 * Delivers changes one batch after the other, as Lambda does: a batch that failed comes again, in halves where
 * the mapping says so (which costs no attempt), from the reported record on where the function may report one.
 * When the attempts are used up, or the batch has become too old, it is given up and the rest goes on.
 */
export async function deliverInOrder(
  changes: Batch,
  mapping: StreamMapping,
  { since, signal, done, log }: BatchOptions,
): Promise<void> {
  const waiting = [changes];
  let attempts = 0;
  for (let batch = waiting.shift(); batch !== undefined && !signal.aborted; batch = waiting.shift()) {
    attempts += 1;
    const count = await invoke(batch, mapping);
    if (count > 0) {
      done(batch.slice(0, count));
      if (count < batch.length) waiting.unshift(batch.slice(count));
      attempts = 0;
    } else if (signal.aborted) {
      return;
    } else if (mapping.bisect && batch.length > 1) {
      const half = Math.ceil(batch.length / 2);
      waiting.unshift(batch.slice(0, half), batch.slice(half));
      attempts = 0;
    } else if (attempts <= mapping.retries && ageMs(batch, since) <= mapping.maxAgeMs) {
      waiting.unshift(batch);
      const pause = Math.min(pauseMs * attempts, longestPauseMs);
      await sleep(pause, undefined, { signal }).catch(() => undefined);
    } else {
      log(farewell(batch, attempts, mapping));
      done(batch);
      attempts = 0;
    }
  }
}

/** How many changes are done, from the first one on. */
async function invoke(batch: Batch, { pool, reportsItems }: StreamMapping): Promise<number> {
  const outcome = await pool.run(JSON.stringify({ Records: batch }));
  if (outcome.functionError !== undefined) return 0;
  return reportsItems ? countDone(outcome.payload, batch) : batch.length;
}

const Answer = z
  .object({ batchItemFailures: z.array(z.object({ itemIdentifier: z.string() })).nullish() })
  .nullish();

/** Lambda's rules: no answer is success; one that it does not understand, or an unknown record, is failure. */
function countDone(payload: string, batch: Batch): number {
  const answer = Answer.safeParse(JSON.parse(payload));
  if (!answer.success) return 0;
  const failed = (answer.data?.batchItemFailures ?? []).map(({ itemIdentifier }) =>
    batch.findIndex(({ dynamodb }) => dynamodb.SequenceNumber === itemIdentifier),
  );
  return Math.max(0, Math.min(batch.length, ...failed));
}

/** Milliseconds since the oldest of them could have been delivered. */
function ageMs([oldest]: Batch, since: number): number {
  const created = (oldest?.dynamodb.ApproximateCreationDateTime ?? 0) * 1000;
  return Date.now() - Math.max(created, since);
}

/** Names records by key and number, as the message in a dead-letter queue does; their contents stay unsaid. */
function farewell(batch: Batch, attempts: number, { pool, deadLetters }: StreamMapping): string {
  const records = batch.map(({ eventName, dynamodb }) =>
    [eventName, dynamodb.SequenceNumber, JSON.stringify(dynamodb.Keys)].join(" "),
  );
  const fate = deadLetters === undefined ? "dropped" : "dead-lettered";
  return `${pool.definition.name}: gave up after ${attempts} attempts; ${fate}: ${records.join(", ")}`;
}
