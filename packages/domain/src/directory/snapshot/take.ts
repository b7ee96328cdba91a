import { randomUUID } from "node:crypto";
import {
  ChunkEntity,
  chunkId,
  conditionFailed,
  countItems,
  partitions,
  query,
  SnapshotEntity,
} from "../../table/index.ts";
import { chunksOf } from "./chunks.ts";
import { newestSnapshot } from "./load.ts";
import { type Renewal, renewal, validity } from "./renewal.ts";

/** What was written. */
export interface Taken {
  readonly rows: number;
  readonly chunks: number;
}

const NOTHING: Taken = { rows: 0, chunks: 0 };

/** Counts rows without reading them, no further than it takes to answer. */
const isDue = async (partition: string, { since, rows }: Renewal): Promise<boolean> =>
  (await countItems({ partition: partitions.type(partition), from: since }, rows)) >= rows;

/**
 * Writes a new snapshot of a partition, read from the table itself: first its chunks, one after the other, then what
 * makes them the newest snapshot. Breaking off in between leaves the one before in use.
 */
async function write(partition: string, now: Date): Promise<Taken> {
  const version = randomUUID();
  const { complete_until, expires_at_epoch } = validity(now);
  let taken = NOTHING;
  for await (const { content, rows } of chunksOf(query<object>({ partition: partitions.type(partition) }))) {
    await ChunkEntity.put({ id: chunkId(version, taken.chunks), content, expires_at_epoch }).go();
    taken = { rows: taken.rows + rows, chunks: taken.chunks + 1 };
  }
  const newest = SnapshotEntity.put({ partition, version, complete_until, ...taken, expires_at_epoch });
  try {
    await newest
      .where((known, { lt, notExists }) =>
        [notExists(known.complete_until), lt(known.complete_until, complete_until)].join(" OR "),
      )
      .go();
    return taken;
  } catch (error) {
    // Another run has read the table later than this one.
    if (conditionFailed(error)) return NOTHING;
    throw error;
  }
}

/** Writes a new snapshot of a partition if one is due (`renewal.ts`); answers what was written. */
export async function takeSnapshot(partition: string, now = new Date()): Promise<Taken> {
  const known = await newestSnapshot(partition, now);
  return (await isDue(partition, renewal(known, now))) ? write(partition, now) : NOTHING;
}
