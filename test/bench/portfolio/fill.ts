import type { Item } from "../../../packages/domain/src/rollup/contributions.ts";
import type { Database } from "../database.ts";
import { counting } from "./counters.ts";
import { itemsOf } from "./items.ts";
import { timeAt } from "./time.ts";

function* portfolio(customers: number): Generator<Item> {
  const time = timeAt(new Date());
  const counters = counting();
  for (let n = 0; n < customers; n++) {
    const items = itemsOf(n, time);
    yield* items;
    yield* counters.ofCustomer(items);
  }
  yield* counters.ofPortfolio();
}

/** Writes so many customers with all that belongs to them, and the counters that the stream would have come to. */
export const fill = (database: Database, customers: number): Promise<void> =>
  database.putAll(portfolio(customers));
