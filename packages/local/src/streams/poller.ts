import { EventEmitter, once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { deliverInOrder } from "./batch.ts";
import type { CheckpointStore } from "./checkpoints.ts";
import type { EventSourceMapping } from "./event-source-mapping.ts";
import { type LambdaRecord, toLambdaRecord } from "./lambda-record.ts";
import { latestSequenceNumber, type Stream, type StreamPosition } from "./stream.ts";
import type { WriteDetector } from "./write-detector.ts";

/** Delivers the records of one stream to one function. */
export type Poller = {
  /** Resolves when what was written before the call is delivered or given up; rejects after `limitMs`. */
  settled(limitMs: number): Promise<void>;
  /** Nothing is invoked after the call; an invocation that runs is waited for, five seconds at most. */
  stop(): Promise<void>;
};

/** From the beginning of one read to the beginning of the next. */
const INTERVAL_MS = 50;
/** After an error, such as a database that does not answer. */
const RECOVERY_MS = 1000;
/** What a function that hangs does not finish is delivered again after the next start. */
const STOP_LIMIT_MS = 5000;
/**
 * Of a read, as many records as AWS gives at most: of those that many writes make, a mapping's filter may let few
 * through, and a function should get as many at once as its mapping allows.
 */
const PAGE_SIZE = 1000;

export type PollerOptions = {
  readonly store: CheckpointStore;
  /** Spares reads of the stream while nothing happens. */
  readonly mayHaveWrites: WriteDetector;
  readonly log: (line: string) => void;
  /** Puts a message into a queue, by its ARN. */
  readonly send?: ((queue: string, body: string) => void) | undefined;
  readonly retryDelayMs?: number | undefined;
  readonly intervalMs?: number | undefined;
};

/** Starts where the checkpoint is, else where the mapping says. Rejects when the database can't tell where that is. */
export async function startPoller(
  mapping: EventSourceMapping,
  stream: Stream,
  { store, mayHaveWrites, log, send, retryDelayMs, intervalMs = INTERVAL_MS }: PollerOptions,
): Promise<Poller> {
  const stopping = new AbortController();
  const { signal } = stopping;
  const since = Date.now();
  const progress = new EventEmitter().setMaxListeners(0);
  let position: StreamPosition | undefined = await startPosition(mapping, stream, store);
  let delivered = BigInt(store.read()?.sequence_number ?? 0);
  let wake = () => {};

  function advance(shard_id: string, sequence_number: string): void {
    if (delivered === BigInt(sequence_number)) return;
    store.write({ shard_id, sequence_number });
    delivered = BigInt(sequence_number);
    progress.emit("advance");
  }

  /** Reads once and delivers what has come. Answers whether more may be there already. */
  async function poll(): Promise<boolean> {
    position ??= await startPosition(mapping, stream, store);
    const { shardId } = position;
    const { records, next } = await stream.read(position, PAGE_SIZE);
    const newest = records.at(-1);
    if (newest !== undefined) {
      const done = (some: readonly LambdaRecord[]) => {
        const last = some.at(-1);
        if (last !== undefined) advance(shardId, last.dynamodb.SequenceNumber);
      };
      const matching = records
        .map((record) => toLambdaRecord(record, stream.arn, mapping.eventSourceArn))
        .filter(mapping.matches);
      for (const batch of batches(matching, mapping.batchSize))
        await deliverInOrder(batch, mapping, { since, signal, done, log, send, retryDelayMs });
      if (signal.aborted) return false;
      advance(shardId, newest.dynamodb.SequenceNumber);
    }
    position = next;
    return records.length === PAGE_SIZE || next.shardId !== shardId;
  }

  async function recover(error: unknown): Promise<boolean> {
    if (signal.aborted) return false;
    log(`stream of ${mapping.table}: ${error instanceof Error ? error.message : error}; trying again`);
    if (error instanceof Error && error.name === "ExpiredIteratorException") position = undefined;
    await sleep(RECOVERY_MS, undefined, { signal }).catch(() => undefined);
    return true;
  }

  function idle(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async function run(): Promise<void> {
    let lastRead = 0;
    let more = false;
    while (!signal.aborted) {
      const began = Date.now();
      if (more || mayHaveWrites(lastRead)) {
        lastRead = began;
        more = await poll().catch(recover);
      }
      if (!more && !signal.aborted) await idle(Math.max(0, began + intervalMs - Date.now()));
    }
  }

  const running = run();
  return {
    async settled(limitMs) {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(limitMs)]);
      const goal = await latestSequenceNumber(
        stream,
        position ?? (await startPosition(mapping, stream, store)),
      );
      wake();
      while (delivered < goal) {
        await once(progress, "advance", { signal: limit }).catch(() => {
          const reason = signal.aborted ? "the local cloud has stopped" : `not within ${limitMs / 1000} s`;
          throw new Error(`stream of ${mapping.table}: record ${goal} is not delivered, ${reason}`);
        });
      }
    },
    async stop() {
      stopping.abort();
      wake();
      await Promise.race([running, sleep(STOP_LIMIT_MS, undefined, { ref: false })]);
    },
  };
}

function* batches(records: readonly LambdaRecord[], size: number) {
  for (let from = 0; from < records.length; from += size) yield records.slice(from, from + size);
}

async function startPosition(
  { from }: EventSourceMapping,
  stream: Stream,
  store: CheckpointStore,
): Promise<StreamPosition> {
  const checkpoint = store.read();
  if (checkpoint !== undefined) return stream.after(checkpoint);
  const oldest = await stream.oldest();
  if (from === "LATEST" && (await stream.read(oldest, 1)).records.length > 0) return stream.latest();
  store.write({ shard_id: oldest.shardId });
  return oldest;
}
