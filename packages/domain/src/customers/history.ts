import { type Counters, sumCounters } from "../counters/index.ts";
import {
  after,
  type Entity,
  type IndexRange,
  readRange,
  type ScanResult,
  scanRecentUntil,
} from "../lists/index.ts";
import {
  MAX_KEY,
  MIN_KEY,
  partitions,
  type StoredAlert,
  type StoredInteraction,
  type StoredSurvey,
} from "../table/index.ts";

/** Something that happened with a customer, as `byCustomer` holds it. */
export type HistoryEntry =
  | ({ readonly __edb_e__: "interaction" } & StoredInteraction)
  | ({ readonly __edb_e__: "survey" } & StoredSurvey)
  | ({ readonly __edb_e__: "alert" } & StoredAlert);

/** When it happened. */
export function happenedAt(entry: HistoryEntry): string {
  if (entry.__edb_e__ === "interaction") return entry.interaction_date;
  return entry.__edb_e__ === "survey" ? entry.submitted_at : entry.created_at;
}

/** All that happened with a customer, newest first. */
const allOf = (customer_id: string): IndexRange<HistoryEntry> => ({
  partition: partitions.customer(customer_id),
  from: MIN_KEY,
  to: MAX_KEY,
  order: "desc",
  filter: [],
});

/**
 * What happened with a customer from one day to another, newest first: among the newest 5 000 entries of these days.
 */
export const entriesBetween = (
  customer_id: string,
  first: string,
  last: string,
): Promise<ScanResult<HistoryEntry>> =>
  scanRecentUntil({ ...allOf(customer_id), from: first, to: `${last}${MAX_KEY}` });

/**
 * What happened with a customer, newest first, at most so much.
 * @param before only what is older than this place, `<instant>#<id>`
 */
export async function entries(customer_id: string, most: number, before?: string): Promise<HistoryEntry[]> {
  const all = allOf(customer_id);
  const { rows } = await readRange(before === undefined ? all : after(all, before), most, most);
  return rows.slice(0, most);
}

/** How many of these happened with a customer; all that `entries` can find when no kind is named. */
export const countedIn = (
  counters: Counters | undefined,
  kinds: readonly Entity[] = ["interaction", "survey", "alert"],
) => sumCounters(counters, (name) => kinds.some((kind) => name.startsWith(`${kind}|`)));
