import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import * as z from "zod";

const Checkpoint = z.object({ shard_id: z.string(), sequence_number: z.string().optional() });

/** How far a stream has been delivered: up to this record, or to none of the shard when there is no number. */
export type Checkpoint = z.output<typeof Checkpoint>;

/** The checkpoint of one mapping. */
export type CheckpointStore = { read(): Checkpoint | undefined; write(checkpoint: Checkpoint): void };

export type Checkpoints = {
  of(mapping: string): CheckpointStore;
  /** Saves what is not saved yet. */
  flush(): void;
};

/**
 * Replacing a file takes half a millisecond or more, as long as all else that this process does for a write. What is
 * not saved when the process is killed is delivered once more.
 */
const SAVE_EVERY_MS = 250;

/**
 * The checkpoints of all mappings, kept in one file: saved at once, then at most every quarter of a second. A write is
 * whole or not there, also when the process is killed meanwhile. Throws when the file is damaged: starting without it
 * would skip records silently.
 */
export function openCheckpoints(file: string): Checkpoints {
  const all = new Map(Object.entries(readAll(file)));
  let isSaved = true;
  let timer: NodeJS.Timeout | undefined;

  function flush(): void {
    if (isSaved) return;
    isSaved = true;
    writeFileSync(`${file}.tmp`, `${JSON.stringify(Object.fromEntries(all), null, 2)}\n`);
    renameSync(`${file}.tmp`, file);
  }
  function saveLater(): void {
    timer = setTimeout(() => {
      timer = undefined;
      if (isSaved) return;
      flush();
      saveLater();
    }, SAVE_EVERY_MS).unref();
  }
  return {
    of: (mapping) => ({
      read: () => all.get(mapping),
      write(checkpoint) {
        all.set(mapping, checkpoint);
        isSaved = false;
        if (timer !== undefined) return;
        flush();
        saveLater();
      },
    }),
    flush,
  };
}

function readAll(file: string): Record<string, Checkpoint> {
  if (!existsSync(file)) return {};
  try {
    return z.record(z.string(), Checkpoint).parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    throw new Error(`${file} is damaged; remove it, and changes not delivered yet are skipped`);
  }
}
