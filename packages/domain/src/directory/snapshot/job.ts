import type { JobDefinition, Progress } from "../../jobs/index.ts";
import { FOLLOWED } from "./followed.ts";
import { type Taken, takeSnapshot } from "./take.ts";

/** Half a million rows take a minute to read. */
const RESERVE_MS = 3 * 60_000;

/** Keeps the snapshots of followed partitions young. A run of another day has nothing else to do. */
export const directorySnapshot: JobDefinition<Progress & Taken> = {
  job: "directory_snapshot",
  start: { rows: 0, chunks: 0, finished: false },
  run: async (_, from, { remaining, save }) => {
    let progress = from;
    for (const partition of FOLLOWED) {
      if (remaining() < RESERVE_MS) return progress;
      const { rows, chunks } = await takeSnapshot(partition);
      progress = { ...progress, rows: progress.rows + rows, chunks: progress.chunks + chunks };
      save(progress);
    }
    return { ...progress, finished: true };
  },
  counts: ({ rows, chunks }) => ({ rows, chunks, failed: 0 }),
  busy: "Snapshots of the directory are being taken right now. Try again when that has finished.",
};
