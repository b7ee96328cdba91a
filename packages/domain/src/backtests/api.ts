/** Back-tests of score definitions: started by people, done by the job (`job.ts`), read by everybody who sees all. */
import { randomUUID } from "node:crypto";
import { brotliCompressSync, brotliDecompressSync } from "node:zlib";
import { conflict, unprocessable } from "@success-manager/contract/problem";
import type {
  NewScoreBacktest,
  ScoreBacktest,
  ScoreBacktestFilter,
  ScoreBacktestResult,
  ScoreBacktestSummary,
  ScoreFilter,
} from "@success-manager/contract/score-definitions";
import { dateOf, daysAfter, monthBefore } from "../calendar.ts";
import { getDirectory } from "../directory/index.ts";
import { ScoreDefinitions } from "../health/index.ts";
import { runInBackground } from "../jobs/index.ts";
import {
  commit,
  commitOne,
  deleteItem,
  getOrThrow,
  getRequest,
  isScoped,
  NOT_EXISTS,
  newestPage,
  notForScope,
  partitions,
  put,
  query,
  RETRY,
  ScoreBacktestEntity,
  type StoredScoreBacktest,
  withOptimisticRetry,
} from "../table/index.ts";

/** A result as it is stored: customers without their names. */
export type BacktestContent = Omit<ScoreBacktestResult, "left_while_green"> & {
  readonly left_while_green: {
    readonly count: number;
    readonly customers: readonly Omit<
      ScoreBacktestResult["left_while_green"]["customers"][number],
      "company_name"
    >[];
  };
};

/** Some 20 KB of JSON take 4 KB, and lists read past them. */
export const encodeResult = (content: BacktestContent): string =>
  brotliCompressSync(JSON.stringify(content)).toString("base64");
const decodeResult = (result: string): BacktestContent =>
  JSON.parse(brotliDecompressSync(Buffer.from(result, "base64")).toString());

/** The last day of which all departures are known. */
export const knownUntil = (now: Date): string => daysAfter(dateOf(now), -1);

/**
 * The days that a back-test looks at. Of a number: as many firsts of a month, the last one the newest whose horizon is
 * over.
 *
 * @throws 422 for a day whose horizon is not over, or that lies ahead
 */
export function cutsOf(
  { cuts, horizon_days }: Pick<NewScoreBacktest, "cuts" | "horizon_days">,
  now: Date,
): readonly string[] {
  const last = daysAfter(knownUntil(now), -horizon_days);
  if (typeof cuts !== "number") {
    const open = cuts.find((cut) => cut > last);
    if (open === undefined) return cuts;
    throw unprocessable(
      "cuts",
      open > dateOf(now)
        ? `must not lie ahead, as ${open} does`
        : `must be ${last} at the latest: the ${horizon_days} days after ${open} are not over`,
    );
  }
  const days: string[] = [];
  let month = last.slice(0, 7);
  while (days.length < cuts) {
    days.unshift(`${month}-01`);
    month = monthBefore(month);
  }
  return days;
}

const NAME = "Back-test";

const NOT_KEPT = "who was at risk on a past day is not kept, and who had left takes no part";

/** Whether a filter finds nobody on a past day: who is at risk or has left has the status of before (`rows.ts`). */
const findsNobody = ({ statuses }: ScoreFilter): boolean =>
  statuses?.every((status) => status === "at_risk" || status === "churned") ?? false;

function toSummary({
  id,
  status,
  content,
  ...stored
}: Omit<StoredScoreBacktest, "result">): ScoreBacktestSummary {
  return {
    ...{ id, status, progress: { customers: stored.customers ?? null, done: stored.done } },
    definition: {
      id: stored.definition_id,
      name: content.name,
      version: stored.score_version ?? null,
      revision: stored.definition_revision,
    },
    ...{ horizon_days: stored.horizon_days, cuts: [...stored.cuts], segment: stored.segment },
    ...{ known_by: stored.known_by, verdict: stored.verdict ?? null, sentence: stored.sentence ?? null },
    ...{ error: stored.error ?? null, created_at: stored.created_at, created_by: stored.created_by },
    finished_at: stored.finished_at ?? null,
  };
}

/** A back-test with the names that customers have now. */
async function toBacktest({ result, ...stored }: StoredScoreBacktest): Promise<ScoreBacktest> {
  if (result === undefined) return { ...toSummary(stored), result: null };
  const { left_while_green: green, ...content } = decodeResult(result);
  const names = green.customers.length > 0 ? (await getDirectory()).customers : undefined;
  const customers = green.customers.map((one) => ({
    ...one,
    company_name: names?.get(one.customer_id)?.customer.company_name ?? null,
  }));
  return { ...toSummary(stored), result: { ...content, left_while_green: { ...green, customers } } };
}

