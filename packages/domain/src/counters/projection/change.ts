import { type Contribution, contributions, type Item } from "../contributions.ts";
import { contributionsIn, tallyInto, withoutZeros } from "../tally.ts";

/** A record of the table's stream: an item before and after a write. */
export interface Change {
  /** Names the record, the same with every delivery. */
  readonly event_id: string;
  /** Undefined when the item was new. */
  readonly before: Item | undefined;
  /** Undefined when the item was removed. */
  readonly after: Item | undefined;
}

/** A change that moves counters, and by how much. */
export interface Counted {
  readonly event_id: string;
  readonly delta: readonly Contribution[];
}

/**
 * What a change adds to the counters: what the new image contributes without what the old one did.
 *
 * @throws when an image is malformed, see `contributions`
 */
export function deltaOf({ event_id, before, after }: Change): Counted {
  const tally = tallyInto(new Map(), contributions(after));
  return { event_id, delta: contributionsIn(withoutZeros(tallyInto(tally, contributions(before), -1))) };
}
