/** Where rows come from that somebody wants to know all of, and what changed since. */
export interface Feed<Item> {
  /** All rows there are. Pages may come in any order; a row may come more than once. */
  all(receive: (items: readonly Item[]) => void): Promise<void>;
  /** Rows changed at or after a moment (ISO 8601). */
  since(moment: string, receive: (items: readonly Item[]) => void): Promise<void>;
}

/**
 * How far before the newest change a refresh looks again: index entries arrive out of order, and the clocks
 * of writers differ.
 */
const OVERLAP_MS = 10_000;
/**
 * When nothing changes any more, the last changes are looked at again for so long, not for ever: after a batch
 * they are thousands.
 */
const SETTLED_MS = 20_000;

/** What a follower does with what it hears. */
export interface Listener<Item> {
  /** Takes in rows; the same one may come again, and an older one after a newer. */
  receive(items: readonly Item[]): void;
  /** Called when a refresh has brought all it will bring, also when it broke off. */
  settle(): void;
}

/**
 * Follows a feed: the first call loads everything, each further one what changed since. Calls that come while one
 * is under way share its result. A refresh that breaks off starts from the same mark the next time.
 *
 * @param now in milliseconds
 */
export function follower<Item extends { readonly changed_at: string }>(
  feed: Feed<Item>,
  { receive, settle }: Listener<Item>,
  now: () => number = Date.now,
): () => Promise<void> {
  let mark: number | undefined;
  let running: Promise<void> | undefined;

  const refresh = async () => {
    const started = now();
    let newest = mark ?? 0;
    const take = (items: readonly Item[]) => {
      receive(items);
      for (const { changed_at } of items) newest = Math.max(newest, Date.parse(changed_at));
    };
    try {
      if (mark === undefined) await feed.all(take);
      else await feed.since(new Date(mark - OVERLAP_MS).toISOString(), take);
    } finally {
      settle();
    }
    // A writer whose clock is ahead must not hide what others write meanwhile.
    mark = Math.max(Math.min(newest, started), started - SETTLED_MS);
  };

  return () => {
    running ??= refresh().finally(() => {
      running = undefined;
    });
    return running;
  };
}
