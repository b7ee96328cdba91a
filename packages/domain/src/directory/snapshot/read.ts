import { unavailable } from "@success-manager/contract/problem";
import { config } from "../../config.ts";
import { DIRECTORY, invokeInBackground, outsideScope, readObject, tableName } from "../../table/index.ts";
import { type Feed, shardedFeed } from "../sync.ts";
import { decodeChunks, decodeHeader, FORMAT, type Header, unpackRows } from "./format.ts";

/** Where the snapshot of a name is kept. Of its own table: one that was restored begins without. */
export const snapshotKey = (name: string) => `snapshots/${tableName}/${FORMAT}/${name}`;

/** Chunks that are decompressed at once, by other threads, while rows are taken apart. */
const AHEAD = 3;
/** Holds the first lines of any snapshot: a chunk takes 100 characters there. */
const HEADER_BYTES = 64 * 1024;

/** Whether a snapshot is what was asked for, and is still good. */
const isUsable = (header: Header, name: string, now: Date) =>
  header.table === tableName && header.name === name && Date.parse(header.expires_at) > now.getTime();

/** What is known of the snapshot of a name; and the etag of what is there, if anything. */
export async function latestSnapshot(
  name: string,
  now: Date,
): Promise<{ readonly header: Header | undefined; readonly etag: string | undefined }> {
  const found = await readObject(snapshotKey(name), HEADER_BYTES);
  const header = found && decodeHeader(found.content)?.header;
  return { header: header && isUsable(header, name, now) ? header : undefined, etag: found?.etag };
}

/** Hands out the rows of chunks in their order; answers whether all of them could be read. */
async function handOut<Item>(chunks: readonly Buffer[], receive: (items: readonly Item[]) => void) {
  const unpacking: Promise<readonly Item[] | undefined>[] = [];
  for (let n = 0; n < chunks.length; n++) {
    for (const chunk of chunks.slice(unpacking.length, n + AHEAD)) unpacking.push(unpackRows<Item>(chunk));
    const rows = await unpacking[n];
    if (!rows) return false;
    receive(rows);
  }
  return true;
}

/**
 * Hands out the rows of a snapshot. Answers until when it is complete (ISO): what changed since is not in it. Undefined
 * when there is none that is of use: no object or no bucket, one that has expired, is damaged, of another format or of
 * another table, or S3 does not answer. A snapshot makes a function quicker, nothing else.
 */
export async function readSnapshot<Item>(
  name: string,
  receive: (items: readonly Item[]) => void,
): Promise<string | undefined> {
  const found = await readObject(snapshotKey(name)).catch(() => undefined);
  const decoded = found && decodeHeader(found.content);
  if (!found || !decoded || !isUsable(decoded.header, name, new Date())) return undefined;
  const chunks = decodeChunks(found.content, decoded.header, decoded.start);
  if (!chunks || !(await handOut(chunks, receive))) return undefined;
  return decoded.header.complete_until;
}

/**
 * A feed whose first load takes a snapshot, and from the feed only what changed since. Without a snapshot, or with one
 * that turns out not to be whole, it takes everything from the feed.
 *
 * @param load hands out a snapshot's rows and answers until when it is complete (ISO), or undefined
 */
export const withSnapshot = <Item>(
  feed: Feed<Item>,
  load: (receive: (items: readonly Item[]) => void) => Promise<string | undefined>,
): Feed<Item> => ({
  ...feed,
  async loadAll(receive) {
    const complete_until = await load(receive);
    await (complete_until === undefined
      ? feed.loadAll(receive)
      : loadEverySince(feed, complete_until, receive));
  },
});

/** What changed since a moment (ISO), wherever it stands. */
const loadEverySince = <Item>(
  { loadSince, shards = [] }: Feed<Item>,
  moment: string,
  receive: (items: readonly Item[]) => void,
) => Promise.all([loadSince, ...shards].map((load) => load(moment, receive)));

/** When a request is told to come back that has waited long enough for the first load of its function. */
const COME_BACK_S = 10;

const isWithout = Symbol("still loading");

/**
 * What a function has in memory once it is up to date. It is everybody's, so it is read as by somebody who sees all. A large portfolio without a snapshot, just imported or restored,
 * takes longer to load than a request may. Then the job that takes snapshots is started, and the request is told when
 * to come back: the load goes on with the next one, and functions that start later have the snapshot. Jobs wait.
 *
 * @throws 503 with `Retry-After`
 */
export async function refreshed(load: () => Promise<void>, patience = config().FIRST_LOAD_MS): Promise<void> {
  // Who may start that job answers requests.
  const refresh = () => outsideScope(load);
  const functionName = config().jobFunctions.get("directory_snapshot");
  if (!functionName) return refresh();
  const loading = refresh();
  let timer: NodeJS.Timeout | undefined;
  const ended = await Promise.race([
    loading,
    new Promise<typeof isWithout>((resolve) => {
      timer = setTimeout(resolve, patience, isWithout);
    }),
  ]).finally(() => clearTimeout(timer));
  if (ended !== isWithout) return;
  // Nobody else waits for it; the next request begins anew where it has failed.
  loading.catch(() => undefined);
  const event = { job: "directory_snapshot", scheduled_time: new Date().toISOString() };
  await invokeInBackground(functionName, event).catch(() => false);
  throw unavailable(
    COME_BACK_S,
    "All customers are being loaded for the first time. Try again in a few seconds.",
  );
}

/** Partitions that functions keep a copy of in memory, and that have snapshots. */
export const SNAPSHOTTED = [DIRECTORY, "alert_condition"] as const;

/**
 * A partition of the table as a feed that begins with its snapshot.
 *
 * @typeParam Item what stands in that partition
 */
export const snapshotFeed = <Item extends object>(partition: (typeof SNAPSHOTTED)[number]): Feed<Item> =>
  withSnapshot(shardedFeed<Item>(partition), (receive) => readSnapshot<Item>(partition, receive));