/**
 * Starts a back-test. What is tested is kept with it: whatever becomes of the definition changes nothing. Two who start
 * the same get one each; one run of the job does both.
 *
 * @throws 404 for an unknown definition; 422 for days whose horizon is not over, or a filter that finds nobody
 *   on a past day
 */
export async function start(
  { definition_id, horizon_days, cuts, segment, known_by }: NewScoreBacktest,
  { full_name }: { readonly full_name: string },
  now = new Date(),
): Promise<ScoreBacktest> {
  const days = cutsOf({ cuts, horizon_days }, now);
  if (findsNobody(segment)) throw unprocessable("segment", `must name active or onboarding: ${NOT_KEPT}`);
  const { version, revision, ...definition } = await ScoreDefinitions.get(definition_id);
  const { name, note, applies_to, priority, bands, min_coverage, measures, caps } = definition;
  if (findsNobody(applies_to))
    throw unprocessable("definition_id", `must be for active or onboarding customers: ${NOT_KEPT}`);
  const backtest: StoredScoreBacktest = {
    ...{ id: randomUUID(), status: "pending", definition_id, definition_revision: revision },
    ...(version !== null && { score_version: version }),
    content: { name, note, applies_to, priority, bands, min_coverage, measures, caps },
    ...{ horizon_days, cuts: days, segment, known_by, done: 0, attempts: 0, revision: 1 },
    ...{ created_at: now.toISOString(), created_by: full_name },
  };
  await commit([put(ScoreBacktestEntity, backtest, NOT_EXISTS)]);
  // It is pending. Where the job can't be started now, the watch does so within a quarter of an hour.
  await runInBackground("score_backtests").catch(() => undefined);
  return toBacktest(backtest);
}

/** All but the result. */
const FIELDS = [
  "id",
  "status",
  "definition_id",
  "score_version",
  "definition_revision",
  "content",
  "horizon_days",
  "cuts",
  "segment",
  "known_by",
  "customers",
  "done",
  "attempts",
  "verdict",
  "sentence",
  "error",
  "created_at",
  "created_by",
  "finished_at",
  "revision",
] as const satisfies readonly (keyof StoredScoreBacktest)[];

type Row = Pick<StoredScoreBacktest, (typeof FIELDS)[number]>;

/** Back-tests, newest first. One query. @throws 422 for a cursor of another list */
export async function list({ limit, cursor }: ScoreBacktestFilter) {
  const page = { limit, cursor, fields: FIELDS };
  const { rows, next_cursor } = await newestPage<Row>("score_backtest", ({ created_at }) => created_at, page);
  return { backtests: rows.map(toSummary), limit, next_cursor };
}

const load = (id: string): Promise<StoredScoreBacktest> =>
  getOrThrow(getRequest(ScoreBacktestEntity, id), NAME);

/** @throws 404 */
export const get = async (id: string): Promise<ScoreBacktest> => toBacktest(await load(id));

/** Deletes a back-test; a worker that is at it stores nothing any more. @throws 404 */
export const remove = (id: string): Promise<{ message: string }> =>
  withOptimisticRetry(async () => {
    const { revision } = await load(id);
    const deleted = ScoreBacktestEntity.delete({ id }).where((stored, { eq }) =>
      eq(stored.revision, revision),
    );
    return (await commitOne(deleteItem(deleted))) ? { message: "The back-test is deleted." } : RETRY;
  });

/** The newest back-test that is completed. @throws 403 for who does not see all; 409 where there is none */
export async function latestCompleted(): Promise<string> {
  if (isScoped()) throw notForScope();
  const pages = query<Pick<Row, "id" | "status">>(
    { partition: partitions.type("score_backtest"), order: "desc", fields: ["id", "status"] },
    { pageSize: 10, growth: 4 },
  );
  for await (const { items } of pages) {
    const completed = items.find(({ status }) => status === "completed");
    if (completed) return completed.id;
  }
  throw conflict(
    "No back-test is completed yet. Start one (POST /score-backtests), and ask again when it is.",
  );
}

/**
 * A completed back-test, for a report about it.
 *
 * @throws 403 for who does not see all; 404; 409 for one that is not completed
 */
export async function completedBacktest(id: string): Promise<{
  readonly backtest: ScoreBacktestSummary;
  readonly bands: StoredScoreBacktest["content"]["bands"];
  readonly result: BacktestContent;
}> {
  if (isScoped()) throw notForScope();
  const { result, ...stored } = await load(id);
  if (stored.status === "failed") throw conflict(`This back-test has failed: ${stored.error ?? ""}`);
  if (result === undefined) throw conflict("This back-test is not completed yet. Try again when it is.");
  return { backtest: toSummary(stored), bands: stored.content.bands, result: decodeResult(result) };
}
