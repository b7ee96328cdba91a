import {
  DescribeStreamCommand,
  type DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
  ListStreamsCommand,
  ResourceNotFoundException,
  type ShardIteratorType,
  type _Record as StreamRecord,
  TrimmedDataAccessException,
} from "@aws-sdk/client-dynamodb-streams";
import type { Checkpoint } from "./checkpoints.ts";
import { sequenceNumberOf } from "./lambda-record.ts";

/** Where the next read begins. Reading from the same position again gives the same records, and later ones. */
export type StreamPosition = { readonly shardId: string; readonly iterator: string };

export type Page = { readonly records: readonly StreamRecord[]; readonly next: StreamPosition };

/** A table's stream. Local servers keep one open shard; closed ones before it are read first. */
export type Stream = {
  /** What the database calls it; a table that is created anew has a new one. */
  readonly arn: string;
  oldest(): Promise<StreamPosition>;
  latest(): Promise<StreamPosition>;
  /** After the checkpoint; at the oldest record when the database no longer has what comes next. */
  after(checkpoint: Checkpoint): Promise<StreamPosition>;
  /** No records: there are no more at the moment. */
  read(position: StreamPosition, limit: number): Promise<Page>;
};

/** Throws when the table has no stream. */
export async function openStream(client: DynamoDBStreamsClient, table: string): Promise<Stream> {
  const { Streams = [] } = await client.send(new ListStreamsCommand({ TableName: table }));
  const arn = Streams.at(-1)?.StreamArn;
  if (arn === undefined)
    throw new Error(`table ${table} exists without the template's stream; start with --fresh`);

  async function shards() {
    const { StreamDescription } = await client.send(new DescribeStreamCommand({ StreamArn: arn }));
    return (StreamDescription?.Shards ?? []).map(({ ShardId = "", ParentShardId }) => ({
      id: ShardId,
      parent: ParentShardId,
    }));
  }

  async function positionIn(
    shardId: string,
    ShardIteratorType: ShardIteratorType,
    SequenceNumber?: string,
  ): Promise<StreamPosition> {
    const { ShardIterator } = await client.send(
      new GetShardIteratorCommand({ StreamArn: arn, ShardId: shardId, ShardIteratorType, SequenceNumber }),
    );
    return { shardId, iterator: ShardIterator ?? "" };
  }

  const oldest = async () => positionIn((await shards()).at(0)?.id ?? "", "TRIM_HORIZON");

  async function startOfChild(closed: string): Promise<StreamPosition> {
    const child = (await shards()).find(({ parent }) => parent === closed);
    if (child === undefined) throw new Error(`the stream of table ${table} ended with shard ${closed}`);
    return positionIn(child.id, "TRIM_HORIZON");
  }

  return {
    arn,
    oldest,
    latest: async () => positionIn((await shards()).at(-1)?.id ?? "", "LATEST"),
    async after({ shard_id, sequence_number }) {
      try {
        if (sequence_number === undefined) return await positionIn(shard_id, "TRIM_HORIZON");
        return await positionIn(shard_id, "AFTER_SEQUENCE_NUMBER", sequence_number);
      } catch (error) {
        const trimmed =
          error instanceof TrimmedDataAccessException || error instanceof ResourceNotFoundException;
        if (trimmed) return oldest();
        throw error;
      }
    },
    async read({ shardId, iterator }, Limit) {
      const { Records: records = [], NextShardIterator } = await client.send(
        new GetRecordsCommand({ ShardIterator: iterator, Limit }),
      );
      const next = NextShardIterator === undefined ? await startOfChild(shardId) : undefined;
      return { records, next: next ?? { shardId, iterator: NextShardIterator ?? "" } };
    },
  };
}

/**
 * The number of the newest record after a position, 0 when there is none. What the database says of the range of a
 * shard is no help: AWS names no end of an open shard, dynoxide compares the numbers as texts.
 */
export async function latestSequenceNumber(stream: Stream, start: StreamPosition): Promise<bigint> {
  const startedAt = Date.now();
  let newest = 0n;
  for (let position = start; ; ) {
    const { records, next } = await stream.read(position, 1000);
    const last = records.at(-1);
    if (last !== undefined) newest = BigInt(sequenceNumberOf(last));
    const end = last === undefined && next.shardId === position.shardId;
    // Others may go on writing for ever.
    const late = (last?.dynamodb?.ApproximateCreationDateTime?.getTime() ?? 0) > startedAt;
    if (end || late) return newest;
    position = next;
  }
}
