/** Why scores moved: of a customer between two days, and of all customers in some days (decision 56). */
import type { ScoreChangesFilter } from "@success-manager/contract/customers";
import type { MovementFilter, ScoreMovement } from "@success-manager/contract/health-scores";
import { notFound, unprocessable } from "@success-manager/contract/problem";
import type { LatestScoreChange, ScoreChanges } from "@success-manager/contract/scores";
import { calendarMonth, dateOf, daysAfter, daysBetween, periodsBetween } from "../calendar.ts";
import { countersBetween, dayOf, monthOf } from "../counters/index.ts";
import { overallScoreAt, scoreAt } from "../directory/index.ts";
import { loadScoreTexts } from "../messages/index.ts";
import {
  batchGetItems,
  CustomerEntity,
  type FoundOf,
  getRequest,
  type LatestScore,
  MAX_KEY,
  MIN_KEY,
  partitions,
  primaryKey,
  query,
  type StoredScore,
} from "../table/index.ts";
import {
  KINDS,
  type Movement,
  NOTABLE_POINTS,
  type NotableChange,
  type Part,
  sumParts,
  wholePart,
} from "./movement.ts";
import { sentence } from "./sentence.ts";
import { decodeChange, decodeParts, toEvidence, versionOf } from "./serialize.ts";

const DEFAULT_DAYS = 30;
const MAX_DAYS = 366;

/** A score, without what takes most of it. */
const FIELDS = [
  ...(["calculated_at", "overall_score", "movement"] as const),
  ...(["definition_version", "coverage", "band", "risk_level", "score_trend"] as const),
  ...(["override", "calculated_score", "calculated_band", "calculated_trend"] as const),
] as const;
type Step = Pick<StoredScore, (typeof FIELDS)[number]>;

const endOfDay = (date: string) => `${date}T23:59:59.999Z`;

async function steps(
  customer_id: string,
  from: string,
  to: string,
  order: "asc" | "desc",
  limit?: number,
): Promise<Step[]> {
  const found: Step[] = [];
  const pages = query<Step>(
    { partition: partitions.scores(customer_id), from, to, order, fields: FIELDS, consistent: true },
    { pageSize: limit },
  );
  for await (const { items } of pages) {
    found.push(...items);
    if (limit !== undefined && found.length >= limit) return found.slice(0, limit);
  }
  return found;
}

/**
 * The last notable change of a score and why, in English as all that the API answers; null where there was none. An
 * override that has ended is one, though nobody has scored the customer since.
 *
 * @param latest as it is stored
 */
export async function toLatestChange(
  latest: LatestScore | undefined,
  now: Date,
): Promise<LatestScoreChange | null> {
  const change = latest && lastChange(latest, now.toISOString());
  if (!change) return null;
  const { from, to, delta, since, at } = change;
  return { from, to, delta, since, at, sentence: sentence(change, await loadScoreTexts("en")) };
}

function lastChange(latest: LatestScore, instant: string): NotableChange | undefined {
  const { change, override, overall_score: from, calculated_at: since } = latest;
  const to = overallScoreAt(latest, instant);
  const delta = to - from;
  if (override && Math.abs(delta) >= NOTABLE_POINTS)
    return { from, to, delta, parts: [wholePart("override", delta)], since, at: override.ends_at };
  return change === undefined ? undefined : decodeChange(change);
}

/** A score of a history, as it holds at an instant. */
const told = (step: Step, instant: string) => {
  const { overall_score, calculated_at, ...score } = scoreAt(step, instant);
  return { score: overall_score, calculated_at, ...versionOf(score) };
};

/**
 * What one score after another comes to, oldest first: their reasons added up, and what scores from before there were
 * reasons leave open. At both ends what somebody has set counts until its end, whenever the next score came.
 *
 * @param start ISO instant from which the change is told
 * @param end ISO instant until which
 */
