import type { StoredAlert } from "../alert/index.ts";
import type { StoredInteraction } from "../interaction/index.ts";
import {
  behind,
  type Entity,
  EVER_AFTER,
  EVER_BEFORE,
  type Looked,
  lookBack,
  type Run,
  readRun,
} from "../listing/index.ts";
import { type Counters, sumOf } from "../rollup/index.ts";
import type { StoredSurvey } from "../survey/index.ts";

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
const allOf = (customer_id: string): Run<HistoryEntry> => ({
  index: "byCustomer",
  partition: `customer#${customer_id}`,
  from: EVER_BEFORE,
  to: EVER_AFTER,
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
): Promise<Looked<HistoryEntry>> =>
  lookBack({ ...allOf(customer_id), from: first, to: `${last}${EVER_AFTER}` });

/**
 * What happened with a customer, newest first, at most so much.
 * @param before only what is older than this place, `<instant>#<id>`
 */
export async function entries(customer_id: string, most: number, before?: string): Promise<HistoryEntry[]> {
  const all = allOf(customer_id);
  const { rows } = await readRun(before === undefined ? all : behind(all, before), most, most);
  return rows.slice(0, most);
}

/** How many of these happened with a customer; all that `entries` can find when no kind is named. */
export const countedIn = (
  counters: Counters | undefined,
  kinds: readonly Entity[] = ["interaction", "survey", "alert"],
) => sumOf(counters, (name) => kinds.some((kind) => name.startsWith(`${kind}|`)));
