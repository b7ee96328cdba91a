import { openUntil, type Partition, partitions, query, type ShardedPartition } from "../table/index.ts";

type Receive<Item> = (items: readonly Item[]) => void;
/** Hands out rows changed at or after a moment (ISO 8601). */
type LoadSince<Item> = (moment: string, receive: Receive<Item>) => Promise<void>;

/** Where rows come from of which somebody keeps a copy in memory. */
export interface Feed<Item> {
  /** All rows there are. Pages may come in any order; a row may come more than once. */
  loadAll(receive: Receive<Item>): Promise<void>;
  readonly loadSince: LoadSince<Item>;
  /** Where batches write what they change, apart from what `loadSince` hands out. */
  readonly shards?: readonly LoadSince<Item>[];
  /** Whether something in them may have changed, as far as the last `loadSince` knows. @param now in milliseconds */
  readonly areShardsOpen?: (now: number) => boolean;
}

/** Sorts before and after every key of a partition. */
const [START, END] = ["", "\uffff"];

/** Hands out a partition from both ends at once, until the two readers meet. */
async function loadPartition<Item>(partition: Partition, receive: Receive<Item>): Promise<void> {
  const reached = { forward: START, backward: END };
  const read = async (direction: "forward" | "backward") => {
    const all = { partition, order: direction === "forward" ? "asc" : "desc" } as const;
    for await (const { items, next } of query<Item>(all)) {
      receive(items);
      const whole = direction === "forward" ? END : START;
      reached[direction] = next ?? whole;
      if (reached.forward > reached.backward) return;
    }
  };
  await Promise.all([read("forward"), read("backward")]);
}

const loadSince = async <Item>(partition: Partition, moment: string | undefined, receive: Receive<Item>) => {
  for await (const { items } of query<Item>({ partition, from: moment })) receive(items);
};

/**
 * A partition of the table, with its shards, as a feed. The first load reads all of them at once, and then what has
 * changed since it began: a row that is written meanwhile may have moved from where nobody had read yet to where
 * somebody had.
 *
 * @typeParam Item what stands in that partition
 */
export function shardedFeed<Item extends object>(partition: ShardedPartition): Feed<Item> {
  let open = 0;
  /** Takes announcements out. */
  const takeRows = (items: readonly Item[], receive: Receive<Item>) => {
    const rows = items.filter((item) => {
      const until = openUntil(item);
      open = Math.max(open, until ?? 0);
      return until === undefined;
    });
    receive(rows);
  };
  const sinceIn =
    (place: Partition): LoadSince<Item> =>
    (moment, receive) =>
      loadSince<Item>(place, moment, (items) => takeRows(items, receive));
  const main = partitions.type(partition);
  const shards = partitions.shards(partition);
  return {
    async loadAll(receive) {
      const take = (items: readonly Item[]) => takeRows(items, receive);
      const began = Date.now();
      const since = new Date(began - OVERLAP_MS).toISOString();
      await Promise.all([
        loadPartition(main, take),
        ...shards.map((shard) => loadSince(shard, undefined, take)),
      ]);
      // While no batch is at work, rows move one way only: out of a shard.
      await Promise.all(
        [main, ...(began < open ? shards : [])].map((place) => loadSince(place, since, take)),
      );
    },
    loadSince: sinceIn(main),
    shards: shards.map(sinceIn),
    areShardsOpen: (now) => now < open,
  };
}

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

/** How a place is looked at again where more than a few rows change. */
interface Pace {
  /** All of the overlap is looked at again this often. */
  readonly fullEvery: number;
  /** In between, a sync looks so far back before the last one. */
  readonly shortOverlap: number;
  /** A place that was looked at so short a time ago is not looked at. */
  readonly pause: number;
}
/** Whoever has changed something sees it with the next request. */
const PEOPLE: Pace = { fullEvery: 1_000, shortOverlap: 1_000, pause: 0 };
/** What batches write, nobody waits for: a copy that follows 1 000 rows a second reads each of them four times. */
const BATCHES: Pace = { fullEvery: 5_000, shortOverlap: 500, pause: 500 };
/** For so long the rows of batches may be old when the database has no units left for reading them. */
const MAX_BEHIND_MS = 15_000;

const isThrottled = (error: unknown) =>
  error instanceof Error &&
  (error.name === "ThrottlingException" || error.name === "ProvisionedThroughputExceededException");