export function changeThrough(
  scores: readonly Pick<StoredScore, "overall_score" | "movement" | "override" | "calculated_score">[],
  start: string,
  end: string,
): Movement | undefined {
  const [first, ...later] = scores;
  const last = scores.at(-1);
  if (!first || !last) return undefined;
  const [from, to] = [overallScoreAt(first, start), overallScoreAt(last, end)];
  const parts = [
    wholePart("override", first.overall_score - from),
    wholePart("override", to - last.overall_score),
  ];
  let before = first.overall_score;
  for (const { overall_score, movement } of later) {
    const stored = movement === undefined ? [] : decodeParts(movement);
    const explained = stored.reduce((sum, { points }) => sum + points, 0);
    parts.push(...stored, wholePart("data", overall_score - before - explained));
    before = overall_score;
  }
  return { from, to, delta: to - from, parts: sumParts(parts) };
}

/** Scores of a customer from the one that held at an instant up to another, oldest first: two queries at once. */
async function scoresFrom(customer_id: string, start: string, end: string): Promise<Step[]> {
  const [base, between] = await Promise.all([
    steps(customer_id, MIN_KEY, start, "desc", 1),
    steps(customer_id, `${start}~`, end, "asc"),
  ]);
  // Whose first score is younger is compared with that one.
  return [...base, ...between];
}

/**
 * Why a customer's score moved since the end of a day: without asking what of its evidence is still there. Undefined
 * where there is no score.
 *
 * @param overall_score of then, where it is known: one query instead of two
 */
export async function changeSince(
  customer_id: string,
  day: string,
  now: Date,
  overall_score?: number,
): Promise<Movement | undefined> {
  const [start, end] = [endOfDay(day), now.toISOString()];
  if (overall_score === undefined)
    return changeThrough(await scoresFrom(customer_id, start, MAX_KEY), start, end);
  const later = await steps(customer_id, `${start}~`, MAX_KEY, "asc");
  return changeThrough([{ overall_score }, ...later], start, end);
}

/** As many things as are looked up in one request. */
const MAX_EVIDENCE = 100;

/** Which of the things that parts name are there no more. */
async function removedOf(parts: readonly Part[]): Promise<ReadonlySet<string>> {
  const named = new Map(parts.flatMap(({ evidence }) => evidence.map((one) => [one.id, one.type] as const)));
  const keys = Array.from(named, ([id, type]) => primaryKey(type, id));
  if (keys.length === 0) return new Set();
  const found = await batchGetItems(keys, { consistent: false, fields: ["id"] });
  return new Set(Array.from(named.keys()).filter((_, n) => found[n] === undefined));
}

/** The newest things of all parts that can be looked up at once; points do not depend on them. */
function limitEvidence(parts: readonly Part[]): Part[] {
  const all = parts.flatMap(({ evidence }) => evidence.map(({ at }) => at)).sort();
  const oldest = all.length > MAX_EVIDENCE ? (all.at(-MAX_EVIDENCE) ?? "") : "";
  return parts.map((part) => ({
    ...part,
    evidence: part.evidence.filter(({ at }) => at >= oldest).slice(0, 8),
  }));
}

/** What changes of scores know by key. */
export const scoreChangesReads = (customer_id: string) => [getRequest(CustomerEntity, customer_id)] as const;

/**
 * Why a customer's score moved from the end of one day to the end of another: the reasons of each score in between,
 * summed up. They were found when it was calculated, so what is deleted later takes no points away.
 *
 * @param found by `scoreChangesReads`
 * @throws 404; 422 for more than 366 days
 */
