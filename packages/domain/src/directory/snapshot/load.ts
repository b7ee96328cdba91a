import {
  batchGet,
  ChunkEntity,
  chunkId,
  getRequest,
  primaryKey,
  type Snapshot,
  SnapshotEntity,
} from "../../table/index.ts";
import { rowsOf } from "./chunks.ts";

type Found = { Item: Record<string, unknown> };

/** Chunks in an answer: about 3 MB. */
const TOGETHER = 8;
/** Readers at once: while one waits for an answer, the other takes one apart. */
const READERS = 2;

/** The newest snapshot of a partition; undefined when there is none, or it has expired. */
export async function newestSnapshot(partition: string, now: Date): Promise<Snapshot | undefined> {
  const [snapshot] = await batchGet({
    key: primaryKey("snapshot", partition),
    parse: (found: Found) => SnapshotEntity.parse(found),
  });
  // The table's TTL may come days late.
  return snapshot && snapshot.expires_at_epoch * 1000 > now.getTime() ? snapshot : undefined;
}

/** The ids of all chunks, as many together as are read together. */
function* groups({ version, chunks }: Snapshot): Generator<string[], void, void> {
  for (let first = 0; first < chunks; first += TOGETHER) {
    const count = Math.min(TOGETHER, chunks - first);
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
export async function loadSnapshot<Item>(
  partition: string,
  receive: (items: readonly Item[]) => void,
): Promise<string | undefined> {
  const snapshot = await newestSnapshot(partition, new Date());
  if (!snapshot) return undefined;
  let whole = true;
  const waiting = groups(snapshot);
  const read = async () => {
    // The readers share the groups. One that leaves its loop early ends that of the other too.
    for (const ids of waiting)
      for (const chunk of await batchGet(...ids.map((id) => getRequest(ChunkEntity, id)))) {
        const rows = chunk && (await rowsOf<Item>(chunk.content));
        whole &&= rows !== undefined;
        if (!rows) return;
        receive(rows);
      }
  };
  await Promise.all(Array.from({ length: READERS }, read));
  return whole ? snapshot.complete_until : undefined;
}
