import pLimit from "p-limit";
import {
  batchGet,
  DIRECTORY,
  ENTITY_NAME,
  equals,
  partitions,
  query,
  queryEverywhere,
} from "../../table/index.ts";
import { contributions, type Item } from "../contributions.ts";
import {
  addTo,
  type Counters,
  counterKey,
  type PeriodSums,
  parseCounters,
  type Series,
  type Sums,
  sumKey,
  withoutZeros,
} from "../counters.ts";
import { type DerivedSums, derive, noDerived } from "./derived.ts";

/** Reads under way at once. */
export const READS = 16;

/** All customers there are, churned ones too. */
async function customerIds(): Promise<string[]> {
  const ids = new Set<string>();
  const pages = queryEverywhere<{ readonly id: string }>(DIRECTORY, {
    filter: equals({ [ENTITY_NAME]: "customer" }),
    fields: ["id"],
  });
  for await (const { items } of pages) for (const { id } of items) ids.add(id);
  return [...ids];
}

/** What the counters of a series and period say. */
export interface StoredSums extends Pick<PeriodSums, "series" | "period"> {
  /** Grows with every write; 0 when nothing is stored. */
  readonly revision: number;
  readonly counters: Counters;
}

const PORTFOLIO: readonly Series[] = [
  "interaction",
  "performer",
  "follow_up",
  "survey",
  "survey_product",
  "survey_link",
  "survey_link_end",
  "alert",
  "alert_resolved",
  "score",
  "ticket",
  "ticket_sla",
  "ticket_due",
  "report",
  "report_schedule",
];

const toStoredSums = (series: Series, item: Item): StoredSums => ({
  series,
  period: String(item.sk),
  revision: Number(item.revision ?? 0),
  counters: parseCounters(item),
});

/** All counters there are of the portfolio, of all customers and of `further` series, by `sumKey`. */
export async function readAll(further: Iterable<Series>): Promise<ReadonlyMap<string, StoredSums>> {
  const found = new Map<string, StoredSums>();
  const read = async (series: Series) => {
    const pages = query<Item>({ partition: partitions.counters(series), consistent: true });
    for await (const { items } of pages)
      for (const sums of items.map((item) => toStoredSums(series, item))) found.set(sumKey(sums), sums);
  };
  const ofCustomers = (await customerIds()).map((id): Series => `customer#${id}`);
  await pLimit(READS).map(new Set([...PORTFOLIO, ...ofCustomers, ...further]), read);
  return found;
}

/** The counters of one series and period, as they are now. */
export async function readCurrent({
  series,
  period,
}: Pick<PeriodSums, "series" | "period">): Promise<StoredSums> {
  const [found] = await batchGet({
    key: counterKey(series, period),
    parse: ({ Item }: { Item: Item }) => ({ data: toStoredSums(series, Item) }),
  });
  return found ?? { series, period, revision: 0, counters: {} };
}

/** What the counters should say, as far as items were looked at. */
export interface Recount {
  readonly sums: Sums;
  /** How many items were looked at. */
  items: number;
  /** Keys of items that can't be counted. */
  readonly unreadable: string[];
  readonly derived: DerivedSums;
  /** Up to which sort key each partition of `byType` was read, and up to which customer the scores; all of it: null. */
  readonly read: Map<string, string | null>;
}

export const newRecount = (): Recount => ({
  sums: new Map(),
  items: 0,
  unreadable: [],
  derived: noDerived(),
  read: new Map(),
});

/** Partitions of `byType` whose items are counted. */
const COUNTED = ["interaction", "survey", "survey_link", "alert", "ticket", "report", "report_schedule"];
const SCORES = "scores";
/** Customers whose scores are read before it is noted that they were. */
const CUSTOMERS_AT_ONCE = 64;

function countItem(recount: Recount, item: Item, now: Date): void {
  recount.items += 1;
  try {
    addTo(recount.sums, contributions(item));
    derive(recount.derived, item, now);
  } catch {
    recount.unreadable.push(`${item.pk} ${item.sk}`);
  }
}

/**
 * Goes on counting everything anew, from the items themselves, until all is counted or the time is up; answers whether
 * all is. A page of items is either counted and noted as read, or neither.
 *
 * @param now as of which dates have passed
 */
export async function recountSome(recount: Recount, now: Date, isTimeUp: () => boolean): Promise<boolean> {
  const { read } = recount;
  const countEntity = async (entity: string) => {
    const reached = read.get(entity);
    if (reached === null) return;
    // Nothing sorts between a key and what begins with it.
    const from = reached === undefined ? undefined : `${reached} `;
    for await (const { items, next } of query<Item>({ partition: partitions.type(entity), from })) {
      for (const item of items) countItem(recount, item, now);
      read.set(entity, next ?? null);
      if (isTimeUp()) return;
    }
    // A range without an item has a page, too; only an inverted one has none.
  };
  const countScores = async () => {
    const reached = read.get(SCORES);
    if (reached === null) return;
    const ids = (await customerIds()).sort();
    let rest = reached === undefined ? ids : ids.filter((id) => id > reached);
    while (rest.length > 0) {
      if (isTimeUp()) return;
      const some = rest.slice(0, CUSTOMERS_AT_ONCE);
      rest = rest.slice(CUSTOMERS_AT_ONCE);
      const pages = await pLimit(READS).map(some, async (id) => {
        const found: Item[] = [];
        const scores = query<Item>({ partition: partitions.scores(id), consistent: true });
        for await (const { items } of scores) found.push(...items);
        return found;
      });
      for (const item of pages.flat()) countItem(recount, item, now);
      read.set(SCORES, some.at(-1) ?? null);
    }
    read.set(SCORES, null);
  };
  await Promise.all([...COUNTED.map(countEntity), countScores()]);
  const isDone = [...COUNTED, SCORES].every((part) => read.get(part) === null);
  if (isDone) withoutZeros(recount.sums);
  return isDone;
}
