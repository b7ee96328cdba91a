import { partitions, query } from "../table/index.ts";

/** Where rows come from of which somebody keeps a copy in memory. */
export interface Feed<Item> {
  /** All rows there are. Pages may come in any order; a row may come more than once. */
  loadAll(receive: (items: readonly Item[]) => void): Promise<void>;
  /** Rows changed at or after a moment (ISO 8601). */
  loadSince(moment: string, receive: (items: readonly Item[]) => void): Promise<void>;
}

/** Sorts before and after every key of a partition. */
const [START, END] = ["", "\uffff"];

/**
 * A partition of the table as a feed. The first load reads it from both ends at once, until the two readers meet.
 *
 * @typeParam Item what stands in that partition
 */
export const partitionFeed = <Item>(partition: string): Feed<Item> => ({
  async loadAll(receive) {
    const reached = { forward: START, backward: END };
    const read = async (direction: "forward" | "backward") => {
      const all = {
        partition: partitions.type(partition),
        order: direction === "forward" ? "asc" : "desc",
      } as const;
      for await (const { items, next } of query<Item>(all)) {
        receive(items);
        const whole = direction === "forward" ? END : START;
        reached[direction] = next ?? whole;
        if (reached.forward > reached.backward) return;
      }
    };
    await Promise.all([read("forward"), read("backward")]);
  },
  async loadSince(moment, receive) {
    const pages = query<Item>({ partition: partitions.type(partition), from: moment });
    for await (const { items } of pages) receive(items);
  },
});

/**
 * How far before the newest change a sync looks again: index entries arrive out of order, and the clocks of writers
 * differ.
 */
const OVERLAP_MS = 10_000;
/**
 * When nothing changes any more, the last changes are looked at again for so long, not for ever: after a batch they
 * are thousands.
 */
const SETTLED_MS = 20_000;

/** So many rows may be read again with every sync. */
const FEW = 50;
/** Where there are more, all of the overlap is looked at again this often. */
const FULL_OVERLAP_EVERY_MS = 1_000;
/** In between, a sync looks so far back before the last one. */
const SHORT_OVERLAP_MS = 1_000;

/** What keeps the copy. */
export interface Subscriber<Item> {
  /** Takes in rows; the same one may come again, and an older one after a newer. */
  receive(items: readonly Item[]): void;
  /** Called when a sync has brought all it will bring, also when it broke off. */
  onSynced(): void;
}

/**
 * Keeps a copy of a feed up to date: the first call loads everything, each further one what changed since. While many
 * rows change, one that shows up late or whose writer's clock is behind is heard of up to a second later. Calls that
 * come while one is under way share its result. A sync that breaks off starts from the same mark the next time.
 *
 * @param now in milliseconds
 */
export function createSync<Item extends { readonly changed_at: string }>(
  feed: Feed<Item>,
  { receive, onSynced }: Subscriber<Item>,
  now: () => number = Date.now,
): () => Promise<void> {
  let mark: number | undefined;
  let last = 0;
  let running: Promise<void> | undefined;
  /** The last look at all of the overlap: when, and how many rows it brought. */
  let full = { at: 0, rows: 0 };

  const sync = async () => {
    const started = now();
    let newest = mark ?? 0;
    let rows = 0;
    const take = (items: readonly Item[]) => {
      receive(items);
      rows += items.length;
      for (const { changed_at } of items) {
        const at = Date.parse(changed_at);
        // A time that is none says nothing.
        if (at > newest) newest = at;
      }
    };
    const briefly = full.rows > FEW && Math.abs(started - full.at) < FULL_OVERLAP_EVERY_MS;
    try {
      if (mark === undefined) await feed.loadAll(take);
      else {
        const from = briefly ? last - SHORT_OVERLAP_MS : mark - OVERLAP_MS;
        await feed.loadSince(new Date(from).toISOString(), take);
      }
    } finally {
      onSynced();
    }
    last = started;
    if (!briefly) full = { at: started, rows };
    // A writer whose clock is ahead must not hide what others write meanwhile.
    mark = Math.max(Math.min(newest, started), started - SETTLED_MS);
  };

  return () => {
    running ??= sync().finally(() => {
      running = undefined;
    });
    return running;
  };
}
