import { type Change, type Counted, deltaOf } from "./change.ts";
import { packs } from "./pack.ts";
import { type WritePack, writePack } from "./write.ts";

/** A record that can't be counted, however often it is tried. */
export interface Poison<C extends Change> {
  readonly change: C;
  readonly error: unknown;
}

/** What the database refuses whenever it is asked, unlike a failure of the database. */
const refused = (error: unknown) =>
  error instanceof Error && ["TransactionCanceledException", "ValidationException"].includes(error.name);

const withoutPerformers = ({ event_id, delta }: Counted): Counted => ({
  event_id,
  delta: delta.filter(({ series }) => series !== "performer"),
});

/**
 * Counts records, each exactly once however often it is delivered and whatever it is delivered with: a record is
 * marked as counted in the transaction that moves its counters. The order of records is of no importance, sums are
 * the same.
 *
 * Answers the records that can't be counted; all others are. Names of people who logged contacts are the one thing
 * that a day has no bound for: when they no longer fit into the day's item, the rest of the record is counted.
 *
 * @throws when the database fails; then a part may have been counted, and the records can be given again
 */
export async function project<C extends Change>(
  changes: readonly C[],
  {
    write = writePack,
    now = () => new Date(),
  }: { readonly write?: WritePack; readonly now?: () => Date } = {},
): Promise<Poison<C>[]> {
  const poison: Poison<C>[] = [];
  const byId = new Map(changes.map((change) => [change.event_id, change]));

  const read = (change: C): Counted[] => {
    try {
      const counted = deltaOf(change);
      return counted.delta.length > 0 ? [counted] : [];
    } catch (error) {
      poison.push({ change, error });
      return [];
    }
  };

  /** What the database refuses as a whole is tried in halves, down to the record that it is about. */
  const count = async (pack: readonly Counted[]): Promise<void> => {
    const [first] = pack;
    if (!first) return;
    try {
      const before = await write(pack, now());
      if (before.size > 0) await count(pack.filter(({ event_id }) => !before.has(event_id)));
    } catch (error) {
      if (!refused(error)) throw error;
      const middle = Math.ceil(pack.length / 2);
      const rest = withoutPerformers(first);
      if (pack.length > 1) {
        await count(pack.slice(0, middle));
        await count(pack.slice(middle));
      } else if (rest.delta.length < first.delta.length) await count([rest]);
      else {
        const change = byId.get(first.event_id);
        if (change) poison.push({ change, error });
      }
    }
  };

  for (const pack of packs([...byId.values()].flatMap(read))) await count(pack);
  return poison;
}
