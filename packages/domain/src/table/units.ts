/** What the database counted: a container handles one event at a time, so what it asked since is that event's. */
const counted = { read: 0, write: 0 };

interface Capacity {
  readonly CapacityUnits?: number | undefined;
}

const READS: ReadonlySet<string> = new Set(["GetItem", "BatchGetItem", "Query", "TransactGetItems"]);

/** Notes what an answer says that it took. */
export function countUnits(operation: string, used: Capacity | readonly Capacity[] | undefined): void {
  const kind = READS.has(operation) ? "read" : "write";
  for (const { CapacityUnits = 0 } of [used ?? []].flat()) counted[kind] += CapacityUnits;
}

/** Read and write units since the last call. */
export function takeUnits(): { readonly read: number; readonly write: number } {
  const taken = { ...counted };
  counted.read = 0;
  counted.write = 0;
  return taken;
}
