import { contributions, type Item } from "../../../packages/domain/src/counters/contributions.ts";
import { counterKey, PREFIX } from "../../../packages/domain/src/counters/counters.ts";
import { directoryAttributes } from "../../../packages/domain/src/counters/followed.ts";
import { type Tally, tallyInto } from "../../../packages/domain/src/counters/tally.ts";

/** The counters of a tally as the table holds them. */
export const countersOf = (tally: Tally, now: Date): Item[] =>
  [...tally.values()].map(({ series, period, counters }) => ({
    ...counterKey(series, period),
    ...directoryAttributes({ series, period }, now),
    revision: 1,
    ...Object.fromEntries([...counters].map(([counter, amount]) => [`${PREFIX}${counter}`, amount])),
  }));

/**
 * Counts all that there is of a customer as the stream would, without it. Answers the customer's own counters; what is
 * counted of all customers together goes into `portfolio`.
 */
export function countedInto(portfolio: Tally, items: readonly Item[], now: Date): Item[] {
  const contributed = items.flatMap(contributions);
  const isOwn = ({ series }: { readonly series: string }) => series.startsWith("customer#");
  const all = contributed.filter((contribution) => !isOwn(contribution));
  tallyInto(portfolio, all);
  return countersOf(tallyInto(new Map(), contributed.filter(isOwn)), now);
}
