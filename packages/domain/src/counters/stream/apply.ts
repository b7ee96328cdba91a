import { commitAll, type Write } from "../../table/index.ts";
import { type Contribution, contributions, type Item } from "../contributions.ts";
import { addTo, toContributions, withoutZeros } from "../counters.ts";
import { batches, type WriteBatch, writeBatch } from "./batches.ts";
import { feedbackOf, type NewFeedback } from "./feedback.ts";
import { type DateMove, dateMoveOf } from "./last-interactions.ts";

/** A record of the table's stream: an item before and after a write. */
export interface Change {
  /** Names the record, the same with every delivery. */
  readonly event_id: string;
  /** When it was written, in seconds since 1970, the same with every delivery. Records of a second share a marker. */
  readonly written_at?: number | undefined;
  /** Undefined when the item was new. */
  readonly before: Item | undefined;
  /** Undefined when the item was removed. */
  readonly after: Item | undefined;
}

/** By how much a record moves counters, and what else follows from it once. */
export interface RecordDelta extends Pick<Change, "event_id" | "written_at"> {
  readonly delta: readonly Contribution[];
  /** An interaction that took place at another time. */
  readonly move?: DateMove | undefined;
  /** A new response with a text about a product. */
  readonly feedback?: NewFeedback | undefined;
}

/** A record that can't be counted, however often it is tried. */
export interface FailedRecord<C extends Change> {
  readonly change: C;
  readonly error: unknown;
}

/**
 * What a change adds to the counters: what the new image contributes without what the old one did.
 *
 * @throws when an image is malformed, see `contributions`
 */
function deltaOf({ event_id, written_at, before, after }: Change): RecordDelta {
  const sums = addTo(new Map(), contributions(after));
  const delta = toContributions(withoutZeros(addTo(sums, contributions(before), -1)));
  const feedback = before === undefined ? feedbackOf(after) : undefined;
  return { event_id, written_at, delta, move: dateMoveOf({ before, after }), feedback };
}

/** What the database refuses whenever it is asked, unlike a failure of the database. */
const isRejected = (error: unknown) =>
  error instanceof Error && ["TransactionCanceledException", "ValidationException"].includes(error.name);

const withoutPerformers = ({ delta, ...record }: RecordDelta): RecordDelta => ({
  ...record,
  delta: delta.filter(({ series }) => series !== "performer"),
});

/**
 * Counts records, each exactly once however often it is delivered and whatever it is delivered with: a record is
 * marked as counted in the transaction that moves its counters, and with them the date of a customer's last interaction
 * and the newest feedback about a product.
 * The order of records is of no importance, sums are the same.
 *
 * What else is to be written, whether or not anything is counted, joins the first transaction: a request less.
 *
 * Answers the records that can't be counted; all others are. Names of people who logged interactions are the one thing
 * that a day has no bound for: when they no longer fit into the day's item, the rest of the record is counted.
 *
 * @throws when the database fails; then a part may have been counted, and the records can be given again
 */
export async function applyChanges<C extends Change>(
  changes: readonly C[],
  {
    write = writeBatch,
    now = () => new Date(),
    beside = [],
  }: { readonly write?: WriteBatch; readonly now?: () => Date; readonly beside?: readonly Write[] } = {},
): Promise<FailedRecord<C>[]> {
  const failed: FailedRecord<C>[] = [];
  const byId = new Map(changes.map((change) => [change.event_id, change]));
  let waiting = beside;

  const read = (change: C): RecordDelta[] => {
    try {
      const record = deltaOf(change);
      return record.delta.length > 0 || record.move ? [record] : [];
    } catch (error) {
      failed.push({ change, error });
      return [];
    }
  };

  /** What the database refuses as a whole is tried in halves, down to the record that it is about. */
  const apply = async (batch: readonly RecordDelta[]): Promise<void> => {
    const [first] = batch;
    if (!first) return;
    try {
      const before = await write(batch, now(), waiting);
      if (before.size > 0) await apply(batch.filter(({ event_id }) => !before.has(event_id)));
      else waiting = [];
    } catch (error) {
      if (!isRejected(error)) throw error;
      const middle = Math.ceil(batch.length / 2);
      const rest = withoutPerformers(first);
      if (batch.length > 1) {
        await apply(batch.slice(0, middle));
        await apply(batch.slice(middle));
      } else if (rest.delta.length < first.delta.length) await apply([rest]);
      else {
        const change = byId.get(first.event_id);
        if (change) failed.push({ change, error });
      }
    }
  };

  for (const batch of batches([...byId.values()].flatMap(read), beside.length)) await apply(batch);
  await commitAll(waiting);
  return failed;
}
