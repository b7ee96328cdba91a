import { statSync } from "node:fs";

/** Whether something may have been written to the database since a moment (milliseconds since 1970). */
export type WriteDetector = (since: number) => boolean;

/** From the last byte in the log until the write can be read: the disk has to confirm it. */
const GRACE_MS = 250;
/** In case the file's time is no help: some systems set it late, and clocks are put back. */
const LONGEST_MS = 1000;

/**
 * Asks the log of an SQLite file, which costs next to nothing: 20 requests a second to a server in which nothing
 * happens would keep a core busy for 5 % of the time. Without a file the answer is always that there may be.
 */
export function createWriteDetector(file: string | undefined): WriteDetector {
  return (since) => {
    if (file === undefined || Date.now() - since > LONGEST_MS) return true;
    const log = statSync(`${file}-wal`, { throwIfNoEntry: false });
    return log === undefined || log.mtimeMs > since - GRACE_MS;
  };
}