export async function scoreChanges(
  customer_id: string,
  filter: ScoreChangesFilter,
  [customer]: FoundOf<ReturnType<typeof scoreChangesReads>>,
  now = new Date(),
): Promise<ScoreChanges> {
  if (!customer) throw notFound("Customer");
  const to = filter.to ?? dateOf(now);
  const from = filter.from ?? daysAfter(to, -DEFAULT_DAYS);
  if (from > to) throw unprocessable("from", "must not be after to");
  if (daysBetween(from, to) > MAX_DAYS)
    throw unprocessable("from", `must lie at most ${MAX_DAYS} days before to`);
  const [start, end] = [endOfDay(from), endOfDay(to)];
  const scores = await scoresFrom(customer_id, start, end);
  const [first, last] = [scores[0], scores.at(-1)];
  const instant = now.toISOString();
  // Of a day that is not over, what holds by now: an override may end later today.
  const [since, until] = [start < instant ? start : instant, end < instant ? end : instant];
  const change = changeThrough(scores, since, until);
  const parts = limitEvidence(change?.parts ?? []);
  const removed = await removedOf(parts);
  const texts = await loadScoreTexts("en");
  return {
    from: first ? told(first, since) : null,
    to: last ? told(last, until) : null,
    delta: change?.delta ?? 0,
    parts: parts.map(({ kind, measure, points, evidence }) => ({
      ...{ kind, measure, points },
      evidence: evidence.map((one) => ({ ...toEvidence(one), removed: removed.has(one.id) })),
    })),
    sentence: change ? sentence(change, texts) : "There is no score of these days.",
  };
}

const MOVEMENT_DAYS = 7;

/**
 * How scores moved, by reason: from counters.
 *
 * @throws 422 for more than 366 days
 */
export async function movement(filter: MovementFilter, now = new Date()): Promise<ScoreMovement> {
  const end_date = filter.end_date ?? dateOf(now);
  const start_date = filter.start_date ?? daysAfter(end_date, 1 - MOVEMENT_DAYS);
  if (start_date > end_date) throw unprocessable("start_date", "must not be after end_date");
  if (daysBetween(start_date, end_date) >= MAX_DAYS)
    throw unprocessable("start_date", `must lie at most ${MAX_DAYS - 1} days before end_date`);
  return movementBetween(start_date, end_date);
}

type Range = readonly [from: string, to: string];

/** Periods that together are some days, both included: months that lie within them as a whole, days before and after. */
export function periodRanges(first: string, last: string): readonly Range[] {
  const isWhole = (month: string) =>
    `${month}-01` >= first && (month < calendarMonth(last) || daysAfter(last, 1).endsWith("-01"));
  const months = periodsBetween("monthly", first, last).filter(isWhole);
  const [from, to] = [months[0], months.at(-1)];
  if (from === undefined || to === undefined) return [[dayOf(first), dayOf(last)]];
  const ranges: Range[] = [[monthOf(from), monthOf(to)]];
  if (first < `${from}-01`) ranges.push([dayOf(first), dayOf(daysAfter(`${from}-01`, -1))]);
  if (to < calendarMonth(last)) ranges.push([dayOf(`${calendarMonth(last)}-01`), dayOf(last)]);
  return ranges;
}

/** The same of any days, both included: three queries at once at most. */
export async function movementBetween(start_date: string, end_date: string): Promise<ScoreMovement> {
  const ranges = periodRanges(start_date, end_date);
  const found = await Promise.all(ranges.map(([from, to]) => countersBetween("movement", from, to)));
  const sums = new Map<string, number>();
  for (const counters of found.flatMap((periods) => [...periods.values()]))
    for (const [name, amount] of Object.entries(counters)) sums.set(name, (sums.get(name) ?? 0) + amount);
  const parts = new Map<string, ScoreMovement["parts"][number]>();
  for (const [name, amount] of sums) {
    const [sign, kind = "", measure = ""] = name.split("|");
    const known = KINDS.find((one) => one === kind);
    if ((sign !== "gained" && sign !== "lost") || !known) continue;
    const key = `${kind}|${measure}`;
    const part = parts.get(key) ?? {
      ...{ kind: known, measure: measure === "" ? null : measure, points: 0, gained: 0, lost: 0 },
    };
    part[sign] = amount;
    part.points = part.gained - part.lost;
    parts.set(key, part);
  }
  const all = [...parts.values()].sort(
    (a, b) =>
      KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) ||
      a.points - b.points ||
      (a.measure ?? "").localeCompare(b.measure ?? ""),
  );
  return {
    ...{ start_date, end_date },
    ...{ improved: sums.get("improved") ?? 0, declined: sums.get("declined") ?? 0 },
    points: all.reduce((sum, part) => sum + part.points, 0),
    parts: all,
  };
}
