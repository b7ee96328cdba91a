import type { Contribution } from "./contributions.ts";
import type { Series } from "./counters.ts";

/** Amounts by counter, of one item: a series in a period. */
export interface Sums {
  readonly series: Series;
  readonly period: string;
  /** Names are data: a map takes any of them. */
  readonly counters: Map<string, number>;
}

/** Amounts of many contributions, by item. */
export type Tally = Map<string, Sums>;

/** Series hold no blanks, so no two items share a place. */
export const placeOf = ({ series, period }: Pick<Sums, "series" | "period">) => `${series} ${period}`;

/** Adds contributions to a tally, or takes them back. */
export function tallyInto(tally: Tally, contributed: readonly Contribution[], sign: 1 | -1 = 1): Tally {
  for (const { series, period, counter, amount } of contributed) {
    const place = placeOf({ series, period });
    const sums = tally.get(place) ?? { series, period, counters: new Map<string, number>() };
    if (sums.counters.size === 0) tally.set(place, sums);
    sums.counters.set(counter, (sums.counters.get(counter) ?? 0) + sign * amount);
  }
  return tally;
}

/** The same amounts without those that came to nothing. */
export function withoutZeros(tally: Tally): Tally {
  for (const [place, { counters }] of tally) {
    for (const [counter, amount] of counters) if (amount === 0) counters.delete(counter);
    if (counters.size === 0) tally.delete(place);
  }
  return tally;
}

/** The amounts of a tally, one by one. */
export const contributionsIn = (tally: Tally): Contribution[] =>
  [...tally.values()].flatMap(({ series, period, counters }) =>
    [...counters].map(([counter, amount]) => ({ series, period, counter, amount })),
  );
