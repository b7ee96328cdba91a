import fc from "fast-check";
import { expect, test } from "vitest";
import type { InvocationResult } from "../functions/instance.ts";
import { deliverInOrder } from "./batch.ts";
import type { EventSourceMapping } from "./event-source-mapping.ts";
import type { LambdaRecord } from "./lambda-record.ts";

const change = (number: number, created = Date.now() / 1000): LambdaRecord => ({
  eventID: `event ${number}`,
  eventName: "INSERT",
  eventVersion: "1.1",
  eventSource: "aws:dynamodb",
  awsRegion: "us-east-1",
  eventSourceARN: "arn",
  dynamodb: {
    ApproximateCreationDateTime: created,
    Keys: { id: { S: `note ${number}` } },
    SequenceNumber: String(number),
    SizeBytes: 1,
    StreamViewType: "NEW_AND_OLD_IMAGES",
  },
});
const changes = (count: number) => Array.from({ length: count }, (_, index) => change(index + 1));

const failed: InvocationResult = { payload: "{}", functionError: "Unhandled", logs: "" };
const answered = (payload: unknown): InvocationResult => ({ payload: JSON.stringify(payload), logs: "" });
const reports = (...numbers: (string | null)[]) =>
  answered({ batchItemFailures: numbers.map((itemIdentifier) => ({ itemIdentifier })) });

/** Delivers to a function that answers each batch, by its numbers, as `respond` says. */
async function deliver(
  all: readonly LambdaRecord[],
  respond: (numbers: number[], call: number) => InvocationResult,
  settings: Partial<EventSourceMapping> = {},
  { since = 0, stopping = new AbortController() } = {},
) {
  const calls: number[][] = [];
  const done: number[] = [];
  const lines: string[] = [];
  const mapping: EventSourceMapping = {
    table: "notes",
    eventSourceArn: "arn",
    from: "LATEST",
    batchSize: 100,
    bisects: false,
    reportsItems: false,
    retries: 0,
    maxAgeMs: Number.POSITIVE_INFINITY,
    matches: () => true,
    deadLetters: "arn:queue",
    ...settings,
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
      run: async (event) => {
        const { Records }: { Records: LambdaRecord[] } = JSON.parse(event);
        const numbers = Records.map(({ dynamodb }) => Number(dynamodb.SequenceNumber));
        calls.push(numbers);
        return respond(numbers, calls.length);
      },
      stop: async () => undefined,
    },
  };
  await deliverInOrder(all, mapping, {
    since,
    signal: stopping.signal,
    done: (some) => done.push(...some.map(({ dynamodb }) => Number(dynamodb.SequenceNumber))),
    log: (line) => lines.push(line),
  });
  return { calls, done, lines };
}

test("a batch that failed comes again, whole, and then the rest goes on", async () => {
  const { calls, done, lines } = await deliver(
    changes(3),
    (_, call) => (call === 1 ? failed : answered(null)),
    { retries: 2 },
  );
  expect(calls).toEqual([
    [1, 2, 3],
    [1, 2, 3],
  ]);
  expect([done, lines]).toEqual([[1, 2, 3], []]);
});

test("a batch that keeps failing is given up when its attempts are used up", async () => {
  const { calls, done, lines } = await deliver(changes(2), () => failed, { retries: 1 });
  expect(calls).toHaveLength(2);
  expect(done).toEqual([1, 2]);
  expect(lines).toEqual([
    'f: gave up after 2 attempts; dead-lettered: INSERT 1 {"id":{"S":"note 1"}}, INSERT 2 {"id":{"S":"note 2"}}',
  ]);
});

test("without a queue for it, what is given up is dropped", async () => {
  const { lines } = await deliver(changes(1), () => failed, { deadLetters: undefined });
  expect(lines).toEqual(['f: gave up after 1 attempts; dropped: INSERT 1 {"id":{"S":"note 1"}}']);
});

test("halving finds the one change that can't be handled, and costs no attempt", async () => {
  const { calls, done, lines } = await deliver(
    changes(5),
    (numbers) => (numbers.includes(4) ? failed : answered(null)),
    { bisects: true, retries: 1 },
  );
  expect(calls).toEqual([[1, 2, 3, 4, 5], [1, 2, 3], [4, 5], [4], [4], [5]]);
  expect(done).toEqual([1, 2, 3, 4, 5]);
  expect(lines).toEqual(['f: gave up after 2 attempts; dead-lettered: INSERT 4 {"id":{"S":"note 4"}}']);
});