/** What keeps the copy. */
export interface Subscriber<Item> {
  /** Takes in rows; the same one may come again, and an older one after a newer. */
  receive(items: readonly Item[]): void;
  /** Called when a sync has brought all it will bring, also when it broke off. */
  onSynced(): void;
}

/** A place where rows change, and up to where it is known: each has a mark of its own. */
function place<Item extends { readonly changed_at: string }>(
  load: LoadSince<Item>,
  { fullEvery, shortOverlap, pause }: Pace,
  now: () => number,
) {
  let mark = 0;
  let last = 0;
  /** The last look at all of the overlap: when, and how many rows it brought. */
  let full = { at: 0, rows: 0 };
  return {
    /** Everything is known. */
    begin(started: number, newest: number) {
      last = started;
      // A writer whose clock is ahead must not hide what others write meanwhile.
      mark = Math.max(Math.min(newest, started), started - SETTLED_MS);
    },
    /** For how many milliseconds nobody has looked. */
    age: () => now() - last,
    /** Hands out what has changed. One that breaks off starts from the same mark the next time. */
    async look(receive: Receive<Item>) {
      const started = now();
      if (Math.abs(started - last) < pause) return;
      const briefly = full.rows > FEW && Math.abs(started - full.at) < fullEvery;
      let rows = 0;
      let newest = mark;
      await load(new Date(briefly ? last - shortOverlap : mark - OVERLAP_MS).toISOString(), (items) => {
        receive(items);
        rows += items.length;
        newest = newestOf(items, newest);
      });
      if (!briefly) full = { at: started, rows };
      this.begin(started, newest);
    },
  };
}

/**
 * The newest change of some rows, or what was newer (milliseconds). A time that is none says nothing. Instants stand as
 * texts in their order: of half a million, one is parsed.
 */
function newestOf(items: readonly { readonly changed_at: string }[], before: number): number {
  let latest = "";
  for (const { changed_at } of items) if (changed_at > latest) latest = changed_at;
  if (latest === "") return before;
  const at = Date.parse(latest);
  if (!Number.isNaN(at)) return Math.max(at, before);
  return newestOf(
    items.filter(({ changed_at }) => !Number.isNaN(Date.parse(changed_at))),
    before,
  );
}

/**
 * Keeps a copy of a feed up to date: the first call loads everything, each further one what changed since. While many
 * rows change, one that shows up late or whose writer's clock is behind is heard of up to a second later, in shards up
 * to five. Calls that come while one is under way share its result. A sync that breaks off starts from the same marks
 * the next time.
 *
 * Shards are looked at while they are announced. One that has no units left is left for the next sync, for so long that
 * nobody would notice: a request is worth more than the last seconds of a batch.
 *
 * @param now in milliseconds
 */
export function createSync<Item extends { readonly changed_at: string }>(
  feed: Feed<Item>,
  { receive, onSynced }: Subscriber<Item>,
  now: () => number = Date.now,
): () => Promise<void> {
  const main = place(feed.loadSince, PEOPLE, now);
  const shards = (feed.shards ?? []).map((load) => place(load, BATCHES, now));
  const areOpen = () => feed.areShardsOpen?.(now()) === true;
  let isLoaded = false;
  let running: Promise<void> | undefined;

  const loadAll = async () => {
    const started = now();
    let newest = 0;
    await feed.loadAll((items) => {
      receive(items);
      newest = newestOf(items, newest);
    });
    for (const one of [main, ...shards]) one.begin(started, newest);
    isLoaded = true;
  };

  const lookAtShards = () =>
    Promise.all(
      shards.map((shard) =>
        shard.look(receive).catch((error: unknown) => {
          if (!isThrottled(error) || shard.age() > MAX_BEHIND_MS) throw error;
        }),
      ),
    );

  const sync = async () => {
    try {
      if (!isLoaded) return await loadAll();
      const wereOpen = areOpen();
      await Promise.all([main.look(receive), wereOpen && lookAtShards()]);
      // The main partition has told it only now.
      if (!wereOpen && areOpen()) await lookAtShards();
    } finally {
      onSynced();
    }
  };

  return () => {
    running ??= sync().finally(() => {
      running = undefined;
    });
    return running;
  };
}
