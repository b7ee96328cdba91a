import { tableName } from "./client.ts";
import { migrationRequest } from "./entities/migration.ts";
import { KEY_ATTRIBUTES, partitions, SHARDED, type ShardedPartition, shardKey, shardOf } from "./keys.ts";
import { ENTITY_NAME, find, type Query, type QueryPage, query } from "./read.ts";
import { commitOne, givenValue, type Write } from "./write.ts";

/**
 * Where rows of `directory` and `alert_condition` stand. Every function asks with each request what has changed there,
 * so one partition holds what people change, and that is one small query. It takes 1 000 write units a second, though,
 * as any partition does, and its readers 3 000 read units. A batch that changes thousands of rows writes them into
 * shards instead, 16 times as much, and announces that before: in a row of the partition itself, which everybody reads.
 * Shards are read as long as they are announced.
 *
 * A row stands where it was last written: what somebody changes after a batch is back in the partition.
 */

const MINUTE_MS = 60_000;
/** So long an announcement holds; it is renewed when half of that is over. */
const OPEN_MS = 2 * MINUTE_MS;
/** How much longer shards are read: clocks differ, and a write may take its time. */
const GRACE_MS = MINUTE_MS;

/** Batches of fewer rows write where people do: reading the shards would cost more than they save. */
export const MIN_SPREAD_ROWS = 1_000;

const ANNOUNCEMENT = "shards";
/** The migration that allows it: it runs when no function is left that does not read shards. */
export const SHARDS_MIGRATION = "20261128-111500-directory-shards";

/** Whether batches may write into shards. */
async function isShardedTable(): Promise<boolean> {
  const migration = await find(migrationRequest(SHARDS_MIGRATION));
  return migration?.direction === "up" && migration.state === "done";
}

const announcement = (partition: ShardedPartition, now: number): Write => {
  const changed_at = new Date(now).toISOString();
  return {
    Put: {
      TableName: tableName,
      Item: {
        pk: `${ANNOUNCEMENT}#${partition}`,
        sk: ANNOUNCEMENT,
        [KEY_ATTRIBUTES.byType.pk]: partition,
        [KEY_ATTRIBUTES.byType.sk]: `${changed_at}#${ANNOUNCEMENT}`,
        [ENTITY_NAME]: ANNOUNCEMENT,
        changed_at,
        open_until: new Date(now + OPEN_MS).toISOString(),
      },
    },
  };
};

/** When an item says that the shards are open no longer (milliseconds); undefined for any other item. */
export function openUntil(item: object): number | undefined {
  const { [ENTITY_NAME]: entity, open_until } = item as Readonly<Record<string, unknown>>;
  if (entity !== ANNOUNCEMENT || typeof open_until !== "string") return undefined;
  return Date.parse(open_until) + GRACE_MS;
}

/** What this process knows: until when its writes are announced, and until when it need not ask whether they may be. */
let announced = 0;
let refusedUntil = 0;
const REFUSED_MS = 2_000;

/**
 * Announces that rows are about to be written into the shards. To be called before each part of a batch that takes no
 * longer than a minute; asks the database once a minute.
 *
 * @returns what puts a write into its shard; undefined where the table is not laid out for it
 */
export async function openShards(now = Date.now()): Promise<((write: Write) => Write) | undefined> {
  if (now < announced - OPEN_MS / 2) return inShard;
  if (now < refusedUntil) return undefined;
  if (!(await isShardedTable())) {
    refusedUntil = now + REFUSED_MS;
    return undefined;
  }
  await Promise.all(SHARDED.map((partition) => commitOne(announcement(partition, now))));
  announced = now + OPEN_MS;
  return inShard;
}

/** So many rows a second are written where people write; each takes two units and more. */
const MAX_ROWS_A_SECOND = 200;
let second = { at: 0, rows: 0 };

/**
 * The same for who writes a few rows at a time, and does not know how many come: undefined as long as few come.
 *
 * @param rows how many are written now
 */
export async function openShardsWhenBusy(rows: number, now = Date.now()) {
  if (now - second.at >= 1_000) second = { at: now, rows: 0 };
  second.rows += rows;
  return second.rows > MAX_ROWS_A_SECOND ? openShards(now) : undefined;
}

type Values = Readonly<Record<string, unknown>>;

const PK = KEY_ATTRIBUTES.byType.pk;

const shardFor = (partition: unknown, key: Values | undefined): string | undefined => {
  const sharded = SHARDED.find((one) => one === partition);
  return sharded && shardKey(sharded, shardOf(String(key?.pk)));
};

/**
 * The same write with its row in its shard, if it is one of a partition that has any.
 *
 * @param write as it is made for the partition itself
 */
export function inShard(write: Write): Write {
  const { Put, Update } = write;
  const item = Put?.Item;
  const place = shardFor(item?.[PK], item);
  if (Put && place) return { Put: { ...Put, Item: { ...item, [PK]: place } } };
  const value = Update && givenValue(Update, PK);
  const values = Update?.ExpressionAttributeValues;
  const moved = value === undefined ? undefined : shardFor(values?.[value], Update?.Key);
  if (Update && value !== undefined && moved)
    return { Update: { ...Update, ExpressionAttributeValues: { ...values, [value]: moved } } };
  return write;
}

/** All rows of a partition of `byType` and its shards, each as it stands when its place is read. */
export async function* queryPlaces<Row extends object>(
  partition: string,
  options: Pick<Query, "filter" | "fields" | "from"> = {},
): AsyncGenerator<Pick<QueryPage<Row>, "items">, void, void> {
  for (const place of partitions.everywhere(partition))
    for await (const { items } of query<Row>({ ...options, partition: place }))
      yield { items: items.filter((item) => openUntil(item) === undefined) };
}

/** Index entries come late, and clocks differ. */
const OVERLAP_MS = 10_000;

/**
 * The same, and then what has changed since this began: a row may have moved meanwhile from where nobody had read yet to
 * where somebody had. So a row may come more than once; the newest revision counts.
 */
export async function* queryEverywhere<Row extends object>(
  partition: string,
  options: Pick<Query, "filter" | "fields"> = {},
): AsyncGenerator<Pick<QueryPage<Row>, "items">, void, void> {
  const from = new Date(Date.now() - OVERLAP_MS).toISOString();
  yield* queryPlaces<Row>(partition, options);
  yield* queryPlaces<Row>(partition, { ...options, from });
}
