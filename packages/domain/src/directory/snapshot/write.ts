import { randomUUID } from "node:crypto";
import {
  ChunkEntity,
  chunkId,
  commitOne,
  countItems,
  partitions,
  putItem,
  query,
  SnapshotEntity,
} from "../../table/index.ts";
import { packChunks } from "./chunks.ts";
import { latestSnapshot } from "./read.ts";
import { type RefreshPolicy, refreshPolicy, validity } from "./refresh-policy.ts";

/** What was written. */
export interface SnapshotResult {
  readonly rows: number;
  readonly chunks: number;
}

const NOTHING: SnapshotResult = { rows: 0, chunks: 0 };

/** Counts rows without reading them, no further than it takes to answer. */
const isDue = async (partition: string, { since, rows }: RefreshPolicy): Promise<boolean> =>
  (await countItems({ partition: partitions.type(partition), from: since }, rows)) >= rows;

/**
 * Writes a new snapshot of a partition, read from the table itself: first its chunks, one after the other, then what
 * makes them the latest snapshot. Breaking off in between leaves the one before in use.
 */
async function write(partition: string, now: Date): Promise<SnapshotResult> {
  const version = randomUUID();
  const { complete_until, expires_at_epoch } = validity(now);
  let written = NOTHING;
  for await (const { content, rows } of packChunks(
    query<object>({ partition: partitions.type(partition) }),
  )) {
    const chunk = ChunkEntity.put({ id: chunkId(version, written.chunks), content, expires_at_epoch });
    await commitOne(putItem(chunk));
    written = { rows: written.rows + rows, chunks: written.chunks + 1 };
  }
  const snapshot = SnapshotEntity.put({ partition, version, complete_until, ...written, expires_at_epoch });
  const isLatest = await commitOne(
    putItem(
      snapshot.where((stored, { lt, notExists }) =>
        [notExists(stored.complete_until), lt(stored.complete_until, complete_until)].join(" OR "),
      ),
    ),
  );
  // Otherwise another run has read the table later than this one.
  return isLatest ? written : NOTHING;
}

/** Writes a new snapshot of a partition if one is due (`refresh-policy.ts`); answers what was written. */
export async function takeSnapshot(partition: string, now = new Date()): Promise<SnapshotResult> {
  const latest = await latestSnapshot(partition, now);
  return (await isDue(partition, refreshPolicy(latest, now))) ? write(partition, now) : NOTHING;
}
