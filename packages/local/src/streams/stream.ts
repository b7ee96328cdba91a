import * as z from "zod";
import type { DynamoDbCall } from "../resources/dynamodb-api.ts";
import type { Checkpoint } from "./checkpoints.ts";
import type { StreamRecord } from "./lambda-record.ts";

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

const Streams = z.object({ Streams: z.array(z.object({ StreamArn: z.string() })).default([]) });
const Description = z.object({
  StreamDescription: z.object({
    Shards: z.array(z.object({ ShardId: z.string(), ParentShardId: z.string().optional() })).default([]),
  }),
});
const Iterator = z.object({ ShardIterator: z.string() });
/** Unchecked, as they may be thousands. */
type Records = { readonly Records?: readonly StreamRecord[]; readonly NextShardIterator?: string };

/** The database no longer has what comes next. */
const FORGOTTEN = ["TrimmedDataAccessException", "ResourceNotFoundException"];

/** Throws when the table has no stream. */
export async function openStream(call: DynamoDbCall, table: string): Promise<Stream> {
  const streams = Streams.parse(await call("ListStreams", { TableName: table })).Streams;
  const arn = streams.at(-1)?.StreamArn;
  if (arn === undefined)
    throw new Error(`table ${table} exists without the template's stream; start with --fresh`);

  async function shards() {
    const { StreamDescription } = Description.parse(await call("DescribeStream", { StreamArn: arn }));
    return StreamDescription.Shards.map(({ ShardId, ParentShardId }) => ({
      id: ShardId,
      parent: ParentShardId,
    }));
  }

  async function positionIn(
    shardId: string,
    ShardIteratorType: "AFTER_SEQUENCE_NUMBER" | "LATEST" | "TRIM_HORIZON",
    SequenceNumber?: string,
  ): Promise<StreamPosition> {
    const asked = { StreamArn: arn, ShardId: shardId, ShardIteratorType, SequenceNumber };
    return { shardId, iterator: Iterator.parse(await call("GetShardIterator", asked)).ShardIterator };
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
        if (error instanceof Error && FORGOTTEN.includes(error.name)) return oldest();
        throw error;
      }
    },
    async read({ shardId, iterator }, Limit) {
      const answer: Records = Object(await call("GetRecords", { ShardIterator: iterator, Limit }));
      const { Records: records = [], NextShardIterator } = answer;
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
    if (last !== undefined) newest = BigInt(last.dynamodb.SequenceNumber);
    const end = last === undefined && next.shardId === position.shardId;
    // Others may go on writing for ever.
    const late = (last?.dynamodb.ApproximateCreationDateTime ?? 0) * 1000 > startedAt;
    if (end || late) return newest;
    position = next;
  }
}
