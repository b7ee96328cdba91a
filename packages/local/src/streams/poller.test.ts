import { afterEach, expect, test } from "vitest";
import type { EventSourceMapping } from "./event-source-mapping.ts";
import type { StreamRecord } from "./lambda-record.ts";
import { type Poller, startPoller } from "./poller.ts";
import type { Stream } from "./stream.ts";

let poller: Poller | undefined;
afterEach(async () => {
  await poller?.stop();
});

/** A stream that counts how often it is read, a database that says whether it was written, and a function. */
async function open({ batchSize = 100 } = {}) {
  const records: StreamRecord[] = [];
  const state = { reads: 0, hasWrites: false, batches: [] as number[][] };
  const position = (from: number) => ({ shardId: "shard", iterator: String(from) });
  const stream: Stream = {
    arn: "arn",
    oldest: async () => position(0),
    latest: async () => position(records.length),
    after: async () => position(0),
    async read({ iterator }, limit) {
      state.reads += 1;
      const page = records.slice(Number(iterator), Number(iterator) + limit);
      return { records: page, next: position(Number(iterator) + page.length) };
    },
  };
  const mapping: EventSourceMapping = {
    table: "notes",
    eventSourceArn: "arn",
    from: "TRIM_HORIZON",
    batchSize,
    bisects: false,
    reportsItems: false,
    retries: 0,
    maxAgeMs: Number.POSITIVE_INFINITY,
    // Every tenth.
    matches: ({ dynamodb }) => dynamodb.SequenceNumber.endsWith("0"),
    deadLetters: undefined,
    pool: {
      definition: {
        name: "f",
        arn: "",
        qualifiers: [],
        folder: "",
        module: "",
        handler: "",
        timeoutMs: 0,
        memoryMb: 0,
        variables: {},
      },
      async run(event) {
        const { Records }: { Records: StreamRecord[] } = JSON.parse(event);
        state.batches.push(Records.map(({ dynamodb }) => Number(dynamodb.SequenceNumber)));
        return { payload: "null", logs: "" };
      },
      stop: async () => undefined,
    },
  };
  const write = (count: number) => {
    const first = records.length + 1;
    for (let number = first; number < first + count; number += 1)
      records.push({ eventName: "INSERT", dynamodb: { Keys: {}, SequenceNumber: String(number) } });
    state.hasWrites = true;
  };
  poller = await startPoller(mapping, stream, {
    store: { read: () => undefined, write: () => undefined },
    mayHaveWrites: () => state.hasWrites,
    log: () => undefined,
  });
  return { state, write };
}

const turns = () => new Promise((resolve) => setTimeout(resolve, 300));

test("a stream is not read while nothing has been written", async () => {
  const { state, write } = await open();
  await turns();
  expect(state.reads).toBe(0);
  write(20);
  await expect.poll(() => state.batches).toEqual([[10, 20]]);
  state.hasWrites = false;
  await turns();
  const { reads } = state;
  await turns();
  expect(state.reads).toBe(reads);
});

test("of many writes a function gets as many at once as its mapping allows, also when few of them are for it", async () => {
  const { state, write } = await open({ batchSize: 50 });
  write(1200);
  await expect.poll(() => state.batches.flat().at(-1)).toBe(1200);
  expect(state.batches.map((batch) => batch.length)).toEqual([50, 50, 20]);
  expect(state.batches.flat()).toEqual(Array.from({ length: 120 }, (_, index) => (index + 1) * 10));
});
