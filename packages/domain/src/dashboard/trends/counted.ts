import { type Counters, countersBetween, periodKey, type Series } from "../../counters/index.ts";
import type { Window } from "./window.ts";

/** A period and what is counted in it. */
export interface Counted {
  readonly period: string;
  readonly counters: Counters | undefined;
}

/** What a series counts in each period of a window, also in those without anything; one query. */
export async function countedIn(series: Series, { period_type, periods }: Window): Promise<Counted[]> {
  const [first, last] = [periods[0], periods.at(-1)];
  if (first === undefined || last === undefined) return [];
  const found = await countersBetween(series, periodKey(period_type, first), periodKey(period_type, last));
  return periods.map((period) => ({ period, counters: found.get(periodKey(period_type, period)) }));
}