test("what lies before a reported change is done, the rest comes again from there", async () => {
  const { calls, done } = await deliver(
    changes(4),
    (_, call) => (call === 1 ? reports("4", "3") : answered({ batchItemFailures: [] })),
    { reportsItems: true },
  );
  expect(calls).toEqual([
    [1, 2, 3, 4],
    [3, 4],
  ]);
  expect(done).toEqual([1, 2, 3, 4]);
});

test("a first change that is reported over and over is found and given up, the rest goes on", async () => {
  const { done, lines } = await deliver(
    changes(4),
    (numbers) => (numbers.includes(2) ? reports("2") : reports()),
    { reportsItems: true, bisects: true, retries: 1 },
  );
  expect(done).toEqual([1, 2, 3, 4]);
  expect(lines).toEqual(['f: gave up after 2 attempts; dead-lettered: INSERT 2 {"id":{"S":"note 2"}}']);
});

test.each<[string, unknown, boolean]>([
  ["nothing", null, true],
  ["an object without failures", {}, true],
  ["no list", { batchItemFailures: null }, true],
  ["an empty list", { batchItemFailures: [] }, true],
  ["an unknown record", { batchItemFailures: [{ itemIdentifier: "17" }] }, false],
  ["an empty identifier", { batchItemFailures: [{ itemIdentifier: "" }] }, false],
  ["no identifier", { batchItemFailures: [{ itemIdentifier: null }] }, false],
  ["a misspelt identifier", { batchItemFailures: [{ id: "1" }] }, false],
])("an answer with %s counts as Lambda counts it", async (_what, answer, success) => {
  const { lines } = await deliver(changes(2), () => answered(answer), { reportsItems: true });
  expect(lines).toHaveLength(success ? 0 : 1);
});

test("where reports are not agreed on, an answer is not read", async () => {
  const { calls, done } = await deliver(changes(2), () => reports("1"));
  expect([calls.length, done]).toEqual([1, [1, 2]]);
});

test("a change that has become too old is not tried again", async () => {
  const old = [change(1, Date.now() / 1000 - 120)];
  const settings = { retries: 1, maxAgeMs: 60_000 };
  expect((await deliver(old, () => failed, settings)).calls).toHaveLength(1);
});

test("time in which no cloud ran does not make a change old", async () => {
  const old = [change(1, Date.now() / 1000 - 120)];
  const settings = { retries: 1, maxAgeMs: 60_000 };
  expect((await deliver(old, () => failed, settings, { since: Date.now() })).calls).toHaveLength(2);
});

test("after the end nothing is invoked, and nothing is given up", async () => {
  const stopping = new AbortController();
  const { calls, done, lines } = await deliver(
    changes(4),
    (numbers) => {
      if (numbers.length === 4) return failed;
      stopping.abort();
      return numbers.includes(1) ? answered(null) : failed;
    },
    { bisects: true },
    { stopping },
  );
  expect(calls).toEqual([
    [1, 2, 3, 4],
    [1, 2],
  ]);
  expect([done, lines]).toEqual([[1, 2], []]);
});

test("a change that was cut short by the end is not given up, though it has no attempt left", async () => {
  const stopping = new AbortController();
  const { done, lines } = await deliver(
    changes(1),
    () => {
      stopping.abort();
      return failed;
    },
    {},
    { stopping },
  );
  expect([done, lines]).toEqual([[], []]);
});

test("whatever fails: each change is done once, in order, and only what always fails is given up", async () => {
  const poison = fc.uniqueArray(fc.integer({ min: 1, max: 20 }), { maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 20 }), poison, fc.boolean(), async (count, bad, reporting) => {
      const { done, lines } = await deliver(
        changes(count),
        (numbers) => {
          const first = numbers.find((number) => bad.includes(number));
          if (first === undefined) return reports();
          return reporting ? reports(String(first)) : failed;
        },
        { bisects: true, reportsItems: true },
      );
      expect(done).toEqual(changes(count).map(({ dynamodb }) => Number(dynamodb.SequenceNumber)));
      const givenUp = lines.map((line) => Number(/INSERT (\d+) /.exec(line)?.[1]));
      expect(givenUp).toEqual(bad.filter((number) => number <= count).sort((a, b) => a - b));
    }),
  );
});
