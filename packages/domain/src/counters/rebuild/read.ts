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

/** What the counters should say. */
export interface Recount {
  readonly sums: Sums;
  /** How many items were looked at. */
  readonly items: number;
  /** Keys of items that can't be counted. */
  readonly unreadable: readonly string[];
  readonly derived: DerivedSums;
}

/** Partitions of `byType` whose items are counted. */
const COUNTED = ["interaction", "survey", "survey_link", "alert", "ticket", "report", "report_schedule"];

/** Counts everything anew, from the items themselves. @param now as of which dates have passed */
export async function recount(now: Date): Promise<Recount> {
  const sums: Sums = new Map();
  const derived = noDerived();
  const unreadable: string[] = [];
  let items = 0;
  const countAll = async (pages: AsyncIterable<{ readonly items: readonly Item[] }>) => {
    for await (const page of pages)
      for (const item of page.items) {
        items += 1;
        try {
          addTo(sums, contributions(item));
          derive(derived, item, now);
        } catch {
          unreadable.push(`${item.pk} ${item.sk}`);
        }
      }
  };
  await Promise.all(COUNTED.map((entity) => countAll(query<Item>({ partition: partitions.type(entity) }))));
  await pLimit(READS).map(await customerIds(), (id) =>
    countAll(query<Item>({ partition: partitions.scores(id), consistent: true })),
  );
  return { sums: withoutZeros(sums), items, unreadable, derived };
}
