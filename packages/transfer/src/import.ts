import { setTimeout as pause } from "node:timers/promises";
import {
  BatchWriteItemCommand,
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeTableCommand,
  type DynamoDBClient,
  ScanCommand,
  type TableDescription,
  waitUntilTableExists,
} from "@aws-sdk/client-dynamodb";
import { type Archive, itemsOf, type RawItem, verifyArchive } from "./archive.ts";

/** Why nothing was imported, said to the person who asked for it. */
export class ImportRefused extends Error {}

export interface ImportOptions {
  readonly client: DynamoDBClient;
  readonly table: string;
  readonly archive: Archive;
  /** Keys and indexes of the table, if it shall be made. Without a stream: nobody is told of what is imported. */
  readonly create?: Omit<CreateTableCommandInput, "TableName"> | undefined;
  /** Put items over those that are there. Also for an import that broke off: what is written twice is the same. */
  readonly over?: boolean;
  /** Import although the table's stream is on. Right only where nobody follows it. */
  readonly withStream?: boolean;
  /** Requests at the same time. */
  readonly parallel?: number;
  /** Files that are imported already, by the key that the manifest gives them. */
  readonly done?: ReadonlySet<string>;
  readonly transform?: ((item: RawItem) => RawItem | undefined) | undefined;
  readonly onProgress?: (items: number) => void;
  readonly onFile?: (dataFileS3Key: string) => Promise<void>;
}

export interface ImportResult {
  /** Read from the export, in files that were not done before. */
  readonly read: number;
  /** Written, which is fewer when `transform` leaves some out. */
  readonly written: number;
  /** How often DynamoDB handed items back to be sent again. */
  readonly retried: number;
}

async function describe(client: DynamoDBClient, TableName: string): Promise<TableDescription | undefined> {
  try {
    return (await client.send(new DescribeTableCommand({ TableName }))).Table;
  } catch (error) {
    if (error instanceof Error && error.name === "ResourceNotFoundException") return undefined;
    throw error;
  }
}

/** @throws ImportRefused for a table that must not be written to like this */
async function prepareTable({ client, table, create, over, withStream }: ImportOptions): Promise<void> {
  const found = await describe(client, table);
  if (found === undefined) {
    if (!create) throw new ImportRefused(`There is no table ${table}. --create makes it, without a stream.`);
    await client.send(new CreateTableCommand({ ...create, TableName: table }));
    await waitUntilTableExists({ client, maxWaitTime: 600 }, { TableName: table });
    return;
  }
  if (found.StreamSpecification?.StreamEnabled && !withStream)
    throw new ImportRefused(
      `The stream of ${table} is on: whoever follows it would count everything a second time, and mail about old alerts. Import into a new generation of the table (--generation, --create), or say --with-stream where nobody follows it.`,
    );
  const { Count = 0 } = await client.send(
    new ScanCommand({ TableName: table, Limit: 1, ConsistentRead: true }),
  );
  if (Count > 0 && !over)
    throw new ImportRefused(
      `${table} is not empty. --over puts items over those that are there; it removes none.`,
    );
}

/** DynamoDB takes no more in a request. */
const BATCH = 25;
const FIRST_WAIT_MS = 50;
const LONGEST_WAIT_MS = 10_000;

/** Writes a batch, and again what DynamoDB hands back, for as long as some of it is taken now and then. */
async function writeBatch(client: DynamoDBClient, table: string, batch: readonly RawItem[]): Promise<number> {
  let left = batch.map((Item) => ({ PutRequest: { Item } }));
  let retried = 0;
  for (let attempt = 0; ; attempt++) {
    const { UnprocessedItems = {} } = await client.send(
      new BatchWriteItemCommand({ RequestItems: { [table]: left } }),
    );
    const back = (UnprocessedItems[table] ?? []).flatMap(({ PutRequest }) =>
      PutRequest?.Item ? [{ PutRequest: { Item: PutRequest.Item } }] : [],
    );
    if (back.length === 0) return retried;
    retried += back.length;
    if (back.length < left.length) attempt = 0;
    if (attempt > 20)
      throw new Error(`${table} takes no more items; go on with the same command and --resume`);
    left = back;
    await pause(Math.random() * Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** attempt));
  }
}

/**
 * Puts all items of an export into a table. First all files are read once and compared with their checksums, so that a
 * damaged export changes nothing. Items are put whole, so doing it twice gives the same. Memory does not grow with the
 * export.
 *
 * @throws ArchiveError, ImportRefused: then nothing is written
 */
export async function importTable(options: ImportOptions): Promise<ImportResult> {
  const { client, table, archive, parallel = 8, transform, onProgress, done = new Set() } = options;
  await verifyArchive(archive);
  await prepareTable(options);
  let read = 0;
  let written = 0;
  let retried = 0;
  const running = new Set<Promise<void>>();
  let failure: unknown;

  async function send(batch: readonly RawItem[]): Promise<void> {
    if (running.size >= parallel) await Promise.race(running);
    if (failure !== undefined) throw failure;
    const writing = writeBatch(client, table, batch)
      .then((again) => {
        retried += again;
        written += batch.length;
        onProgress?.(written);
      })
      .catch((error) => {
        failure ??= error;
      })
      .finally(() => running.delete(writing));
    running.add(writing);
  }

  for (const file of archive.files) {
    if (done.has(file.dataFileS3Key)) continue;
    let batch: RawItem[] = [];
    for await (const item of itemsOf(archive, file)) {
      read += 1;
      const result = transform ? transform(item) : item;
      if (result === undefined) continue;
      batch.push(result);
      if (batch.length < BATCH) continue;
      await send(batch);
      batch = [];
    }
    if (batch.length > 0) await send(batch);
    await Promise.all(running);
    if (failure !== undefined) throw failure;
    await options.onFile?.(file.dataFileS3Key);
  }
  return { read, written, retried };
}
