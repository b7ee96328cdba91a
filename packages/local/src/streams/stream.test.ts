import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
  ListStreamsCommand,
  TrimmedDataAccessException,
} from "@aws-sdk/client-dynamodb-streams";
import { mockClient } from "aws-sdk-client-mock";
import { beforeEach, expect, test } from "vitest";
import { latestSequenceNumber, openStream } from "./stream.ts";

const database = mockClient(DynamoDBStreamsClient);
const client = new DynamoDBStreamsClient({ region: "us-east-1" });
const record = (number: string, created = new Date(0)) => ({
  dynamodb: { SequenceNumber: number, ApproximateCreationDateTime: created },
});

/** A stream as DynamoDB Local keeps it: a shard is closed after some hours, and a child goes on. */
beforeEach(() => {
  database.reset();
  database.on(ListStreamsCommand).resolves({ Streams: [{ StreamArn: "arn" }] });
  database.on(DescribeStreamCommand).resolves({
    StreamDescription: { Shards: [{ ShardId: "old" }, { ShardId: "young", ParentShardId: "old" }] },
  });
  database.on(GetShardIteratorCommand).callsFake(({ ShardId, ShardIteratorType, SequenceNumber = "" }) => ({
    ShardIterator: `${ShardId} ${ShardIteratorType} ${SequenceNumber}`.trim(),
  }));
  database.on(GetRecordsCommand).resolves({ Records: [], NextShardIterator: "young end" });
});

test("behind a closed shard its child goes on", async () => {
  database
    .on(GetRecordsCommand, { ShardIterator: "old TRIM_HORIZON" })
    .resolves({ Records: [record("9")] })
    .on(GetRecordsCommand, { ShardIterator: "young TRIM_HORIZON" })
    .resolves({ Records: [record("10")], NextShardIterator: "young 2" });
  const stream = await openStream(client, "notes");
  const first = await stream.read(await stream.oldest(), 10);
  expect(first.records).toEqual([record("9")]);
  expect(first.next).toEqual({ shardId: "young", iterator: "young TRIM_HORIZON" });
  expect(await latestSequenceNumber(stream, await stream.oldest())).toBe(10n);
});

test("a checkpoint is behind its record, or at the beginning of its shard", async () => {
  const stream = await openStream(client, "notes");
  expect(await stream.after({ shard_id: "young", sequence_number: "7" })).toEqual({
    shardId: "young",
    iterator: "young AFTER_SEQUENCE_NUMBER 7",
  });
  expect((await stream.after({ shard_id: "young" })).iterator).toBe("young TRIM_HORIZON");
  expect((await stream.latest()).iterator).toBe("young LATEST");
});

test("when the database has forgotten what comes behind a checkpoint, the oldest record is next", async () => {
  database
    .on(GetShardIteratorCommand, { ShardIteratorType: "AFTER_SEQUENCE_NUMBER" })
    .rejects(new TrimmedDataAccessException({ message: "gone", $metadata: {} }));
  const stream = await openStream(client, "notes");
  const place = await stream.after({ shard_id: "old", sequence_number: "7" });
  expect(place.iterator).toBe("old TRIM_HORIZON");
});

test("the newest record is found while others go on writing", async () => {
  let number = 0;
  database.on(GetRecordsCommand).callsFake(() => {
    number += 1;
    return {
      Records: [record(String(number), new Date(Date.now() + (number - 5) * 1000))],
      NextShardIterator: "young",
    };
  });
  const stream = await openStream(client, "notes");
  expect(await latestSequenceNumber(stream, await stream.latest())).toBeGreaterThanOrEqual(5n);
});

test("a table without a stream is named", async () => {
  database.on(ListStreamsCommand).resolves({ Streams: [] });
  await expect(openStream(client, "notes")).rejects.toThrow(
    "table notes exists without the template's stream; start with --fresh",
  );
});
