import { contributions, type Item } from "../../../packages/domain/src/counters/contributions.ts";
import {
  addTo,
  counterKey,
  directoryAttributes,
  PREFIX,
  type Sums,
} from "../../../packages/domain/src/counters/counters.ts";

/** Counters as the table holds them. */
export const countersOf = (sums: Sums, now: Date): Item[] =>
  [...sums.values()].map(({ series, period, counters }) => ({
    ...counterKey(series, period),
    ...directoryAttributes(series, period, now),
    revision: 1,
    ...Object.fromEntries([...counters].map(([counter, amount]) => [`${PREFIX}${counter}`, amount])),
  }));

/**
 * Counts all that there is of a customer as the stream would, without it. Answers the customer's own counters; what is
 * counted of all customers together goes into `portfolio`.
 */
export function countedInto(portfolio: Sums, items: readonly Item[], now: Date): Item[] {
  const contributed = items.flatMap(contributions);
  const isOwn = ({ series }: { readonly series: string }) => series.startsWith("customer#");
  const all = contributed.filter((contribution) => !isOwn(contribution));
  addTo(portfolio, all);
  return countersOf(addTo(new Map(), contributed.filter(isOwn)), now);
}
