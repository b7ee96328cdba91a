import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * Makes `folder` hold exactly these files (paths relative to it, with `/`).
 *
 * A file that is already right is not touched, and a new one appears whole: two runs at the same time, such as the
 * tests beside a running `npm start`, do not see each other's half-written files.
 */
export function writeFolder(folder: string, files: ReadonlyMap<string, Uint8Array>): void {
  mkdirSync(folder, { recursive: true });
  for (const stale of filesIn(folder)) if (!files.has(stale)) rmSync(join(folder, stale), { force: true });
  for (const [name, contents] of files) {
    const file = join(folder, name);
    if (existsSync(file) && readFileSync(file).equals(contents)) continue;
    mkdirSync(dirname(file), { recursive: true });
    const unfinished = `${file}.${process.pid}.tmp`;
    writeFileSync(unfinished, contents);
    renameSync(unfinished, file);
  }
}

const filesIn = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith(".tmp"))
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
