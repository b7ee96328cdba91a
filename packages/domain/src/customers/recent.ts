import type { Counters } from "../counters/index.ts";
import { countedIn, entries, type HistoryEntry, happenedAt } from "./history.ts";

/** How many contacts and surveys the page shows. */
const SHOWN = 5;

/** How much is read at first, and how much at a time when that has too few contacts or surveys. */
const FIRST = 40;
const FURTHER = 400;

const only =
  <K extends HistoryEntry["__edb_e__"]>(kind: K) =>
  (entry: HistoryEntry): entry is Extract<HistoryEntry, { __edb_e__: K }> =>
    entry.__edb_e__ === kind;

/** The newest of what happened with a customer. */
export const newest = (customer_id: string) => entries(customer_id, FIRST);

/**
 * The newest contacts and surveys of a customer, at most five of each: out of what was read first, and further back
 * only where that holds too few of what the counters say there are. All surveys when the first read was the whole
 * history; its rows are ahead of the counters.
 */
export async function recent(
  customer_id: string,
  first: readonly HistoryEntry[],
  counters: Counters | undefined,
) {
  const found = [...first];
  const whole = first.length < FIRST;
  const tooFew = (kind: "interaction" | "survey") =>
    found.filter(only(kind)).length < Math.min(SHOWN, countedIn(counters, [kind]));
  let last = whole ? undefined : first.at(-1);
  while (last && (tooFew("interaction") || tooFew("survey"))) {
    const more = await entries(customer_id, FURTHER, `${happenedAt(last)}#${last.id}`);
    found.push(...more);
    last = more.length < FURTHER ? undefined : more.at(-1);
  }
  const surveys = found.filter(only("survey"));
  return {
    interactions: found.filter(only("interaction")).slice(0, SHOWN),
    surveys: surveys.slice(0, SHOWN),
    all_surveys: whole ? surveys : undefined,
  };
}
