import { PREFIX, type Series } from "../counters.ts";
import type { Sums, Tally } from "../tally.ts";
import type { StoredSums } from "./stored.ts";

/** A counter that does not say what it should. */
export interface Drift {
  readonly series: Series;
  readonly period: string;
  readonly counter: string;
  readonly stored: number;
  readonly counted: number;
}

/** The counters of a series and period as they are and as they should be. */
export interface Compared extends Pick<Sums, "series" | "period"> {
  readonly revision: number;
  readonly counters: ReadonlyMap<string, number>;
  readonly drifts: readonly Drift[];
}

/** DynamoDB's limit is 400 KB; this leaves room for keys, and for a number being longer than estimated. */
const LARGEST_ITEM = 390 * 1024;
/** A number takes a byte for two digits, and one more. */
const NUMBER_BYTES = 4;

/** Whether an item could hold these counters: the names of a day's performers have no bound. */
export function storable(counters: ReadonlyMap<string, number>): boolean {
  let bytes = 0;
  for (const name of counters.keys()) bytes += PREFIX.length + Buffer.byteLength(name) + NUMBER_BYTES;
  return bytes <= LARGEST_ITEM;
}

function compared(stored: StoredSums | undefined, counted: Sums | undefined): Compared[] {
  const sums = counted ?? stored;
  if (!sums) return [];
  const { series, period } = sums;
  const is = new Map(Object.entries(stored?.counters ?? {}));
  const should = counted?.counters ?? new Map<string, number>();
  const drifts = [...new Set([...is.keys(), ...should.keys()])]
    .map((counter) => ({
      series,
      period,
      counter,
      stored: is.get(counter) ?? 0,
      counted: should.get(counter) ?? 0,
    }))
    .filter((drift) => drift.stored !== drift.counted);
  return drifts.length > 0
    ? [{ series, period, revision: stored?.revision ?? 0, counters: should, drifts }]
    : [];
}

/** Series and periods whose counters don't say what they should. */
export const drifted = (stored: ReadonlyMap<string, StoredSums>, counted: Tally): Compared[] =>
  [...new Set([...stored.keys(), ...counted.keys()])].flatMap((place) =>
    compared(stored.get(place), counted.get(place)),
  );
