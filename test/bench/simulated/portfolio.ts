import { createSync, type Feed } from "../../../packages/domain/src/directory/sync.ts";
import { DIRECTORY, SHARDS, shardKey, shardOf } from "../../../packages/domain/src/table/keys.ts";
import { createPacer } from "../../../packages/domain/src/table/retry.ts";
import { partitionLimits } from "../../support/partition-limits.ts";
import { quantile } from "../table.ts";
import { randomNumbers, virtualTime } from "./virtual-time.ts";

/** What is simulated. */
export interface Scenario {
  readonly customers: number;
  /** Functions that answer lists, each ten a second. */
  readonly containers: number;
  /**
   * Where rows stand: all in one partition, written unpaced and again one by one, as it was; those of batches in shards
   * while these are announced, as it is; or all in shards, of which each list asks all 16.
   */
  readonly layout: "one partition" | "announced shards" | "16 shards";
  /** How long it goes on, at most: less when all customers are scored before. */
  readonly seconds: number;
}

export interface Outcome extends Omit<Scenario, "layout"> {
  readonly scored: number;
  readonly lists: { readonly all: number; readonly failed: number; readonly p95: number };
  readonly edits: { readonly all: number; readonly failed: number };
  readonly queries: number;
  readonly readUnits: number;
  /** Units of a second. */
  readonly hottest: { readonly read: number; readonly write: number };
  /** Milliseconds after which containers know a score, p95. */
  readonly behind: number;
}

/**
 * Sizes of stored rows in KB, medians of 300 customers of `test/bench/portfolio` as `cost/units.ts` measures them: a
 * newest score with the history of a month of daily scores (847 to 853 bytes), and a customer (569 to 593). Each takes
 * a unit where it goes and one where it comes. A kilobyte more, such as long notes, takes twice as many.
 */
const SCORE_KB = 0.83;
const EDIT_KB = 0.57;
/** A function that is asked all the time, and what all people together write a second. */
const LISTS_A_SECOND = 10;
const EDITS_A_SECOND = 20;
/** Scores in a transaction, transactions at a time, and how long reading and writing them takes. */
const PACK = 33;
const PACKS_AT_ONCE = 4;
const READ_MS = 80;
const WRITE_MS = 30;
const QUERY_MS = 4;
/** When the index shows a write. */
const LAG_MS = 30;

/** The SDK's standard mode: three attempts for people, half a second and more between those that were throttled. */
const SDK_ATTEMPTS = 3;
const THROTTLED_MS = 500;
/** `commit` tries eight times, 15 ms and more apart. */
const COMMIT_ATTEMPTS = 8;
const COMMIT_MS = 15;

interface Row {
  readonly id: string;
  readonly changed_at: string;
  readonly at: number;
  readonly kb: number;
  readonly visible: number;
}

const throttled = () => Object.assign(new Error("throttled"), { name: "ThrottlingException" });

