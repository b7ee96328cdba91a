import { EventEmitter, once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { ExpiredIteratorException } from "@aws-sdk/client-dynamodb-streams";
import { deliverInOrder } from "./batch.ts";
import { type Change, changeOf, sequenceNumberOf } from "./change.ts";
import type { Keeper } from "./checkpoints.ts";
import type { StreamMapping } from "./mapping.ts";
import { newestBehind, type Place, type Stream } from "./stream.ts";
import type { Written } from "./writes.ts";

/** Brings the changes of one stream to one function. */
export type Poller = {
  /** Resolves when what was written before the call is delivered or given up; rejects after `limitMs`. */
  settled(limitMs: number): Promise<void>;
  /** Nothing is invoked after the call; an invocation that runs is waited for, five seconds at most. */
  stop(): Promise<void>;
};

// From the beginning of one read to the beginning of the next.
const intervalMs = 50;
// After an error, such as a database that does not answer.
const recoveryMs = 1000;
// What a function that hangs does not finish is delivered again after the next start.
const stopLimitMs = 5000;
// Unpacking a page takes some 50 µs a record, in which this process answers nobody.
const largestPage = 100;

export type PollerOptions = {
  readonly keeper: Keeper;
  /** Spares reads of the stream while nothing happens. */
  readonly written: Written;
  readonly log: (line: string) => void;
};

/** Starts where the checkpoint is, else where the mapping says. Rejects when the database can't tell where that is. */
export async function startPoller(
  mapping: StreamMapping,
  stream: Stream,
  { keeper, written, log }: PollerOptions,
): Promise<Poller> {
  const stopping = new AbortController();
  const { signal } = stopping;
  const since = Date.now();
  const pageSize = Math.min(mapping.batchSize, largestPage);
  const progress = new EventEmitter().setMaxListeners(0);
  let place: Place | undefined = await begin(mapping, stream, keeper);
  let delivered = BigInt(keeper.read()?.sequence_number ?? 0);
  let wake = () => {};

  function advance(shard_id: string, sequence_number: string): void {
    keeper.write({ shard_id, sequence_number });
    delivered = BigInt(sequence_number);
    progress.emit("advance");
  }

  /** Reads once and delivers what has come. Answers whether more may be there already. */
  async function poll(): Promise<boolean> {
    place ??= await begin(mapping, stream, keeper);
    const { shardId } = place;
    const { records, next } = await stream.read(place, pageSize);
    const newest = records.at(-1);
    if (newest !== undefined) {
      const done = (some: readonly Change[]) => {
        const last = some.at(-1);
        if (last !== undefined) advance(shardId, last.dynamodb.SequenceNumber);
      };
      const changes = records
        .map((record) => changeOf(record, stream.arn, mapping.eventSourceArn))
        .filter(mapping.wanted);
      if (changes.length > 0) await deliverInOrder(changes, mapping, { since, signal, done, log });
      if (signal.aborted) return false;
      advance(shardId, sequenceNumberOf(newest));
    }
    place = next;
    return records.length === pageSize || next.shardId !== shardId;
  }

  async function recover(error: unknown): Promise<boolean> {
    if (signal.aborted) return false;
    log(`stream of ${mapping.table}: ${error instanceof Error ? error.message : error}; trying again`);
    if (error instanceof ExpiredIteratorException) place = undefined;
    await sleep(recoveryMs, undefined, { signal }).catch(() => undefined);
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
    let read = 0;
    let more = false;
    while (!signal.aborted) {
      const began = Date.now();
      if (more || written(read)) {
        read = began;
        more = await poll().catch(recover);
      }
      if (!more && !signal.aborted) await idle(Math.max(0, began + intervalMs - Date.now()));
    }
  }

  const running = run();
  return {
    async settled(limitMs) {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(limitMs)]);
      const goal = await newestBehind(stream, place ?? (await begin(mapping, stream, keeper)));
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
      await Promise.race([running, sleep(stopLimitMs, undefined, { ref: false })]);
    },
  };
}

async function begin({ from }: StreamMapping, stream: Stream, keeper: Keeper): Promise<Place> {
  const checkpoint = keeper.read();
  if (checkpoint !== undefined) return stream.after(checkpoint);
  const oldest = await stream.oldest();
  if (from === "LATEST" && (await stream.read(oldest, 1)).records.length > 0) return stream.latest();
  // Noted before anything is written: the first change is not lost either when the process is killed.
  keeper.write({ shard_id: oldest.shardId });
  return oldest;
}
