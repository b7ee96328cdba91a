import { setTimeout as sleep } from "node:timers/promises";
import pLimit from "p-limit";
import {
  type Cursor,
  type FailedItem,
  type Range,
  type Rewrite,
  readRange,
  readStored,
  rewriteOf,
  type StoredItem,
  sleepWithJitter,
  writeRewrite,
} from "../table/index.ts";
import { type Direction, type Migration, stepsOf } from "./define.ts";

/** Going through the items of a migration: in batches, at a pace, from where it stood. */

/** Where a migration stands in one of its ranges; null before it begins. */
export type Place = Cursor | "end" | null;

export interface Counted {
  /** Items that were read, of whatever entity. */
  readonly read: number;
  readonly changed: number;
  /** Of the migration's entities, as they must be. */
  readonly unchanged: number;
  /** Changed by somebody else at the same moment, so looked at again. */
  readonly overtaken: number;
  /** How often the database had enough. */
  readonly throttled: number;
  readonly failed: number;
}

export const NOTHING_COUNTED: Counted = {
  read: 0,
  changed: 0,
  unchanged: 0,
  overtaken: 0,
  throttled: 0,
  failed: 0,
};

export interface Standing {
  /** In the order of the ranges. */
  readonly places: readonly Place[];
  readonly counted: Counted;
  /** Of the items that failed, the first. */
  readonly failures: readonly FailedItem[];
}

export const BEGINNING: Standing = { places: [], counted: NOTHING_COUNTED, failures: [] };

/** With so many failed items a migration is wrong, and does not go on. */
export const MAX_FAILURES = 20;

/** Items that are read at once: what is done again after a crash. */
const BATCH = 100;
const RANGES_AT_ONCE = 4;
const WRITES_AT_ONCE = 8;
const ATTEMPTS = 8;

/** What requests throw when the database has enough, also after the SDK has tried again. */
const THROTTLED = new Set([
  "ProvisionedThroughputExceededException",
  "ThrottlingException",
  "RequestLimitExceeded",
]);
const isThrottled = (error: unknown) => error instanceof Error && THROTTLED.has(error.name);

/** Requests that are under way together meet the same refusal. */
const SLOWED_MS = 500;

/** Keeps to so many units a second, and to half of it each time that the database has enough. */
export function createPace(unitsPerSecond: number) {
  let rate = unitsPerSecond;
  let free = 0;
  let slowed = 0;
  return {
    /** Waits until what was spent before is paid for; then spends. */
    async spend(units: number): Promise<void> {
      const now = Date.now();
      const wait = free - now;
      free = Math.max(free, now) + (units / rate) * 1000;
      rate = Math.min(unitsPerSecond, rate * 1.02);
      if (wait > 0) await sleep(wait);
    },
    slowDown(): void {
      if (Date.now() - slowed < SLOWED_MS) return;
      slowed = Date.now();
      rate = Math.max(1, Math.min(rate, 4_000) / 2);
    },
  };
}
export type Pace = ReturnType<typeof createPace>;

export interface WalkOptions {
  readonly pace: Pace;
  /** Milliseconds that are left. */
  remaining(): number;
  /** After each batch, one at a time. It may answer that the walk is to stop. */
  onBatch(standing: Standing): Promise<"go on" | "stop">;
  /** An item that failed. */
  onFailure?(failed: FailedItem): void;
  /** Instead of writing: what would be written. */
  readonly onChange?: ((item: StoredItem, rewrite: Rewrite) => void) | undefined;
}

/** What is kept of an invocation's time, to leave in order. */
const RESERVE_MS = 10_000;

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

/** The items themselves are at fault, or the migration: nothing that passes by itself. */
class ItemError extends Error {}

/** The walk has no time left. */
const LEFT = Symbol("left");

/**
 * Goes through a migration's items until the end, until its time is nearly up, until `onBatch` says so, or until too
 * many items have failed. Answers where it stands; what it did after the last call of `onBatch` is done again by whoever
 * goes on from there, which changes nothing.
 *
 * @throws what the database fails with, other than throttling
 */
