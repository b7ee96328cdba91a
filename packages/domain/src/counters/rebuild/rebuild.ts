import pLimit from "p-limit";
import { commit, tableName, type Write } from "../../table/index.ts";
import {
  counterKey,
  directoryAttributes,
  type PeriodSums,
  PREFIX,
  type Series,
  type Sums,
  sumKey,
} from "../counters.ts";
import { type DerivedDrift, findDerivedDrift, readDerived, type StoredDerived } from "./derived.ts";
import {
  newRecount,
  READS,
  type Recount,
  readAll,
  readCurrent,
  recountSome,
  type StoredSums,
} from "./read.ts";

/** A counter that does not say what it should. */
export interface Drift {
  readonly series: Series;
  readonly period: string;
  readonly counter: string;
  readonly stored: number;
  readonly counted: number;
}

/** The counters of a series and period as they are and as they should be. */
export interface DriftedSums extends Pick<PeriodSums, "series" | "period"> {
  readonly revision: number;
  readonly counters: ReadonlyMap<string, number>;
  readonly drifts: readonly Drift[];
}

/** DynamoDB's limit is 400 KB; this leaves room for keys, and for a number being longer than estimated. */
const MAX_ITEM_BYTES = 390 * 1024;
/** A number takes a byte for two digits, and one more. */
const NUMBER_BYTES = 4;

/** Whether an item could hold these counters: the names of a day's performers have no bound. */
export function fitsItem(counters: ReadonlyMap<string, number>): boolean {
  let bytes = 0;
  for (const name of counters.keys()) bytes += PREFIX.length + Buffer.byteLength(name) + NUMBER_BYTES;
  return bytes <= MAX_ITEM_BYTES;
}

function compare(stored: StoredSums | undefined, counted: PeriodSums | undefined): DriftedSums[] {
  const sums = counted ?? stored;
  if (!sums) return [];
  const { series, period } = sums;
  const actual = new Map(Object.entries(stored?.counters ?? {}));
  const expected = counted?.counters ?? new Map<string, number>();
  const drifts = [...new Set([...actual.keys(), ...expected.keys()])]
    .map((counter) => ({
      series,
      period,
      counter,
      stored: actual.get(counter) ?? 0,
      counted: expected.get(counter) ?? 0,
    }))
    .filter((drift) => drift.stored !== drift.counted);
  return drifts.length > 0
    ? [{ series, period, revision: stored?.revision ?? 0, counters: expected, drifts }]
    : [];
}

/** Series and periods whose counters don't say what they should. */
export const findDrift = (stored: ReadonlyMap<string, StoredSums>, counted: Sums): DriftedSums[] =>
  [...new Set([...stored.keys(), ...counted.keys()])].flatMap((key) =>
    compare(stored.get(key), counted.get(key)),
  );

export interface Rebuild {
  /** How many items were counted. */
  readonly items: number;
  /** Every counter that did not say what it should. */
  readonly drifts: readonly Drift[];
  /** How many of these say it now. */
  readonly repaired: number;
  /** Series and periods that others kept changing, so that nobody can say what is right. */
  readonly moving: readonly string[];
  /** Days whose performers are too many for an item; they have no right figures. */
  readonly given_up: readonly string[];
  /** Keys of items that can't be counted. */
  readonly unreadable: readonly string[];
}

export interface Options {
  /** Sets the counters right instead of only looking. */
  readonly write: boolean;
  /** Waits for as long as stream and indexes may take to follow a write: some seconds, as long as nothing is behind. */
  readonly settle: () => Promise<void>;
}

/** How often what moved meanwhile is looked at again. */
const ROUNDS = 4;

/** A comparison that is under way: the counters as they were, and the recount as far as it is. */
export interface Comparison {
  /** As of which dates have passed. */
  readonly now: Date;
  readonly before: ReadonlyMap<string, StoredSums>;
  readonly storedDerived: StoredDerived;
  readonly recount: Recount;
}

/**
 * Begins to compare the counters with what they should say. What somebody writes meanwhile is in the items before it is
 * in the counters, so only what stood still is judged: counters that are the same before and after the recount, with
 * time before it for the indexes to follow, and after it for the stream.
 *
 * @param known series of customers who may not be in the directory; those that come to light are added, so that the
 * next comparison finds them
 */
