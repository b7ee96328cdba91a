import type { Contribution } from "./contributions.ts";
import type { Series } from "./counters.ts";

/** Amounts by counter, of one stored item: a series in a period. */
export interface PeriodSums {
  readonly series: Series;
  readonly period: string;
  /** Names are data: a map takes any of them. */
  readonly counters: Map<string, number>;
}

/** Amounts of many contributions, by `sumKey`. */
export type Sums = Map<string, PeriodSums>;

/** Series hold no blanks, so no two items share a key. */
export const sumKey = ({ series, period }: Pick<PeriodSums, "series" | "period">) => `${series} ${period}`;

/** Adds contributions to sums, or with -1 takes them back. */
export function addTo(sums: Sums, contributed: readonly Contribution[], sign: 1 | -1 = 1): Sums {
  for (const { series, period, counter, amount } of contributed) {
    const key = sumKey({ series, period });
    const item = sums.get(key) ?? { series, period, counters: new Map<string, number>() };
    if (item.counters.size === 0) sums.set(key, item);
    item.counters.set(counter, (item.counters.get(counter) ?? 0) + sign * amount);
  }
  return sums;
}

/** The same sums without those that came to nothing. */
export function withoutZeros(sums: Sums): Sums {
  for (const [key, { counters }] of sums) {
    for (const [counter, amount] of counters) if (amount === 0) counters.delete(counter);
    if (counters.size === 0) sums.delete(key);
  }
  return sums;
}

/** The sums as contributions, one by one. */
export const toContributions = (sums: Sums): Contribution[] =>
  [...sums.values()].flatMap(({ series, period, counters }) =>
    [...counters].map(([counter, amount]) => ({ series, period, counter, amount })),
  );
