import type { StoredInteraction } from "../interaction/index.ts";
import type { StoredSurvey } from "../survey/index.ts";
import { queryPages } from "../table/index.ts";

/** Something that happened with a customer, as `byCustomer` holds it. */
export type HistoryEntry =
  | ({ readonly __edb_e__: "interaction" } & StoredInteraction)
  | ({ readonly __edb_e__: "survey" } & StoredSurvey);

/** When it happened. */
export const happenedAt = (entry: HistoryEntry) =>
  entry.__edb_e__ === "interaction" ? entry.interaction_date : entry.submitted_at;

interface Wanted {
  /** Only what is older than this place, `<instant>#<id>`. */
  readonly before?: string | undefined;
  /** How many; all when absent. */
  readonly most?: number;
}

/** What happened with a customer, newest first. */
export async function entries(customer_id: string, { before, most }: Wanted): Promise<HistoryEntry[]> {
  const found: HistoryEntry[] = [];
  const pages = queryPages<HistoryEntry>({
    IndexName: "byCustomer",
    KeyConditionExpression: before ? "gsi1pk = :customer AND gsi1sk < :before" : "gsi1pk = :customer",
    ExpressionAttributeValues: {
      ":customer": `customer#${customer_id}`,
      ...(before && { ":before": before }),
    },
    ScanIndexForward: false,
    Limit: most,
  });
  for await (const { items } of pages) {
    found.push(...items);
    if (most !== undefined && found.length >= most) return found.slice(0, most);
  }
  return found;
}

/** How many entries a customer has. */
export async function countEntries(customer_id: string): Promise<number> {
  let total = 0;
  const pages = queryPages({
    IndexName: "byCustomer",
    KeyConditionExpression: "gsi1pk = :customer",
    ExpressionAttributeValues: { ":customer": `customer#${customer_id}` },
    Select: "COUNT",
  });
  for await (const { count } of pages) total += count;
  return total;
}