/** Scores all customers while functions answer lists and people write. */
export async function simulate({ customers, containers, layout, seconds }: Scenario): Promise<Outcome> {
  const start = Date.parse("2026-03-01T00:30:00.000Z");
  const time = virtualTime(start);
  const random = randomNumbers(1);
  const limits = partitionLimits(time.now);
  const isSharded = layout !== "one partition";
  const isAlwaysSharded = layout === "16 shards";

  /** By partition, in the order of their last change. What a row was before is taken out when it is met. */
  const partitions = new Map<string, Row[]>();
  const places = new Map<string, { readonly partition: string; readonly row: Row }>();
  let announced = 0;
  let queries = 0;

  /** A row goes away from where it stood and comes where it stands: units of both. */
  function write(id: string, partition: string, kb: number): boolean {
    const units = Math.ceil(kb);
    const before = places.get(id)?.partition ?? partition;
    // Both have to be let in, or the table takes the write back.
    if (!limits.use("write", partition, before === partition ? 2 * units : units)) return false;
    if (before !== partition) limits.use("write", before, units);
    const at = time.now();
    const row = { id, kb, at, changed_at: new Date(at).toISOString(), visible: at + LAG_MS };
    const rows = partitions.get(partition) ?? [];
    partitions.set(partition, rows);
    rows.push(row);
    places.set(id, { partition, row });
    return true;
  }

  /** A query of what changed since a moment, with the SDK's attempts. */
  async function query(partition: string, since: number, receive: (rows: readonly Row[]) => void) {
    for (let attempt = 1; ; attempt++) {
      queries += 1;
      await time.sleep(QUERY_MS);
      const rows = partitions.get(partition) ?? [];
      const found: Row[] = [];
      let kb = 0;
      for (let n = rows.length - 1; n >= 0; n--) {
        const row = rows[n];
        if (!row || row.at < since) break;
        if (places.get(row.id)?.row !== row || row.visible > time.now()) continue;
        found.push(row);
        kb += row.kb;
      }
      if (limits.use("read", partition, Math.max(0.5, Math.ceil(kb / 4) / 2))) return receive(found);
      if (attempt >= SDK_ATTEMPTS) throw throttled();
      await time.sleep(random() * THROTTLED_MS * 2 ** attempt);
    }
  }

  const shard = (id: string) => shardKey(DIRECTORY, shardOf(`latest_score#${id}`));
  const scoredAt = new Map<string, number>();
  const seenAfter: number[] = [];
  const durations: number[] = [];
  const lists = { all: 0, failed: 0 };
  const edits = { all: 0, failed: 0 };
  let isOver = false;

  async function container(isWatched: boolean) {
    const load = (partition: string) => (moment: string, receive: (rows: readonly Row[]) => void) =>
      query(partition, Date.parse(moment), receive);
    const shards = Array.from({ length: SHARDS }, (_, n) => load(shardKey(DIRECTORY, n)));
    // From a snapshot.
    const loadAll = async () => undefined;
    const feed: Feed<Row> = isAlwaysSharded
      ? {
          loadAll,
          loadSince: async (...asked) => void (await Promise.all(shards.map((one) => one(...asked)))),
        }
      : {
          loadAll,
          loadSince: load(DIRECTORY),
          ...(isSharded && { shards, areShardsOpen: (now: number) => now < announced }),
        };
    const seen = new Map<string, number>();
    const receive = (rows: readonly Row[]) => {
      if (!isWatched) return;
      for (const { id, at } of rows) {
        if (seen.get(id) === at || scoredAt.get(id) !== at) continue;
        seen.set(id, at);
        seenAfter.push(time.now() - at);
      }
    };
    const sync = createSync(feed, { receive, onSynced: () => undefined }, time.now);
    await time.sleep(random() * 1_000);
    while (!isOver) {
      const began = time.now();
      lists.all += 1;
      await sync().catch(() => {
        lists.failed += 1;
      });
      durations.push(time.now() - began);
      await time.sleep((random() * 2_000) / LISTS_A_SECOND);
    }
  }

  async function person(n: number) {
    await time.sleep(random() * 1_000);
    while (!isOver) {
      edits.all += 1;
      for (
        let attempt = 1;
        !write(`edited ${n}`, isAlwaysSharded ? shard(`${n}`) : DIRECTORY, EDIT_KB);
        attempt++
      ) {
        if (attempt >= SDK_ATTEMPTS) {
          edits.failed += 1;
          break;
        }
        await time.sleep(random() * THROTTLED_MS * 2 ** attempt);
      }
      await time.sleep(1_000);
    }
  }

  let scored = 0;
  let refusals = 0;
  const pace = createPacer(() => refusals, time.now, time.sleep);

  /** Some scores, all or none. */
  async function commit(ids: readonly string[]): Promise<boolean> {
    for (let attempt = 0; attempt < COMMIT_ATTEMPTS; attempt++) {
      await time.sleep(WRITE_MS);
      const isWritten = ids.every((id) => write(`score ${id}`, isSharded ? shard(id) : DIRECTORY, SCORE_KB));
      if (isWritten) {
        for (const id of ids) scoredAt.set(`score ${id}`, time.now());
        scored += ids.length;
        return true;
      }
      refusals += 1;
      await time.sleep(random() * COMMIT_MS * 2 ** attempt);
    }
    return false;
  }

  async function pack(ids: readonly string[]): Promise<void> {
    await time.sleep(READ_MS);
    if (await commit(ids)) return;
    // In shards, the pack waits and is written once more; as it was, everybody is scored alone.
    if (isSharded) {
      await time.sleep(1_000 * (1 + random()));
      await commit(ids);
    } else for (const id of ids) if (!isOver) await commit([id]);
  }

  async function batch() {
    for (let n = 0; n < customers && !isOver; n += PACK * PACKS_AT_ONCE) {
      const wave = Array.from(
        { length: Math.min(PACK * PACKS_AT_ONCE, customers - n) },
        (_, i) => `c${n + i}`,
      );
      if (isSharded) {
        announced = time.now() + 180_000;
        await pace(wave.length);
      }
      const packs = Array.from({ length: Math.ceil(wave.length / PACK) }, (_, i) =>
        wave.slice(i * PACK, (i + 1) * PACK),
      );
      await Promise.all(packs.map(pack));
    }
    isOver = true;
    ended = time.now();
  }

  let ended = start + seconds * 1_000;
  // Yesterday's scores stand where yesterday's batch wrote them.
  for (let n = 0; n < customers; n++) {
    const id = `c${n}`;
    const row = { id: `score ${id}`, kb: SCORE_KB, at: 0, changed_at: "", visible: 0 };
    places.set(row.id, { partition: isSharded ? shard(id) : DIRECTORY, row });
  }
  for (let n = 0; n < containers; n++) void container(n === 0);
  for (let n = 0; n < EDITS_A_SECOND; n++) void person(n);
  void batch();
  await time.runUntil(start + seconds * 1_000);
  isOver = true;
  await time.runUntil(start + (seconds + 60) * 1_000);
  return {
    customers,
    containers,
    seconds: (ended - start) / 1_000,
    scored,
    lists: { ...lists, p95: quantile(durations, 0.95) },
    edits,
    queries,
    readUnits: limits.used.read,
    hottest: { read: limits.hottest("read").units, write: limits.hottest("write").units },
    behind: quantile(seenAfter, 0.95),
  };
}
