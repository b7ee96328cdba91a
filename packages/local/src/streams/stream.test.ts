import { beforeEach, expect, test } from "vitest";
import { latestSequenceNumber, openStream } from "./stream.ts";

type Input = {
  readonly ShardIterator?: string;
  readonly ShardId?: string;
  readonly ShardIteratorType?: string;
  readonly SequenceNumber?: string;
};
let database: Record<string, (input: Input) => unknown>;
const call = async (operation: string, input: Input) => database[operation]?.(input);
const record = (number: string, created = 0) => ({
  dynamodb: { SequenceNumber: number, ApproximateCreationDateTime: created },
});

/** A stream as DynamoDB Local keeps it: a shard is closed after some hours, and a child goes on. */
beforeEach(() => {
  database = {
    ListStreams: () => ({ Streams: [{ StreamArn: "arn" }] }),
    DescribeStream: () => ({
      StreamDescription: { Shards: [{ ShardId: "old" }, { ShardId: "young", ParentShardId: "old" }] },
    }),
    GetShardIterator: ({ ShardId, ShardIteratorType, SequenceNumber = "" }) => ({
      ShardIterator: `${ShardId} ${ShardIteratorType} ${SequenceNumber}`.trim(),
    }),
    GetRecords: () => ({ Records: [], NextShardIterator: "young end" }),
  };
});

test("behind a closed shard its child goes on", async () => {
  const pages: Record<string, object> = {
    "old TRIM_HORIZON": { Records: [record("9")] },
    "young TRIM_HORIZON": { Records: [record("10")], NextShardIterator: "young 2" },
    "young 2": { Records: [], NextShardIterator: "young 2" },
  };
  database.GetRecords = ({ ShardIterator = "" }) => pages[ShardIterator];
  const stream = await openStream(call, "notes");
  const first = await stream.read(await stream.oldest(), 10);
  expect(first.records).toEqual([record("9")]);
  expect(first.next).toEqual({ shardId: "young", iterator: "young TRIM_HORIZON" });
  expect(await latestSequenceNumber(stream, await stream.oldest())).toBe(10n);
});

test("a checkpoint is behind its record, or at the beginning of its shard", async () => {
  const stream = await openStream(call, "notes");
  expect(await stream.after({ shard_id: "young", sequence_number: "7" })).toEqual({
    shardId: "young",
    iterator: "young AFTER_SEQUENCE_NUMBER 7",
  });
  expect((await stream.after({ shard_id: "young" })).iterator).toBe("young TRIM_HORIZON");
  expect((await stream.latest()).iterator).toBe("young LATEST");
});

test("when the database has forgotten what comes behind a checkpoint, the oldest record is next", async () => {
  const known = database.GetShardIterator;
  database.GetShardIterator = (input) => {
    if (input.ShardIteratorType !== "AFTER_SEQUENCE_NUMBER") return known?.(input);
    throw Object.assign(new Error("gone"), { name: "TrimmedDataAccessException" });
  };
  const stream = await openStream(call, "notes");
  const place = await stream.after({ shard_id: "old", sequence_number: "7" });
  expect(place.iterator).toBe("old TRIM_HORIZON");
});

test("the newest record is found while others go on writing", async () => {
  let number = 0;
  database.GetRecords = () => {
    number += 1;
    return {
      Records: [record(String(number), Date.now() / 1000 + number - 5)],
      NextShardIterator: "young",
    };
  };
  const stream = await openStream(call, "notes");
  expect(await latestSequenceNumber(stream, await stream.latest())).toBeGreaterThanOrEqual(5n);
});

test("a table without a stream is named", async () => {
  database.ListStreams = () => ({ Streams: [] });
  await expect(openStream(call, "notes")).rejects.toThrow(
    "table notes exists without the template's stream; start with --fresh",
  );
});
