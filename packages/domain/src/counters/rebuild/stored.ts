import pLimit from "p-limit";
import { batchGet, partitions, query } from "../../table/index.ts";
import { type Counters, counterKey, parseCounters, type Series } from "../counters.ts";
import { placeOf, type Sums } from "../tally.ts";
import { customerIds, READS } from "./recount.ts";

/** What the counters of a series and period say. */
export interface StoredSums extends Pick<Sums, "series" | "period"> {
  /** Grows with every write; 0 when nothing is stored. */
  readonly revision: number;
  readonly counters: Counters;
}

type Item = Readonly<Record<string, unknown>>;

const PORTFOLIO: readonly Series[] = [
  "interaction",
  "performer",
  "follow_up",
  "survey",
  "survey_product",
  "theme",
  "survey_link",
  "alert",
  "alert_resolved",
  "score",
  "report",
  "report_schedule",
];

const storedSums = (series: Series, item: Item): StoredSums => ({
  series,
  period: String(item.sk),
  revision: Number(item.revision ?? 0),
  counters: parseCounters(item),
});

/** All counters there are of the portfolio, of the directory's customers and of `further` series, by place. */
export async function allStored(further: Iterable<Series>): Promise<ReadonlyMap<string, StoredSums>> {
  const found = new Map<string, StoredSums>();
  const read = async (series: Series) => {
    const pages = query<Item>({ partition: partitions.counters(series), consistent: true });
    for await (const { items } of pages)
      for (const sums of items.map((item) => storedSums(series, item))) found.set(placeOf(sums), sums);
  };
  const ofCustomers = (await customerIds()).map((id): Series => `customer#${id}`);
  await pLimit(READS).map(new Set([...PORTFOLIO, ...ofCustomers, ...further]), read);
  return found;
}

/** The counters of one series and period, as they are now. */
export async function storedNow({ series, period }: Pick<Sums, "series" | "period">): Promise<StoredSums> {
  const [found] = await batchGet({
    key: counterKey(series, period),
    parse: ({ Item }: { Item: Item }) => ({ data: storedSums(series, Item) }),
  });
  return found ?? { series, period, revision: 0, counters: {} };
}
