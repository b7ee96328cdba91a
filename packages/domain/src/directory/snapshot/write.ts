import {
  countItems,
  hasObjects,
  partitions,
  queryPlaces,
  tableName,
  writeObject,
} from "../../table/index.ts";
import { type Chunk, encodeSnapshot, type Header, packChunks } from "./format.ts";
import { latestSnapshot, snapshotKey } from "./read.ts";

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

/** Until when a snapshot is complete that is read from the table now, and when it expires (ISO). */
export const validity = (now: Date) => {
  const complete_until = now.getTime() - LATE_MS;
  return {
    complete_until: new Date(complete_until).toISOString(),
    expires_at: new Date(complete_until + EXPIRES_AFTER_MS).toISOString(),
  };
};

/** A new snapshot is due when there are so many rows that changed since a moment (ISO); undefined: rows at all. */
export interface RefreshPolicy {
  readonly since: string | undefined;
  readonly rows: number;
}

/** When a new snapshot is due. @param latest the snapshot that there is */
export function refreshPolicy(
  latest: Pick<Header, "complete_until" | "rows"> | undefined,
  now: Date,
): RefreshPolicy {
  if (!latest || Date.parse(latest.complete_until) < now.getTime() - MAX_AGE_MS)
    return { since: undefined, rows: MIN_ROWS };
  return { since: latest.complete_until, rows: Math.max(1, Math.ceil(latest.rows * MAX_CHANGED_SHARE)) };
}

/** What was written. */
export interface SnapshotResult {
  readonly rows: number;
  readonly bytes: number;
}

const NOTHING: SnapshotResult = { rows: 0, bytes: 0 };

/** Counts rows without reading them, no further than it takes to answer. */
async function isDue(partition: string, { since, rows }: RefreshPolicy): Promise<boolean> {
  let found = 0;
  for (const place of partitions.everywhere(partition)) {
    found += await countItems({ partition: place, from: since }, rows - found);
    if (found >= rows) return true;
  }
  return false;
}

/** What a snapshot is made of, other than all rows of a partition under its name. */
export interface SnapshotSource {
  readonly name: string;
  readonly pages: AsyncIterable<{ readonly items: readonly object[] }>;
  /** Whether it is taken though none is due. */
  readonly force?: boolean | undefined;
}

/** A run that is overtaken looks again so often: nobody writes more than one a minute. */
const ATTEMPTS = 5;

/**
 * Writes a new snapshot, read from the table itself. It takes the place of the one that is there at once, on the
 * condition that this is still the one that was looked at, and is read from the table earlier. Breaking off before
 * leaves the last one in use.
 */
async function write({ name, pages }: SnapshotSource, now: Date): Promise<SnapshotResult> {
  const { complete_until, expires_at } = validity(now);
  const chunks: Chunk[] = [];
  for await (const chunk of packChunks(pages)) chunks.push(chunk);
  const content = encodeSnapshot({ table: tableName, name, complete_until, expires_at }, chunks);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const { header, etag } = await latestSnapshot(name, now);
    // Another run has read the table later than this one.
    if (header && header.complete_until >= complete_until) return NOTHING;
    if (await writeObject(snapshotKey(name), content, etag))
      return { rows: chunks.reduce((sum, { rows }) => sum + rows, 0), bytes: content.byteLength };
  }
  return NOTHING;
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
  // What changes while it is read, and may be missed, is newer than a snapshot says that it is complete.
  source: SnapshotSource = { name: partition, pages: queryPlaces<object>(partition) },
): Promise<SnapshotResult> {
  if (!hasObjects()) return NOTHING;
  const { header } = await latestSnapshot(source.name, now);
  const isWanted = source.force || (await isDue(partition, refreshPolicy(header, now)));
  return isWanted ? write(source, now) : NOTHING;
}
