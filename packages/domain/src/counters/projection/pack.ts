import { MAX_TRANSACTION_ITEMS } from "../../table/index.ts";
import { placeOf } from "../tally.ts";
import type { Counted } from "./change.ts";

/** An update expression has 4 KB; a counter takes up to 13 bytes of it. */
export const COUNTERS_AT_ONCE = 200;

/** What a pack of records writes, as far as it limits the pack. */
interface Load {
  records: number;
  /** Names of counters by item. */
  readonly items: Map<string, Set<string>>;
}

/** Whether one record more fits into a transaction: a marker for each record, and each item once. */
function fits({ records, items }: Load, { delta }: Counted): boolean {
  const added = Map.groupBy(delta, placeOf);
  const fresh = [...added.keys()].filter((place) => !items.has(place)).length;
  if (records + 1 + items.size + fresh > MAX_TRANSACTION_ITEMS) return false;
  return [...added].every(([place, sums]) => {
    const names = new Set([...(items.get(place) ?? []), ...sums.map(({ counter }) => counter)]);
    return names.size <= COUNTERS_AT_ONCE;
  });
}

function load(into: Load, { delta }: Counted): void {
  into.records += 1;
  for (const contribution of delta) {
    const place = placeOf(contribution);
    const names = into.items.get(place) ?? new Set<string>();
    into.items.set(place, names.add(contribution.counter));
  }
}

/** Cuts records into packs, in their order, each as large as a transaction may be. */
export function packs(records: readonly Counted[]): Counted[][] {
  const all: Counted[][] = [];
  let current: Load | undefined;
  for (const record of records) {
    if (!current || !fits(current, record)) {
      current = { records: 0, items: new Map() };
      all.push([]);
    }
    load(current, record);
    all.at(-1)?.push(record);
  }
  return all;
}
