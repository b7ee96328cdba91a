import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import * as z from "zod";

const Checkpoint = z.object({ shard_id: z.string(), sequence_number: z.string().optional() });

/** How far a stream has been delivered: up to this record, or to none of the shard when there is no number. */
export type Checkpoint = z.output<typeof Checkpoint>;

/** The checkpoint of one mapping. */
export type CheckpointStore = { read(): Checkpoint | undefined; write(checkpoint: Checkpoint): void };

/**
 * The checkpoints of all mappings, kept in one file. A write is whole or not there, also when the process is
 * killed meanwhile. Throws when the file is damaged: starting without it would skip records silently.
 */
export function openCheckpoints(file: string): (mapping: string) => CheckpointStore {
  const all = new Map(Object.entries(readAll(file)));
  return (mapping) => ({
    read: () => all.get(mapping),
    write(checkpoint) {
      all.set(mapping, checkpoint);
      writeFileSync(`${file}.tmp`, `${JSON.stringify(Object.fromEntries(all), null, 2)}\n`);
      renameSync(`${file}.tmp`, file);
    },
  });
}

function readAll(file: string): Record<string, Checkpoint> {
  if (!existsSync(file)) return {};
  try {
    return z.record(z.string(), Checkpoint).parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    throw new Error(`${file} is damaged; remove it, and changes not delivered yet are skipped`);
  }
}
