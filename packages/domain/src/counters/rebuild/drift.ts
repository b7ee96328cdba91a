import { PREFIX, type Series } from "../counters.ts";
import type { PeriodSums, Sums } from "../sums.ts";
import type { StoredSums } from "./read.ts";

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
