import { randomUUID } from "node:crypto";
import {
  ChunkEntity,
  chunkId,
  commitOne,
  countItems,
  partitions,
  putItem,
  query,
  type Snapshot,
  SnapshotEntity,
} from "../../table/index.ts";
import { packChunks } from "./chunks.ts";
import { latestSnapshot } from "./read.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/**
 * How long before the reading of the table a snapshot counts as complete. Index entries arrive late, and clocks differ:
 * a row that cannot be seen while it is read is found as long as it says that it changed later than this.
 */
const LATE_MS = 10 * MINUTE_MS;
/** What was later than that is in the next snapshot: each is made of the table alone, and none is used for longer. */
const MAX_AGE_MS = 20 * HOUR_MS;
/**
 * Left for a job that fails. Less than conditions of alerts are kept that are over: the end of an alert that a snapshot
 * calls open can be read for as long as the snapshot is used.
 */
const EXPIRES_AFTER_MS = 36 * HOUR_MS;
/** Fewer rows are read as quickly without a snapshot. */
const MIN_ROWS = 2_000;
/** The share of rows that may have changed: each takes ten times as long to read as one of the snapshot. */
const MAX_CHANGED_SHARE = 0.05;

/** Until when a snapshot is complete that is read from the table now (ISO), and when it expires (seconds since 1970). */
export const validity = (now: Date) => {
  const complete_until = now.getTime() - LATE_MS;
  return {
    complete_until: new Date(complete_until).toISOString(),
    expires_at_epoch: Math.floor((complete_until + EXPIRES_AFTER_MS) / 1000),
  };
};

/** A new snapshot is due when there are so many rows that changed since a moment (ISO); undefined: rows at all. */
export interface RefreshPolicy {
  readonly since: string | undefined;
  readonly rows: number;
}

/** When a new snapshot is due. @param latest the snapshot that there is */
export function refreshPolicy(
  latest: Pick<Snapshot, "complete_until" | "rows"> | undefined,
  now: Date,
): RefreshPolicy {
  if (!latest || Date.parse(latest.complete_until) < now.getTime() - MAX_AGE_MS)
    return { since: undefined, rows: MIN_ROWS };
  return { since: latest.complete_until, rows: Math.max(1, Math.ceil(latest.rows * MAX_CHANGED_SHARE)) };
}

/** What was written. */
export interface SnapshotResult {
  readonly rows: number;
  readonly chunks: number;
}

const NOTHING: SnapshotResult = { rows: 0, chunks: 0 };

/** Counts rows without reading them, no further than it takes to answer. */
const isDue = async (partition: string, { since, rows }: RefreshPolicy): Promise<boolean> =>
  (await countItems({ partition: partitions.type(partition), from: since }, rows)) >= rows;

/** What a snapshot is made of, other than all rows of a partition under its name. */
export interface SnapshotSource {
  readonly name: string;
  readonly pages: AsyncIterable<{ readonly items: readonly object[] }>;
  /** Whether it is taken though none is due. */
  readonly force?: boolean | undefined;
}

/**
 * Writes a new snapshot, read from the table itself: first its chunks, one after the other, then what makes them the
 * latest snapshot. Breaking off in between leaves the one before in use.
 */
async function write({ name: partition, pages }: SnapshotSource, now: Date): Promise<SnapshotResult> {
  const version = randomUUID();
  const { complete_until, expires_at_epoch } = validity(now);
  let written = NOTHING;
  for await (const { content, rows } of packChunks(pages)) {
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

/**
 * Writes a new snapshot of a partition if one is due; answers what was written.
 *
 * @param partition of which rows are counted that are newer than the last snapshot
 * @param source what the snapshot holds; read only when one is due
 */
export async function takeSnapshot(
  partition: string,
  now = new Date(),
  source: SnapshotSource = {
    name: partition,
    pages: query<object>({ partition: partitions.type(partition) }),
  },
): Promise<SnapshotResult> {
  const latest = await latestSnapshot(source.name, now);
  const isWanted = source.force || (await isDue(partition, refreshPolicy(latest, now)));
  return isWanted ? write(source, now) : NOTHING;
}
