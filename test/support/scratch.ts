import { mkdirSync, readdirSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The databases of two workers and their browsers' profiles need a fifth of this. */
const NEEDED_BYTES = 1024 ** 3;

const PREFIX = "success-manager-tests-";

/** Linux keeps files of this folder in memory, where no write waits for a disk; containers often have little of it. */
function inMemory(): string | undefined {
  try {
    const { bavail, bsize } = statfsSync("/dev/shm");
    return bavail * bsize > NEEDED_BYTES ? "/dev/shm" : undefined;
  } catch {
    return undefined;
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // Somebody else's.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** Removes what runs have left that were killed before they could do so themselves. */
function removeAbandoned(parent: string): void {
  for (const name of readdirSync(parent))
    if (name.startsWith(PREFIX) && !isRunning(Number(name.slice(PREFIX.length))))
      rmSync(join(parent, name), { recursive: true, force: true });
}

/**
 * A folder for the temporary files of this test run; `remove` it at the end.
 *
 * @param parent in memory if there is enough
 */
export function createScratch(parent = inMemory() ?? tmpdir()): { readonly folder: string; remove(): void } {
  removeAbandoned(parent);
  const folder = join(parent, `${PREFIX}${process.pid}`);
  mkdirSync(folder, { recursive: true });
  return {
    folder,
    // Servers of a worker that was killed may still be writing.
    remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }),
  };
}
