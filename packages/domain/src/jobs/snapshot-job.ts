import { SNAPSHOTTED, takeSnapshot } from "../directory/index.ts";
import { KEPT_ENTITIES, takeListSnapshot } from "../lists/index.ts";
import { defineJob, type Progress } from "./define.ts";

/** Half a million rows take a minute to read. */
const RESERVE_MS = 3 * 60_000;

interface SnapshotProgress extends Progress {
  readonly rows: number;
  readonly bytes: number;
}

/**
 * Keeps the snapshots fresh that the directory, the alert cache and the copies of lists start from. It stands here
 * because these know nothing of jobs.
 */
export const directorySnapshot = defineJob<SnapshotProgress>({
  id: "directory_snapshot",
  start: { rows: 0, bytes: 0, finished: false },
  run: async (_, from, { remaining, save }) => {
    let progress = from;
    const all = [
      ...SNAPSHOTTED.map((partition) => () => takeSnapshot(partition)),
      ...KEPT_ENTITIES.map((entity) => () => takeListSnapshot(entity)),
    ];
    for (const take of all) {
      if (remaining() < RESERVE_MS) return progress;
      const { rows, bytes } = await take();
      progress = { ...progress, rows: progress.rows + rows, bytes: progress.bytes + bytes };
      save(progress);
    }
    return { ...progress, finished: true };
  },
  counts: ({ rows, bytes }) => ({ rows, bytes, failed: 0 }),
  busy: "Snapshots of the directory are being taken right now. Try again when that has finished.",
});
