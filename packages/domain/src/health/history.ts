import type { ScoreHistoryFilter } from "@success-manager/contract/customers";
import { notFound } from "@success-manager/contract/problem";
import {
  batchGet,
  CustomerEntity,
  formatCursor,
  getRequest,
  HealthScoreEntity,
  LatestScoreEntity,
  parseInstantCursor,
} from "../table/index.ts";
import { shown } from "./shown.ts";

const endOfDay = (date: string) => `${date}T23:59:59.999Z`;

/** Sorts before and after every instant. */
const [EVER_BEFORE, EVER_AFTER] = ["0000", "9999"];

/** Scores of a customer between two instants, both included, newest first; at most `most`. */
export async function scoresBetween(customer_id: string, first: string, last: string, most?: number) {
  // The database refuses an inverted range; a cursor that nobody gave out can ask for one.
  if (last < first) return [];
  const { data } = await HealthScoreEntity.query
    .primary({ customer_id })
    .between({ calculated_at: first }, { calculated_at: last })
    // `count` alone would read a whole megabyte and throw away the rest.
    .go({ order: "desc", ...(most === undefined ? { pages: "all" } : { limit: most, count: most }) });
  return data;
}

/** The instant just before another: pages go on from there. */
const before = (instant: string) => new Date(Date.parse(instant) - 1).toISOString();

/**
 * Scores of a customer, newest first. Without dates the total is known from the newest score; with dates
 * the range is read whole.
 */
export async function history(customer_id: string, query: ScoreHistoryFilter, total: number) {
  const { skip, limit, cursor, start_date, end_date } = query;
  const first = start_date ?? EVER_BEFORE;
  const end = end_date ? endOfDay(end_date) : EVER_AFTER;
  const last = cursor ? before(parseInstantCursor(cursor).value) : end;
  const start = cursor ? 0 : skip;
  const ranged = start_date !== undefined || end_date !== undefined;
  const wanted = ranged ? undefined : start + limit + 1;
  const scores = await scoresBetween(customer_id, first, ranged ? end : last, wanted);
  const reachable = ranged ? scores.filter(({ calculated_at }) => calculated_at <= last) : scores;
  const page = reachable.slice(start, start + limit);
  const oldest = page.at(-1);
  const more = oldest !== undefined && reachable.length > start + limit;
  return {
    health_scores: page.map(shown),
    total: ranged ? scores.length : total,
    skip,
    limit,
    next_cursor: more ? formatCursor({ value: oldest.calculated_at, id: oldest.id }) : null,
  };
}

/** The history of a customer who must exist. @throws 404 */
export async function customerHistory(customer_id: string, query: ScoreHistoryFilter) {
  const [customer, latest] = await batchGet(
    getRequest(CustomerEntity, customer_id),
    getRequest(LatestScoreEntity, customer_id),
  );
  if (!customer) throw notFound("Customer");
  return history(customer_id, query, latest?.revision ?? 0);
}

/** The history of a customer, empty for one that does not exist. */
export async function scoreHistory(customer_id: string, query: ScoreHistoryFilter) {
  const [latest] = await batchGet(getRequest(LatestScoreEntity, customer_id));
  return history(customer_id, query, latest?.revision ?? 0);
}