export async function walk(
  migration: Migration,
  direction: Direction,
  from: Standing,
  { pace, remaining, onBatch, onFailure, onChange }: WalkOptions,
): Promise<Standing> {
  const { entities, ranges, change } = stepsOf(migration, direction);
  const places: Place[] = ranges.map((_, n) => from.places[n] ?? null);
  const counted = { ...NOTHING_COUNTED, ...from.counted };
  const failures = [...from.failures];
  let stopped = false;
  const goesOn = () => !stopped && remaining() > RESERVE_MS && counted.failed <= MAX_FAILURES;
  const standing = (): Standing => ({
    places: [...places],
    counted: { ...counted },
    failures: [...failures],
  });

  /** Repeats a request while the database has enough. */
  async function patiently<T>(request: () => Promise<T>): Promise<T | typeof LEFT> {
    for (let attempt = 0; goesOn(); attempt++) {
      try {
        return await request();
      } catch (error) {
        if (!isThrottled(error)) throw error;
        counted.throttled += 1;
        pace.slowDown();
        await sleepWithJitter(Math.min(attempt, 9));
      }
    }
    return LEFT;
  }

  function planned(item: StoredItem): Rewrite | undefined {
    const entity = item.entity === undefined ? undefined : entities.get(item.entity);
    if (!entity) return undefined;
    try {
      const values = change(item.values, entity.schema.model.entity);
      return values ? rewriteOf(entity, item, values) : undefined;
    } catch (error) {
      throw new ItemError(messageOf(error));
    }
  }

  async function write(item: StoredItem, rewrite: Rewrite) {
    try {
      return await patiently(() => writeRewrite(item, rewrite));
    } catch (error) {
      // Such as an item that would be larger than an item can be.
      if (error instanceof Error && error.name === "ValidationException") throw new ItemError(error.message);
      throw error;
    }
  }

  /** Changes an item, on what is stored when it is written. */
  async function changeOne(read: StoredItem): Promise<"changed" | "unchanged" | typeof LEFT> {
    let item: StoredItem | undefined = read;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (attempt > 0) await sleepWithJitter(attempt);
      const rewrite = item && planned(item);
      if (!item || !rewrite) return "unchanged";
      if (onChange) {
        onChange(item, rewrite);
        return "changed";
      }
      const answer = await write(item, rewrite);
      if (answer === LEFT) return LEFT;
      await pace.spend(answer.units);
      if (answer.written) return "changed";
      counted.overtaken += 1;
      const now: StoredItem | undefined | typeof LEFT = await patiently(() => readStored(read.key));
      if (now === LEFT) return LEFT;
      item = now;
    }
    throw new ItemError("Others keep changing this item");
  }

  async function changeCounted(item: StoredItem): Promise<typeof LEFT | undefined> {
    if (item.entity === undefined || !entities.has(item.entity)) return undefined;
    if (!goesOn()) return LEFT;
    try {
      const done = await changeOne(item);
      if (done === LEFT) return LEFT;
      counted[done] += 1;
    } catch (error) {
      if (!(error instanceof ItemError)) throw error;
      const failed = { key: `${item.key.pk} ${item.key.sk}`, error: error.message };
      counted.failed += 1;
      if (failures.length < MAX_FAILURES) failures.push(failed);
      onFailure?.(failed);
    }
    return undefined;
  }

  // One after the other: each is told where all ranges stand.
  let told: Promise<void> = Promise.resolve();
  const tell = () => {
    told = told.then(async () => {
      if ((await onBatch(standing())) === "stop") stopped = true;
    });
    return told;
  };

  const writes = pLimit(WRITES_AT_ONCE);

  async function walkRange(range: Range, n: number): Promise<void> {
    for (let place = places[n] ?? null; place !== "end" && goesOn(); place = places[n] ?? null) {
      const page = await patiently(() => readRange(range, place ?? undefined, BATCH));
      if (page === LEFT) return;
      await pace.spend(page.units);
      const left = await Promise.all(page.items.map((item) => writes(() => changeCounted(item))));
      if (left.includes(LEFT)) return;
      counted.read += page.items.length;
      places[n] = page.next ?? "end";
      await tell();
    }
  }

  const side = pLimit(RANGES_AT_ONCE);
  const walks = ranges.map((range, n) =>
    side(() => walkRange(range, n)).catch((error: unknown) => {
      stopped = true;
      throw error;
    }),
  );
  // Whoever is told of an error is told when nobody writes any more.
  const ended = await Promise.allSettled(walks);
  for (const one of ended) if (one.status === "rejected") throw one.reason;
  return standing();
}

/** Whether a walk has reached the end of all its ranges. */
export const isThrough = (migration: Migration, direction: Direction, { places }: Standing) =>
  stepsOf(migration, direction).ranges.every((_, n) => places[n] === "end");
