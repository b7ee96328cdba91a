import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import type { EventSourceMapping } from "./event-source-mapping.ts";
import type { LambdaRecord } from "./lambda-record.ts";

type Batch = readonly LambdaRecord[];

export type BatchOptions = {
  /** When the poller began, in milliseconds: a record does not age while nobody could deliver it. */
  readonly since: number;
  /** Aborted: nothing is invoked any more, and what is not done stays undone. */
  readonly signal: AbortSignal;
  /** Called with records that are delivered or given up, in their order. */
  readonly done: (records: Batch) => void;
  readonly log: (line: string) => void;
  /** Puts a message into a queue, by its ARN. */
  readonly send?: ((queue: string, body: string) => void) | undefined;
  /** By how much it takes longer from one attempt to the next. Default 200. */
  readonly retryDelayMs?: number | undefined;
};

/** AWS waits longer from one attempt to the next; here somebody may be watching. Each attempt adds one, five at most. */
const RETRY_DELAY_MS = 200;
const MOST_DELAYS = 5;

/**
 * Delivers records one batch after the other, as Lambda does: a batch that failed comes again, in halves where
 * the mapping says so (which costs no attempt), from the reported record on where the function may report one.
 * When the attempts are used up, or the batch has become too old, it is given up and the rest goes on.
 */
export async function deliverInOrder(
  records: Batch,
  mapping: EventSourceMapping,
  { since, signal, done, log, send, retryDelayMs = RETRY_DELAY_MS }: BatchOptions,
): Promise<void> {
  const queue = [records];
  let attempts = 0;
  for (let batch = queue.shift(); batch !== undefined && !signal.aborted; batch = queue.shift()) {
    attempts += 1;
    const count = await invoke(batch, mapping);
    if (count > 0) {
      done(batch.slice(0, count));
      if (count < batch.length) queue.unshift(batch.slice(count));
      attempts = 0;
    } else if (signal.aborted) {
      return;
    } else if (mapping.bisects && batch.length > 1) {
      const half = Math.ceil(batch.length / 2);
      queue.unshift(batch.slice(0, half), batch.slice(half));
      attempts = 0;
    } else if (attempts <= mapping.retries && ageMs(batch, since) <= mapping.maxAgeMs) {
      queue.unshift(batch);
      const delay = retryDelayMs * Math.min(attempts, MOST_DELAYS);
      await sleep(delay, undefined, { signal }).catch(() => undefined);
    } else {
      log(describeGivenUp(batch, attempts, mapping));
      if (mapping.deadLetters !== undefined)
        send?.(mapping.deadLetters, JSON.stringify(givenUpMessage(batch, attempts, mapping)));
      done(batch);
      attempts = 0;
    }
  }
}

/** How many records are done, from the first one on. */
async function invoke(batch: Batch, { pool, reportsItems }: EventSourceMapping): Promise<number> {
  const result = await pool.run(JSON.stringify({ Records: batch }));
  if (result.functionError !== undefined) return 0;
  return reportsItems ? countDone(result.payload, batch) : batch.length;
}

const BatchResponse = z
  .object({ batchItemFailures: z.array(z.object({ itemIdentifier: z.string() })).nullish() })
  .nullish();

/** Lambda's rules: no response is success; one that it does not understand, or an unknown record, is failure. */
function countDone(payload: string, batch: Batch): number {
  const response = BatchResponse.safeParse(JSON.parse(payload));
  if (!response.success) return 0;
  const failed = (response.data?.batchItemFailures ?? []).map(({ itemIdentifier }) =>
    batch.findIndex(({ dynamodb }) => dynamodb.SequenceNumber === itemIdentifier),
  );
  return Math.max(0, Math.min(batch.length, ...failed));
}

/** Milliseconds since the oldest of them could have been delivered. */
function ageMs([oldest]: Batch, since: number): number {
  const created = (oldest?.dynamodb.ApproximateCreationDateTime ?? 0) * 1000;
  return Date.now() - Math.max(created, since);
}

/**
 * What Lambda leaves of a batch that it gives up: where it stood in the stream, not what was in it ("Configuring
 * destinations for discarded batches", Developer Guide).
 */
const givenUpMessage = (batch: Batch, attempts: number, { pool, retries }: EventSourceMapping) => ({
  requestContext: {
    functionArn: `arn:aws:lambda:us-east-1:000000000000:function:${pool.definition.name}`,
    condition: attempts > retries ? "RetryAttemptsExhausted" : "RecordAgeExceeded",
    approximateInvokeCount: attempts,
  },
  responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError: "Unhandled" },
  version: "1.0",
  timestamp: new Date().toISOString(),
  DDBStreamBatchInfo: {
    startSequenceNumber: batch[0]?.dynamodb.SequenceNumber,
    endSequenceNumber: batch.at(-1)?.dynamodb.SequenceNumber,
    batchSize: batch.length,
    streamArn: batch[0]?.eventSourceARN,
  },
});

/** Names records by key and number, as the message in a dead-letter queue does; their contents are left out. */
function describeGivenUp(batch: Batch, attempts: number, { pool, deadLetters }: EventSourceMapping): string {
  const records = batch.map(({ eventName, dynamodb }) =>
    [eventName, dynamodb.SequenceNumber, JSON.stringify(dynamodb.Keys)].join(" "),
  );
  const consequence = deadLetters === undefined ? "dropped" : "dead-lettered";
  return `${pool.definition.name}: gave up after ${attempts} attempts; ${consequence}: ${records.join(", ")}`;
}
