import type { ScoreHistoryFilter } from "@success-manager/contract/customers";
import { notFound } from "@success-manager/contract/problem";
import type { MeasuredValue, NewestHealthScore } from "@success-manager/contract/scores";
import { scoreAt } from "../directory/index.ts";
import {
  CustomerEntity,
  equals,
  type FoundOf,
  formatCursor,
  getRequest,
  LatestScoreEntity,
  MAX_KEY,
  MIN_KEY,
  parseInstantCursor,
  partitions,
  type Query,
  query,
  type StoredScore,
} from "../table/index.ts";
import { toLatestChange } from "./changes.ts";
import { measuresOf, toHealthScore, toScoreComponents } from "./serialize.ts";

/** The newest scores of a customer that a query finds, newest first; at most `limit`. */
async function newestScores(
  customer_id: string,
  range: Omit<Query, "partition" | "order">,
  limit: number,
  pageSize?: number,
): Promise<StoredScore[]> {
  const scores: StoredScore[] = [];
  const pages = query<StoredScore>(
    { partition: partitions.scores(customer_id), order: "desc", ...range },
    { pageSize },
  );
  for await (const { items } of pages) {
    scores.push(...items);
    if (scores.length >= limit) break;
  }
  return scores.slice(0, limit);
}

/** A score without what it is made of, which is as long as all the rest. */
export type ScoreFigures = Omit<StoredScore, "factors" | "measures">;
export const FIGURES = [
  "id",
  "customer_id",
  "product_deployment_id",
  "overall_score",
  "adoption_score",
  "engagement_score",
  "support_score",
  "financial_score",
  "risk_level",
  "score_trend",
  "calculated_at",
  "definition_version",
  "coverage",
  "band",
] as const satisfies readonly (keyof ScoreFigures)[];

/**
 * Scores of a customer between two instants, both included, newest first; at most `limit`. With why they moved, and
 * without what they are made of.
 */
export const scoresBetween = (
  customer_id: string,
  from: string,
  to: string,
  limit?: number,
): Promise<ScoreFigures[]> =>
  newestScores(
    customer_id,
    { from, to, fields: [...FIGURES, "movement", "override", "calculated_score"] },
    limit ?? Number.POSITIVE_INFINITY,
    limit,
  );

/** The newest score of a customer as it holds now, with its factors. @param found by `historyReads` @throws 404 when there is none */
export async function latest(
  customer_id: string,
  [known]: FoundOf<ReturnType<typeof historyReads>>,
): Promise<NewestHealthScore> {
  const [newest] = await newestScores(customer_id, { consistent: true }, 1, 1);
  if (!newest) throw notFound("Health score");
  const now = new Date();
  const score = scoreAt(newest, now.toISOString());
  return { ...toHealthScore(score), latest_change: await toLatestChange(known, now) };
}

/** What a customer's newest score is made of; nothing where there is none. One query. */
export async function newestMeasures(customer_id: string): Promise<readonly MeasuredValue[]> {
  const [newest] = await newestScores(customer_id, { fields: ["measures", "factors"] }, 1, 1);
  return newest ? measuresOf(newest) : [];
}

/** How many scores of a deployment its page shows. */
const DEPLOYMENT_SCORES = 10;

/** The newest scores of a customer that carry a deployment's label, newest first; the first as it holds now. */
export async function deploymentScores(customer_id: string, product_deployment_id: string) {
  const filter = equals({ product_deployment_id });
  const scores = await newestScores(customer_id, { filter }, DEPLOYMENT_SCORES);
  const told = (score: StoredScore) => ({ ...toScoreComponents(score), calculated_at: score.calculated_at });
  const [newest] = scores;
  return {
    latest: newest ? told(scoreAt(newest, new Date().toISOString())) : null,
    scores: scores.map(told),
  };
}

const endOfDay = (date: string) => `${date}T23:59:59.999Z`;

/** The instant just before another: pages go on from there. */
const justBefore = (instant: string) => new Date(Date.parse(instant) - 1).toISOString();

/**
 * A page of a customer's scores, newest first. Without dates the total is known from the newest score; with dates the
 * range is read as a whole.
 */
async function historyPage(customer_id: string, filter: ScoreHistoryFilter, total: number) {
  const { skip, limit, cursor, start_date, end_date } = filter;
  const from = start_date ?? MIN_KEY;
  const end = end_date ? endOfDay(end_date) : MAX_KEY;
  const to = cursor ? justBefore(parseInstantCursor(cursor).value) : end;
  const start = cursor ? 0 : skip;
  const ranged = start_date !== undefined || end_date !== undefined;
  const enough = start + limit + 1;
  const scores = ranged
    ? await newestScores(customer_id, { from, to: end }, Number.POSITIVE_INFINITY)
    : await newestScores(customer_id, { from, to }, enough, enough);
  const reachable = ranged ? scores.filter(({ calculated_at }) => calculated_at <= to) : scores;
  const page = reachable.slice(start, start + limit);
  const oldest = page.at(-1);
  const more = oldest !== undefined && reachable.length > start + limit;
  return {
    health_scores: page.map(toHealthScore),
    total: ranged ? scores.length : total,
    skip,
    limit,
    next_cursor: more ? formatCursor({ value: oldest.calculated_at, id: oldest.id }) : null,
  };
}

/** What the history of a customer knows by key. */
export const customerHistoryReads = (customer_id: string) =>
  [getRequest(CustomerEntity, customer_id), getRequest(LatestScoreEntity, customer_id)] as const;

/** The history of a customer who must exist. @param found by `customerHistoryReads` @throws 404 */
export async function customerHistory(
  customer_id: string,
  filter: ScoreHistoryFilter,
  [customer, newest]: FoundOf<ReturnType<typeof customerHistoryReads>>,
) {
  if (!customer) throw notFound("Customer");
  return historyPage(customer_id, filter, newest?.revision ?? 0);
}

/** What the history of a customer knows by key who need not exist. */
export const historyReads = (customer_id: string) => [getRequest(LatestScoreEntity, customer_id)] as const;

/** The history of a customer, empty for one that does not exist. @param found by `historyReads` */
export async function history(
  customer_id: string,
  filter: ScoreHistoryFilter,
  [newest]: FoundOf<ReturnType<typeof historyReads>>,
) {
  return historyPage(customer_id, filter, newest?.revision ?? 0);
}
