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

/** Something that happened with a customer, as the index `byCustomer` holds it. */
export type TimelineEntry =
  | ({ readonly __edb_e__: "interaction" } & StoredInteraction)
  | ({ readonly __edb_e__: "survey" } & StoredSurvey)
  | ({ readonly __edb_e__: "alert" } & StoredAlert);

/** When it happened: the ISO instant that the timeline is sorted by. */
export function occurredAt(entry: TimelineEntry): string {
  if (entry.__edb_e__ === "interaction") return entry.interaction_date;
  return entry.__edb_e__ === "survey" ? entry.submitted_at : entry.created_at;
}

/** All entries of a customer, newest first. */
const timelineOf = (customer_id: string): IndexRange<TimelineEntry> => ({
  partition: partitions.customer(customer_id),
  from: MIN_KEY,
  to: MAX_KEY,
  order: "desc",
  filter: [],
});

/** The entries of a customer from one day to another, newest first: among the newest 5 000 of these days. */
export const timelineEntriesBetween = (
  customer_id: string,
  first: string,
  last: string,
): Promise<ScanResult<TimelineEntry>> =>
  scanRecentUntil({ ...timelineOf(customer_id), from: first, to: `${last}${MAX_KEY}` });

/**
 * The newest entries of a customer, newest first.
 *
 * @param before only entries older than this position, `<instant>#<id>`
 */
export async function timelineEntries(
  customer_id: string,
  limit: number,
  before?: string,
): Promise<TimelineEntry[]> {
  const all = timelineOf(customer_id);
  const { rows } = await readRange(before === undefined ? all : after(all, before), limit, limit);
  return rows.slice(0, limit);
}

/** How many entries of these kinds the customer's counters know; of all kinds when none is named. */
export const countEntries = (
  counters: Counters | undefined,
  kinds: readonly Entity[] = ["interaction", "survey", "alert"],
) => sumCounters(counters, (name) => kinds.some((kind) => name.startsWith(`${kind}|`)));