export async function beginComparison(known: Iterable<Series>, { settle }: Pick<Options, "settle">) {
  const now = new Date();
  const [before, storedDerived] = await Promise.all([readAll(known), readDerived()]);
  await settle();
  return { now, before, storedDerived, recount: newRecount() } satisfies Comparison;
}

/** Judges a comparison whose recount is complete. */
export async function judge(
  { now, before, storedDerived, recount }: Comparison,
  known: Set<Series>,
  { settle }: Pick<Options, "settle">,
) {
  const { sums, items, unreadable, derived } = recount;
  for (const { series } of sums.values()) known.add(series);
  const suspected = findDrift(before, sums);
  const suspectedDerived = findDerivedDrift(storedDerived, derived, now);
  if (suspected.length + suspectedDerived.length > 0) await settle();
  const limit = pLimit(READS);
  const still = await limit.map(
    suspected,
    async (suspect) => (await readCurrent(suspect)).revision === suspect.revision,
  );
  const derivedStill = await limit.map(suspectedDerived, ({ stands }) => stands());
  const standing = suspected.filter((_, n) => still[n]);
  return {
    items,
    unreadable,
    wrong: [
      ...standing.filter(({ counters }) => fitsItem(counters)),
      ...suspectedDerived.filter((_, n) => derivedStill[n]),
    ],
    given_up: standing.filter(({ counters }) => !fitsItem(counters)).map(sumKey),
    moving: [
      ...suspected.filter((_, n) => !still[n]),
      ...suspectedDerived.filter((_, n) => !derivedStill[n]),
    ].map(sumKey),
  };
}

/** Sets the counters of a series and period, unless the stream has changed them since. */
const setCounters = ({ series, period, revision, counters }: DriftedSums): Write => ({
  Put: {
    TableName: tableName,
    Item: {
      ...counterKey(series, period),
      ...directoryAttributes(series, period, new Date()),
      revision: revision + 1,
      ...Object.fromEntries([...counters].map(([counter, amount]) => [`${PREFIX}${counter}`, amount])),
    },
    ...(revision === 0
      ? { ConditionExpression: "attribute_not_exists(pk)" }
      : {
          ConditionExpression: "revision = :seen",
          ExpressionAttributeValues: { ":seen": revision },
        }),
  },
});

/** Sets what drifted right. Answers false, and writes nothing, when it is no longer what was compared. */
export const repair = async (wrong: DriftedSums | DerivedDrift): Promise<boolean> =>
  (await commit(["write" in wrong ? wrong.write : setCounters(wrong)])).length === 0;

/** What a comparison came to, and whether another one would tell more. */
export interface Round extends Rebuild {
  readonly isLast: boolean;
}

/**
 * Judges a comparison, and with `write` sets right what is wrong. What moved meanwhile is looked at again in another
 * round, four at most.
 */
export async function endRound(
  comparison: Comparison,
  known: Set<Series>,
  round: number,
  { write, settle }: Options,
): Promise<Round> {
  const { items, unreadable, wrong, given_up, moving } = await judge(comparison, known, { settle });
  const done = write ? await pLimit(READS).map(wrong, repair) : [];
  const isLast = round >= ROUNDS || (moving.length === 0 && (!write || done.every(Boolean)));
  const told = wrong.filter((_, n) => done[n] || isLast);
  const repaired = wrong.reduce((sum, { drifts }, n) => sum + (done[n] ? drifts.length : 0), 0);
  const drifts = told.flatMap((one) => one.drifts);
  return { isLast, items, drifts, repaired, moving, given_up, unreadable };
}

/**
 * Counts everything anew and compares it with the counters, and with what else follows from the stream; with `write`, sets them right. It may run beside a
 * working system: what moves meanwhile is looked at again a few times, and then reported. Only while the stream is far
 * behind it must not run: what the stream has yet to count would be counted twice.
 */
export async function rebuild(options: Options): Promise<Rebuild> {
  const drifts: Drift[] = [];
  const known = new Set<Series>();
  let repaired = 0;
  for (let round = 1; ; round++) {
    const comparison = await beginComparison(known, options);
    await recountSome(comparison.recount, comparison.now, () => false);
    const { isLast, ...found } = await endRound(comparison, known, round, options);
    drifts.push(...found.drifts);
    repaired += found.repaired;
    if (isLast) return { ...found, drifts, repaired };
  }
}
