import { commit, WRITES_AT_ONCE, type Write } from "./commit.ts";

/**
 * Writes parts that are each all or nothing in one transaction. A part that was decided on something that has changed
 * meanwhile is left out, the others are written; answers the parts that were left out.
 *
 * @param parts of at most 100 writes together
 * @throws as `commit`; nothing is written then
 */
export async function writeTogether<T>(
  parts: readonly T[],
  writesOf: (part: T) => readonly Write[],
): Promise<readonly T[]> {
  if (parts.length === 0) return [];
  const writes = parts.map(writesOf);
  const failed = await commit(writes.flat());
  if (failed.length === 0) return [];
  const ownerOf = writes.flatMap((some, part) => some.map(() => part));
  const overtaken = new Set(failed.map((index) => ownerOf[index]));
  const others = await writeTogether(
    parts.filter((_, part) => !overtaken.has(part)),
    writesOf,
  );
  return [...parts.filter((_, part) => overtaken.has(part)), ...others];
}

/** Packs parts, in their order, so that the writes of a pack fit into one transaction. */
export function packed<T>(parts: readonly T[], sizeOf: (part: T) => number): T[][] {
  const packs: T[][] = [];
  let room = 0;
  for (const part of parts) {
    const size = sizeOf(part);
    if (size > room) {
      packs.push([]);
      room = WRITES_AT_ONCE;
    }
    packs.at(-1)?.push(part);
    room -= size;
  }
  return packs;
}
