import { contributions, type Item } from "../../../packages/domain/src/rollup/contributions.ts";
import { PREFIX, rollupKey } from "../../../packages/domain/src/rollup/counters.ts";
import { type Tally, tallyInto } from "../../../packages/domain/src/rollup/tally.ts";

/** The counters of a tally as the table holds them. */
const itemsOf = (tally: Tally): Item[] =>
  [...tally.values()].map(({ series, period, counters }) => ({
    ...rollupKey(series, period),
    revision: 1,
    ...Object.fromEntries([...counters].map(([counter, amount]) => [`${PREFIX}${counter}`, amount])),
  }));

/** Counts items as the stream would, without it. */
export function counting() {
  const portfolio: Tally = new Map();
  return {
    /** Counts all that there is of a customer. Answers the customer's own counters. */
    ofCustomer(items: readonly Item[]): Item[] {
      const contributed = items.flatMap(contributions);
      const own = contributed.filter(({ series }) => series.startsWith("customer#"));
      tallyInto(
        portfolio,
        contributed.filter(({ series }) => !series.startsWith("customer#")),
      );
      return itemsOf(tallyInto(new Map(), own));
    },
    /** The counters of all customers together. */
    ofPortfolio: () => itemsOf(portfolio),
  };
}
