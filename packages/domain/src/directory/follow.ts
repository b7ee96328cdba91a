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

/** So many rows may be read again with every refresh. */
const FEW = 50;
/** Where there are more, all of the overlap is looked at again this often. */
const AGAIN_MS = 1_000;
/** In between a refresh looks so far back before the last one. */
const BRIEF_MS = 1_000;

/** What a follower does with what it hears. */
export interface Listener<Item> {
  /** Takes in rows; the same one may come again, and an older one after a newer. */
  receive(items: readonly Item[]): void;
  /** Called when a refresh has brought all it will bring, also when it broke off. */
  settle(): void;
}

/**
 * Follows a feed: the first call loads everything, each further one what changed since. While many rows change, one
 * that shows up late or whose writer's clock is behind is heard of up to a second later. Calls that come while one
 * is under way share its result. A refresh that breaks off starts from the same mark the next time.
 *
 * @param now in milliseconds
 */
export function createSync<Item extends { readonly changed_at: string }>(
  feed: Feed<Item>,
  { receive, settle }: Listener<Item>,
  now: () => number = Date.now,
): () => Promise<void> {
  let mark: number | undefined;
  let last = 0;
  let running: Promise<void> | undefined;
  /** The last look at all of the overlap: when, and how many rows it brought. */
  let whole = { at: 0, rows: 0 };

  const refresh = async () => {
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
    const briefly = whole.rows > FEW && Math.abs(started - whole.at) < AGAIN_MS;
    try {
      if (mark === undefined) await feed.all(take);
      else await feed.since(new Date(briefly ? last - BRIEF_MS : mark - OVERLAP_MS).toISOString(), take);
    } finally {
      settle();
    }
    last = started;
    if (!briefly) whole = { at: started, rows };
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
