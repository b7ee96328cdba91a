import {
  batchGet,
  ChunkEntity,
  chunkId,
  DIRECTORY,
  getRequest,
  type Snapshot,
  SnapshotEntity,
} from "../../table/index.ts";
import { type Feed, partitionFeed } from "../sync.ts";
import { unpackRows } from "./chunks.ts";

/** Chunks in an answer: about 3 MB. */
const CHUNKS_AT_ONCE = 8;
/** Readers at once: while one waits for an answer, the other takes one apart. */
const READERS = 2;

/** The latest snapshot of a partition; undefined when there is none, or it has expired. */
export async function latestSnapshot(partition: string, now: Date): Promise<Snapshot | undefined> {
  const [snapshot] = await batchGet(getRequest(SnapshotEntity, partition));
  // The table's TTL may come days late.
  return snapshot && snapshot.expires_at_epoch * 1000 > now.getTime() ? snapshot : undefined;
}

/** The ids of all chunks, as many together as are read together. */
function* groups({ version, chunks }: Snapshot): Generator<string[], void, void> {
  for (let first = 0; first < chunks; first += CHUNKS_AT_ONCE) {
    const count = Math.min(CHUNKS_AT_ONCE, chunks - first);
    yield Array.from({ length: count }, (_, n) => chunkId(version, first + n));
  }
}

/**
 * Hands out the rows of a partition's snapshot. Answers until when it is complete (ISO): what changed since is not in
 * it. Undefined when there is no snapshot, or a part of it is missing or damaged; some rows may have been handed out
 * then.
 *
 * @throws what the database throws
 */
export async function readSnapshot<Item>(
  partition: string,
  receive: (items: readonly Item[]) => void,
): Promise<string | undefined> {
  const snapshot = await latestSnapshot(partition, new Date());
  if (!snapshot) return undefined;
  let whole = true;
  const waiting = groups(snapshot);
  const read = async () => {
    // The readers share the groups. One that leaves its loop early ends that of the other too.
    for (const ids of waiting)
      for (const chunk of await batchGet(...ids.map((id) => getRequest(ChunkEntity, id)))) {
        const rows = chunk && (await unpackRows<Item>(chunk.content));
        whole &&= rows !== undefined;
        if (!rows) return;
        receive(rows);
      }
  };
  await Promise.all(Array.from({ length: READERS }, read));
  return whole ? snapshot.complete_until : undefined;
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
  async loadAll(receive) {
    const complete_until = await load(receive);
    await (complete_until === undefined ? feed.loadAll(receive) : feed.loadSince(complete_until, receive));
  },
  loadSince: feed.loadSince,
});

/** Partitions that functions keep a copy of in memory, and that have snapshots. */
export const SNAPSHOTTED = [DIRECTORY, "alert_condition"] as const;

/**
 * A partition of the table as a feed that begins with its snapshot.
 *
 * @typeParam Item what stands in that partition
 */
export const snapshotFeed = <Item>(partition: (typeof SNAPSHOTTED)[number]): Feed<Item> =>
  withSnapshot(partitionFeed<Item>(partition), (receive) => readSnapshot<Item>(partition, receive));
