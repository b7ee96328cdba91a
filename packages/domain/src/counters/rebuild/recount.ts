import pLimit from "p-limit";
import { getDirectory } from "../../directory/index.ts";
import { partitions, query } from "../../table/index.ts";
import { contributions, type Item } from "../contributions.ts";
import { type Tally, tallyInto, withoutZeros } from "../tally.ts";

/** What the counters should say. */
export interface Recount {
  readonly tally: Tally;
  /** How many items were looked at. */
  readonly items: number;
  /** Keys of items that can't be counted. */
  readonly unreadable: readonly string[];
}

/** Partitions of `byType` that are counted. */
const KINDS = ["interaction", "survey", "survey_link", "alert", "report", "report_schedule"];

/** Reads under way at once. */
export const READS = 16;

const ofKind = (kind: string) => query<Item>({ partition: partitions.type(kind) });

const scoresOf = (customer_id: string) =>
  query<Item>({ partition: partitions.scores(customer_id), consistent: true });

/** All customers there are, churned ones too. */
export const customerIds = async (): Promise<string[]> => [...(await getDirectory()).customers.keys()];

/** Counts everything anew, from the items themselves. */
export async function recount(): Promise<Recount> {
  const tally: Tally = new Map();
  const unreadable: string[] = [];
  let items = 0;
  const countAll = async (pages: AsyncIterable<{ readonly items: readonly Item[] }>) => {
    for await (const page of pages)
      for (const item of page.items) {
        items += 1;
        try {
          tallyInto(tally, contributions(item));
        } catch {
          unreadable.push(`${item.pk} ${item.sk}`);
        }
      }
  };
  await Promise.all(KINDS.map((kind) => countAll(ofKind(kind))));
  const limit = pLimit(READS);
  await limit.map(await customerIds(), (id) => countAll(scoresOf(id)));
  return { tally: withoutZeros(tally), items, unreadable };
}
